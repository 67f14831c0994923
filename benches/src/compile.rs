//! Rule sets of any number of statements, for measuring what compiling takes.
//!
//! Each family is what large rule sets are mostly made of, written as people write it: the body of a transform processor,
//! statements as plain YAML scalars. All statements of a set differ.
//! Deliberately elsewhere: rule sets that are run over messages (`rows`).

use std::fmt::Write as _;

/// The families, by name.
pub const FAMILIES: [(&str, Statement); 4] =
    [("one-key", one_key), ("distinct-keys", distinct_keys), ("mixed", mixed), ("regexes", regexes)];

/// Writes the statement of a number.
pub type Statement = fn(usize) -> String;

/// A transform processor's body with this many statements.
pub fn body(statement: Statement, statements: usize) -> String {
    let mut out = "error_mode: ignore\nlog_statements:\n".to_owned();
    for n in 0..statements {
        let _ = writeln!(out, "  - {}", statement(n));
    }
    out
}

/// Equalities on one key.
fn one_key(n: usize) -> String {
    format!(r#"set(log.attributes["team"], "team-{n}") where log.attributes["service.component"] == "component-{n}""#)
}

/// Equalities on a key of their own each.
fn distinct_keys(n: usize) -> String {
    format!(r#"set(log.attributes["seen"], true) where log.attributes["tenant.flag.{n}"] == "on""#)
}

/// Conditions of several parts over resource, severity, attributes and body.
fn mixed(n: usize) -> String {
    match n % 4 {
        0 => format!(
            r#"set(log.severity_text, "ERROR") where resource.attributes["service.name"] == "service-{n}" and log.severity_number >= SEVERITY_NUMBER_ERROR and log.attributes["http.status_code"] >= 500"#
        ),
        1 => format!(
            r#"delete_key(log.attributes, "debug.{n}") where resource.attributes["deployment.environment"] == "production" and log.attributes["debug.{n}"] != nil"#
        ),
        2 => format!(
            r#"set(log.attributes["kind"], "audit-{n}") where HasPrefix(log.attributes["http.target"], "/api/v{n}/") or log.body == "audit {n}""#
        ),
        _ => format!(
            r#"set(log.attributes["route.{n}"], Concat([resource.attributes["service.name"], "{n}"], "-")) where not (scope.name == "library-{n}" or log.attributes["http.method"] == "GET")"#
        ),
    }
}

/// Regular expressions as they stand in rule sets: literals, alternatives, classes, repetitions, letter case.
fn regexes(n: usize) -> String {
    let pattern = match n % 4 {
        0 => format!("timeout after [0-9]+ ms in worker-{n}"),
        1 => format!("^(GET|POST) /api/v{n}/(orders|carts)/.*$"),
        2 => format!("user-{n}-[a-f0-9]{{8}}"),
        _ => format!("(?i)connection {n} (refused|reset)"),
    };
    format!(r#"set(log.attributes["kind"], "kind-{n}") where IsMatch(log.body, "{pattern}")"#)
}
