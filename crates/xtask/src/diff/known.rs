//! Differences that are meant, by name. A case that shows one is counted and not printed.

use ottl_generate::{Case, Term};

use super::judge::Finding;

/// The name of the meant difference that a case shows, if it does.
pub fn name(case: &Case, finding: &Finding) -> Option<&'static str> {
    let Finding::Different { engine, how } = finding else { return None };
    KNOWN.iter().find(|(_, test)| test(case, engine, how)).map(|(name, _)| *name)
}

/// A name, and a test of the case, the engine, and how its answer differs.
type Known = (&'static str, fn(&Case, &str, &str) -> bool);

const KNOWN: &[Known] = &[
    ("a value that holds its own target", |case, _, _| case.program.any(holds_its_target)),
    ("the map of URL or UserAgent inside literals and append", |case, _, _| case.program.any(stores_a_foreign_map)),
    ("addresses in Format", |case, _, how| {
        how.contains("{0x")
            || case.program.any(formats_a_part)
            || case.program.any(compares_a_formatted_value)
            || how.contains("statements failed") && case.program.any(formats_what_may_be_a_list)
    }),
    ("insides of times in Format", |case, _, _| case.program.any(formats_the_insides_of_a_time)),
    ("limit of a read-only map", |case, _, how| {
        how.contains("read-only") && case.program.any(|t| matches!(t, Term::Call(name, ..) if name == "limit"))
    }),
    ("Concat of nil, where version 0.161 crashes", |_, _, how| how.contains("Concat needs a list")),
    ("a table of texts without the empty one in front", |case, _, _| case.misses_the_empty_text()),
    ("a required argument is missing", |_, _, how| how.contains("missing-argument")),
];

/// Whether the map of `URL` or `UserAgent` becomes an element: the reference stores it, because it is none of its own maps.
fn stores_a_foreign_map(term: &Term) -> bool {
    const FOREIGN: [&str; 2] = ["URL", "UserAgent"];
    let is_foreign = |t: &Term| matches!(t, Term::Call(name, ..) if FOREIGN.contains(&name.as_str()));
    let holder =
        matches!(term, Term::List(_) | Term::Map(_)) || matches!(term, Term::Call(name, ..) if name == "append");
    // Statements that are written as other grammars would have them are words without parts.
    let text = matches!(term, Term::Word(_)).then(|| term.to_string()).unwrap_or_default();
    holder && term.any(&mut |t| is_foreign(t))
        || text.contains("append") && FOREIGN.iter().any(|name| text.contains(name))
}

/// Whether a part of a record is formatted: the reference prints its insides.
fn formats_a_part(term: &Term) -> bool {
    const PARTS: [&str; 8] =
        ["data_points", "exemplars", "events", "links", "status", "positive", "negative", "quantile_values"];
    const MAPS: [&str; 4] = ["attributes", "filtered_attributes", "cache", "body"];
    let tail = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let is_part = |t: &Term| match t {
        Term::Map(_) => true,
        Term::Path(name, keys) => {
            PARTS.contains(&tail(name).as_str()) || keys.is_empty() && MAPS.contains(&tail(name).as_str())
        }
        _ => false,
    };
    matches!(term, Term::Call(name, args, _) if name == "Format" && args.iter().any(|a| a.any(&mut |t| is_part(t))))
}

/// Whether a formatted value of a map is an operand: what the reference prints of a list or map is not seen then.
fn compares_a_formatted_value(term: &Term) -> bool {
    let formats = |t: &Term| match t {
        Term::Call(name, args, _) if name == "Format" => {
            args.iter().any(|a| a.any(&mut |t| matches!(t, Term::Path(_, keys) if !keys.is_empty())))
        }
        _ => false,
    };
    matches!(term, Term::Infix(a, operator, b) if operator != "where" && (a.any(&mut |t| formats(t)) || b.any(&mut |t| formats(t))))
}

/// Whether what may be a list or map of a message is formatted. Where that becomes a pattern or is searched, other statements fail.
fn formats_what_may_be_a_list(term: &Term) -> bool {
    const PARSERS: [&str; 8] = [
        "ParseJSON",
        "ParseKeyValue",
        "ParseCSV",
        "ParseXML",
        "ParseSimplifiedXML",
        "SliceToMap",
        "ExtractPatterns",
        "ExtractGrokPatterns",
    ];
    let may_be = |t: &Term| match t {
        Term::Path(_, keys) => !keys.is_empty(),
        Term::Call(name, ..) => PARSERS.contains(&name.as_str()),
        _ => false,
    };
    matches!(term, Term::Call(name, args, _) if name == "Format" && args.iter().any(|a| a.any(&mut |t| may_be(t))))
}

/// Whether `Format` is told to print a time with a verb that shows the fields of the reference's struct.
fn formats_the_insides_of_a_time(term: &Term) -> bool {
    let Term::Call(name, args, _) = term else { return false };
    let [Term::Text(format), rest @ ..] = args.as_slice() else { return false };
    let is_time = |t: &Term| match t {
        Term::Path(name, _) => name.ends_with("time"),
        Term::Call(name, ..) => ["Now", "Time", "Unix", "TruncateTime"].contains(&name.as_str()),
        _ => false,
    };
    let plain = |verb: &str| verb.starts_with(['v', 's', 'q', 'x', 'X', 'T', '%']);
    let other_verbs = format.split('%').skip(1).any(|verb| !plain(verb));
    name == "Format" && other_verbs && rest.iter().any(|arg| arg.any(&mut |t| is_time(t)))
}

/// Whether a value that holds the map is written under a key of it: the reference copies what it is changing.
fn holds_its_target(term: &Term) -> bool {
    // Statements that are written as other grammars would have them are words without parts.
    if let Term::Word(text) = term
        && let Some((target, values)) = text.strip_prefix("set(").and_then(|rest| rest.split_once("],"))
        && let Some((map, _)) = target.split_once('[')
    {
        return values.contains(map);
    }
    let Term::Call(function, args, _) = term else { return false };
    let [Term::Path(target, keys), values @ ..] = args.as_slice() else { return false };
    let tail = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    // Keys of the value are fewer, or it would not hold the target; `merge_maps` also differs for the target itself.
    let keys = keys.len() + usize::from(function == "merge_maps");
    let inside = |t: &Term| matches!(t, Term::Path(name, own) if tail(name) == tail(target) && own.len() < keys);
    values.iter().any(|v| v.any(&mut |t| inside(t)))
}
