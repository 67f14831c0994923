//! [`Compiler::migrate`]: configurations with older forms of rules in the newest ones.

use ottl_diagnostics::{Code, Locator};
use ottl_schema::{ContextId, context};

use crate::config::{self, Configuration, Left, Rules};
use crate::fixes;
use crate::stack::on_own_stack;
use crate::{CompileError, Compiler, Location, Signal};

/// A configuration in the newest form of the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    text: String,
    left: Vec<(Location, &'static str)>,
}

impl Migrated {
    /// The configuration. Without older forms it is what it was.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Older forms that stay as they are: where they stand, and why they stay.
    pub fn left(&self) -> impl Iterator<Item = (Location, &'static str)> {
        self.left.iter().copied()
    }
}

/// A condition that stands for a matcher of the filter processor, `include` or `exclude`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranslatedMatcher {
    /// Where the matcher stands.
    pub location: Location,
    /// Its keys: `logs.exclude`.
    pub matcher: String,
    /// The context in which the condition is asked: `log`.
    pub context: &'static str,
    /// The condition. References to variables stand in it as in the file.
    pub condition: String,
}

impl Compiler {
    /// The conditions that stand for the filter processor's matchers from before OTTL; what meets a condition is dropped.
    ///
    /// ```
    /// let body = "logs: {include: {match_type: regexp, bodies: [GET, POST]}}";
    /// let matchers = ottl::Compiler::new().matchers(body).unwrap();
    /// assert_eq!(matchers[0].condition, r#"not (IsMatch(log.body.string, "GET") or IsMatch(log.body.string, "POST"))"#);
    /// ```
    ///
    /// # Errors
    /// As [`Compiler::compile`], but for pipelines, none of which has to be chosen.
    pub fn matchers(&self, text: &str) -> Result<Vec<TranslatedMatcher>, CompileError> {
        on_own_stack(|| self.matchers_here(text))
    }

    fn matchers_here(&self, text: &str) -> Result<Vec<TranslatedMatcher>, CompileError> {
        let (configuration, _) = self.checked(text)?;
        let locator = Locator::new(text);
        let mut out = Vec::new();
        for matchers in &configuration.matchers {
            for stands in &matchers.stands {
                let Some(place) = configuration.places.get(stands.place as usize) else { continue };
                let written = place.as_written(configuration.sources.text());
                // One that a reference reads stands here where the reference does.
                let key = Some(stands.key).filter(|key| (key.end as usize) <= text.len()).unwrap_or(matchers.key);
                out.push(TranslatedMatcher {
                    location: locator.locate(key.start),
                    matcher: stands.matcher.clone(),
                    context: context(stands.context).name,
                    condition: written.as_ref().map_or(place.text(), |written| written.as_str()).to_owned(),
                });
            }
        }
        Ok(out)
    }

    /// A configuration with the filter processor's matchers from before OTTL written as conditions, with its older lists of
    /// conditions (`traces: {span: [...]}`) as the newest form has them, and with the keys of the compiler's version in place of those
    /// of others, such as `flatten_data`. Everything else stays as it is, byte for byte.
    ///
    /// ```
    /// let migrated = ottl::Compiler::new().migrate("logs:\n  exclude:\n    match_type: regexp\n    bodies: [GET]\n").unwrap();
    /// assert_eq!(migrated.text(), "\
    /// log_conditions:
    ///   - context: log
    ///     conditions:
    ///       - 'IsMatch(log.body.string, \"GET\")'
    /// ");
    /// let migrated = ottl::Compiler::new().migrate("logs:\n  log_record:\n    - body == 1  # one\n").unwrap();
    /// assert_eq!(migrated.text(), "\
    /// log_conditions:
    ///   - context: log
    ///     conditions:
    ///       - body == 1  # one
    /// ");
    /// let migrated = ottl::Compiler::new().migrate("flatten_data: true\nlog_statements: []\n").unwrap();
    /// assert_eq!(migrated.text(), "flatten: {log: true}\nlog_statements: []\n");
    /// ```
    ///
    /// # Errors
    /// As [`Compiler::compile`], but for pipelines, none of which has to be chosen.
    pub fn migrate(&self, text: &str) -> Result<Migrated, CompileError> {
        on_own_stack(|| self.migrate_here(text))
    }

