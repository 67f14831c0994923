//! Questions whose answer the path decides, whatever the record holds: W0323, W0324; what is no question: W0330; W0301.
//!
//! The functions themselves are asked, with values that stand for all that the path has: the words of an enum, numbers, ids.
//! Where such samples prove nothing, the pattern has to demand a letter that no such text has.

use ottl_core::function::Type;
use ottl_core::{Arena, Value};
use ottl_diagnostics::{Code, Span};
use ottl_plan::Literal;
use ottl_schema::{Access, PathDecl};

use super::fails::value;
use super::possible::Types;
use super::text::{conversion, hex_digits, is_meant, words};
use super::{Lint, constant, possible, types};
use crate::advice::words as symbols;
use crate::hir::{Arg, Call, Expr, Kind, literal_type};

/// Converters that ask about a text, and take what it is compared with as a second argument.
const TEXT_QUESTIONS: &[&str] = &["IsMatch", "HasPrefix", "HasSuffix"];

/// Patterns that fit every text.
const EVERYTHING: &[&str] = &[".*", "^.*", ".*$", "^.*$", "(.*)", "^(.*)$", ".*?", "^", "$", "^.*?$", "[\\s\\S]*"];

/// Converters that ask for a type.
const TYPE_QUESTIONS: &[(&str, Type)] = &[
    ("IsString", Type::String),
    ("IsInt", Type::Int),
    ("IsDouble", Type::Float),
    ("IsBool", Type::Bool),
    ("IsMap", Type::Map),
    ("IsList", Type::List),
];

/// How much memory finding out about one question may take.
const MEMORY: usize = 64 << 10;

/// Numbers up to here are tried.
const MOST_NUMBERS: i64 = 1000;

