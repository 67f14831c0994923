//! Words that are no values: enum symbols written short, literals of other languages, texts without quotes.

use ottl_core::function::Type;
use ottl_diagnostics::{Diagnostic, Span, is_slip, near_name};
use ottl_schema::{ContextId, PathDecl, context, path_by_name, paths};

use super::one_of;

/// What other systems call a level, and what its symbol ends with.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("WARNING", "WARN"),
    ("ERR", "ERROR"),
    ("CRITICAL", "FATAL"),
    ("CRIT", "FATAL"),
    ("INFORMATION", "INFO"),
    ("INFORMATIONAL", "INFO"),
    ("VERBOSE", "TRACE"),
];

/// Words that other systems put at another height, so that their symbol is a guess.
const VAGUE: &[&str] = &["CRITICAL", "CRIT", "VERBOSE"];

/// Whether a word has only one symbol that it can stand for.
pub(crate) fn is_certain(word: &str) -> bool {
    !VAGUE.contains(&word.to_ascii_uppercase().as_str())
}

/// More symbols of one path are not listed.
const MOST_SYMBOLS: usize = 8;

/// Whether a symbol is one of those that a path's numbers have: words of it are the first name of the path.
///
/// PERF (compile): all symbols of a context are asked for each order of a number.
fn of(path: &PathDecl) -> impl Fn(&str) -> bool + use<> {
    let first = path.name.split('.').next().unwrap_or("").to_ascii_uppercase();
    move |symbol| {
        let mut words = Some(symbol);
        while let Some(rest) = words {
            if !first.is_empty() && rest.starts_with(&first) {
                return true;
            }
            words = rest.split_once('_').map(|(_, rest)| rest);
        }
        false
    }
}

/// The enum symbol that a word stands for where it is compared with a path, or written to it: `ERROR` beside `status.code`.
pub(crate) fn symbol(own: ContextId, path: &PathDecl, word: &str) -> Option<&'static str> {
    let word = word.to_ascii_uppercase();
    let other = OTHER_WORDS.iter().find(|(other, _)| *other == word).map_or("", |(_, word)| *word);
    let ends_with = |symbol: &str, word: &str| symbol.strip_suffix(word).is_some_and(|front| front.ends_with('_'));
    let ends = |symbol: &str| ends_with(symbol, &word) || !other.is_empty() && ends_with(symbol, other);
    // `SEVERITY_ERROR` lacks a word of the symbol.
    let (front, last) = word.rsplit_once('_').unwrap_or(("", ""));
    let lacks_word = |symbol: &str| {
        !last.is_empty()
            && ends_with(symbol, last)
            && front.split('_').all(|part| symbol.split('_').any(|other| other == part))
    };
    let symbols = context(own).enums.iter().map(|(symbol, _)| *symbol);
    let is_of = of(path);
    symbols
        .filter(|name| *name == word || (ends(name) || lacks_word(name)) && is_of(name))
        .min_by_key(|name| name.len())
}

/// The least and greatest number that the symbols of a path's enum have, where `number` lies outside of them.
///
/// PERF (compile): nearly every number that is asked about is one of a symbol, and names are not looked at for others.
pub(crate) fn bounds_without(number: i64, own: ContextId, path: &PathDecl) -> Option<(i64, i64)> {
    if path.read != Type::Int {
        return None;
    }
    let is_of = of(path);
    if context(own).enums.iter().any(|(symbol, other)| *other == number && is_of(symbol)) {
        return None;
    }
    bounds(own, path).filter(|(least, most)| !(least..=most).contains(&&number))
}

/// The least and greatest number that the symbols of a path's enum have; none if it has no enum.
pub(crate) fn bounds(own: ContextId, path: &PathDecl) -> Option<(i64, i64)> {
    if path.read != Type::Int {
        return None;
    }
    let is_of = of(path);
    let of_path = context(own).enums.iter().filter(|(symbol, _)| is_of(symbol)).map(|(_, number)| *number);
    let (least, most) = of_path.fold((i64::MAX, i64::MIN), |(least, most), n| (least.min(n), most.max(n)));
    (least <= most).then_some((least, most))
}

/// What to write in place of a symbol of another enum than that of the path beside it; none where it is of that, or there is no enum.
#[cold]
pub(crate) fn instead(own: ContextId, beside: Option<&PathDecl>, name: &str) -> Option<String> {
    let path = beside.filter(|path| path.read == Type::Int && !of(path)(name))?;
    let last = name.rsplit('_').next().unwrap_or(name);
    Some(match symbol(own, path, last) {
        Some(symbol) => format!("did you mean `{symbol}`?"),
        None => listed(own, path),
    })
}

