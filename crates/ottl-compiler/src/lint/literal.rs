//! Literal arguments that do something else than they seem to: W0305, W0310, W0311, W0312, W0313, W0315, W0317.
//!
//! What a literal is to a parameter (a regular expression, a glob, a key, a template, a layout) stands in one table, because
//! the declarations of parameters know only that it is a text.

use ottl_core::function::{Type, call_without_record};
use ottl_core::{Arena, List, ListKind, Value};
use ottl_diagnostics::{Code, Span};
use ottl_plan::Literal;
use ottl_regex::{GroupReference, Regex, Template};
use ottl_schema::Access;

use super::{Lint, constant};
use crate::advice::layouts;
use crate::hir::{Arg, Call, Expr, Key, PathUse};

/// What a text is to a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// A regular expression that may match any part.
    Regex,
    /// A glob for a whole text.
    Glob,
    /// A grok pattern.
    Grok,
    /// One key of a map, or a list of them, taken as they are.
    Key,
    /// What a match is replaced by, with references to the groups of the pattern.
    Template,
    /// A layout of times.
    Layout,
}

/// The parameters whose texts are more than texts.
const ROLES: &[(&str, &str, Role)] = &[
    ("IsMatch", "pattern", Role::Regex),
    ("ExtractPatterns", "pattern", Role::Regex),
    ("ExtractGrokPatterns", "pattern", Role::Grok),
    ("delete_matching_keys", "pattern", Role::Regex),
    ("keep_matching_keys", "pattern", Role::Regex),
    ("replace_pattern", "regex_pattern", Role::Regex),
    ("replace_all_patterns", "regex_pattern", Role::Regex),
    ("replace_pattern", "replacement", Role::Template),
    ("replace_all_patterns", "replacement", Role::Template),
    ("replace_match", "pattern", Role::Glob),
    ("replace_all_matches", "pattern", Role::Glob),
    ("delete_key", "key", Role::Key),
    ("keep_keys", "keys", Role::Key),
    ("limit", "priority_keys", Role::Key),
    ("aggregate_on_attributes", "attributes", Role::Key),
    ("FormatTime", "format", Role::Layout),
    ("Time", "format", Role::Layout),
];

/// The converter that fills values into a text.
const FORMAT: &str = "Format";

