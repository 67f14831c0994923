//! Rule sets of any size in five families, and messages whose records they match at an exact rate.
//!
//! A family is named like `equalities-100`, `mixed-500@5`, `keys-100+writing` or `filter-patterns-50@100+failing`: the family,
//! how many statements (conditions of a filter), how many percent of the records one of them matches (without it none),
//! whether one more statement in front of them writes to every record, and whether a hundredth of the records makes one more
//! statement fail. Texts and data are made up by number, the same ones
//! every time. Records that no statement matches look as if one did: the same attributes, texts that differ in a digit.

use std::fmt::Write;

use crate::data::{self, Numbers, Resource, SERVICES, Shape, Special};

/// What the conditions of a rule set have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Each compares one attribute, the same one, with a text.
    Equalities,
    /// Each compares an attribute of its own with a text.
    Keys,
    /// Each looks at resource, severity, attributes or body, several of them at once.
    Mixed,
    /// Each searches the body or an attribute for a pattern.
    Patterns,
    /// Each compares what a converter makes of one attribute or of two with a text.
    Computed,
}

/// A generated rule set, and the data for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    /// What its conditions look at.
    pub kind: Kind,
    /// Whether it drops records; else it writes to them.
    pub filter: bool,
    /// How many statements or conditions it has.
    pub statements: usize,
    /// How many percent of the records match one statement; the others match none.
    pub rate: usize,
    /// Whether a statement in front of the others writes to every record, where it can what the others ask about.
    pub writing: bool,
    /// Whether there is one statement more, which fails for one record in a hundred.
    pub failing: bool,
}

/// Sizes that a comparison goes through.
pub const SIZES: [usize; 5] = [10, 50, 100, 200, 500];

/// Percentages of matching records that a comparison goes through.
pub const RATES: [usize; 3] = [0, 5, 100];

impl Kind {
    /// All families.
    pub const ALL: [Kind; 5] = [Kind::Equalities, Kind::Keys, Kind::Mixed, Kind::Patterns, Kind::Computed];

