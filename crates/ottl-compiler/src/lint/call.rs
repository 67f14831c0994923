//! Calls that cannot be meant: W0307.

use ottl_core::function::Type;
use ottl_core::ops::Coercion;
use ottl_diagnostics::Code;
use ottl_plan::Literal;

use super::{Lint, constant, possible, same_path, types};
use crate::hir::{Arg, Call, Expr, Kind};

/// The editors that leave everything but texts as it is, and those that do the same to all values of a map.
const TEXT_EDITORS: &[(&str, &str)] =
    &[("replace_pattern", "replace_all_patterns"), ("replace_match", "replace_all_matches")];

/// Converters that ask for the type: another one makes them false, not fail.
const TYPE_TESTS: &[&str] = &["IsString", "IsInt", "IsDouble", "IsBool", "IsMap"];

/// Parameters that take a value of any type as far as their declaration says, and fail for all but lists.
const LISTS: &[(&str, &str)] = &[("Concat", "vals"), ("Sort", "target")];

/// Parameters that take any value of a type as far as their declaration says, and fail for all but literals.
const LITERALS: &[(&str, &str)] = &[("ParseSeverity", "mapping")];

impl Lint<'_> {
    /// Looks at the arguments of a call, not at what is inside them.
    pub(super) fn in_call(&mut self, call: &Call) {
        let before = self.out.len();
        self.arguments(call);
        // What is said of an argument need not be said of the call.
        if self.out.len() == before {
            self.mistyped(call);
        }
        if self.out.len() == before {
            self.failing(call);
        }
    }

    fn arguments(&mut self, call: &Call) {
        let before = self.out.len();
        self.literals(call);
        // What a text is to its parameter says more.
        for arg in &call.args {
            if let (Arg::Const(Literal::Str(text), span), true) = (arg, self.out.len() == before) {
                self.text(text, *span);
            }
        }
        self.turned(call);
        self.range(call);
        self.pattern_as_end(call);
        self.group_of_glob(call);
        self.other_case(call);
        self.unit_of_argument(call);
        self.separator(call);
        self.word_as_characters(call);
        self.replacement_format(call);
        self.other_element(call);
        self.nil_argument(call);
        self.text_editor(call);
        self.without_effect(call);
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
                self.warn(doubt.help("the call fails for every record: it must not be computed"));
                continue;
            }
            match arg {
                Arg::Eager { expr, coerce: Some(to), .. } | Arg::Lazy(expr, Some(to)) => {
                    self.argument(call, param.name, expr, *to);
                }
                Arg::Eager { expr: Expr { kind: Kind::List(items), .. }, each: Some(to), .. }
                | Arg::LazyList(items, Some(to)) => {
                    items.iter().for_each(|item| self.argument(call, param.name, item, *to));
                }
                _ => {}
            }
        }
    }

    /// An argument of which nothing that it can be passes the conversion of its parameter.
    fn argument(&mut self, call: &Call, param: &str, expr: &Expr, to: Coercion) {
        let (wanted, given) = (to.only_type(), self.narrowed.of(expr));
        // Where a value is converted, nil stays nil.
        let is_taken = wanted.map_or(expr.ty == Type::Nil, |wanted| given.has(wanted));
        if !is_taken && !given.is_any() && possible::never_passes(to, given) {
            self.impossible_argument(call, param, expr, to);
        }
    }

    #[cold]
    fn impossible_argument(&mut self, call: &Call, param: &str, expr: &Expr, to: Coercion) {
        let (name, text) = (call.def.name, self.source(expr.span));
        let wanted = match to.only_type() {
            Some(wanted) => types::name(wanted).to_owned(),
            None => format!("what becomes {}", to.name()),
        };
        let given = match expr.ty {
            Type::Any => format!("`{text}` never holds one"),
            ty => format!("this is {}", types::name(ty)),
        };
        let message = format!("the parameter `{param}` of `{name}` takes {wanted}, and {given}");
        let doubt = self.doubt(Code::IMPOSSIBLE_ARGUMENT, expr.span, message);
        let bare = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text);
        let help = match (to, expr.ty) {
            (Coercion::String, _) => format!("convert it: `String({text})`"),
            (Coercion::Time, Type::Int) if text.ends_with("_unix_nano") => {
                format!("`{text}` is a number, and the time is `{}`", text.trim_end_matches("_unix_nano"))
            }
            (Coercion::Time, Type::Int) => String::from("to convert a number to a time use `Unix(seconds)`"),
            (Coercion::Time, Type::Duration) => {
                format!("the length of a duration is `Hours({bare})`, `Minutes({bare})`, `Seconds({bare})` and so on")
            }
            (Coercion::Time, Type::String | Type::Any) => {
                format!("to parse a time write `Time({text}, \"%Y-%m-%dT%H:%M:%S%z\")`")
            }
            (Coercion::Duration, Type::Time) => {
                format!("the number of a time is `UnixSeconds({text})`, or `UnixMilli({text})`")
            }
            (Coercion::Duration, Type::String | Type::Any) => {
                format!("to parse a duration such as `1h30m` write `Duration({text})`")
            }
            _ => String::from("the call fails for every record"),
        };
        self.warn(doubt.help(help));
    }

    /// Places of a list that no list has.
    fn range(&mut self, call: &Call) {
        if call.def.name != "delete_index" {
            return;
        }
        let number = |at: usize| match constant(call.args.get(at)) {
            Some((Literal::Int(number), span)) => Some((*number, span)),
            _ => None,
        };
        let (start, end) = (number(1), number(2));
        let (message, span) = match (start, end) {
            (Some((start, span)), _) if start < 0 => ("list indexes start at 0", span),
            (Some((start, _)), Some((end, span))) if end < start => ("this range ends before it begins", span),
            (_, Some((end, span))) if end < 0 => ("this range ends before the list begins", span),
            _ => return,
        };
        let doubt = self.doubt(Code::IMPOSSIBLE_ARGUMENT, span, message);
        self.warn(doubt.help("the call fails for every record; indexes do not count from the end"));
    }

    /// A text that is taken for what is looked for, and the record's value for where: `Split(",", log.body)`.
    fn turned(&mut self, call: &Call) {
        let (Some((Literal::Str(text), span)), Some(Arg::Eager { expr, .. })) =
            (constant(call.args.first()), call.args.get(1))
        else {
            return;
        };
        let text = String::from_utf8_lossy(text);
        let is_wanted = match call.def.name {
            "Split" => text.len() < 3 && !text.contains(char::is_alphanumeric),
            "IsMatch" | "HasPrefix" | "HasSuffix" | "TrimPrefix" | "TrimSuffix" => true,
            _ => false,
        };
        if !is_wanted || !matches!(expr.kind, Kind::Path(_)) {
            return;
        }
        let (path, written) = (self.source(expr.span), self.source(span));
        let message = format!("this searches in {written} for the value of `{path}`: the arguments are swapped");
        let name = call.def.name;
        self.warn(
            self.doubt(Code::SWAPPED_ARGUMENTS, call.span, message).help(format!("write `{name}({path}, {written})`")),
        );
    }

    /// A replacement by what was there, or a merge of nothing.
    fn without_effect(&mut self, call: &Call) {
        let place = |name: &str| call.def.params.iter().position(|param| param.name == name);
        let text = |name: &str| match constant(place(name).and_then(|place| call.args.get(place))) {
            Some((Literal::Str(text), _)) => Some(text),
            _ => None,
        };
        let is_plain = |text: &[u8]| text.iter().all(|byte| byte.is_ascii_alphanumeric() || b" _-/:=".contains(byte));
        let pattern = text("regex_pattern").or_else(|| text("pattern"));
        let reason = match (call.def.name, call.args.as_slice()) {
            ("replace_pattern" | "replace_all_patterns" | "replace_match" | "replace_all_matches", _)
                if pattern.is_some_and(|pattern| is_plain(pattern)) && pattern == text("replacement") =>
            {
                "the replacement is the same as the pattern"
            }
            ("merge_maps", [_, Arg::Const(Literal::Map(pairs), _), ..]) if pairs.is_empty() => {
                "the map to merge is empty"
            }
            ("merge_maps", [Arg::Target(target), Arg::Eager { expr, .. }, ..]) if matches!(&expr.kind, Kind::Path(path) if same_path(path, target)) => {
                "the map is merged into itself"
            }
            _ => return,
        };
        self.warn(self.doubt(Code::INEFFECTIVE_WRITE, call.span, format!("this changes nothing: {reason}")));
    }

    /// An editor of texts at a path that is none.
    fn text_editor(&mut self, call: &Call) {
        let name = call.def.name;
        let Some((_, for_maps)) = TEXT_EDITORS.iter().find(|(editor, _)| *editor == name) else { return };
        let Some(Arg::Target(path)) = call.args.first() else { return };
        let decl = ottl_schema::path(path.path);
        if !path.keys.is_empty() || types::comparable(decl.read, Type::String) {
            return;
        }
        let ty = types::name(decl.read);
        let message = format!("`{name}` changes only strings, and this is {ty}");
        let doubt = self.doubt(Code::IMPOSSIBLE_ARGUMENT, path.span, message);
        let text = self.source(path.span);
        self.warn(match (decl.read, *for_maps) {
            (Type::Map, "replace_all_patterns") => {
                doubt.help(format!("for each value of the map: `replace_all_patterns({text}, \"value\", ...)`"))
            }
            (Type::Map, for_maps) => doubt.help(format!("for each value of the map: `{for_maps}({text}, ...)`")),
            _ => doubt.help("nothing is ever replaced here"),
        });
    }

    /// A text where only a list is no error, and two values without brackets: nobody keeps delimiters in records.
    fn list(&mut self, call: &Call, param: &str, arg: &Arg) {
        let is_stored = |arg: Option<&Arg>| match arg {
            Some(Arg::Eager { expr, .. }) => matches!(&expr.kind, Kind::Path(path) if !path.keys.is_empty()),
            _ => false,
        };
        let (span, is) = match arg {
            Arg::Const(Literal::Str(_), span) => (*span, "this is a string"),
            Arg::Eager { expr, .. } if expr.ty == Type::String => (expr.span, "this is a string"),
            Arg::Eager { expr, .. }
                if call.def.name == "Concat" && is_stored(Some(arg)) && is_stored(call.args.get(1)) =>
            {
                (expr.span, "the next argument is the delimiter between its elements")
            }
            _ => return,
        };
        let message = format!("the parameter `{param}` of `{}` takes a list, and {is}", call.def.name);
        let doubt = self.doubt(Code::IMPOSSIBLE_ARGUMENT, span, message);
        self.warn(match call.def.name {
            "Concat" => doubt.help("put the values in brackets: `Concat([a, b], \"\")`"),
            _ => doubt.help("the call fails for every record"),
        });
    }
}
