//! User agents: which browser and which system a text of a client's names.
//!
//! The expressions are those of the reference's library, in their order, a data set ([`DataSet::UserAgents`]); the first that
//! matches and gives a name counts. One look at a text tells which of them may match at all ([`PatternSet`]); those are asked.
//!
//! INVARIANT: tables are made once for a process, at the first call site's compilation; each thread has its own handles of them,
//! and remembers the texts that it met last.

use std::cell::RefCell;
use std::ops::ControlFlow;

use ottl_core::data::{DataSet, Tables as Read, rows};
use ottl_regex::{Captures, PatternSet, Regex, Template, TextPattern, WeighedCache};

/// How many texts each thread remembers, as many as the reference.
const REMEMBERED: usize = 1024;

/// Longer texts are not remembered.
const LONGEST_REMEMBERED: usize = 2048;

/// What a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UserAgent {
    pub(crate) browser: Named,
    pub(crate) system: Named,
}

/// A name and a version, which may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Named {
    pub(crate) name: Vec<u8>,
    pub(crate) version: Vec<u8>,
}

/// One expression.
#[derive(Debug, Clone)]
struct Row {
    regex: Regex,
    /// Of the name, then of the parts of the version.
    templates: Vec<Template>,
}

/// The expressions of one kind.
#[derive(Debug, Clone)]
struct Table {
    rows: Vec<Row>,
    set: PatternSet,
}

impl Table {
    /// The rows of a kind in the data set, which have so many templates each.
    fn new(bytes: &'static [u8], kind: &str, templates: usize) -> Table {
        let rows: Vec<Row> = rows(bytes)
            .filter_map(|line| line.strip_prefix(kind)?.strip_prefix('\t'))
            .map(|line| {
                let mut cells = line.split('\t');
                let regex = Regex::new(cells.next().unwrap_or_default()).expect("a test compiles all expressions");
                let template = |group: usize| match cells.next() {
                    None | Some("") => Template::new(format!("${group}")),
                    Some(template) => Template::new(template),
                };
                Row { regex, templates: (1..=templates).map(template).collect() }
            })
            .collect();
        let patterns: Vec<_> = rows.iter().map(|row| TextPattern::Matches(row.regex.clone())).collect();
        Table { rows, set: PatternSet::new(patterns) }
    }

    /// What the text names, and how many expressions were asked.
    fn find(&self, text: &[u8]) -> (Named, usize) {
        let (mut asked, mut captures, mut named) = (0, Captures::new(), Named::default());
        self.set.visit_candidates(text, |place| {
            let Some(row) = self.rows.get(place) else { return ControlFlow::Continue(()) };
            asked += 1;
            if row.regex.captures(text, &mut captures) {
                named = row.expand(text, &captures);
            }
            if named.name.is_empty() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        // COMPAT: the version of an expression that matched without giving a name stays.
        if named.name.is_empty() {
            named.name = b"Other".to_vec();
        }
        (named, asked)
    }
}

impl Row {
    fn expand(&self, text: &[u8], captures: &Captures) -> Named {
        let mut named = Named::default();
        for (part, template) in self.templates.iter().enumerate() {
            let into = if part == 0 { &mut named.name } else { &mut named.version };
            let before = into.len();
            // Every part of a version but the first stands behind a dot, also where the first is empty.
            if part > 1 {
                into.push(b'.');
            }
            let start = into.len();
            let Ok::<(), std::convert::Infallible>(()) = template.expand(text, captures, &self.regex, |piece| {
                into.extend_from_slice(piece);
                Ok(())
            });
            if into.len() == start {
                into.truncate(before);
            }
        }
        named
    }
}

struct Tables {
    browsers: Table,
    systems: Table,
}

static TABLES: Read<Tables> = Read::new(DataSet::UserAgents, |bytes| Tables {
    browsers: Table::new(bytes, "browser", 4),
    systems: Table::new(bytes, "system", 5),
});

/// What a thread has of the tables.
struct Local {
    browsers: Table,
    systems: Table,
    remembered: WeighedCache<UserAgent>,
}

thread_local! {
    static LOCAL: RefCell<Option<Box<Local>>> = const { RefCell::new(None) };
}

/// Makes the tables now instead of at the first text.
pub(crate) fn warm_up() {
    TABLES.get();
}

/// Hands over what the text names. `charge` is told before it how many expressions were asked about a text that is not
/// remembered.
///
/// # Errors
/// Those of `charge` and of `work`.
pub(crate) fn with_user_agent<R, E>(
    text: &[u8],
    charge: impl FnOnce(usize) -> Result<(), E>,
    work: impl FnOnce(&UserAgent) -> Result<R, E>,
) -> Result<R, E> {
    let mut local = LOCAL.take().unwrap_or_else(|| {
        let Tables { browsers, systems } = TABLES.get();
        let remembered = WeighedCache::new(REMEMBERED);
        Box::new(Local { browsers: browsers.clone(), systems: systems.clone(), remembered })
    });
    let Local { browsers, systems, remembered } = &mut *local;
    let find = || {
        let ((browser, of_browsers), (system, of_systems)) = (browsers.find(text), systems.find(text));
        charge(of_browsers + of_systems)?;
        Ok(UserAgent { browser, system })
    };
    let result = if text.len() > LONGEST_REMEMBERED {
        find().and_then(|found| work(&found))
    } else {
        // Names and versions are made of the text and of short templates.
        let weigh = |found: UserAgent| ((text.len() * 2 + size_of::<UserAgent>() + 128) as u64, found);
        remembered.get_or_make(text, || find().map(weigh)).and_then(work)
    };
    LOCAL.set(Some(local));
    result
}

#[cfg(all(test, feature = "user-agents"))]
mod tests {
    use super::*;

    #[test]
    fn all_expressions_compile() {
        let tables = TABLES.get();
        assert_eq!((tables.browsers.rows.len(), tables.systems.rows.len()), (365, 202));
    }
}
