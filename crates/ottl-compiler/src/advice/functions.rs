//! Names that are no functions: which function, or what else, was meant.

use ottl_core::function::{ParamType, Registry};
use ottl_diagnostics::{Code, Diagnostic, Span, is_slip, near_name};
use ottl_schema::Signal;

use super::one_of;

/// Names of other languages, in lower case and without underscores, and what to write. `{r}` is the context of the records.
const HABITS: &[(&[&str], &str)] = &[
    (&["drop", "discard", "reject", "filter"], "no statement drops records: conditions of the filter processor do"),
    (
        &["rename", "renamekey", "renameattribute", "move", "movekey"],
        "copy it, `set({r}.attributes[\"new\"], {r}.attributes[\"old\"]) where {r}.attributes[\"old\"] != nil`, and then \
         remove the old one, `delete_key({r}.attributes, \"old\")`",
    ),
    (
        &["delete", "del", "remove", "unset", "removekey", "removeattribute", "deleteattribute", "dropkey"],
        "`delete_key({r}.attributes, \"key\")` removes one key, `delete_matching_keys` those that a pattern matches",
    ),
    (
        &["add", "insert", "upsert", "update", "put", "assign", "setattribute", "addattribute"],
        "`set(path, value)` writes a value, whether there is one or not",
    ),
    (
        &["exists", "exist", "isset", "has", "haskey", "hasattribute", "present", "isnotnull", "isnotnil", "defined"],
        "whether there is a value is asked with `!= nil`: `{r}.attributes[\"key\"] != nil`",
    ),
    (
        &["isnull", "isnil", "isnone", "missing", "notexists", "isundefined"],
        "whether there is no value is asked with `== nil`: `{r}.attributes[\"key\"] == nil`",
    ),
    (
        &["contains", "includes", "strcontains", "instr"],
        "ask with `IsMatch(text, \"part\")` for a part of a string, with `ContainsValue(list, value)` for an element",
    ),
    (
        &["match", "matches", "regex", "regexp", "regexmatch", "like", "rlike", "test"],
        "to match a pattern use `IsMatch(text, \"pattern\")`",
    ),
    (
        &["replace", "replaceall", "gsub", "sub", "regexreplace", "redact", "mask", "scrub"],
        "`replace_pattern(path, \"pattern\", \"replacement\")` rewrites one text, `replace_all_patterns` those of a map",
    ),
    (
        &["extract", "regexextract", "extractregex", "parseregex", "regexparse", "capture"],
        "`ExtractPatterns(text, \"(?P<name>pattern)\")` gives a map of the named groups",
    ),
    (&["substr", "slice", "mid"], "`Substring(text, start, length)` gives a part of a text, counted in bytes"),
    (&["json", "fromjson", "jsonparse", "decodejson", "unmarshal"], "`ParseJSON(text)` reads JSON"),
    (&["tojson", "jsonencode", "jsonstringify", "marshal"], "`String(value)` writes maps and lists as JSON"),
    (
        &["parsetime", "parsetimestamp", "parsedate", "strptime", "todate", "totime", "timestamp"],
        "`Time(text, \"%Y-%m-%dT%H:%M:%S\")` reads a time",
    ),
    (&["strftime", "formatdate", "dateformat", "timeformat"], "`FormatTime(time, \"%Y-%m-%d\")` writes a time"),
    (&["if", "ifelse", "iif", "case", "switch", "cond", "ternary"], "write a statement with `where` for each case"),
    (
        &["default", "ifnull", "nvl", "firstof", "getordefault"],
        "`Coalesce([first, second])` gives the first that is not nil",
    ),
    (&["env", "getenv", "environ"], "`${env:NAME}` in a Collector's file is expanded before the statement is read"),
    (&["not"], "`not` is an operator, in lower case: `not (condition)`"),
];

/// Names that are another function's in other languages, with the same arguments.
const SYNONYMS: &[(&[&str], &str)] = &[
    (&["startswith", "beginswith", "strprefix"], "HasPrefix"),
    (&["endswith", "strsuffix"], "HasSuffix"),
    (&["lower", "lowercase", "tolower", "downcase"], "ToLowerCase"),
    (&["upper", "uppercase", "toupper", "upcase"], "ToUpperCase"),
    (&["length", "strlen", "size", "count"], "Len"),
    (&["tostring", "str"], "String"),
    (&["toint", "integer", "parselong"], "Int"),
    (&["todouble", "tofloat", "float", "number"], "Double"),
    (&["tobool", "boolean"], "Bool"),
    (&["regexpmatch"], "IsMatch"),
    (&["indexof"], "Index"),
];

