//! Data sets: tables out of published packages that some functions cannot do without, and that not every build wants to carry.
//!
//! A set is a file in `data/`, written by `cargo xtask data`. A build has it compiled in (a feature of the set's name), or a program
//! hands its bytes over once, before it compiles rules that need it. What is made of a set is made of the same bytes in both cases.
//! Which sets a call needs is a part of its function's row ([`crate::function::FunctionDef::needs`]).
//!
//! INVARIANT: the bytes of a set are those that this version was made with, to the last one: [`DataSet::load`] takes nothing else.
//! So nothing that reads them has to expect damage, and rules mean the same in every build.
//!
//! Deliberately elsewhere: what the tables are read into (`ottl-functions`, [`crate::value::Zone`]), and where the bytes come from.

mod tables;

use std::fmt;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

pub use tables::{Tables, rows};

/// The names of the files with their digests, in the form that `sha256sum --check` reads.
const DIGESTS: &str = include_str!("../../data/SHA256SUMS");

/// What was handed over, by the number of the set.
static LOADED: [OnceLock<Box<[u8]>>; DataSet::ALL.len()] = [const { OnceLock::new() }; DataSet::ALL.len()];

/// A table out of a published package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DataSet {
    /// The character sets of `Decode`, base64 apart, and those that XML documents may declare beside UTF-8 and Latin-1.
    Charsets,
    /// The pattern library of `ExtractGrokPatterns`.
    Grok,
    /// The names of months and days in other languages than English, for `Time`.
    Locales,
    /// The expressions of `UserAgent`.
    UserAgents,
    /// Time zones by name, for `Time`.
    Zones,
}

/// The bytes of a set if the feature is on.
macro_rules! compiled_in {
    ($feature:literal, $file:literal) => {{
        #[cfg(feature = $feature)]
        let bytes = Some(include_bytes!(concat!("../../data/", $file)).as_slice());
        #[cfg(not(feature = $feature))]
        let bytes = None;
        bytes
    }};
}

impl DataSet {
    /// All sets.
    pub const ALL: [DataSet; 5] =
        [DataSet::Charsets, DataSet::Grok, DataSet::Locales, DataSet::UserAgents, DataSet::Zones];

    /// Its name, which is also the name of its feature.
    pub const fn name(self) -> &'static str {
        match self {
            DataSet::Charsets => "charsets",
            DataSet::Grok => "grok",
            DataSet::Locales => "locales",
            DataSet::UserAgents => "user-agents",
            DataSet::Zones => "zones",
        }
    }

    /// The name of its file.
    pub const fn file(self) -> &'static str {
        match self {
            DataSet::Charsets => "charsets.txt",
            DataSet::Grok => "grok.txt",
            DataSet::Locales => "locales.txt",
            DataSet::UserAgents => "user-agents.txt",
            DataSet::Zones => "zones.bin",
        }
    }

    /// What it holds, in words.
    pub const fn about(self) -> &'static str {
        match self {
            DataSet::Charsets => "character sets",
            DataSet::Grok => "the library of grok patterns",
            DataSet::Locales => "names of months and days in other languages than English",
            DataSet::UserAgents => "the expressions that tell user agents",
            DataSet::Zones => "time zones by name",
        }
    }

    /// The set of this name.
    pub fn by_name(name: &str) -> Option<DataSet> {
        DataSet::ALL.into_iter().find(|set| set.name() == name)
    }

    /// Whether calls that need it compile: it is compiled in, or was handed over.
    pub fn is_there(self) -> bool {
        self.bytes().is_some()
    }

    /// Its bytes, if it is there.
    pub fn bytes(self) -> Option<&'static [u8]> {
        let compiled_in = match self {
            DataSet::Charsets => compiled_in!("charsets", "charsets.txt"),
            DataSet::Grok => compiled_in!("grok", "grok.txt"),
            DataSet::Locales => compiled_in!("locales", "locales.txt"),
            DataSet::UserAgents => compiled_in!("user-agents", "user-agents.txt"),
            DataSet::Zones => compiled_in!("zones", "zones.bin"),
        };
        compiled_in.or_else(|| LOADED[self as usize].get().map(|bytes| &**bytes))
    }

    /// Takes the bytes of the set's file, for the whole process. A set that is there stays as it is.
    ///
    /// # Errors
    /// They are not the bytes that this version was made with.
    pub fn load(self, bytes: &[u8]) -> Result<(), DataError> {
        let fault = |found| Err(DataError { set: self, found });
        // The digest of more than any set has is not worth its time.
        if bytes.len() > LARGEST {
            return fault(Found::TooLarge(bytes.len()));
        }
        if self.digest() != Some(digits(&Sha256::digest(bytes)).as_str()) {
            return fault(match source(bytes) {
                Some(source) => Found::Other(source.to_owned()),
                None => Found::Damaged(bytes.len()),
            });
        }
        if !self.is_there() {
            LOADED[self as usize].get_or_init(|| bytes.into());
        }
        Ok(())
    }

    /// The digest of its bytes, in hexadecimal digits.
    fn digest(self) -> Option<&'static str> {
        let mut rows = DIGESTS.lines().filter_map(|row| row.split_once("  "));
        rows.find_map(|(digest, file)| (file == self.file()).then_some(digest))
    }
}

