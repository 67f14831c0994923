//! [`MetricEdits`]: what statements do to metrics beyond writing their fields.

use ottl_core::{Arena, ArenaVec, EvalError, Struct};
use ottl_schema::FieldValue;

/// Of the current metric, and the metrics appended to the current scope.
#[derive(Debug, Default)]
pub(crate) struct MetricEdits<'a> {
    /// The current metric as a metric function left it; its fields are then no longer those of the input.
    pub replaced: Option<&'a [u8]>,
    /// The points of the current metric as they were read last: the data message, and what was made of it.
    pub points_read: Option<(&'a [u8], Struct<'a>)>,
    /// Fields of the data message that were read last, with the message and their numbers.
    pub data_read: [Option<(&'a [u8], u32, FieldValue<'a>)>; 2],
    /// Whether the points of the current metric were replaced as a whole.
    pub points_replaced: bool,
    /// The points of the current metric that are being walked, where statements may ask for the metric as it is by then.
    pub walked: Option<WalkedPoints<'a>>,
    /// Metrics appended to the current scope, whole messages.
    pub appended: Vec<&'a [u8]>,
    /// How many of them statements have made, by the number of their text.
    pub made: Vec<(u32, u32)>,
}

/// How far a walk over the points of a metric has come.
#[derive(Debug)]
pub(crate) struct WalkedPoints<'a> {
    /// How many points are behind it: the number of the current one.
    pub behind: usize,
    /// Those behind it that were changed, by their number.
    pub changed: ArenaVec<'a, (usize, &'a [u8])>,
}

impl<'a> WalkedPoints<'a> {
    /// A walk that begins.
    pub fn new(arena: &'a Arena) -> Self {
        WalkedPoints { behind: 0, changed: arena.vec() }
    }

    /// Goes to the next point; the current one became this, if it changed.
    ///
    /// # Errors
    /// [`ottl_core::ErrorKind::Budget`].
    pub fn pass(&mut self, changed: Option<&'a [u8]>) -> Result<(), EvalError> {
        if let Some(point) = changed {
            self.changed.push((self.behind, point))?;
        }
        self.behind += 1;
        Ok(())
    }
}

impl<'a> MetricEdits<'a> {
    /// Another metric is the current one.
    #[inline]
    pub fn enter_metric(&mut self) {
        self.replaced = None;
        self.points_read = None;
        self.walked = None;
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