impl Lint<'_> {
    /// Looks at a question.
    pub(super) fn asked(&mut self, whole: &Expr, call: &Call) {
        if let Some((subject, wanted)) = type_question(call) {
            if subject.ty != wanted && !matches!(subject.ty, Type::Any | Type::Nil) {
                let (text, is) = (self.source(subject.span), types::name(subject.ty));
                let message = format!("this is never true: `{text}` is {is}, and never {}", types::name(wanted));
                self.warn(self.doubt(Code::DECIDED_QUESTION, whole.span, message));
            }
            return;
        }
        if let (Some((_, wanted)), Some(Arg::Eager { expr, .. })) =
            (TYPE_QUESTIONS.iter().find(|(name, _)| *name == call.def.name), call.args.first())
            && matches!(expr.kind, Kind::Call(_) | Kind::Math { .. })
            && !matches!(expr.ty, Type::Any | Type::Nil)
            && expr.ty != *wanted
        {
            let (text, is) = (self.source(expr.span), types::name(expr.ty));
            let message = format!("this is never true: `{text}` is {is}, and never {}", types::name(*wanted));
            self.warn(self.doubt(Code::DECIDED_QUESTION, whole.span, message));
            return;
        }
        let name = call.def.name;
        if !TEXT_QUESTIONS.contains(&name) {
            return;
        }
        let (Some(Arg::Eager { expr, .. } | Arg::Lazy(expr, _)), Some((Literal::Str(text), span))) =
            (call.args.first(), constant(call.args.get(1)))
        else {
            return;
        };
        let Kind::Path(path) = &expr.kind else { return };
        let decl = ottl_schema::path(path.path);
        let text = String::from_utf8_lossy(text);
        if text.is_empty() || (name == "IsMatch" && EVERYTHING.contains(&&*text)) {
            return self.always_fits(whole, expr, text.is_empty(), decl.access);
        }
        if !path.keys.is_empty() {
            return;
        }
        let arena = Arena::with_limit(MEMORY);
        let holds = |sample: Value<'static>| match value(whole, &arena, &|_| Some(sample)) {
            Some(Value::Bool(answer)) => Some(answer),
            _ => None,
        };
        let Some((is, help)) = self.none_fits(decl, expr, name, &text, &holds) else { return };
        let message =
            format!("this is never true: `{}` is {is}, and none of them matches `{text}`", self.source(expr.span));
        self.warn(self.doubt(Code::IMPOSSIBLE_MATCH, span, message).help(help));
    }

    /// `ContainsValue(["200", "201"], 200)`.
    pub(super) fn other_element(&mut self, call: &Call) {
        let ("ContainsValue", [list, item]) = (call.def.name, call.args.as_slice()) else { return };
        let (Some(elements), Some((given, at))) = (elements_of(list), given(item)) else { return };
        let meets = |item: Type| elements.iter().any(|element| types::comparable(element, item));
        if given.is_any() || elements.is_any() || given.iter().next().is_none() || given.iter().any(meets) {
            return;
        }
        let have = elements.iter().map(types::name).collect::<Vec<_>>().join(" or ");
        let message = format!("this is never true: an element of the list is {have}, and `{}` is not", self.source(at));
        let doubt = self.doubt(Code::DECIDED_COMPARISON, at, message);
        let text = self.source(at);
        self.warn(match (elements.has(Type::String), elements.has(Type::Int)) {
            (true, _) if !text.contains('"') => doubt.help(format!("compare texts: `String({text})`")),
            (false, true) if given.has(Type::String) => doubt.help("the list has numbers: write them without quotes"),
            _ => doubt,
        });
    }

    /// A question that every text fits.
    #[cold]
    fn always_fits(&mut self, whole: &Expr, subject: &Expr, is_empty: bool, access: Access) {
        let text = self.source(subject.span);
        // Of what may be missing the pattern of everything asks whether it is there, but for whoever drops by that alone.
        let is_all_of_filter = self.scope.filter && access == Access::Body && whole.span == self.whole;
        if !is_empty && !types::never_nil(subject) && !is_all_of_filter {
            return;
        }
        let message = match (is_empty, types::never_nil(subject)) {
            (true, _) => "this is always true: every string contains the empty string",
            (false, true) => "this is always true: the pattern matches every string",
            (false, false) => "this drops all records with a body: the pattern matches every string",
        };
        let help = match is_empty {
            true => format!("to test for an empty string write `{text} == \"\"`"),
            false => String::from("use a pattern that not every string matches"),
        };
        self.warn(self.doubt(Code::DECIDED_QUESTION, whole.span, message).help(help));
    }

    /// A converter as a condition that never gives a bool.
    pub(super) fn answer(&mut self, given: &Expr) {
        let types = possible::of(given);
        if !types.is_any() && !types.has(Type::Bool) {
            self.no_answer(given);
        }
    }

    #[cold]
    fn no_answer(&mut self, given: &Expr) {
        let text = self.source(given.span);
        let is = match given.ty {
            Type::Any => "something else".to_owned(),
            ty => types::name(ty).to_owned(),
        };
        let message = format!("this condition fails for every record: `{text}` returns {is}, not a bool");
        let help = match given.ty {
            Type::Int | Type::Float => format!("compare it with something: `{text} > 0`"),
            Type::String => format!("compare it with something: `{text} == \"...\"`"),
            _ => format!("compare it with something: `{text} != nil`"),
        };
        self.warn(self.doubt(Code::NON_BOOL_CONDITION, given.span, message).help(help));
    }

    /// What the texts of a path are, and what to ask instead, if none of them gives the answer yes.
    fn none_fits(
        &self,
        decl: &PathDecl,
        subject: &Expr,
        function: &str,
        pattern: &str,
        holds: &dyn Fn(Value<'static>) -> Option<bool>,
    ) -> Option<(String, String)> {
        let letters = match function {
            "IsMatch" => plain_letters(pattern),
            _ => pattern.to_owned(),
        };
        let source = self.source(subject.span);
        if let Some(conv) = conversion(decl) {
            if let Some(digits) = hex_digits(conv) {
                let is_blind = pattern.starts_with("(?i");
                let outside = |c: char| c.is_alphabetic() && !(c.is_ascii_hexdigit() && (is_blind || c.is_lowercase()));
                let ids = b"0123456789abcdef";
                let sample = |digit: &'static u8| std::slice::from_ref(digit);
                let fits = ids.iter().any(|digit| holds(Value::Str(sample(digit))) != Some(false));
                let is = format!("{digits} hex digits in lower case");
                return (!fits && letters.contains(outside)).then(|| (is, String::from("ids have no other letters")));
            }
            let words = words(conv);
            for word in &words {
                let known = KINDS.iter().find(|known| *known == word)?;
                if holds(Value::Str(known.as_bytes())) != Some(false) {
                    return None;
                }
            }
            let meant = words.iter().find(|word| letters.split(' ').any(|letters| is_meant(word, letters)));
            let help = match meant {
                Some(word) => format!("compare with the word: `{source} == \"{word}\"`"),
                None => String::from("compare with one of these words"),
            };
            return Some((format!("one of `{}`", words.join("`, `")), help));
        }
        if decl.read != Type::Int || letters.is_empty() {
            return None;
        }
        let long = [4096, 65_535, 123_456_789, 1_700_000_000, 1_700_000_000_000_000_000, i64::MAX];
        if (-1..=MOST_NUMBERS).chain(long).any(|number| holds(Value::Int(number)) != Some(false)) {
            return None;
        }
        let mut symbols = letters.split(' ').filter_map(|word| symbols::symbol(self.scope.context, decl, word));
        let help = match symbols.next() {
            Some(symbol) => format!("compare with the enum symbol: `{source} == {symbol}`"),
            None => String::from("compare it with a number"),
        };
        Some((String::from("a number, as a string for instance `17`"), help))
    }
}

