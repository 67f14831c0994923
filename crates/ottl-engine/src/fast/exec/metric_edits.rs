//! [`MetricEdits`]: what statements do to metrics beyond writing their fields.

use ottl_core::Struct;

/// Of the current metric, and the copies made in the current scope.
#[derive(Debug, Default)]
pub(crate) struct MetricEdits<'a> {
    /// The current metric as a metric function left it; its fields are then no longer those of the input.
    pub replaced: Option<&'a [u8]>,
    /// The points of the current metric as they were read last: the data message, and what was made of it.
    pub points_read: Option<(&'a [u8], Struct<'a>)>,
    /// Whether the points of the current metric were replaced as a whole.
    pub points_replaced: bool,
    /// Copies of metrics made in the current scope, whole messages.
    pub copies: Vec<&'a [u8]>,
    /// How many of them statements have made, by the number of their text.
    pub copies_made: Vec<(u32, u32)>,
}

impl<'a> MetricEdits<'a> {
    /// Another metric is the current one.
    #[inline]
    pub fn enter_metric(&mut self) {
        self.replaced = None;
        self.points_read = None;
        self.points_replaced = false;
    }

    /// Another scope is the current one.
    pub fn enter_scope(&mut self) {
        self.copies.clear();
        self.copies_made.clear();
    }

    /// Counts a copy that a statement makes: whether it has made fewer than so many.
    pub fn count_copy(&mut self, statement: u32, most: u32) -> bool {
        let idx = self.copies_made.iter().position(|(by, _)| *by == statement).unwrap_or_else(|| {
            self.copies_made.push((statement, 0));
            self.copies_made.len() - 1
        });
        let made = &mut self.copies_made[idx].1;
        let may = *made < most;
        *made += u32::from(may);
        may
    }

    /// Keeps a copy: its number.
    pub fn add_copy(&mut self, metric: &'a [u8]) -> u32 {
        self.copies.push(metric);
        self.copies.len() as u32 - 1
    }
}
