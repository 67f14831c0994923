//! Layouts of times as Go and Java write them, in place of the directives that OTTL takes.

/// A layout in directives.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Meant {
    /// The layout, for instance `%Y-%m-%d`.
    pub text: String,
    /// Whether times are also written by it as by the other one. They are always read so.
    pub exact: bool,
}

/// An element of a layout: what is written, the directive, and whether it writes the same.
type Element = (&'static str, &'static str, bool);

/// Go's elements, longer ones before those that they begin with.
const GO: &[Element] = &[
    ("2006", "%Y", true),
    ("January", "%B", true),
    ("Jan", "%b", true),
    ("Monday", "%A", true),
    ("Mon", "%a", true),
    ("MST", "%Z", true),
    (".000000000", ".%s", false),
    (".999999999", ".%s", true),
    (".000000", ".%f", false),
    (".999999", ".%f", true),
    (".000", ".%L", false),
    (".999", ".%L", true),
    ("Z07:00", "%z", false),
    ("Z0700", "%z", true),
    ("-07:00", "%j", true),
    ("-0700", "%z", false),
    ("-07", "%i", true),
    ("01", "%m", true),
    ("02", "%d", true),
    ("03", "%I", true),
    ("04", "%M", true),
    ("05", "%S", true),
    ("06", "%y", true),
    ("15", "%H", true),
    ("_2", "%e", true),
    ("1", "%o", true),
    ("2", "%g", true),
    ("3", "%l", true),
    ("PM", "%p", true),
    ("pm", "%P", true),
];

/// Java's elements, which are runs of one letter; the days and years of other libraries are among them.
const JAVA: &[Element] = &[
    ("yyyy", "%Y", true),
    ("uuuu", "%Y", true),
    ("YYYY", "%Y", true),
    ("yy", "%y", true),
    ("YY", "%y", true),
    ("MMMM", "%B", true),
    ("MMM", "%b", true),
    ("MM", "%m", true),
    ("M", "%o", true),
    ("dd", "%d", true),
    ("DD", "%d", true),
    ("d", "%g", true),
    ("EEEE", "%A", true),
    ("EEE", "%a", true),
    ("E", "%a", true),
    ("HH", "%H", true),
    ("hh", "%I", true),
    ("h", "%l", true),
    ("mm", "%M", true),
    ("ss", "%S", true),
    ("SSSSSSSSS", "%s", false),
    ("SSSSSS", "%f", false),
    ("SSS", "%L", false),
    ("a", "%p", true),
    ("A", "%p", true),
    ("z", "%Z", true),
    ("Z", "%z", false),
    ("XXX", "%z", false),
    ("XX", "%z", false),
    ("X", "%z", false),
];

/// What was meant by a layout that is refused: directives out of place, or those of another language.
pub(crate) fn other(layout: &str) -> Option<Meant> {
    mended(layout).map(|text| Meant { text, exact: true }).or_else(|| meant(layout))
}

/// The directives for a layout of another language; none if it is no such layout, or has something that no directive stands for.
pub(crate) fn meant(layout: &str) -> Option<Meant> {
    if layout.contains('%') {
        return None;
    }
    let meant = if layout.contains(|c: char| c.is_ascii_digit()) { of_go(layout) } else { of_java(layout) }?;
    // One directive alone is as likely a word.
    (meant.text.matches('%').count() > 1).then_some(meant)
}

