//! Levels of messages as numbers and bits.

use ottl_schema::ContextId;

/// Number of contexts, `otelcol` included.
pub(super) const LEVELS: usize = ContextId::ALL.len();

/// The bit of a level.
pub(super) const fn bit(level: ContextId) -> u16 {
    1 << level as u16
}
