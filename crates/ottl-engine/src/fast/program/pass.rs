//! [`Pass`]: groups that run in one walk over a message.

use ottl_schema::ContextId;

use super::LevelProgram;
use super::effects::Touched;
use crate::fast::levels::{LEVELS, bit};

/// Groups that run together, level by level, in one walk over the message.
#[derive(Debug, Default)]
pub(crate) struct Pass {
    /// Numbers of the groups in the program, by level, in order.
    pub groups: [Vec<u32>; LEVELS],
    /// What they touch.
    pub touched: Touched,
    /// Bit per level: written by a statement of a lower level.
    pub from_below: u16,
    /// Bit per level: has groups. In a filter, so has a level without conditions: what is empty there is dropped.
    pub active: u16,
    /// By level: what is done.
    pub levels: [LevelProgram; LEVELS],
    /// Bit per level: what is asked of its messages at once has questions about the message around them.
    pub asks_above: u16,
    /// The level of messages that are compact while those in them are visited, besides spans: of metrics, else of resources.
    pub compact_outer: Option<ContextId>,
    /// Whether one of its groups has a cache that all records share.
    pub shares_cache: bool,
    /// Whether its records are run alone, each in a message of its own.
    pub isolates: bool,
    /// Why its first group does not run in the pass before; the first pass has no reason.
    pub cut: Option<Cut>,
    /// Whether errors are hidden if it leaves nothing of the message.
    pub hides_errors: bool,
}

impl Pass {
    /// After all levels are there.
    pub fn finish(&mut self) {
        let asks = |level: &&LevelProgram| level.screen.as_ref().is_some_and(|screen| screen.above.is_some());
        let levels = (0..).zip(&self.levels).filter(|(_, level)| asks(level));
        self.asks_above = levels.fold(0, |bits, (level, _)| bits | 1 << level);
        // There is one place for such a message, and spans have it whose events are visited.
        let has_compact_spans = self.active & bit(ContextId::SpanEvent) != 0 && self.has_events_first();
        let levels = [ContextId::Metric, ContextId::Resource].into_iter();
        self.compact_outer = levels.filter(|_| !has_compact_spans).find(|level| self.is_compact_outer(*level));
    }

    /// Whether the messages of a level may be compact while those in them are visited: statements of their own write them, and none of
    /// lower levels, and nobody asks for what is in them.
    fn is_compact_outer(&self, level: ContextId) -> bool {
        let writes_only_own = self.touched.written & !self.from_below & bit(level) != 0;
        self.levels[level as usize].is_compact && writes_only_own && self.touched.parts & bit(level) == 0
    }

    /// Whether the events of a span are visited before the span is written, which may be compact then. Where the list of events
    /// may be replaced, they are not.
    pub fn has_events_first(&self) -> bool {
        self.touched.parts & bit(ContextId::Span) == 0
    }

    /// Bit per level: it may be written while the statements of this level run. What a resource's own statements write is not
    /// fixed while they run; for its records it is, since they come behind all of those.
    pub fn written_at(&self, level: ContextId) -> u16 {
        self.from_below | self.touched.written & bit(level)
    }
}

/// Why a group does not run in one walk with the groups before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The group of this number has a reason to run in a walk of its own: the later one, or the one before.
    Alone(usize, Alone),
    /// It lies above the level of the group before.
    Above,
    /// It has the cache of this context, which a group before it shares.
    Cache(ContextId),
    /// It adds to what profiles share, and a group before it uses that, or the other way round: what is added first has the
    /// smaller index, and an index that led nowhere may lead to it.
    Shared,
    /// Merging is switched off.
    SwitchedOff,
}

/// Why a group runs in a walk of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alone {
    /// It writes levels above its own: a bit each.
    WritesAbove(u16),
    /// It may replace parts of these levels that are levels themselves.
    ReplacesParts(u16),
    /// It gives up the message on an error.
    Propagates,
}