/// The enum symbols of a path, in words.
pub(crate) fn listed(own: ContextId, path: &PathDecl) -> String {
    let is_of = of(path);
    let of_path: Vec<&str> =
        context(own).enums.iter().map(|(symbol, _)| *symbol).filter(|symbol| is_of(symbol)).collect();
    match of_path.as_slice() {
        [] => format!("`{}` is a number", path.name),
        all if all.len() <= MOST_SYMBOLS => {
            format!("the enum symbols of `{}` are {}", path.name, all.join(", "))
        }
        [.., last] => format!("the enum symbols of `{}` are of the form `{last}`", path.name),
    }
}

/// The literal that a word of another language stands for.
pub(crate) fn literal(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "true" | "tru" | "ture" | "treu" | "truee" => "true",
        "false" | "fals" | "flase" | "fasle" | "falsee" => "false",
        "nil" | "null" | "none" | "undefined" | "nul" | "nill" | "nulll" | "nli" => "nil",
        _ => return None,
    })
}

/// Whether a word is nearly the name of a path or a context that a rule may use.
fn is_near_path(own: ContextId, word: &str) -> bool {
    let reaches = context(own).reaches;
    let names = paths().filter(|(_, path)| reaches.contains(&path.context)).map(|(_, path)| path.name);
    near_name(word, names.chain(reaches.iter().map(|id| id.name()))).is_some()
}

/// Whether a word is what other languages call a number that is none, or a number without end.
fn is_no_number(word: &str) -> bool {
    ["nan", "inf", "infinity"].contains(&word.to_ascii_lowercase().as_str())
}

/// Whether a word stands for a literal or a number in other languages.
pub(crate) fn is_literal(word: &str) -> bool {
    literal(word).is_some() || is_no_number(word)
}

/// Advice for a word that is no value; `beside` is the path that it is compared with, or written to.
#[cold]
pub(crate) fn advised(
    diagnostic: Diagnostic,
    word: &str,
    span: Span,
    own: ContextId,
    beside: Option<&PathDecl>,
) -> Diagnostic {
    if let Some(literal) = literal(word) {
        return diagnostic.help(format!("it is written `{literal}`")).fix(span, literal);
    }
    if is_no_number(word) {
        return diagnostic.help("there is no literal for this number; to test for NaN, write `x != x`");
    }
    let quoted = format!("\"{word}\"");
    let owners: Vec<&str> =
        ContextId::ALL.into_iter().filter(|id| path_by_name(*id, word).is_some()).map(ContextId::name).collect();
    if !owners.is_empty() {
        let reachable = context(own).reaches.iter().any(|id| owners.contains(&id.name()));
        let where_from = if reachable { "write the context before it" } else { "rules of this context cannot read it" };
        return diagnostic.help(format!(
            "`{word}` is a path of {}, {where_from}; as a string it is in double quotes: `{quoted}`",
            one_of(&owners)
        ));
    }
    let numbers = beside.filter(|path| path.read == Type::Int);
    if let Some(symbol) = numbers.and_then(|path| symbol(own, path, word)) {
        let diagnostic = diagnostic.help(format!("did you mean `{symbol}`?"));
        return if is_certain(word) { diagnostic.fix(span, symbol) } else { diagnostic };
    }
    let symbols = context(own).enums.iter().map(|(symbol, _)| *symbol);
    if word.contains('_')
        && let Some(near) = near_name(word, symbols.clone())
    {
        let diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        return if is_slip(word, near) { diagnostic.fix(span, near) } else { diagnostic };
    }
    match beside {
        Some(path) if path.read == Type::Int => diagnostic.help(listed(own, path)),
        // The words of these texts are spelt in a way of their own.
        Some(path) if path.name.ends_with("kind.string") => {
            diagnostic.help(format!("strings are in double quotes; kinds are written like `\"Server\"`, not {quoted}"))
        }
        Some(path) if matches!(path.read, Type::String | Type::Any | Type::Map) => {
            let diagnostic = diagnostic.help(format!("strings are in double quotes: `{quoted}`"));
            // It may as well be the name of something that gives the value, unless only a text can be meant.
            let is_word = word.len() > 2 && word.bytes().all(|b| b.is_ascii_alphabetic());
            let is_text = is_word && path.read == Type::String;
            if is_text && !is_near_path(own, word) { diagnostic.fix(span, quoted) } else { diagnostic }
        }
        Some(_) => diagnostic,
        None => {
            let upper = format!("_{}", word.to_ascii_uppercase());
            let symbols: Vec<&str> = symbols.filter(|symbol| symbol.ends_with(&upper)).collect();
            let or = match &symbols[..] {
                [] => String::new(),
                some => format!("; where a number is meant, the enum symbol is {}", one_of(some)),
            };
            diagnostic.help(format!("strings are in double quotes: `{quoted}`{or}"))
        }
    }
}
