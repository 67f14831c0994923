//! [`MetricEdits`]: what statements do to metrics beyond writing their fields.

use ottl_core::Struct;

/// Of the current metric, and the metrics appended to the current scope.
#[derive(Debug, Default)]
pub(crate) struct MetricEdits<'a> {
    /// The current metric as a metric function left it; its fields are then no longer those of the input.
    pub replaced: Option<&'a [u8]>,
    /// The points of the current metric as they were read last: the data message, and what was made of it.
    pub points_read: Option<(&'a [u8], Struct<'a>)>,
    /// Whether the points of the current metric were replaced as a whole.
    pub points_replaced: bool,
    /// Metrics appended to the current scope, whole messages.
    pub appended: Vec<&'a [u8]>,
    /// How many of them statements have made, by the number of their text.
    pub made: Vec<(u32, u32)>,
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
        self.appended.clear();
        self.made.clear();
    }

    /// Counts a metric that a statement makes: whether it has made fewer than so many.
    pub fn count_new(&mut self, statement: u32, most: u32) -> bool {
        let idx = self.made.iter().position(|(by, _)| *by == statement).unwrap_or_else(|| {
            self.made.push((statement, 0));
            self.made.len() - 1
        });
        let made = &mut self.made[idx].1;
        let may = *made < most;
        *made += u32::from(may);
        may
    }

    /// Appends a metric: its number.
    pub fn append(&mut self, metric: &'a [u8]) -> u32 {
        self.appended.push(metric);
        self.appended.len() as u32 - 1
    }
}
