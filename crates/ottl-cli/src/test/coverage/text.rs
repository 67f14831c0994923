//! What was not met, for people.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use ottl::testing::{Coverage, CoveredCondition};
use ottl::visible;

use super::share;
use crate::terminal::Paint;

const HEADING: Style = Style::new().bold();
const MISSED: Style = AnsiColor::Yellow.on_default();

/// Characters of a text that are shown.
const SHOWN: usize = 100;

/// Each file with its shares, and below it what no case met.
pub fn report(coverage: &Coverage, paint: Paint) -> String {
    let mut out = String::new();
    for (number, file) in coverage.files().iter().enumerate() {
        let rows = || coverage.statements(number);
        if rows().next().is_none() {
            continue;
        }
        let name = visible(&file.name);
        let _ = writeln!(out, "{}", paint.with(HEADING, &format!("coverage of {name}")));
        let (ran, sides) = (share(Coverage::ran(rows())), share(Coverage::sides(rows())));
        let _ = writeln!(out, "  statements {ran}, outcomes of conditions {sides}");
        for row in rows() {
            let mut missed = Vec::new();
            if !row.is_met() {
                let what = if row.is_condition { "was never asked" } else { "never ran" };
                missed.push(format!("{what}: {}", shown(&row.text)));
            }
            if row.evaluated > 0 {
                let is_said = !row.is_condition && row.matched == 0;
                let sides = row.conditions.iter().enumerate();
                missed.extend(sides.filter_map(|(number, condition)| side(condition, is_said && number == 0)));
            }
            for text in missed {
                let place = format!("{name}:{}:{}:", row.location.line, row.location.column);
                let _ = writeln!(out, "  {} {text}", paint.with(MISSED, &place));
            }
        }
        out.push('\n');
    }
    out
}

/// What is said of a condition of which a side was not met; that a statement never ran is said already.
fn side(condition: &CoveredCondition, is_said: bool) -> Option<String> {
    let text = shown(&condition.text);
    match (condition.held, condition.not_held) {
        (0, 0) if condition.failed > 0 => Some(format!("always failed: {text}")),
        (0, 0) => Some(format!("never asked: {text}")),
        (0, _) if is_said => None,
        (0, _) => Some(format!("never held: {text}")),
        (_, 0) => Some(format!("always held: {text}")),
        _ => None,
    }
}

fn shown(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", visible(&text[..end])),
        None => visible(&text).into_owned(),
    }
}
