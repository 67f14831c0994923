//! The differences of `spec/differences.md`, and which rows of the page each concerns.

use std::path::Path;

use super::Error;

/// One difference.
struct Difference {
    /// The anchor of its row.
    id: String,
    /// Why it is one.
    reason: String,
    /// The rows that it concerns; `*` in one stands for anything.
    concerns: Vec<String>,
    is_used: bool,
}

/// All of them.
pub struct Differences(Vec<Difference>);

impl Differences {
    /// Reads the page: rows of tables whose first cell begins with an anchor, `<a id="NAME"></a>`, and whose last one names what
    /// they concern, in backquotes where it is code, with semicolons between.
    pub fn read(page: &Path) -> Result<Differences, Error> {
        Differences::parse(&std::fs::read_to_string(page)?)
    }

    fn parse(page: &str) -> Result<Differences, Error> {
        let mut out: Vec<Difference> = Vec::new();
        for line in page.lines().filter(|line| line.starts_with('|')) {
            let cells: Vec<&str> = cells(line);
            let [subject, _, _, reason, _, concerns] = cells[..] else {
                return Err(format!("differences: a row has {} cells, not 6: {line}", cells.len()).into());
            };
            if subject == "subject" || subject.starts_with("---") {
                continue;
            }
            let id = subject.strip_prefix("<a id=\"").and_then(|rest| rest.split_once("\"></a>"));
            let Some((id, _)) = id else { return Err(format!("differences: a row has no anchor: {line}").into()) };
            if out.iter().any(|known| known.id == id) {
                return Err(format!("differences: two rows are called {id}").into());
            }
            let concerns = concerns.split(';').map(|row| row.trim().replace('`', "")).filter(|row| !row.is_empty());
            out.push(Difference {
                id: id.to_owned(),
                reason: reason.to_owned(),
                concerns: concerns.collect(),
                is_used: false,
            });
        }
        Ok(Differences(out))
    }

    /// The differences that concern a row, as links with their reasons.
    pub fn of(&mut self, row: &str) -> String {
        let found = self.0.iter_mut().filter(|one| one.concerns.iter().any(|pattern| fits(pattern, row)));
        let links = found.map(|one| {
            one.is_used = true;
            format!("[{}](differences.md#{}): {}", one.id.replace('-', " "), one.id, one.reason)
        });
        links.collect::<Vec<_>>().join("; ")
    }

    /// Those that concern no row of the page.
    pub fn unused(&self) -> impl Iterator<Item = String> + use<'_> {
        self.0.iter().filter(|one| !one.is_used).map(|one| format!("the difference {} concerns no row", one.id))
    }
}

/// The cells of a table's row; bars that are escaped are text.
fn cells(line: &str) -> Vec<&str> {
    let mut cells = Vec::new();
    let mut start = 1;
    for (at, _) in line.match_indices('|').skip(1) {
        if !line[..at].ends_with('\\') {
            cells.push(line[start..at].trim());
            start = at + 1;
        }
    }
    cells
}

/// Whether a row has the name that a pattern says.
fn fits(pattern: &str, row: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == row,
        Some((start, rest)) => row
            .strip_prefix(start)
            .is_some_and(|row| (0..=row.len()).any(|at| row.is_char_boundary(at) && fits(rest, &row[at..]))),
    }
}

#[cfg(test)]
mod tests {
    use super::{Differences, fits};

    #[test]
    fn patterns_fit_rows() {
        for (pattern, row, expected) in [
            ("set", "set", true),
            ("set", "setx", false),
            ("filter: *.services", "filter: spans.include.services", true),
            ("filter: *.services", "filter: spans.include.service", false),
            ("*", "", true),
            ("a*b*c", "axxbyyc", true),
        ] {
            assert_eq!(fits(pattern, row), expected, "{pattern} {row}");
        }
    }

    #[test]
    fn rows_are_attributed() {
        let page = "| subject | here | in the reference | reason | test | concerns |\n|---|---|---|---|---|---|\n\
            | <a id=\"one-thing\"></a>a \\| b | x | y | why | t | `set`; `log.*` |\n";
        let mut differences = Differences::parse(page).expect("a page");
        assert_eq!(differences.unused().count(), 1);
        assert_eq!(differences.of("log.body"), "[one thing](differences.md#one-thing): why");
        assert_eq!(differences.of("span.name"), "");
        assert_eq!(differences.unused().count(), 0);
        assert!(Differences::parse("| a | b | c | d | e |").is_err());
        assert!(Differences::parse("| a | b | c | d | e | f |").is_err());
    }
}
