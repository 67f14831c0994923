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
    ("locales of Time", |_, _, how| how.contains("locale") && how.contains("not supported")),
    ("order of errors across groups", |case, engine, how| {
        engine == "fast" && case.program.groups.len() > 1 && only_the_order_of_errors(how)
    }),
    ("a literal that holds its own target", |case, _, _| case.program.any(holds_its_target)),
];

/// Whether as many statements failed as in the reference.
fn only_the_order_of_errors(how: &str) -> bool {
    let Some((want, got)) = how.split_once("]: [").filter(|(want, _)| want.starts_with("other statements failed")) else {
        return false;
    };
    let got = got.split('"').filter(|text| text.split_once(": ").is_some_and(|(n, _)| n.parse::<u32>().is_ok()));
    want.matches("String(\"").count() == got.count()
}

/// Whether a value is written under a key of a map that it holds, inside a list or map literal.
fn holds_its_target(term: &Term) -> bool {
    let Term::Call(_, args, _) = term else { return false };
    let [Term::Path(target, keys), values @ ..] = args.as_slice() else { return false };
    let tail = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let inside = |t: &Term| matches!(t, Term::Path(name, _) if tail(name) == tail(target));
    !keys.is_empty()
        && values.iter().any(|v| {
            v.any(&mut |t| matches!(t, Term::List(_) | Term::Map(_)) && t.any(&mut |t| inside(t)))
        })
}
