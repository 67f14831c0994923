//! Calls that cannot be meant: W0305, W0307, W0402.

use ottl_core::function::Type;
use ottl_core::ops::Coercion;
use ottl_diagnostics::Code;
use ottl_plan::Literal;

use super::{Lint, constant, types, walk};
use crate::hir::{Arg, Call, Kind, Statement};

/// The editors whose `replacement` is a template with group references.
const TEMPLATES: &[&str] = &["replace_pattern", "replace_all_patterns"];

/// The editor that appends a copy of the metric, which is then visited too.
const COPY_METRIC: &str = "copy_metric";

/// Converters that ask for the type: another one makes them false, not fail.
const TYPE_TESTS: &[&str] = &["IsString", "IsInt", "IsDouble", "IsBool", "IsMap"];

/// Parameters that take a value of any type as far as their declaration says, and fail for all but lists.
const LISTS: &[(&str, &str)] = &[("Concat", "vals")];

/// Parameters that take any value of a type as far as their declaration says, and fail for all but literals.
const LITERALS: &[(&str, &str)] = &[("ParseSeverity", "mapping")];

impl Lint<'_> {
    /// Looks at the arguments of a call, not at what is inside them.
    pub(super) fn in_call(&mut self, call: &Call) {
        if TEMPLATES.contains(&call.def.name) {
            self.template(call);
        }
        if TYPE_TESTS.contains(&call.def.name) {
            return;
        }
        for (param, arg) in call.def.params.iter().zip(&call.args) {
            if LISTS.contains(&(call.def.name, param.name)) {
                self.list(call, param.name, arg);
            }
            if LITERALS.contains(&(call.def.name, param.name))
                && let Arg::Eager { expr, .. } = arg
            {
                let message = format!("the parameter `{}` of `{}` takes a literal only", param.name, call.def.name);
                let doubt = self.doubt(Code::IMPOSSIBLE_ARGUMENT, expr.span, message);
                self.warn(doubt.help("the call is an error for every record: nothing in it may be computed"));
                continue;
            }
            let (Arg::Eager { expr, coerce, .. } | Arg::Lazy(expr, coerce)) = arg else {
                continue;
            };
            let Some(coerce) = coerce else {
                continue;
            };
            let Some(wanted) = coerce.only_type() else {
                continue;
            };
            if expr.ty == Type::Any || expr.ty == wanted {
                continue;
            }
            let message = format!(
                "the parameter `{}` of `{}` takes {}, and this is {}",
                param.name,
                call.def.name,
                types::name(wanted),
                types::name(expr.ty)
            );
            let mut doubt =
                self.doubt(Code::IMPOSSIBLE_ARGUMENT, expr.span, message).help("the call is an error for every record");
            if *coerce == Coercion::String {
                let text = self.source(expr.span);
                doubt = doubt.help(format!("convert it: `String({text})`"));
            }
            self.warn(doubt);
        }
    }

    /// A text where only a list is no error.
    fn list(&mut self, call: &Call, param: &str, arg: &Arg) {
        let span = match arg {
            Arg::Const(Literal::Str(_), span) => *span,
            Arg::Eager { expr, .. } if expr.ty == Type::String => expr.span,
            _ => return,
        };
        let message = format!("the parameter `{param}` of `{}` takes a list, and this is a string", call.def.name);
        let doubt = self
            .doubt(Code::IMPOSSIBLE_ARGUMENT, span, message)
            .help(format!("what belongs together stands in brackets: `{}([a, b], \"\")`", call.def.name));
        self.warn(doubt);
    }

    /// `$1x` in a template names the group `1x`, not the first group.
    fn template(&mut self, call: &Call) {
        let place = call.def.params.iter().position(|p| p.name == "replacement");
        let arg = place.and_then(|place| call.args.get(place));
        let Some((Literal::Str(template), span)) = constant(arg) else {
            return;
        };
        let Some((group, rest)) = glued_reference(template) else {
            return;
        };
        let message = format!("`${group}{rest}` refers to a group `{group}{rest}`, which is empty");
        let doubt = self.doubt(Code::GLUED_GROUP_REFERENCE, span, message).help(format!("write `${{{group}}}{rest}`"));
        self.warn(doubt);
    }

    /// `copy_metric` without a condition that its copies do not meet.
    pub(super) fn copies(&mut self, statement: &Statement) {
        let call = &statement.editor;
        if call.def.name != COPY_METRIC {
            return;
        }
        let given = call.def.params.iter().zip(&call.args);
        let changed: Vec<&str> =
            given.filter(|(_, arg)| !matches!(arg, Arg::Absent)).map(|(param, _)| param.name).collect();
        let mut guarded = false;
        if let Some(condition) = &statement.condition {
            walk(condition, &mut |expr| {
                if let Kind::Path(path) = &expr.kind {
                    guarded |= changed.contains(&ottl_schema::path(path.path).name);
                }
            });
        }
        if guarded {
            return;
        }
        let message = "the copy meets the condition too, so it is copied again without end";
        let doubt = self
            .doubt(Code::UNGUARDED_COPY_METRIC, call.span, message)
            .help("give the copy another name, and test the old one: `where metric.name == \"...\"`");
        self.warn(doubt);
    }
}

/// The first `$` with digits that run into a letter or underscore: the digits, and the word after them.
fn glued_reference(template: &[u8]) -> Option<(String, String)> {
    let mut rest = template;
    while let Some(at) = rest.iter().position(|b| *b == b'$') {
        rest = &rest[at + 1..];
        if rest.first() == Some(&b'$') {
            rest = &rest[1..];
            continue;
        }
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let word = rest[digits..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        if digits > 0 && word > 0 {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            return Some((text(&rest[..digits]), text(&rest[digits..digits + word])));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::glued_reference;

    #[test]
    fn only_digits_that_run_into_a_word_are_glued() {
        let glued = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        for (template, want) in [
            ("$1REDACTED", glued("1", "REDACTED")),
            ("a $12_x", glued("12", "_x")),
            ("${1}REDACTED", None),
            ("$$1x", None),
            ("$1-x $2", None),
            ("$name", None),
            ("$", None),
            ("$$$3b", glued("3", "b")),
        ] {
            assert_eq!(glued_reference(template.as_bytes()), want, "{template}");
        }
    }
}
