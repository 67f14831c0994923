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

/// The lines of a standard form, broken where its author broke the text that it is the form of, each with the blanks that its line
/// begins with: none if the form says more or less than blanks in another way. Breaks where the form has no blank are left out.
pub(super) fn as_written<'t>(form: &'t str, written: &str) -> Option<Vec<(String, &'t str)>> {
    let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
    let is_same = form.chars().filter(|c| !c.is_whitespace()).eq(written.chars().filter(|c| !c.is_whitespace()));
    if !is_same {
        return None;
    }
    // How many letters stand before each line, and the blanks that it begins with.
    let mut begins = Vec::new();
    let mut before = 0;
    for line in written.lines() {
        if !line.trim().is_empty() {
            begins.push((before, line[..line.len() - line.trim_start().len()].to_owned()));
            before += letters(line);
        }
    }
    let mut begins = begins.into_iter().skip(1).peekable();
    let mut out: Vec<(String, &str)> = Vec::new();
    let (mut from, mut seen, mut counted, mut indent) = (0, 0, 0, String::new());
    for (at, _) in blanks(form) {
        counted += letters(&form[seen..at]);
        seen = at;
        while begins.next_if(|(before, _)| *before < counted).is_some() {}
        if let Some((_, next)) = begins.next_if(|(before, _)| *before == counted) {
            out.push((std::mem::replace(&mut indent, next), &form[from..at]));
            from = at + 1;
        }
    }
    out.push((indent, &form[from..]));
    Some(out)
}

/// The blanks at which a line may end, and how soon they are taken: the lower the rank, the sooner.
fn breaks(text: &str) -> Vec<(usize, u32)> {
    let rank = |(at, depth): (usize, u32)| {
        let word = text[at + 1..].split(' ').next().unwrap_or_default();
        let rank = match word {
            "where" => Some(0),
            "or" => Some(1),
            "and" => Some(2),
            _ => text[..at].ends_with(',').then_some(3),
        };
        rank.map(|rank| (at, depth.saturating_mul(4) + rank))
    };
    blanks(text).into_iter().filter_map(rank).collect()
}

/// The blanks of a standard form outside of strings, and how deep in brackets they stand.
fn blanks(text: &str) -> Vec<(usize, u32)> {
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
            b' ' => out.push((at, depth)),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{as_written, lines};

    #[test]
    fn lines_end_where_their_author_ended_them() {
        for (form, written, want) in [
            ("set(a, 1) where b == 2", "set(a,1)\n  where b==2", Some(vec!["set(a, 1)", "  where b == 2"])),
            (
                "set(a, 1) where b == 2",
                "set(\n  a,\n  1\n)\nwhere b == 2",
                Some(vec!["set(a,", "  1)", "where b == 2"]),
            ),
            ("set(a, \"b c\")", "set(a, \"b\n  c\")", Some(vec!["set(a, \"b c\")"])),
            ("a == 1 and b == 2", "a == 1\n\n and\n  b == 2", Some(vec!["a == 1", " and", "  b == 2"])),
            ("a == 1", "(a == 1)", None),
            ("", "", Some(vec![""])),
        ] {
            let lines = as_written(form, written);
            let shown = lines.map(|lines| lines.into_iter().map(|(indent, line)| indent + line).collect::<Vec<_>>());
            assert_eq!(shown, want.map(|want| want.into_iter().map(str::to_owned).collect()), "{written}");
        }
    }

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
