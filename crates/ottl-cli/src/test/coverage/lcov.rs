//! Coverage as lcov writes it (geninfo(1)): lines for statements, two branches for each condition.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ottl::testing::{Coverage, CoveredStatement};

/// The records of all files.
pub fn report(coverage: &Coverage) -> String {
    let mut out = String::new();
    for (number, file) in coverage.files().iter().enumerate() {
        let mut lines: BTreeMap<u32, Vec<&CoveredStatement>> = BTreeMap::new();
        for row in coverage.statements(number) {
            lines.entry(row.location.line).or_default().push(row);
        }
        if lines.is_empty() {
            continue;
        }
        let name: String = file.name.chars().filter(|c| !c.is_control()).collect();
        let _ = writeln!(out, "TN:\nSF:{name}");
        let (mut branches, mut taken) = (0, 0);
        for (line, rows) in &lines {
            for (block, condition) in rows.iter().flat_map(|row| &row.conditions).enumerate() {
                let was_asked = condition.held + condition.not_held + condition.failed > 0;
                for (branch, count) in [condition.held, condition.not_held].into_iter().enumerate() {
                    let shown = if was_asked { count.to_string() } else { "-".to_owned() };
                    let _ = writeln!(out, "BRDA:{line},{block},{branch},{shown}");
                    branches += 1;
                    taken += usize::from(count > 0);
                }
            }
        }
        let _ = writeln!(out, "BRF:{branches}\nBRH:{taken}");
        let mut hit = 0;
        for (line, rows) in &lines {
            // Of several statements in a line none is to hide behind the others.
            let count = |row: &&CoveredStatement| if row.is_condition { row.evaluated } else { row.matched };
            let least = rows.iter().map(count).min().unwrap_or_default();
            let _ = writeln!(out, "DA:{line},{least}");
            hit += usize::from(least > 0);
        }
        let _ = writeln!(out, "LF:{}\nLH:{hit}\nend_of_record", lines.len());
    }
    out
}