impl Lint<'_> {
    /// Looks at the literal arguments of a call.
    pub(super) fn literals(&mut self, call: &Call) {
        let name = call.def.name;
        for (_, param, role) in ROLES.iter().filter(|(function, ..)| *function == name) {
            let place = call.def.params.iter().position(|p| p.name == *param);
            let Some(arg) = place.and_then(|place| call.args.get(place)) else { continue };
            let before = self.out.len();
            for (text, span) in texts(arg) {
                // One of a list says it for all.
                if self.out.len() > before {
                    break;
                }
                match role {
                    Role::Regex => self.regex(call, text, span),
                    Role::Grok => self.backspace(text, span),
                    Role::Glob => self.glob(call, text, span),
                    Role::Key => self.key(call, text, span),
                    Role::Template => self.template(call, text, span),
                    Role::Layout => self.layout(name, text, span),
                }
            }
        }
        if name == FORMAT {
            self.verbs(call);
        }
    }

    fn regex(&mut self, call: &Call, pattern: &[u8], span: Span) {
        self.backspace(pattern, span);
        // Where nothing but the question whether there is a match counts, repetitions at the end say nothing.
        let asks = !call.def.name.starts_with("replace") && call.def.name != "ExtractPatterns";
        if std::str::from_utf8(pattern).is_ok_and(|pattern| self.delimited(call, pattern, span)) {
            return;
        }
        let Some((stem, last)) = repeated_end(pattern) else { return };
        let is_plain = stem.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | ':'));
        if !(asks || is_plain && last == '/') {
            return;
        }
        let message = format!("a regular expression that ends with `{last}*` also matches where no `{last}` is");
        let help = match is_plain {
            true => format!(
                "as a glob it would be whatever begins with `{stem}{last}`: as a regular expression that is `^{stem}{last}`"
            ),
            false => format!(
                "as a glob it would be `{last}` and whatever follows: in a regular expression `{last}` alone, or `{last}.*`"
            ),
        };
        self.warn(self.doubt(Code::GLOB_OR_REGEX, span, message).help(help));
    }

    /// A backspace where `\\b` was meant: no telemetry holds one.
    fn backspace(&mut self, pattern: &[u8], span: Span) {
        if pattern.contains(&8) && self.source(span).contains("\\b") {
            let message = "`\\b` in a string is a backspace character";
            let help = "for a word boundary write `\\\\b`: the string consumes one backslash";
            self.warn(self.doubt(Code::BACKSPACE_IN_PATTERN, span, message).help(help));
        }
    }

    /// A regular expression where a glob is wanted.
    fn glob(&mut self, call: &Call, pattern: &[u8], span: Span) {
        self.backspace(pattern, span);
        let pattern = String::from_utf8_lossy(pattern);
        let Some(sign) = regex_sign(&pattern) else { return };
        let name = call.def.name;
        let message = format!(
            "`{name}` takes a glob for the whole string, in which `{sign}` is not special: this looks like a \
             regular expression"
        );
        let target = self.target(call);
        let help = match name {
            "replace_all_matches" => format!("`replace_all_patterns({target}, \"value\", ...)` takes one"),
            _ => format!("`replace_pattern({target}, ...)` takes one"),
        };
        self.warn(self.doubt(Code::GLOB_OR_REGEX, span, message).help(help));
    }

    /// A pattern where a key is wanted.
    fn key(&mut self, call: &Call, key: &[u8], span: Span) {
        let key = String::from_utf8_lossy(key);
        if !is_pattern(&key) {
            return;
        }
        let name = call.def.name;
        let message = format!("`{name}` takes literal keys, and no key is called `{key}`");
        let doubt = self.doubt(Code::PATTERN_AS_KEY, span, message);
        let target = self.target(call);
        let matching = match name {
            "delete_key" => "delete_matching_keys",
            "keep_keys" => "keep_matching_keys",
            _ => return self.warn(doubt),
        };
        self.warn(doubt.help(format!("`{matching}({target}, \"...\")` takes a regular expression")));
    }

    /// A pattern as the key of an attribute.
    pub(super) fn pattern_keys(&mut self, path: &PathUse) {
        let decl = ottl_schema::path(path.path);
        // What is parsed into a cache or a body may have any names.
        if !matches!(decl.access, Access::Attributes(_) | Access::TableAttributes(_)) {
            return;
        }
        let Some(Key::Str(key)) = path.keys.first() else { return };
        let key = String::from_utf8_lossy(key);
        if !is_pattern(&key) {
            return;
        }
        let message = format!("a key is taken as it is, and no attribute is called `{key}`");
        let help = "patterns of keys are for `delete_matching_keys`, `keep_matching_keys` and \
                    `replace_all_patterns(..., \"key\", ...)`";
        self.warn(self.doubt(Code::PATTERN_AS_KEY, path.span, message).help(help));
    }

    /// References in a template to groups that the pattern does not have.
    fn template(&mut self, call: &Call, template: &[u8], span: Span) {
        let place = call.def.params.iter().position(|p| p.name == "regex_pattern");
        let pattern = place.and_then(|place| call.args.get(place)).and_then(|arg| constant(Some(arg)));
        let regex = match pattern {
            Some((Literal::Str(pattern), _)) => Regex::new(pattern).ok(),
            _ => None,
        };
        let references = Template::new(template);
        for reference in references.references() {
            let has = |name: &str| match &regex {
                Some(regex) => regex.group_names().iter().flatten().any(|other| other == name),
                // The names of a pattern that is not known begin with a letter.
                None => !name.starts_with(|c: char| c.is_ascii_digit()),
            };
            match reference {
                GroupReference::Number(number) => {
                    if let Some(regex) = regex.as_ref().filter(|regex| number >= regex.group_count()) {
                        let written = written(template, &number.to_string());
                        self.missing_group(&written, regex, span);
                        return;
                    }
                }
                GroupReference::Name(name) if has(name) => {}
                GroupReference::Name(name) => {
                    let digits = name.bytes().take_while(u8::is_ascii_digit).count();
                    let is_glued = digits > 0 && !String::from_utf8_lossy(template).contains(&format!("${{{name}}}"));
                    match &regex {
                        _ if is_glued => self.glued(name, digits, span),
                        Some(regex) => self.missing_group(&written(template, name), regex, span),
                        None => {}
                    }
                    return;
                }
            }
        }
        let foreign = template.windows(2).find(|pair| pair[0] == b'\\' && pair[1].is_ascii_digit());
        if let Some(digit) = foreign.map(|pair| char::from(pair[1])) {
            let message = format!("`\\{digit}` in a replacement is not a group reference; it is inserted as it is");
            let doubt = self.doubt(Code::MISSING_GROUP, span, message);
            self.warn(doubt.help(format!("write `${{{digit}}}`, or `$${{{digit}}}` in a Collector's file")));
        }
    }

    #[cold]
    fn missing_group(&mut self, written: &str, regex: &Regex, span: Span) {
        let groups = regex.group_count().saturating_sub(1);
        let count = match groups {
            0 => "no group".to_owned(),
            1 => "one group".to_owned(),
            more => format!("{more} groups"),
        };
        let message = format!("`{written}` is not a group of the pattern, so nothing is inserted");
        let names: Vec<String> = regex.group_names().iter().flatten().map(|name| format!("`${{{name}}}`")).collect();
        let help = match (groups, names.is_empty()) {
            (0, _) => "what the replacement shall repeat stands in parentheses in the pattern".to_owned(),
            (_, true) => format!("the pattern has {count}: `$1`{}", if groups > 1 { " and so on" } else { "" }),
            (_, false) => format!("the pattern has {count}, by name {}", names.join(", ")),
        };
        self.warn(self.doubt(Code::MISSING_GROUP, span, message).help(help));
    }

    /// `$1x` in a template names the group `1x`, not the first group.
    #[cold]
    fn glued(&mut self, name: &str, digits: usize, span: Span) {
        let (number, rest) = name.split_at(digits);
        let message = format!("`${name}` refers to a group named `{name}`, which does not exist");
        let help = format!("write `${{{number}}}{rest}`");
        self.warn(self.doubt(Code::GLUED_GROUP_REFERENCE, span, message).help(help));
    }

    /// A layout of times without any directive: every time reads alike, and no text is a time.
    fn layout(&mut self, function: &str, layout: &[u8], span: Span) {
        if layout.contains(&b'%') {
            return self.mixed_layout(layout, span);
        }
        let message = match function {
            "Time" => "this format has no directive, so the text of a time is an error",
            _ => "this format has no directive, so every time becomes this text",
        };
        let doubt = self.doubt(Code::LAYOUT_WITHOUT_DIRECTIVE, span, message);
        let layout = String::from_utf8_lossy(layout);
        self.warn(match layouts::meant(&layout) {
            Some(meant) => doubt.help(format!("directives begin with `%`: `{layout}` is `{}` here", meant.text)),
            None => doubt.help("directives begin with `%`: `%Y-%m-%dT%H:%M:%S%z`"),
        });
    }

    /// A layout that has directives, and beside them what other layouts have in their place.
    fn mixed_layout(&mut self, layout: &[u8], span: Span) {
        let layout = String::from_utf8_lossy(layout);
        if let Some(meant) = layouts::mended(&layout) {
            let message = "this layout confuses directives: a time in a date, or a date in a time";
            let doubt = self.doubt(Code::MISPLACED_DIRECTIVE, span, message);
            let doubt = doubt.help(format!("`%m` is the month and `%M` the minute, `%S` the second: `{meant}`"));
            self.warn(if self.source(span).get(1..).is_some_and(|text| text.starts_with(&*layout)) {
                doubt.fix(span, format!("\"{meant}\""))
            } else {
                doubt
            });
            return;
        }
        let Some((token, mended)) = layouts::beside(&layout) else { return };
        let message = format!("`{token}` is literal text in this layout: directives begin with `%`");
        let doubt = self.doubt(Code::LAYOUT_WITHOUT_DIRECTIVE, span, message);
        self.warn(doubt.help(format!("write `{mended}`")));
    }

    /// A key of what named groups matched that no group is called.
    pub(super) fn missing_name(&mut self, base: &Expr, keys: &[Key], span: Span) {
        let crate::hir::Kind::Call(call) = &base.kind else { return };
        let (Some(Key::Str(key)), Some((Literal::Str(pattern), _))) = (keys.first(), constant(call.args.get(1))) else {
            return;
        };
        if call.def.name != "ExtractPatterns" {
            return;
        }
        let Ok(regex) = Regex::new(pattern) else { return };
        let names: Vec<&String> = regex.group_names().iter().flatten().collect();
        let key = String::from_utf8_lossy(key);
        if names.is_empty() || names.iter().any(|name| **name == key) {
            return;
        }
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("this is always nil: the pattern has no group `{key}`");
        let doubt = self.doubt(Code::MISSING_GROUP, span, message);
        self.warn(doubt.help(format!("its groups are {}", names.join(", "))));
    }

    /// A format with more or fewer verbs than values, or verbs that the values do not have.
    fn verbs(&mut self, call: &Call) {
        let (Some((Literal::Str(format), span)), Some(values)) = (constant(call.args.first()), call.args.get(1)) else {
            return;
        };
        let arena = Arena::with_limit(1 << 16);
        let (values, are_known): (Vec<Value<'_>>, bool) = match values {
            Arg::Const(Literal::List(_, items), _) => {
                let items: Option<Vec<_>> = items.iter().map(|item| item.value(&arena).ok()).collect();
                let Some(items) = items else { return };
                (items, true)
            }
            Arg::Eager { expr: Expr { kind: crate::hir::Kind::List(items), .. }, .. } => {
                let known = |item: &Expr| {
                    item.as_const().is_some() || matches!(item.ty, Type::Int | Type::Float | Type::Bool | Type::String)
                };
                (items.iter().map(|item| sample(item, &arena)).collect(), items.iter().all(known))
            }
            _ => return,
        };
        let Ok(list) = List::new(ListKind::Any, &values) else { return };
        let args = [Value::Str(format), Value::List(list)];
        let Some(Ok(Value::Str(made))) = call_without_record(&call.kernel, &args, &arena) else { return };
        let has = |sign: &str, text: &[u8]| text.windows(sign.len()).any(|part| part == sign.as_bytes());
        let says = |sign: &str| has(sign, made) && !has(sign, format);
        let reason = if says("(MISSING)") || says("(BADINDEX)") {
            format!("it has more verbs than there are values ({})", values.len())
        } else if says("%!(EXTRA") {
            format!("it has fewer verbs than there are values ({})", values.len())
        } else if says("%!(NOVERB)") {
            String::from("it ends within a verb")
        } else if are_known && says("%!") {
            String::from("a verb does not take the value that stands for it")
        } else {
            return;
        };
        let made = String::from_utf8_lossy(made);
        let doubt = self.doubt(Code::FORMAT_MISMATCH, span, format!("this format does not fit its values: {reason}"));
        self.warn(doubt.help(format!(
            "the result would be `{made}`; `%v` takes any value, `%d` an int, `%s` a string, `%%` none"
        )));
    }

    /// A format for the result of a function without the place for it, or without the function.
    pub(super) fn replacement_format(&mut self, call: &Call) {
        let at = |name: &str| call.def.params.iter().position(|param| param.name == name);
        let (Some(function), Some(format)) = (at("function"), at("replacement_format")) else { return };
        let Some((Literal::Str(text), span)) = constant(call.args.get(format)) else { return };
        // The place for the result, and nothing else that begins like one. A line break is in no such format.
        let others = text.windows(2).any(|pair| pair[0] == b'%' && pair[1] != b's');
        let has_place = text.split(|byte| *byte == b'%').skip(1).any(|rest| rest.first() == Some(&b's'));
        let is_sound = has_place && !others && !text.contains(&b'\n');
        let (message, help) = match call.args.get(function) {
            None | Some(Arg::Absent) => (
                "this format has no effect without `function`, whose result it is for",
                "write the text around the match into the replacement: `\"(${0})\"`",
            ),
            Some(_) if !is_sound => (
                "this format has no `%s` alone, so every replacement is an error",
                "the result of the function stands in place of `%s`: `\"(%s)\"`",
            ),
            Some(_) => return,
        };
        self.warn(self.doubt(Code::FORMAT_MISMATCH, span, message).help(help));
    }

    /// The path that a call edits, as it is written.
    fn target(&self, call: &Call) -> &str {
        match call.args.first() {
            Some(Arg::Target(path)) => self.source(path.span),
            _ => "...",
        }
    }
}

