//! Coverage as a page: the rules line by line, how often each statement ran, and the outcomes of conditions that no case met.
//!
//! INVARIANT: the page is whole in itself, and nothing of the rules is markup in it.

use std::fmt::Write as _;

use ottl::testing::{Coverage, CoveredStatement};

use super::share;
use crate::markup::escaped;

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Coverage of OTTL rules</title>
<style>
:root { color-scheme: light dark; --met: light-dark(#dafbe1, #12361f); --part: light-dark(#fff8c5, #3b2f0b); --missed: light-dark(#ffe2e0, #4a1618); --dim: light-dark(#59636e, #9198a1) }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% }
code, td { font: 13px/1.5 ui-monospace, monospace }
td { padding: 0 .6rem; vertical-align: top; white-space: pre-wrap; overflow-wrap: anywhere }
td.n { color: var(--dim); text-align: right; white-space: nowrap; width: 1% }
tr.met td.t { background: var(--met) } tr.part td.t { background: var(--part) } tr.missed td.t { background: var(--missed) }
ul { margin: 0; padding-left: 1.2rem; color: var(--dim) }
</style>
<h1>Coverage of OTTL rules</h1>
"#;

/// The page.
pub fn page(coverage: &Coverage) -> String {
    let mut out = HEAD.to_owned();
    for (number, file) in coverage.files().iter().enumerate() {
        let rows: Vec<&CoveredStatement> = coverage.statements(number).collect();
        if rows.is_empty() {
            continue;
        }
        let (ran, sides) = (share(Coverage::ran(rows.iter().copied())), share(Coverage::sides(rows.iter().copied())));
        let name = escaped(&file.name);
        let _ = writeln!(out, "<h2>{name}</h2>\n<p>Statements {ran}, outcomes of conditions {sides}</p>\n<table>");
        for (at, line) in file.text.lines().enumerate() {
            let here: Vec<&CoveredStatement> =
                rows.iter().copied().filter(|row| row.location.line as usize == at + 1).collect();
            put_line(&mut out, at + 1, line, &here);
        }
        out.push_str("</table>\n");
    }
    out
}

fn put_line(out: &mut String, number: usize, line: &str, rows: &[&CoveredStatement]) {
    let count = |row: &&CoveredStatement| if row.is_condition { row.evaluated } else { row.matched };
    let Some(least) = rows.iter().map(count).min() else {
        let _ = writeln!(out, "<tr><td class=n>{number}<td class=n><td class=t>{}", escaped(line));
        return;
    };
    let mut missed = String::new();
    for condition in rows.iter().flat_map(|row| &row.conditions) {
        let said = match (condition.held, condition.not_held) {
            (0, 0) if condition.failed > 0 => "always failed",
            (0, 0) => "never asked",
            (0, _) => "never held",
            (_, 0) => "always held",
            _ => continue,
        };
        let _ = write!(missed, "<li>{said}: <code>{}</code>", escaped(&condition.text));
    }
    let class = match (least, missed.is_empty()) {
        (0, _) => "missed",
        (_, false) => "part",
        (_, true) => "met",
    };
    let _ = write!(out, "<tr class={class}><td class=n>{number}<td class=n>{least}\u{d7}<td class=t>{}", escaped(line));
    if !missed.is_empty() {
        let _ = write!(out, "<ul>{missed}</ul>");
    }
    out.push('\n');
}
