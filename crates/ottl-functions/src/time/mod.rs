//! Time text as the reference reads and writes it: Go layouts, the `%` directives that are
//! translated to them, and durations.
//!
//! [`Format`] is a validated directive format; [`Layout`] is a Go layout. Instants are
//! [`Time`], zones [`Zone`](ottl_core::value::Zone). The host's clock and
//! its local zone come from the caller. Names are English, or those of a [`Locale`].

mod civil;
mod duration;
mod layout;
pub(crate) mod locale;
mod parse;
mod print;
mod strptime;

pub use self::civil::{Civil, add_date, civil, from_civil};
pub use self::duration::{parse_duration, push_duration};
pub use self::layout::Layout;
pub use self::locale::Locale;
pub use self::parse::ParseError;
pub use self::strptime::{Format, default_zone, named_zone};

use ottl_core::value::Time;
use std::sync::OnceLock;

fn cached(cell: &'static OnceLock<Layout>, layout: &str) -> &'static Layout {
    cell.get_or_init(|| Layout::new(layout))
}

/// Appends the time as RFC 3339 with nanoseconds, trailing zeros dropped.
pub fn push_rfc3339_nano(out: &mut Vec<u8>, time: &Time) {
    static LAYOUT: OnceLock<Layout> = OnceLock::new();
    cached(&LAYOUT, "2006-01-02T15:04:05.999999999Z07:00").print(time, out);
}

/// Appends the time as Go prints it by default: `2006-01-02 15:04:05.5 +0000 UTC`.
pub fn push_default(out: &mut Vec<u8>, time: &Time) {
    static LAYOUT: OnceLock<Layout> = OnceLock::new();
    cached(&LAYOUT, "2006-01-02 15:04:05.999999999 -0700 MST").print(time, out);
}