/// The texts of a literal argument, or of a list.
fn texts<'a>(arg: &'a Arg) -> Vec<(&'a [u8], Span)> {
    match arg {
        Arg::Const(Literal::Str(text), span) => vec![(text, *span)],
        Arg::Const(Literal::List(_, items), span) => {
            let text = |item: &'a Literal| match item {
                Literal::Str(text) => Some((&text[..], *span)),
                _ => None,
            };
            items.iter().filter_map(text).collect()
        }
        _ => Vec::new(),
    }
}

/// A value as an expression gives it.
fn sample<'a>(expr: &'a Expr, arena: &'a Arena) -> Value<'a> {
    match (expr.as_const(), expr.ty) {
        (Some(literal), _) => literal.value(arena).unwrap_or(Value::Nil),
        (None, Type::Int) => Value::Int(1),
        (None, Type::Float) => Value::Float(1.5),
        (None, Type::Bool) => Value::Bool(true),
        (None, _) => Value::Str(b"x"),
    }
}

/// A reference as the template has it.
fn written(template: &[u8], name: &str) -> String {
    let braced = format!("${{{name}}}");
    if template.windows(braced.len()).any(|part| part == braced.as_bytes()) { braced } else { format!("${name}") }
}

/// Whether a key is meant as a regular expression or a glob.
fn is_pattern(key: &str) -> bool {
    // PERF (compile): hardly any key has one of these.
    if !key.bytes().any(|byte| b"*|\\^$+".contains(&byte)) {
        return false;
    }
    let ends = |end: &str| key.len() > end.len() && key.ends_with(end);
    key.contains(['*', '|', '\\']) || key.starts_with('^') || ends("$") || key.contains(".+") || key.contains("]+")
}