/// What the elements of a list can be; none where nothing is known of them.
fn elements_of(list: &Arg) -> Option<Types> {
    let together = |each: Vec<Types>| each.into_iter().reduce(Types::or);
    match list {
        Arg::Const(Literal::List(_, items), _) => {
            together(items.iter().map(|item| Types::of(literal_type(item))).collect())
        }
        Arg::Eager { expr, .. } => match &expr.kind {
            Kind::List(items) => together(items.iter().map(possible::of).collect()),
            Kind::Call(call) if OF_TEXTS.contains(&call.def.name) => Some(Types::of(Type::String)),
            _ => None,
        },
        _ => None,
    }
}

/// What a value can be that is looked for, and where it stands.
fn given(item: &Arg) -> Option<(Types, Span)> {
    match item {
        Arg::Const(literal, at) => Some((Types::of(literal_type(literal)), *at)),
        Arg::Eager { expr, .. } | Arg::Lazy(expr, _) => Some((possible::of(expr), expr.span)),
        _ => None,
    }
}

/// Converters that give lists of texts.
const OF_TEXTS: &[&str] = &["Split", "Keys"];

/// The words that kinds of spans are read as; samples have to live as long as the call.
const KINDS: &[&str] = &["Unspecified", "Internal", "Server", "Client", "Producer", "Consumer"];

/// A question for the type of a value: the value, and the type that it asks for.
pub(super) fn type_question(call: &Call) -> Option<(&Expr, Type)> {
    let (_, wanted) = TYPE_QUESTIONS.iter().find(|(name, _)| *name == call.def.name)?;
    match call.args.first()? {
        Arg::Eager { expr, .. } | Arg::Lazy(expr, _) if matches!(expr.kind, Kind::Path(_)) => Some((expr, *wanted)),
        _ => None,
    }
}

/// The letters that a pattern has outside of classes, groups' names and escapes, with blanks between those that do not touch.
fn plain_letters(pattern: &str) -> String {
    let mut out = String::new();
    let mut rest = pattern.chars().peekable();
    let gap = |out: &mut String| {
        if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    };
    while let Some(next) = rest.next() {
        match next {
            '\\' => {
                rest.next();
                gap(&mut out);
            }
            '[' => {
                while let Some(inside) = rest.next() {
                    if inside == '\\' {
                        rest.next();
                    } else if inside == ']' {
                        break;
                    }
                }
                gap(&mut out);
            }
            '{' => while rest.next().is_some_and(|inside| inside != '}') {},
            '(' if rest.peek() == Some(&'?') => {
                while rest.next().is_some_and(|inside| !matches!(inside, ')' | ':' | '>')) {}
            }
            letter if letter.is_alphabetic() || letter == '_' => out.push(letter),
            _ => gap(&mut out),
        }
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::plain_letters;

    #[test]
    fn letters_of_patterns() {
        for (pattern, want) in [
            ("ERROR|FATAL", "ERROR FATAL"),
            ("(?i)error", "error"),
            ("^\\d{4}$", ""),
            ("(?P<name>a)b[c-e]f", "a b f"),
            ("\\bSPAN_KIND_SERVER\\b", "SPAN_KIND_SERVER"),
            ("[\\]x]y", "y"),
            ("(?", ""),
            ("[", ""),
            ("\\", ""),
        ] {
            assert_eq!(plain_letters(pattern), want, "{pattern}");
        }
    }
}
