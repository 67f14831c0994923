//! Links between files: how one file names another, and whether it is there.
//!
//! Places are paths below a folder with `/` between their parts: the repository or the book.

/// Whether a link leads out of the repository or the book.
pub fn is_foreign(link: &str) -> bool {
    link.contains("://") || link.starts_with("mailto:")
}

/// The place that a link of the file `from` means, and the anchor in it; `None` above the folder of everything.
pub fn target<'l>(from: &str, link: &'l str) -> Option<(String, Option<&'l str>)> {
    let (path, anchor) = match link.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor)),
        None => (link, None),
    };
    if path.is_empty() {
        return Some((from.to_owned(), anchor));
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop()?,
            part => parts.push(part),
        }
    }
    Some((parts.join("/"), anchor))
}

/// How the file `from` names the file `to`.
pub fn relative(from: &str, to: &str) -> String {
    let common = from.split('/').zip(to.split('/')).take_while(|(a, b)| a == b).count();
    let common = common.min(from.matches('/').count()).min(to.matches('/').count());
    let up = from.matches('/').count() - common;
    let rest: Vec<&str> = to.split('/').skip(common).collect();
    "../".repeat(up) + &rest.join("/")
}

#[cfg(test)]
mod tests {
    use super::{relative, target};

    #[test]
    fn links_are_relative_to_their_file() {
        let of = |from, link| target(from, link).map(|(place, anchor)| (place, anchor.unwrap_or("-").to_owned()));
        assert_eq!(of("spec/a.md", "../docs/b.md#c"), Some(("docs/b.md".into(), "c".into())));
        assert_eq!(of("spec/a.md", "diagnostics"), Some(("spec/diagnostics".into(), "-".into())));
        assert_eq!(of("spec/a.md", "#x"), Some(("spec/a.md".into(), "x".into())));
        assert_eq!(of("a.md", "../b.md"), None);
    }

    #[test]
    fn files_name_each_other() {
        assert_eq!(relative("a.md", "b/c.md"), "b/c.md");
        assert_eq!(relative("b/a.md", "b/c.md"), "c.md");
        assert_eq!(relative("b/c/a.md", "b/d/e.md"), "../d/e.md");
        assert_eq!(relative("b/a.md", "../playground/"), "../../playground/");
    }
}