/// What in a glob would mean something in a regular expression only.
pub(super) fn regex_sign(pattern: &str) -> Option<&'static str> {
    const INSIDE: &[(&str, &str)] = &[
        ("\\d", "\\d"),
        ("\\w", "\\w"),
        ("\\s", "\\s"),
        ("\\S", "\\S"),
        ("\\D", "\\D"),
        ("\\W", "\\W"),
        (".+", "+"),
        ("]+", "+"),
        (")+", "+"),
        ("(?", "(?"),
        ("]{", "{"),
        ("=.*", ".*"),
        (" .*", ".*"),
        ("/.*", ".*"),
        (":.*", ".*"),
        ("\\.", "\\."),
    ];
    if pattern.starts_with('^') {
        return Some("^");
    }
    if pattern.ends_with('$') && pattern.len() > 1 {
        return Some("$");
    }
    if pattern.starts_with(".*") {
        return Some(".*");
    }
    if let (Some(open), Some(bar)) = (pattern.find('('), pattern.find('|'))
        && open < bar
        && pattern[bar..].contains(')')
    {
        return Some("|");
    }
    INSIDE.iter().find(|(part, _)| pattern.contains(part)).map(|(_, sign)| *sign)
}

/// A pattern of letters, points and stars whose last letter is repeated: what stands before it, and the letter.
fn repeated_end(pattern: &[u8]) -> Option<(&str, char)> {
    let stem = std::str::from_utf8(pattern).ok()?.strip_suffix('*')?;
    let letter = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | ':');
    let last = stem.chars().next_back().filter(|last| letter(*last))?;
    let is_like_glob = stem.chars().all(|c| letter(c) || matches!(c, '.' | '*'));
    is_like_glob.then(|| (&stem[..stem.len() - last.len_utf8()], last))
}

