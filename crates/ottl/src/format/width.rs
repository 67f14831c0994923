//! Long statements in several lines.
//!
//! INVARIANT: lines are broken at blanks of the standard form outside of strings, and nowhere else: joined by blanks they are that
//! form.

/// The lines of a standard form: the first has `first` characters, the others `rest`, where breaks allow it. Breaks come first
/// before `where`, then at `and` and `or`, then behind commas, from outside in.
pub(super) fn lines(form: &str, first: usize, rest: usize) -> Vec<&str> {
    let mut out = Vec::new();
    push(form, first, rest, &mut out);
    out
}

fn push<'t>(text: &'t str, first: usize, rest: usize, out: &mut Vec<&'t str>) {
    let room = if out.is_empty() { first } else { rest };
    if text.chars().count() <= room {
        out.push(text);
        return;
    }
    let breaks = breaks(text);
    let Some(best) = breaks.iter().map(|(_, rank)| *rank).min() else {
        out.push(text);
        return;
    };
    let mut from = 0;
    for (at, _) in breaks.iter().filter(|(_, rank)| *rank == best) {
        push(&text[from..*at], first, rest, out);
        from = at + 1;
    }
    push(&text[from..], first, rest, out);
}

/// The blanks at which a line may end, and how soon they are taken: the lower the rank, the sooner.
fn breaks(text: &str) -> Vec<(usize, u32)> {
    let (mut depth, mut in_string, mut escaped) = (0u32, false, false);
    let mut out = Vec::new();
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b' ' => {
                let word = text[at + 1..].split(' ').next().unwrap_or_default();
                let rank = match word {
                    "where" => Some(0),
                    "or" => Some(1),
                    "and" => Some(2),
                    _ => text[..at].ends_with(',').then_some(3),
                };
                out.extend(rank.map(|rank| (at, depth.saturating_mul(4) + rank)));
            }
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn lines_end_where_a_reader_expects() {
        let long = r#"replace_pattern(log.body, "a, b where c", Concat(["x", "y"], " or ")) where log.severity_number > 8 and (log.body != nil or true)"#;
        for (width, want) in [
            (200, vec![long]),
            (
                75,
                vec![
                    r#"replace_pattern(log.body, "a, b where c", Concat(["x", "y"], " or "))"#,
                    "where log.severity_number > 8 and (log.body != nil or true)",
                ],
            ),
            (
                50,
                vec![
                    "replace_pattern(log.body,",
                    r#""a, b where c","#,
                    r#"Concat(["x", "y"], " or "))"#,
                    "where log.severity_number > 8",
                    "and (log.body != nil or true)",
                ],
            ),
        ] {
            let lines = lines(long, width, width);
            assert_eq!(lines, want);
            assert_eq!(lines.join(" "), long);
        }
        assert_eq!(lines("set(log.body, 1)", 1, 1), ["set(log.body,", "1)"]);
        assert_eq!(lines("", 0, 0), [""]);
    }
}