/// A name of fewer bytes is too near to too many others for a fix.
const SHORTEST_FIX: usize = 4;

/// A name without what people write differently: letter case and underscores.
fn plain(name: &str) -> String {
    name.chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase()).collect()
}

/// What is said of a name that is no function. `known` are the functions that may stand in its place.
#[cold]
pub(crate) fn unknown(name: &str, span: Span, known: &[&str], signal: Signal) -> Diagnostic {
    // Gone from the reference; the nearest name would do the opposite.
    if name == "Base64Decode" {
        return Diagnostic::new(Code::UNKNOWN_FUNCTION, span, "there is no function `Base64Decode` any more")
            .help("write `Decode(value, \"base64\")` instead");
    }
    let diagnostic = Diagnostic::new(Code::UNKNOWN_FUNCTION, span, format!("there is no function `{name}`"));
    // A word before the name may be meant as a `not`, or as anything else.
    if span.len() != name.len() {
        return diagnostic.help(format!("all words before a parenthesis are one name, here `{name}`"));
    }
    let meant = |other: &str| format!("did you mean `{other}`?");
    let letters = plain(name);
    let of = |names: &[&str]| names.contains(&letters.as_str());
    let same = known.iter().find(|other| plain(other) == letters);
    let synonym = SYNONYMS.iter().find(|(names, other)| of(names) && known.contains(other)).map(|(_, other)| other);
    if let Some(other) = same.or(synonym) {
        return diagnostic.help(meant(other)).fix(span, *other);
    }
    if let Some((_, help)) = HABITS.iter().find(|(names, _)| of(names)) {
        return diagnostic.help(help.replace("{r}", record_of(signal)));
    }
    match (near_name(name, known.iter().copied()), &related(name, known)[..]) {
        (Some(near), _) if name.len() < SHORTEST_FIX || !is_slip(name, near) => diagnostic.help(meant(near)),
        (Some(near), _) => diagnostic.help(meant(near)).fix(span, near),
        (None, []) => diagnostic,
        (None, related) => diagnostic.help(format!("did you mean {}?", one_of(related))),
    }
}

/// Takes the fix away whose function begins with a list, where none stands: it would fail on other values, record by record.
#[cold]
pub(crate) fn wants_list(fault: &mut Diagnostic, registry: &Registry) {
    let meant = fault.fix.as_ref().and_then(|fix| registry.find(&fix.replacement));
    let first = meant.and_then(|def| def.visible_params().next());
    let is_list = first.is_some_and(|param| {
        use ParamType::{ConstFloats, ConstInts, ConstStrings, Elements, ListOf};
        matches!(param.ty, Elements(_) | ListOf(_) | ConstStrings | ConstInts | ConstFloats)
    });
    if let (Some(def), true) = (meant, is_list) {
        fault.help = Some(format!("did you mean `{0}`? It takes a list: `{0}([a, b], ...)`", def.name));
        fault.fix = None;
    }
}

/// The context of a signal's records that have attributes.
fn record_of(signal: Signal) -> &'static str {
    match signal {
        Signal::Logs => "log",
        Signal::Metrics => "datapoint",
        Signal::Traces => "span",
        Signal::Profiles => "profile",
    }
}

/// The functions whose names contain this one, or begin it; none if there are too many to be advice.
fn related<'n>(name: &str, known: &[&'n str]) -> Vec<&'n str> {
    const SHORTEST: usize = 3;
    const MOST: usize = 4;
    let lower = name.to_ascii_lowercase();
    let found: Vec<&str> = known
        .iter()
        .copied()
        .filter(|other| {
            let other = other.to_ascii_lowercase();
            (lower.len() > SHORTEST && other.contains(&lower)) || (other.len() >= SHORTEST && lower.starts_with(&other))
        })
        .collect();
    if found.len() > MOST { Vec::new() } else { found }
}

/// Whether a name is written as one of a converter.
pub(crate) fn is_converter(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
}