    /// Where a configuration has forms of rules that [`Compiler::migrate`] knows newer ones for, whether or not it can write them there.
    pub fn older_forms(&self, text: &str) -> Vec<Location> {
        on_own_stack(|| {
            let configuration = self.read(text, true, usize::MAX);
            let matchers = configuration.matchers.iter().map(|matchers| matchers.key.start);
            let mut places: Vec<u32> =
                matchers.chain(configuration.lists.iter().map(|lists| lists.key.start)).collect();
            places.sort_unstable();
            let locator = Locator::new(text);
            places.into_iter().map(|at| locator.locate(at)).collect()
        })
    }

    fn migrate_here(&self, text: &str) -> Result<Migrated, CompileError> {
        let text = &*self.renamed(text);
        let (configuration, said) = self.checked(text)?;
        let mut left = Vec::new();
        let mut newer = config::newer(text, &configuration, self.default_mode(), &mut left);
        if newer != text && self.checked(&newer).map_or(true, |(_, again)| again != said) {
            newer = text.to_owned();
            let matchers = configuration.matchers.iter().map(|matchers| matchers.key.start);
            let lists = configuration.lists.iter().map(|lists| lists.key.start);
            let why = "its newest form would not be read as the same";
            left = matchers.chain(lists).map(|at| Left { at, why }).collect();
            left.sort_by_key(|left| left.at);
        }
        let locator = Locator::new(text);
        let left = left.into_iter().map(|left| (locator.locate(left.at), left.why)).collect();
        Ok(Migrated { text: newer, left })
    }

    /// The text with the keys of the version.
    fn renamed(&self, text: &str) -> String {
        let found = self.check(text);
        let outside = found.iter().filter(|fault| fault.code == Code::KEY_OUTSIDE_VERSION);
        fixes::applied(text, outside.filter_map(|fault| fault.fix.as_ref())).unwrap_or_else(|| text.to_owned())
    }

    /// Reads a configuration that compiles; also what its filters say.
    fn checked(&self, text: &str) -> Result<(Configuration, Vec<Said>), CompileError> {
        let diagnostics = self.check(text);
        if diagnostics.has_errors() {
            return Err(CompileError::new(diagnostics));
        }
        let configuration = self.read(text, true, usize::MAX);
        let said = said(&configuration);
        Ok((configuration, said))
    }
}

/// What a filter says of a signal: contexts and their conditions.
type Said = (String, Signal, Vec<(ContextId, Vec<String>)>);

/// What all filters say in lists of conditions with contexts, whatever their form.
fn said(configuration: &Configuration) -> Vec<Said> {
    let texts = |places: &[u32]| -> Vec<String> {
        places
            .iter()
            .filter_map(|id| configuration.places.get(*id as usize))
            .map(|place| place.text().to_owned())
            .collect()
    };
    let mut out = Vec::new();
    for processor in &configuration.processors {
        for (signal, rules) in &processor.body.rules {
            let lists = match rules {
                Rules::OlderFilter(lists) => {
                    let list = |list: &config::Older| match texts(&list.conditions) {
                        texts if texts.is_empty() => (list.context, vec![config::NOTHING.to_owned()]),
                        texts => (list.context, texts),
                    };
                    lists.iter().map(list).collect()
                }
                Rules::Filter(entries) => entries
                    .iter()
                    .filter_map(|entry| entry.context.map(|context| (context, texts(&entry.conditions))))
                    .collect(),
                Rules::Transform(_) => Vec::new(),
            };
            out.push((processor.name.clone(), *signal, lists));
        }
    }
    out.sort_by_key(|(_, signal, _)| *signal as usize);
    out
}
