//! [`Delimiters`]: the two delimiters of texts of pairs, as the functions that read and write them take them.

use memchr::memmem::Finder;
use ottl_core::function::Const;

/// What stands between the parts of a text of pairs. Neither is empty, and they differ.
pub(crate) struct Delimiters {
    /// Between key and value.
    pub value: Finder<'static>,
    /// Between pairs.
    pub pair: Finder<'static>,
}

impl Delimiters {
    /// The literals of the second and third argument; by default `=` and one space.
    ///
    /// # Errors
    /// An empty delimiter, and two that are equal, for the report at compile time.
    pub(crate) fn of(args: &[Const<'_>]) -> Result<Delimiters, String> {
        let delimiter = |idx: usize, default: &'static [u8]| args.get(idx).and_then(Const::as_str).unwrap_or(default);
        let (value, pair) = (delimiter(1, b"="), delimiter(2, b" "));
        if value.is_empty() || pair.is_empty() {
            return Err("a delimiter must not be empty".to_owned());
        }
        if value == pair {
            return Err("the delimiters must differ".to_owned());
        }
        let finder = |delimiter| Finder::new(delimiter).into_owned();
        Ok(Delimiters { value: finder(value), pair: finder(pair) })
    }
}
