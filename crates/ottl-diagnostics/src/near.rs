//! Near names for "did you mean".

/// The candidate nearest to `name` in edit distance, if one is near enough to be meant.
///
/// Near enough is a third of the name's length, at least one edit; letter case alone costs nothing but ties. Words that both begin
/// with prove nothing: `STATUS_CODE_FAILED` is not nearly `STATUS_CODE_UNSET`.
pub fn near_name<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_ascii_lowercase();
    candidates
        .into_iter()
        .map(|c| (distance(&lower, &c.to_ascii_lowercase()), c))
        .filter(|(d, c)| *d <= most(&lower, &c.to_ascii_lowercase()) && *c != name)
        .min_by_key(|(d, _)| *d)
        .map(|(_, c)| c)
}

/// Pieces of names that say what is done, or turn it round: a name that has one is not written by a slip of the finger
/// where another lacks it.
const WEIGHTY: [&str; 24] = [
    "not", "non", "nt", "un", "dont", "never", "keep", "drop", "delete", "remove", "retain", "encode", "decode",
    "upper", "lower", "prefix", "suffix", "first", "last", "start", "end", "min", "max", "all",
];

/// Whether a name can be meant by what was written, and by nothing else: no negation, no word more, and the same digits.
pub fn is_slip(written: &str, name: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    if digits(written) != digits(name) || words(written) > words(name) {
        return false;
    }
    let (written, name) = (written.to_ascii_lowercase(), name.to_ascii_lowercase());
    WEIGHTY.iter().all(|piece| written.matches(piece).count() <= name.matches(piece).count())
}

/// How many edits are few: a third of what is written, and half of what follows the words that both begin with.
fn most(written: &str, name: &str) -> usize {
    let rest = written.len() - shared(written, name);
    (written.len() / 3).min(rest / 2).max(1)
}

/// How many bytes the words have that both names begin with, each with an underscore behind it.
fn shared(a: &str, b: &str) -> usize {
    let same = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    a.as_bytes()[..same].iter().rposition(|byte| *byte == b'_').map_or(0, |at| at + 1)
}

/// How many words a name has, by its underscores and capitals.
fn words(name: &str) -> usize {
    let mut before = '_';
    let mut words = 0;
    for c in name.chars() {
        let begins = before == '_' && c != '_' || c.is_ascii_uppercase() && before.is_ascii_lowercase();
        words += usize::from(begins);
        before = c;
    }
    words
}

/// Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`, on bytes: names are ASCII.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{is_slip, near_name};

    #[test]
    fn finds_typing_slips_and_nothing_far() {
        let names = ["attributes", "severity_text", "IsMatch"];
        assert_eq!(near_name("atributes", names), Some("attributes"));
        assert_eq!(near_name("ismatch", names), Some("IsMatch"));
        assert_eq!(near_name("severty_txet", names), Some("severity_text"));
        assert_eq!(near_name("duration", names), None);
        let symbols = ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"];
        assert_eq!(near_name("STATUS_CODE_FAILED", symbols), None);
        assert_eq!(near_name("STATUS_CODE_EROR", symbols), Some("STATUS_CODE_ERROR"));
        assert_eq!(near_name("\u{e9}_\u{e9}", ["\u{e9}_\u{e8}"]), Some("\u{e9}_\u{e8}"));
    }

    #[test]
    fn what_turns_the_meaning_is_no_slip() {
        for (written, name) in [
            ("delete_non_matching_keys", "delete_matching_keys"),
            ("drop_matching_keys", "keep_matching_keys"),
            ("IsNotString", "IsString"),
            ("isNotMatch", "IsMatch"),
            ("IsntMatch", "IsMatch"),
            ("NotIsMatch", "IsMatch"),
            ("NotHasPrefix", "HasPrefix"),
            ("unset", "set"),
            ("Encode", "Decode"),
            ("SHA25", "SHA256"),
            ("SEVERITY_NUMBER_INFO5", "SEVERITY_NUMBER_INFO"),
        ] {
            assert!(!is_slip(written, name), "{written} is not {name}");
        }
        for (written, name) in [
            ("Concatt", "Concat"),
            ("trncate_all", "truncate_all"),
            ("severty_txet", "severity_text"),
            ("isstrng", "IsString"),
            ("replace_patern", "replace_pattern"),
        ] {
            assert!(is_slip(written, name), "{written} is {name}");
        }
    }
}