    /// Its name in names of rows.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Equalities => "equalities",
            Kind::Keys => "keys",
            Kind::Mixed => "mixed",
            Kind::Patterns => "patterns",
            Kind::Computed => "computed",
        }
    }

    /// The condition of statement `i`, for one record in `context`.
    fn condition(self, i: usize) -> String {
        match self {
            Kind::Equalities => format!(r#"log.attributes["http.route"] == "{}""#, route(i)),
            Kind::Keys => format!(r#"log.attributes["{}"] == "on""#, flag(i)),
            Kind::Mixed => {
                let (service, route) = (SERVICES[i / 4 % 8], route(i));
                match i % 4 {
                    0 => format!(
                        r#"resource.attributes["service.name"] == "{service}" and log.severity_number >= SEVERITY_NUMBER_WARN and log.attributes["http.route"] == "{route}""#
                    ),
                    1 => format!(
                        r#"resource.attributes["deployment.environment"] == "production" and log.severity_number < SEVERITY_NUMBER_INFO and IsMatch(log.body, "{}")"#,
                        code(i)
                    ),
                    2 => format!(
                        r#"log.severity_number >= SEVERITY_NUMBER_ERROR and (log.attributes["http.route"] == "{route}" or log.attributes["error.code"] == "{}")"#,
                        code(i)
                    ),
                    _ => format!(
                        r#"log.attributes["error.code"] != nil and IsMatch(log.attributes["deployment"], "^{}-")"#,
                        deployment(i)
                    ),
                }
            }
            Kind::Patterns => match i % 3 {
                0 => format!(r#"IsMatch(log.body, "job {i:04} (failed|timed out) after [0-9]+ms")"#),
                1 => format!(r#"IsMatch(log.body, "{}")"#, code(i)),
                _ => format!(r#"IsMatch(log.attributes["deployment"], "^{}-[0-9a-f]+$")"#, deployment(i)),
            },
            Kind::Computed => match i % 2 {
                0 => format!(r#"ToLowerCase(log.attributes["http.route"]) == "{}""#, route(i)),
                _ => format!(
                    r#"Concat([log.attributes["error.code"], log.attributes["deployment"]], "/") == "{}/{}""#,
                    code(i),
                    deployment(i)
                ),
            },
        }
    }

    /// What a statement in front of all others does in every record: it gives the attribute that they compare the name that they
    /// know it by, or takes times out of the body that they search.
    fn first(self) -> &'static str {
        match self {
            Kind::Equalities | Kind::Computed => {
                r#"set(log.attributes["http.route"], log.attributes["route"]) where log.attributes["route"] != nil"#
            }
            Kind::Keys => r#"set(log.attributes["seen"], true)"#,
            Kind::Mixed | Kind::Patterns => r#"replace_pattern(log.body, "^(request|worker) ", "$1: ")"#,
        }
    }

    /// What statement `i` does in a record that it matches.
    fn action(self, i: usize) -> String {
        match (self, i % 4) {
            (Kind::Mixed, 1) => r#"set(log.severity_text, "NOTICE")"#.to_owned(),
            (Kind::Mixed, 2) => r#"delete_key(log.attributes, "error.code")"#.to_owned(),
            _ => format!(r#"set(log.attributes["class"], "class-{:02}")"#, i % 64),
        }
    }

    /// Whether a record of this resource can be matched by statement `i`.
    fn possible(self, i: usize, resource: &Resource) -> bool {
        match (self, i % 4) {
            (Kind::Mixed, 0) => SERVICES[i / 4 % 8] == resource.service,
            (Kind::Mixed, 1) => resource.environment == "production",
            _ => true,
        }
    }

    /// What makes a record match the statement with the number that `named` says, or, if it is not `matching`, what it has
    /// instead; `named` is then the number of no statement where that alone would make it match.
    fn special(self, named: usize, matching: bool, r: &mut Numbers) -> Special {
        let text = |key: &str, value: String| (key.to_owned(), value);
        match self {
            Kind::Equalities => Special { attributes: vec![text("http.route", route(named))], ..Special::default() },
            Kind::Keys => {
                let value = if matching { "on" } else { "off" };
                Special { attributes: vec![(flag(named), value.to_owned())], ..Special::default() }
            }
            Kind::Mixed => {
                let other = OTHERS + named % OTHERS;
                let at = |kind: usize| if matching && named % 4 == kind { named } else { other };
                let low = (matching && named % 4 == 1) || (!matching && r.below(3) == 0);
                Special {
                    body: Some(format!(
                        "request {:08x} ended with {} after {}ms",
                        r.below(1 << 32),
                        code(at(1)),
                        r.below(900)
                    )),
                    severity: Some(if low { (5, "DEBUG") } else { (17, "ERROR") }),
                    attributes: vec![
                        text("http.route", route(at(0))),
                        text("error.code", code(at(2))),
                        text("deployment", format!("{}-{:04x}", deployment(at(3)), r.below(1 << 16))),
                    ],
                }
            }
            Kind::Computed => {
                let other = OTHERS + named % OTHERS;
                let at = |kind: usize| if matching && named % 2 == kind { named } else { other };
                let attributes = vec![
                    text("http.route", route(at(0)).to_uppercase()),
                    text("error.code", code(at(1))),
                    text("deployment", deployment(at(1))),
                ];
                Special { attributes, ..Special::default() }
            }
            Kind::Patterns => {
                let other = OTHERS + named % OTHERS;
                let at = |kind: usize| if matching && named % 3 == kind { named } else { other };
                let body = match (matching, named % 3) {
                    (true, kind @ (0 | 1)) => kind,
                    _ => r.below(2) as usize,
                };
                let body = match body {
                    0 => format!("worker {}: job {:04} failed after {}ms", r.below(64), at(0), r.below(90_000)),
                    _ => format!("request {:08x} ended with {} upstream", r.below(1 << 32), code(at(1))),
                };
                Special {
                    body: Some(body),
                    severity: None,
                    attributes: vec![text("deployment", format!("{}-{:04x}", deployment(at(2)), r.below(1 << 16)))],
                }
            }
        }
    }
}

/// Numbers from here on are in no rule.
const OTHERS: usize = 5000;

fn route(i: usize) -> String {
    format!("/api/v2/tenants/{i:04}/items")
}

fn flag(i: usize) -> String {
    format!("flag.{i:04}")
}

fn code(i: usize) -> String {
    format!("ERR-{i:04}")
}

fn deployment(i: usize) -> String {
    format!("deploy-{i:04}")
}

/// One more condition: it fails where the attribute is there and no JSON.
const FAILS: &str = r#"log.attributes["payload"] != nil and ParseJSON(log.attributes["payload"])["kind"] == "audit""#;

impl Family {
    /// The family that a row's name asks for.
    pub fn parse(name: &str) -> Option<Family> {
        let (rest, failing) = match name.strip_suffix("+failing") {
            Some(rest) => (rest, true),
            None => (name, false),
        };
        let (rest, writing) = match rest.strip_suffix("+writing") {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let (rest, rate) = match rest.split_once('@') {
            Some((rest, rate)) => (rest, rate.parse().ok().filter(|rate| *rate <= 100)?),
            None => (rest, 0),
        };
        let (rest, filter) = match rest.strip_prefix("filter-") {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let (kind, statements) = rest.split_once('-')?;
        let kind = Kind::ALL.into_iter().find(|k| k.name() == kind)?;
        // A few statements are needed for one to be possible in every resource.
        let statements = statements.parse().ok().filter(|n| (4..OTHERS).contains(n))?;
        // Conditions of filters write nothing.
        (!(filter && writing)).then_some(Family { kind, filter, statements, rate, writing, failing })
    }

    /// Its row's name.
    pub fn name(&self) -> String {
        let mut name = format!("{}{}-{}", if self.filter { "filter-" } else { "" }, self.kind.name(), self.statements);
        if self.rate > 0 {
            let _ = write!(name, "@{}", self.rate);
        }
        if self.writing {
            name.push_str("+writing");
        }
        if self.failing {
            name.push_str("+failing");
        }
        name
    }

    /// The processor's body.
    pub fn rules(&self) -> String {
        let mut lines = Vec::new();
        if self.writing {
            lines.push(self.kind.first().to_owned());
        }
        lines.extend((0..self.statements).map(|i| match self.filter {
            true => self.kind.condition(i),
            false => format!("{} where {}", self.kind.action(i), self.kind.condition(i)),
        }));
        if self.failing {
            lines.push(match self.filter {
                true => FAILS.to_owned(),
                false => format!(r#"set(log.attributes["audit"], true) where {FAILS}"#),
            });
        }
        configuration(self.filter, &lines)
    }

    /// A message for it.
    pub fn message(&self, shape: impl Into<Shape>) -> Vec<u8> {
        let mut r = Numbers::new(0xfa_31 + self.statements as u64);
        data::special_logs(shape, |record| {
            let matching = is_one_of(record, self.rate);
            let named = if matching {
                let resource = Resource::of_record(record);
                loop {
                    let i = r.below(self.statements as u64) as usize;
                    if self.kind.possible(i, &resource) {
                        break i;
                    }
                }
            } else if self.kind == Kind::Keys {
                r.below(self.statements as u64) as usize
            } else {
                OTHERS + r.below(self.statements as u64) as usize
            };
            let mut special = self.kind.special(named, matching, &mut r);
            if self.writing && matches!(self.kind, Kind::Equalities | Kind::Computed) {
                let routes = special.attributes.iter_mut().filter(|(key, _)| key == "http.route");
                routes.for_each(|(key, _)| *key = "route".to_owned());
            }
            if self.failing && is_one_of(record, 1) {
                special.attributes.push(("payload".to_owned(), "{cut off".to_owned()));
            }
            special
        })
    }
}

/// Whether record `number` is one of the `rate` percent: so many of every hundred records, in places without a pattern.
pub fn is_one_of(number: usize, rate: usize) -> bool {
    // Chosen one after the other: each of those left with the chance that brings the hundred to its number.
    let mut r = Numbers::new(0x07_ac + (number / 100) as u64 * 7919);
    let mut wanted = rate as u64;
    for place in 0..=number % 100 {
        let chosen = r.below(100 - place as u64) < wanted;
        if place == number % 100 {
            return chosen;
        }
        wanted -= u64::from(chosen);
    }
    false
}

/// The configuration of a processor for logs.
pub(crate) fn configuration(filter: bool, lines: &[String]) -> String {
    let list = if filter { "log_conditions" } else { "log_statements" };
    // Records without a severity are dropped as well, here and by the reference.
    let asks_severity = lines.iter().any(|line| line.contains("severity_number <"));
    let allowed = if filter && asks_severity { "# ottl: allow(W0318)\n" } else { "" };
    let mut text = format!("{allowed}error_mode: ignore\n{list}:\n");
    for line in lines {
        // A YAML text in single quotes; nothing in the rules needs more.
        let _ = writeln!(text, "  - '{}'", line.replace('\'', "''"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Family, Kind, RATES, is_one_of};
    use ottl::{RuleSet, Signal};

    #[test]
    fn names_are_read_as_they_are_written() {
        for name in [
            "equalities-10",
            "keys-500@5",
            "mixed-100@100",
            "filter-patterns-50@5+failing",
            "mixed-4+failing",
            "equalities-10@5+writing",
            "patterns-10+writing+failing",
        ] {
            assert_eq!(Family::parse(name).map(|family| family.name()).as_deref(), Some(name));
        }
        for name in [
            "equalities",
            "keys-3",
            "keys-",
            "other-10",
            "mixed-10@101",
            "filter-100",
            "mixed-10@5+fail",
            "filter-keys-9+writing",
        ] {
            assert_eq!(Family::parse(name), None, "{name}");
        }
    }

    #[test]
    fn of_every_hundred_records_so_many_are_chosen() {
        for rate in RATES.into_iter().chain([1, 37]) {
            for hundred in 0..50 {
                let chosen = (hundred * 100..hundred * 100 + 100).filter(|number| is_one_of(*number, rate)).count();
                assert_eq!(chosen, rate, "hundred {hundred}");
            }
        }
    }

    #[test]
    fn records_match_and_fail_at_the_rate_of_the_name() {
        for kind in Kind::ALL {
            for rate in RATES {
                for (filter, writing, failing, statements) in [
                    (false, false, false, 10),
                    (true, false, false, 50),
                    (false, false, true, 50),
                    (true, false, true, 10),
                    (false, true, false, 100),
                ] {
                    let family = Family { kind, filter, statements, rate, writing, failing };
                    let rules = RuleSet::compile(&family.rules()).expect("the rules compile");
                    assert_eq!(rules.warnings().iter().count(), 0, "{}: {:?}", family.name(), rules.warnings());
                    let message = family.message(1200);
                    let outcome = rules.transform(Signal::Logs, &message).expect("the message is sound");
                    let (mut matched, mut failed) = (0, 0);
                    for row in outcome.report.statements() {
                        matched += row.counters.matched;
                        failed += row.counters.failed;
                    }
                    // The statement in front of all others matches every record.
                    let first = if writing { 1200 } else { 0 };
                    assert_eq!(matched, first + 12 * rate as u64, "{}", family.name());
                    // A filter leaves a record at the first condition that matches.
                    let expected = if failing { 12 } else { 0 };
                    match filter && rate > 0 {
                        true => assert!(failed <= expected, "{}", family.name()),
                        false => assert_eq!(failed, expected, "{}", family.name()),
                    }
                }
            }
        }
    }
}
