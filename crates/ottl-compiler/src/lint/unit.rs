//! Numbers of one unit of time in the place of another: W0332.
//!
//! Only units that a name tells for certain: of fields that end with `_unix_nano`, and of the converters for times and durations.

use ottl_core::function::Type;
use ottl_core::ops::MathOp;
use ottl_diagnostics::{Code, Span};
use ottl_schema::{PathDecl, path_by_name};

use super::Lint;
use crate::hir::{Arg, Call, Expr, Kind};

/// Converters that give numbers of a unit, of a time or of a duration.
const OF_CONVERTERS: &[(&str, &str)] = &[
    ("UnixNano", NANOS),
    ("UnixMicro", "microseconds"),
    ("UnixMilli", "milliseconds"),
    ("UnixSeconds", SECONDS),
    ("Nanoseconds", NANOS),
    ("Microseconds", "microseconds"),
    ("Milliseconds", "milliseconds"),
    ("Seconds", SECONDS),
    ("Minutes", "minutes"),
    ("Hours", "hours"),
];

/// The ends of names of numbers, which times go without.
const OF_FIELDS: &str = "_unix_nano";

const NANOS: &str = "nanoseconds";
const SECONDS: &str = "seconds";

/// Converters that leave the unit of a number as it is.
const SAME: &[&str] = &["Int", "Double"];

impl Lint<'_> {
    /// `set(time_unix_nano, UnixSeconds(...))`; whether there was a doubt.
    pub(super) fn other_unit(&mut self, decl: &PathDecl, value: &Expr) -> bool {
        let Some(unit) = of(value).filter(|unit| *unit != NANOS && decl.name.ends_with(OF_FIELDS)) else {
            return false;
        };
        let message = format!("`{}` takes {NANOS}, and this is a number of {unit}", decl.name);
        let doubt = self.doubt(Code::MIXED_UNITS, value.span, message);
        self.warn(match self.named(value) {
            Some((name, at)) if name.starts_with("Unix") => {
                doubt.help(format!("write `UnixNano` in place of `{name}`")).fix(at, "UnixNano")
            }
            _ => doubt,
        });
        true
    }

    /// `Unix(time_unix_nano)`, which takes seconds.
    pub(super) fn unit_of_argument(&mut self, call: &Call) {
        if call.def.name != "Unix" {
            return;
        }
        for (at, wanted) in [SECONDS, NANOS].into_iter().enumerate() {
            let Some(Arg::Eager { expr, .. }) = call.args.get(at) else { continue };
            let Some(unit) = of(expr).filter(|unit| *unit != wanted) else { continue };
            let message = format!("this parameter of `Unix` takes {wanted}, and this is a number of {unit}");
            let doubt = self.doubt(Code::MIXED_UNITS, expr.span, message);
            let text = self.source(expr.span);
            let is_alone = at == 0 && matches!(call.args.get(1), None | Some(Arg::Absent));
            self.warn(match text.strip_suffix(OF_FIELDS).filter(|_| is_alone && has_time(expr)) {
                Some(time) => doubt.help(format!("the time itself is `{time}`")).fix(call.span, time),
                None if unit == NANOS && is_alone => doubt.help(format!("write `Unix(0, {text})`")),
                None => doubt,
            });
        }
    }

    /// Numbers of two units that are compared, added or subtracted.
    pub(super) fn units(&mut self, left: &Expr, right: &Expr, whole: Span) {
        // PERF (compile): most sides are constants.
        if left.as_const().is_some() || right.as_const().is_some() {
            return;
        }
        let (Some(of_left), Some(of_right)) = (of(left), of(right)) else { return };
        if of_left != of_right {
            let message = format!("these are numbers of two units: one of {of_left}, one of {of_right}");
            let doubt = self.doubt(Code::MIXED_UNITS, whole, message);
            self.warn(doubt.help(match (self.named(left), self.named(right)) {
                (None, Some((name, _))) if of_left == NANOS && name.starts_with("Unix") => {
                    format!("write `UnixNano` in place of `{name}`")
                }
                (Some((name, _)), None) if of_right == NANOS && name.starts_with("Unix") => {
                    format!("write `UnixNano` in place of `{name}`")
                }
                _ => String::from("ask both for the same unit"),
            }));
        }
    }

    /// The name of a call, and where it stands.
    fn named(&self, expr: &Expr) -> Option<(&'static str, Span)> {
        let Kind::Call(call) = &expr.kind else { return None };
        let name = call.def.name;
        let at = Span::new(call.span.start, call.span.start + u32::try_from(name.len()).ok()?);
        (self.source(at) == name).then_some((name, at))
    }
}

/// Whether there is a time beside a field's number.
fn has_time(number: &Expr) -> bool {
    let Kind::Path(path) = &number.kind else { return false };
    let decl = ottl_schema::path(path.path);
    decl.name.strip_suffix(OF_FIELDS).is_some_and(|time| path_by_name(decl.context, time).is_some())
}

/// The unit that a number certainly has.
fn of(number: &Expr) -> Option<&'static str> {
    match &number.kind {
        Kind::Path(path) if number.ty == Type::Int => {
            ottl_schema::path(path.path).name.ends_with(OF_FIELDS).then_some(NANOS)
        }
        Kind::Call(call) if SAME.contains(&call.def.name) => match call.args.first() {
            Some(Arg::Eager { expr, .. }) => of(expr),
            _ => None,
        },
        Kind::Call(call) => OF_CONVERTERS.iter().find(|(name, _)| *name == call.def.name).map(|(_, unit)| *unit),
        // A constant beside it is one of the same.
        Kind::Math { op: MathOp::Add | MathOp::Sub, left, right } => match (left.as_const(), right.as_const()) {
            (None, None) => of(left).filter(|unit| of(right) == Some(*unit)),
            (None, Some(_)) => of(left),
            (Some(_), None) => of(right),
            _ => None,
        },
        _ => None,
    }
}