fn of_go(layout: &str) -> Option<Meant> {
    let mut out = Meant { text: String::new(), exact: true };
    let mut rest = layout;
    while let Some(next) = rest.chars().next() {
        if let Some((written, directive, exact)) = GO.iter().find(|(written, ..)| rest.starts_with(written)) {
            out.text.push_str(directive);
            out.exact &= exact;
            rest = &rest[written.len()..];
        } else if next.is_ascii_digit() {
            return None;
        } else {
            out.text.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    Some(out)
}

fn of_java(layout: &str) -> Option<Meant> {
    let mut out = Meant { text: String::new(), exact: true };
    let mut rest = layout;
    while let Some(next) = rest.chars().next() {
        if let Some(quoted) = rest.strip_prefix('\'') {
            let (text, after) = quoted.split_once('\'')?;
            out.text.push_str(if text.is_empty() { "'" } else { text });
            rest = after;
            continue;
        }
        let run = rest.len() - rest.trim_start_matches(next).len();
        if let Some((_, directive, exact)) = JAVA.iter().find(|(written, ..)| *written == &rest[..run]) {
            // A fraction of seconds follows a point.
            if matches!(*directive, "%L" | "%f" | "%s") && !out.text.ends_with(['.', ',']) {
                return None;
            }
            out.text.push_str(directive);
            out.exact &= exact;
            rest = &rest[run..];
        } else if next.is_ascii_alphabetic() && next != 'T' {
            return None;
        } else {
            out.text.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    Some(out)
}

/// The first part of a layout of directives that would mean something in Java's, and the layout with directives in the place of all of
/// them. One letter alone is text.
pub(crate) fn beside(layout: &str) -> Option<(&'static str, String)> {
    let (mut first, mut mended, mut rest) = (None, String::new(), layout);
    while let Some(next) = rest.chars().next() {
        let run = if next == '%' {
            let directive = rest[1..].find(|c: char| c.is_ascii_alphabetic() || c == '%');
            rest.get(..directive.map_or(rest.len(), |end| end + 2)).unwrap_or(rest)
        } else if next.is_ascii_alphabetic() {
            &rest[..rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len())]
        } else {
            &rest[..next.len_utf8()]
        };
        match JAVA.iter().find(|(token, ..)| *token == run && token.len() > 1) {
            Some((token, directive, _)) => {
                first.get_or_insert(*token);
                mended.push_str(directive);
            }
            None => mended.push_str(run),
        }
        rest = &rest[run.len()..];
    }
    first.map(|first| (first, mended))
}

/// A layout with the directives that were meant, where one stands in a place that it cannot be meant for: minutes in a date, a
/// month or an offset in a time, a fraction in place of the seconds. None where nothing is out of place.
pub(crate) fn mended(layout: &str) -> Option<String> {
    // Each directive with the text before it, and the text at the end.
    let mut parts: Vec<(&str, char)> = Vec::new();
    let mut rest = layout;
    while let Some(at) = rest.find('%') {
        let directive = rest[at + 1..].chars().next()?;
        parts.push((&rest[..at], directive));
        rest = &rest[at + 1 + directive.len_utf8()..];
    }
    let is_date = |c: char| matches!(c, 'Y' | 'y' | 'd' | 'e' | 'g');
    let is_hour = |c: char| matches!(c, 'H' | 'I' | 'k' | 'l');
    let mut out = String::with_capacity(layout.len());
    let mut last = None;
    for (at, (before, directive)) in parts.iter().enumerate() {
        let next = parts.get(at + 1);
        let joins_date = |text: &str| matches!(text, "-" | "/" | "." | "");
        let in_date = last.is_some_and(|last| is_date(last) && joins_date(before))
            || last.is_none_or(|last| !is_hour(last))
                && next.is_some_and(|(between, next)| is_date(*next) && matches!(*between, "-" | "/" | "."));
        let in_time = *before == ":";
        let meant = match directive {
            'M' if in_date => 'm',
            'i' | 'm' if in_time && last.is_some_and(is_hour) => 'M',
            's' if in_time && last == Some('M') => 'S',
            'h' if next.is_some_and(|(between, next)| *between == ":" && matches!(next, 'M' | 'i' | 'm')) => 'H',
            'D' if last == Some('m') && matches!(*before, "-" | "/") => 'd',
            other => *other,
        };
        out.push_str(before);
        out.push('%');
        out.push(meant);
        last = Some(meant);
    }
    out.push_str(rest);
    (out != layout).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::{beside, meant, mended};

    #[test]
    fn directives_out_of_place_are_exchanged() {
        for (layout, want) in [
            ("%Y-%m-%d %H:%i:%s", "%Y-%m-%d %H:%M:%S"),
            ("%H:%M:%s", "%H:%M:%S"),
            ("%Y-%M-%d", "%Y-%m-%d"),
            ("%d/%M/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S"),
            ("%Y-%m-%d %h:%m:%s", "%Y-%m-%d %H:%M:%S"),
            ("%Y-%m-%D", "%Y-%m-%d"),
            ("%Y-%m-%dT%H:%m:%S.%L%z", "%Y-%m-%dT%H:%M:%S.%L%z"),
        ] {
            assert_eq!(mended(layout).as_deref(), Some(want), "{layout}");
        }
        for layout in [
            "%Y-%m-%dT%H:%M:%S.%s%z",
            "%d/%b/%Y:%H:%M:%S %z",
            "%H:%M %d.%m.%Y",
            "%Y%m%d%H%M%S",
            "%h %d %H:%M:%S",
            "%d%H%M %m",
            "%%",
            "%",
            "100%",
            "",
        ] {
            assert_eq!(mended(layout), None, "{layout}");
        }
    }

    #[test]
    fn layouts_of_two_kinds_at_once() {
        for (layout, want) in [
            ("%d/%b/%Y:HH:mm:ss", Some(("HH", "%d/%b/%Y:%H:%M:%S"))),
            ("yyyy-%m-%d", Some(("yyyy", "%Y-%m-%d"))),
            ("%Y-%m-%dT%H:%M:%SZ", None),
            ("%-d of %B, class %j", None),
            ("%", None),
            ("%\u{e9}", None),
        ] {
            let found = beside(layout);
            assert_eq!(found.as_ref().map(|(token, mended)| (*token, mended.as_str())), want, "{layout}");
        }
    }

    #[test]
    fn layouts_of_other_languages_are_translated() {
        for (layout, want, exact) in [
            ("2006-01-02", "%Y-%m-%d", true),
            ("2006-01-02T15:04:05Z07:00", "%Y-%m-%dT%H:%M:%S%z", false),
            ("2006-01-02T15:04:05.999999999Z07:00", "%Y-%m-%dT%H:%M:%S.%s%z", false),
            ("Mon Jan _2 15:04:05 2006", "%a %b %e %H:%M:%S %Y", true),
            ("02/Jan/2006:15:04:05 -0700", "%d/%b/%Y:%H:%M:%S %z", false),
            ("Monday, 02-Jan-06 15:04:05 MST", "%A, %d-%b-%y %H:%M:%S %Z", true),
            ("3:04PM", "%l:%M%p", true),
            ("yyyy-MM-dd HH:mm:ss", "%Y-%m-%d %H:%M:%S", true),
            ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "%Y-%m-%dT%H:%M:%S.%L%z", false),
            ("YYYY-MM-DDTHH:mm:ss", "%Y-%m-%dT%H:%M:%S", true),
            ("dd/MMM/yyyy", "%d/%b/%Y", true),
        ] {
            let meant = meant(layout).unwrap_or_else(|| panic!("{layout}"));
            assert_eq!((meant.text.as_str(), meant.exact), (want, exact), "{layout}");
        }
        for layout in ["%Y-%m-%d", "rfc3339", "iso", "", "2006", "today", "yyyyMMdd HHmmssSSS", "'open", "1999-12-31"] {
            assert_eq!(meant(layout), None, "{layout}");
        }
    }
}