impl fmt::Display for DataSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The most bytes of a set, several times what the largest has.
const LARGEST: usize = 2 << 20;

/// Hexadecimal digits.
fn digits(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The package and version that a file of the project's says it is of.
fn source(bytes: &[u8]) -> Option<&str> {
    let head = bytes.get(..bytes.len().min(200))?;
    let mut lines = head.split(|byte| *byte == b'\n');
    lines.next().filter(|line| line.starts_with(b"# @generated by `cargo xtask data`"))?;
    std::str::from_utf8(lines.next()?.strip_prefix(b"# ")?).ok()
}

/// Bytes that are not those of a data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataError {
    set: DataSet,
    found: Found,
}

/// What there was in place of them.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    /// More bytes than any set has.
    TooLarge(usize),
    /// A file of the project's, of this package.
    Other(String),
    /// So many bytes of something else.
    Damaged(usize),
}

impl DataError {
    /// The set that was to be loaded.
    pub fn set(&self) -> DataSet {
        self.set
    }
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (set, file) = (self.set, self.set.file());
        write!(f, "the data set `{set}` is not taken: ")?;
        match &self.found {
            Found::TooLarge(len) => write!(f, "{len} bytes are more than any data set has")?,
            Found::Other(source) => write!(f, "these are other data or another version of it (of {source})")?,
            Found::Damaged(len) => write!(f, "these {len} bytes are damaged, or something else")?,
        }
        write!(f, "; wanted is the file `{file}` of version {} of this library", env!("CARGO_PKG_VERSION"))
    }
}

impl std::error::Error for DataError {}

/// Some of the data sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct DataSets(u8);

impl DataSets {
    /// None of them.
    pub const NONE: DataSets = DataSets(0);

    /// One of them.
    pub const fn of(set: DataSet) -> DataSets {
        DataSets(1 << set as u8)
    }

    /// These and, if so, one more.
    #[must_use]
    pub const fn with(self, set: DataSet, if_so: bool) -> DataSets {
        if if_so { DataSets(self.0 | DataSets::of(set).0) } else { self }
    }

    /// Whether a set is among them.
    pub const fn contains(self, set: DataSet) -> bool {
        self.0 & DataSets::of(set).0 != 0
    }

    /// The sets.
    pub fn iter(self) -> impl Iterator<Item = DataSet> {
        DataSet::ALL.into_iter().filter(move |set| self.contains(*set))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The file as it lies in the repository.
    fn file(set: DataSet) -> Vec<u8> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
        std::fs::read(folder.join(set.file())).expect("a file of the repository")
    }

    #[test]
    fn files_are_those_of_the_digests() {
        for set in DataSet::ALL {
            assert_eq!(set.load(&file(set)), Ok(()), "`cargo xtask data` writes data/SHA256SUMS");
            assert!(set.is_there());
            assert_eq!(set.bytes(), Some(file(set).as_slice()));
            assert_eq!(DataSet::by_name(set.name()), Some(set));
        }
        assert_eq!(DIGESTS.lines().count(), DataSet::ALL.len());
    }

    #[test]
    fn other_bytes_are_refused() {
        let mut bytes = file(DataSet::Grok);
        let error = |bytes: &[u8]| DataSet::Zones.load(bytes).expect_err("refused").to_string();
        let wanted =
            format!("; wanted is the file `zones.bin` of version {} of this library", env!("CARGO_PKG_VERSION"));
        let refused = |why: &str| format!("the data set `zones` is not taken: {why}{wanted}");
        let other = "these are other data or another version of it (of github.com/elastic/go-grok v0.3.1)";
        assert_eq!(error(&bytes), refused(other));
        assert_eq!(error(b""), refused("these 0 bytes are damaged, or something else"));
        assert_eq!(
            error(b"# @generated by `cargo xtask data`"),
            refused("these 34 bytes are damaged, or something else")
        );
        assert_eq!(error(&vec![0; 3 << 20]), refused("3145728 bytes are more than any data set has"));
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        let error = DataSet::Grok.load(&bytes).expect_err("refused");
        assert_eq!(error.set(), DataSet::Grok);
        bytes.truncate(last);
        assert!(DataSet::Grok.load(&bytes).is_err());
    }

    #[test]
    fn sets_of_sets() {
        let two = DataSets::of(DataSet::Zones).with(DataSet::Grok, true).with(DataSet::Locales, false);
        assert_eq!(two.iter().collect::<Vec<_>>(), [DataSet::Grok, DataSet::Zones]);
        assert_eq!(DataSets::NONE.iter().count(), 0);
    }
}
