//! What converters never give: numbers outside of their range, texts in the other case or of another length, keys: W0301, W0307,
//! W0323.

use ottl_core::function::Type;
use ottl_core::ops::{CompareOp, compare};
use ottl_core::{Arena, Value};
use ottl_diagnostics::{Code, Span};
use ottl_plan::Literal;

use super::fails::call_with;
use super::{Lint, constant};
use crate::hir::{Arg, Call, Expr, Key, Kind};

/// The numbers that converters give, from and to.
const RANGES: &[(&str, i64, i64)] = &[
    ("Len", 0, i64::MAX),
    ("Index", -1, i64::MAX),
    ("Month", 1, 12),
    ("Day", 1, 31),
    ("Weekday", 0, 6),
    ("Hour", 0, 23),
    ("Minute", 0, 59),
    ("Second", 0, 59),
    ("Nanosecond", 0, 999_999_999),
];

/// Converters that leave what they gave as it is.
const SETTLED: &[&str] = &["ToLowerCase", "ToUpperCase", "Trim"];

/// Converters that give maps with a few keys, and texts that have all of them together.
const KEYS: &[(&str, &[&[u8]])] = &[
    // A query alone is taken apart.
    ("URL", &[b"https://user:secret@example.com:8080/a/b.html?c=d#e", b"?c=d"]),
    ("UserAgent", &[BROWSER]),
];

/// What a browser calls itself.
const BROWSER: &[u8] =
    b"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36";

/// How much memory finding out about one call may take.
const MEMORY: usize = 64 << 10;

impl Lint<'_> {
    /// `Hour(log.time) == 24`, `ToLowerCase(log.body) == "A"`.
    pub(super) fn impossible_result(&mut self, op: CompareOp, left: &Expr, right: &Expr, whole: Span) {
        let (call, literal, is_left) = match (&left.kind, &right.kind) {
            (Kind::Call(call), Kind::Const(literal)) => (call, literal, false),
            (Kind::Const(literal), Kind::Call(call)) => (call, literal, true),
            _ => return,
        };
        let name = call.def.name;
        match literal {
            Literal::Int(_) | Literal::Float(_) => {
                let Some((_, least, most)) = RANGES.iter().find(|(of, ..)| *of == name) else { return };
                let arena = Arena::with_limit(MEMORY);
                let Ok(constant) = literal.value(&arena) else { return };
                let holds = |number: i64| {
                    let number = Value::Int(number);
                    if is_left { compare(op, &constant, &number) } else { compare(op, &number, &constant) }
                };
                let is_inside = match constant {
                    Value::Int(number) => (*least..=*most).contains(&number),
                    Value::Float(number) => (*least as f64..=*most as f64).contains(&number),
                    _ => return,
                };
                let verdict = match op {
                    CompareOp::Eq if !is_inside => "never",
                    CompareOp::Ne if !is_inside => "always",
                    CompareOp::Eq | CompareOp::Ne => return,
                    // What always holds is half of a range, and harms nobody.
                    _ if holds(*least) || holds(*most) => return,
                    _ => "never",
                };
                let range = match *most {
                    i64::MAX => format!("{least} or more"),
                    most => format!("from {least} to {most}"),
                };
                let message = format!("this comparison {verdict} holds: `{name}` gives a number, {range}");
                self.warn(self.doubt(Code::DECIDED_COMPARISON, whole, message));
            }
            Literal::Str(text) if matches!(op, CompareOp::Eq | CompareOp::Ne) => {
                let Some(reason) = never_given(call, text) else { return };
                let verdict = if op == CompareOp::Ne { "always" } else { "never" };
                let message = format!("this comparison is {verdict} true: {reason}");
                self.warn(self.doubt(Code::DECIDED_COMPARISON, whole, message));
            }
            _ => {}
        }
    }

    /// `HasPrefix(ToLowerCase(log.body), "A")`.
    pub(super) fn other_case(&mut self, call: &Call) {
        if !matches!(call.def.name, "HasPrefix" | "HasSuffix" | "IsMatch") {
            return;
        }
        let (Some(Arg::Eager { expr, .. } | Arg::Lazy(expr, _)), Some((Literal::Str(text), span))) =
            (call.args.first(), constant(call.args.get(1)))
        else {
            return;
        };
        let Kind::Call(inner) = &expr.kind else { return };
        if !matches!(inner.def.name, "ToLowerCase" | "ToUpperCase") {
            return;
        }
        let Ok(text) = std::str::from_utf8(text) else { return };
        let is_plain = |part: &str| part.chars().all(|c| c.is_alphanumeric() || " _-^$".contains(c));
        let parts: Vec<&str> = if call.def.name == "IsMatch" { text.split('|').collect() } else { vec![text] };
        let never = |part: &&str| {
            (call.def.name != "IsMatch" || is_plain(part)) && never_given(inner, part.as_bytes()).is_some()
        };
        if parts.iter().all(never) {
            let name = inner.def.name;
            let message = format!("this is never true: `{name}` gives no text with such letters");
            self.warn(
                self.doubt(Code::IMPOSSIBLE_MATCH, span, message)
                    .help(format!("write the letters in the case that `{name}` gives")),
            );
        }
    }

    /// `URL(log.body)["host"]`; whether it was doubted.
    pub(super) fn unknown_part(&mut self, base: &Expr, keys: &[Key], span: Span) -> bool {
        let (Kind::Call(call), Some(Key::Str(key))) = (&base.kind, keys.first()) else { return false };
        let Some((name, samples)) = KEYS.iter().find(|(name, _)| *name == call.def.name) else { return false };
        let arena = Arena::with_limit(MEMORY);
        let mut known: Vec<String> = Vec::new();
        for sample in *samples {
            let Some(Value::Map(map)) = call_with(call, Value::Str(sample), &arena) else { return false };
            known.extend(map.iter().map(|pair| String::from_utf8_lossy(pair.key).into_owned()));
        }
        let key = String::from_utf8_lossy(key);
        if known.is_empty() || known.iter().any(|other| *other == key) {
            return false;
        }
        let message = format!("this fails for every record: `{name}` gives no `{key}`");
        let doubt = self.doubt(Code::IMPOSSIBLE_ARGUMENT, span, message);
        let near = ottl_diagnostics::near_name(&key, known.iter().map(String::as_str));
        let last = known.iter().find(|other| other.rsplit('.').next() == Some(&*key)).map(String::as_str);
        self.warn(doubt.help(match last.or(near) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("its keys are `{}`", known.join("`, `")),
        }));
        true
    }
}

/// Why a converter of texts never gives this one.
fn never_given(call: &Call, text: &[u8]) -> Option<String> {
    let name = call.def.name;
    if name == "Substring"
        && let Some((Literal::Int(length), _)) = constant(call.args.get(2))
        && usize::try_from(*length).is_ok_and(|length| length != text.len())
        && call.def.returns == Type::String
    {
        return Some(format!("this `Substring` has {length} bytes, and the text {}", text.len()));
    }
    if !SETTLED.contains(&name) {
        return None;
    }
    let arena = Arena::with_limit(MEMORY);
    match call_with(call, Value::Str(text), &arena)? {
        Value::Str(settled) if settled != text => {
            let settled = String::from_utf8_lossy(settled);
            Some(format!("`{name}` would make it `{settled}`"))
        }
        _ => None,
    }
}