#[cfg(test)]
mod tests {
    use super::{is_pattern, regex_sign, repeated_end};

    #[test]
    fn keys_and_globs_that_are_regular_expressions() {
        for (text, pattern, sign) in [
            ("http.*", true, None),
            ("http_*", true, None),
            ("^tmp", true, Some("^")),
            ("tmp$", true, Some("$")),
            ("a|b", true, None),
            ("(a|b)", true, Some("|")),
            ("$schema", false, None),
            ("http.method", false, None),
            ("a\\.b", true, Some("\\.")),
            ("id-\\d+", true, Some("\\d")),
            ("/user/*/list/*", true, None),
            ("{a,b}*", true, None),
            ("https?://.*", true, Some(".*")),
            ("api\\.example.*", true, Some("\\.")),
            (".*secret.*", true, Some(".*")),
            ("[a-z]+x", true, Some("+")),
            ("", false, None),
            ("$", false, None),
        ] {
            assert_eq!((is_pattern(text), regex_sign(text)), (pattern, sign), "{text}");
        }
    }

    #[test]
    fn repetitions_at_the_end() {
        for (pattern, want) in [
            ("http*", Some(("htt", 'p'))),
            ("/api/v1/*", Some(("/api/v1", '/'))),
            ("http.*", None),
            ("http.*.secret*", Some(("http.*.secre", 't'))),
            ("k8s.pod.label*", Some(("k8s.pod.labe", 'l'))),
            ("^http*", None),
            ("*", None),
            ("ab*$", None),
        ] {
            assert_eq!(repeated_end(pattern.as_bytes()), want, "{pattern}");
        }
    }
}
