//! Near names for "did you mean".

/// The candidate nearest to `name` in edit distance, if one is near enough to be meant.
///
/// Near enough is a third of the name's length, at least one edit; letter case alone costs nothing but ties.
pub fn near_name<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let bound = (name.len() / 3).max(1);
    let lower = name.to_ascii_lowercase();
    candidates
        .into_iter()
        .map(|c| (distance(&lower, &c.to_ascii_lowercase()), c))
        .filter(|(d, c)| *d <= bound && *c != name)
        .min_by_key(|(d, _)| *d)
        .map(|(_, c)| c)
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
    use super::near_name;

    #[test]
    fn finds_typing_slips_and_nothing_far() {
        let names = ["attributes", "severity_text", "IsMatch"];
        assert_eq!(near_name("atributes", names), Some("attributes"));
        assert_eq!(near_name("ismatch", names), Some("IsMatch"));
        assert_eq!(near_name("severty_txet", names), Some("severity_text"));
        assert_eq!(near_name("duration", names), None);
    }
}
