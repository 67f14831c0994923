//! The enum symbol that a text in the place of a number stands for.

use ottl_schema::context;

use super::Lint;

/// Words for severities that the enum has in another form.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("WARNING", "WARN"),
    ("ERR", "ERROR"),
    ("CRITICAL", "FATAL"),
    ("CRIT", "FATAL"),
    ("INFORMATION", "INFO"),
    ("INFORMATIONAL", "INFO"),
    ("VERBOSE", "TRACE"),
];

impl Lint<'_> {
    /// The symbol for a word that was compared with, or written to, the path of this name.
    pub(super) fn symbol(&self, name: &str, word: &[u8]) -> Option<&'static str> {
        let word = String::from_utf8_lossy(word).to_ascii_uppercase();
        let other = OTHER_WORDS.iter().find(|(other, _)| *other == word).map_or("", |(_, word)| *word);
        let name = name.to_ascii_uppercase();
        let symbols = context(self.scope.context).enums.iter().map(|(symbol, _)| *symbol);
        symbols
            .filter(|symbol| {
                let ends = |word: &str| symbol.strip_suffix(word).is_some_and(|front| front.ends_with('_'));
                let begins = name.split('.').next().is_some_and(|first| symbol.contains(first));
                *symbol == word || begins && (ends(&word) || !other.is_empty() && ends(other))
            })
            .min_by_key(|symbol| symbol.len())
    }
}
