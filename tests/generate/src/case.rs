//! [`Case`]: a program with a message.

use ottl_core::function::{FunctionDef, FunctionKind, Registry};
use ottl_otlp::schema::MessageId;
use ottl_otlp::schema::topology::number;
use ottl_otlp::wire::fields::profiles_dictionary;
use ottl_schema::{ContextId, Signal, context};

use crate::program::{Flatten, Group, Processor, Program, Style};
use crate::write::Writer;
use crate::{Choices, Kind, Node, Term, data, families};

/// One program and the message it runs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The rules.
    pub program: Program,
    /// The fields of the message.
    pub message: Vec<Node>,
}

/// Functions whose results no two runs share.
const NEVER: &[&str] = &["Now", "UUID", "UUIDv7"];

impl Case {
    /// A case of any kind made of choices, with the functions of a registry.
    pub fn generate(choices: &mut Choices<'_>, functions: &Registry) -> Case {
        Case::of_kind(choices, functions, Kind::Any)
    }

    /// A case of a kind.
    pub fn of_kind(choices: &mut Choices<'_>, functions: &Registry, kind: Kind) -> Case {
        let functions: Vec<&FunctionDef> =
            functions.iter().map(|f| &**f).filter(|f| !NEVER.contains(&f.name)).collect();
        let kind = kind.settled(choices);
        if !matches!(kind, Kind::Single | Kind::Repeated) {
            return families::case(choices, &functions, kind);
        }
        let signal = match choices.below(7) {
            0 | 1 => Signal::Logs,
            2 | 3 => Signal::Traces,
            4 | 5 => Signal::Metrics,
            _ => Signal::Profiles,
        };
        let mut program = if choices.below(4) < 3 {
            transform(choices, signal, &functions, if kind == Kind::Repeated { 10 } else { 4 })
        } else {
            filter(choices, signal, &functions)
        };
        if kind == Kind::Repeated {
            repeat(choices, &mut program.groups);
        }
        Case { program, message: data::message(choices, signal, None) }
    }

    /// The message as protobuf.
    pub fn bytes(&self) -> Vec<u8> {
        Node::encode(&self.message)
    }

    /// Whether it is a message of profiles whose table of texts does not begin with the empty one, as the format demands, or
    /// that has none.
    pub fn misses_the_empty_text(&self) -> bool {
        const DICTIONARY: u32 = number(MessageId::ProfilesData, "dictionary");
        let first = self.message.iter().find_map(|node| match node {
            Node::Message(DICTIONARY, fields) => fields.iter().find_map(|field| match field {
                Node::Bytes(profiles_dictionary::STRING_TABLE, text) => Some(text),
                _ => None,
            }),
            _ => None,
        });
        self.program.signal == Signal::Profiles && first.is_none_or(|text| !text.is_empty())
    }

    /// Smaller cases, those that leave most out first.
    pub fn smaller(&self) -> Vec<Case> {
        let programs =
            self.program.smaller().into_iter().map(|program| Case { program, message: self.message.clone() });
        let messages =
            Node::smaller(&self.message).into_iter().map(|message| Case { program: self.program.clone(), message });
        programs.chain(messages).collect()
    }
}

fn contexts(signal: Signal, processor: Processor) -> Vec<ContextId> {
    let takes = |id: ContextId| match processor {
        Processor::Transform => context(id).in_transform,
        Processor::Filter => context(id).in_filter,
        Processor::Library => true,
    };
    ContextId::ALL.into_iter().filter(|id| context(*id).signals.contains(&signal) && takes(*id)).collect()
}

/// A context for the next group; the records' own is the likeliest.
fn any_context(choices: &mut Choices<'_>, signal: Signal, processor: Processor) -> ContextId {
    let main = match signal {
        _ if processor == Processor::Library => ContextId::ProfileSample,
        Signal::Traces => ContextId::Span,
        Signal::Metrics => ContextId::DataPoint,
        Signal::Logs => ContextId::Log,
        Signal::Profiles => ContextId::Profile,
    };
    if choices.below(5) < 2 { main } else { choices.pick(&contexts(signal, processor)) }
}

fn error_mode(choices: &mut Choices<'_>) -> Option<&'static str> {
    [None, None, None, Some("ignore"), Some("silent"), Some("propagate"), None, None][choices.below(8)]
}

/// A transform with so many statements in a group at most.
fn transform(choices: &mut Choices<'_>, signal: Signal, functions: &[&FunctionDef], most: usize) -> Program {
    let style = if choices.below(3) < 2 { Style::Structured } else { Style::Basic };
    let many = if style == Style::Structured { [1, 1, 2, 3][choices.below(4)] } else { 1 };
    let error_mode_of_all = error_mode(choices);
    let is_library = signal == Signal::Profiles && choices.below(2) == 0;
    let processor = if is_library { Processor::Library } else { Processor::Transform };
    let groups = (0..many)
        .map(|_| {
            let own = any_context(choices, signal, processor);
            let told = style == Style::Structured && choices.below(4) < 3;
            let mut group = Group { context: told.then_some(own), ..Group::default() };
            if style == Style::Structured {
                // Shared caches are something of the processors.
                group.shared_cache = choices.one_in(6) && !is_library;
                group.error_mode = error_mode(choices);
                if choices.one_in(4) {
                    let mut writer = Writer::new(choices, functions, own, true, told);
                    group.conditions.push(writer.condition(2));
                    if writer.choices.one_in(4) {
                        group.conditions.push(writer.condition(1));
                    }
                }
            }
            let statements = 1 + choices.below(most);
            for _ in 0..statements {
                let mut writer = Writer::new(choices, functions, own, false, told);
                group.statements.push(writer.statement());
            }
            guard_copies(&mut group.statements);
            misspell(choices, &mut group.statements);
            misspell(choices, &mut group.conditions);
            group
        })
        .collect();
    let flatten = Flatten::of(choices, signal, 12);
    Program { processor, signal, style, error_mode: error_mode_of_all, flatten, groups }
}

/// Puts conditions into several places: of groups of one context, as a whole or as an operand.
fn repeat(choices: &mut Choices<'_>, groups: &mut [Group]) {
    let mut pools: Vec<(Option<ContextId>, Vec<Term>)> = Vec::new();
    for group in groups {
        let at = pools.iter().position(|(context, _)| *context == group.context).unwrap_or_else(|| {
            pools.push((group.context, Vec::new()));
            pools.len() - 1
        });
        let pool = &mut pools[at].1;
        let of_statements = group.statements.iter().filter_map(|statement| match statement {
            Term::Infix(_, word, condition) if word == "where" => Some((**condition).clone()),
            _ => None,
        });
        pool.extend(group.conditions.iter().cloned().chain(of_statements).take(3));
        if pool.is_empty() {
            continue;
        }
        let mut other = |old: Option<Term>| {
            let mut pick = || Term::Group(Box::new(pool[choices.below(pool.len())].clone()));
            let (one, another) = (pick(), pick());
            match choices.below(6) {
                0 => old,
                1 => Some(Term::infix(one, "and", another)),
                2 => Some(Term::infix(one, "or", another)),
                3 => Some(Term::Prefix("not ".into(), Box::new(one))),
                _ => Some(one),
            }
        };
        for condition in &mut group.conditions {
            *condition = other(Some(condition.clone())).unwrap_or_else(|| condition.clone());
        }
        let is_copy = |term: &Term| term.any(&mut |t| matches!(t, Term::Call(name, ..) if name == "copy_metric"));
        for statement in &mut group.statements {
            // Guards must stay as they are.
            if is_copy(statement) {
                continue;
            }
            let (call, old) = match statement.clone() {
                Term::Infix(call, word, condition) if word == "where" => (*call, Some(*condition)),
                call => (call, None),
            };
            *statement = match other(old) {
                Some(condition) => Term::infix(call, "where", condition),
                None => call,
            };
        }
    }
}

/// A metric that is copied must not be copied again, or the reference never ends: the copy gets a name of its own, the
/// condition asks for another, and nothing else in the group may touch names.
fn guard_copies(statements: &mut Vec<Term>) {
    let is_copy = |term: &Term| term.any(&mut |t| matches!(t, Term::Call(name, ..) if name == "copy_metric"));
    let names = |term: &Term| term.any(&mut |t| matches!(t, Term::Path(name, _) if name.ends_with("name")));
    let Some(first) = statements.iter().position(is_copy) else { return };
    let mut copy = statements.remove(first);
    if let Term::Infix(call, ..) = copy {
        copy = *call;
    }
    if let Term::Call(_, args, _) = &mut copy {
        *args = vec![Term::Named("name".into(), Box::new(Term::text("copied")))];
    }
    statements.retain(|s| !names(s) && !is_copy(s));
    let guard = Term::infix(Term::Path("metric.name".into(), vec![]), "==", Term::text("n1"));
    statements.push(Term::infix(copy, "where", guard));
}

/// Now and then changes one character, so that the parsers meet what is almost right.
fn misspell(choices: &mut Choices<'_>, terms: &mut [Term]) {
    const MARKS: &[char] = &[
        '(', ')', '[', ']', '{', '}', ',', '.', '"', '=', '<', '!', '+', '-', '*', '/', ' ', '0', 'a', 'Z', '_', ':',
        '\\',
    ];
    if terms.is_empty() || !choices.one_in(30) {
        return;
    }
    let at = choices.below(terms.len());
    let mut text: Vec<char> = terms[at].to_string().chars().collect();
    // Guards must stay as they are.
    if text.is_empty() || terms[at].any(&mut |t| matches!(t, Term::Call(name, ..) if name == "copy_metric")) {
        return;
    }
    let place = choices.below(text.len());
    match choices.below(3) {
        0 => drop(text.remove(place)),
        1 => text.insert(place, choices.pick(MARKS)),
        _ => text[place] = choices.pick(MARKS),
    }
    terms[at] = Term::Word(text.into_iter().collect());
}

fn filter(choices: &mut Choices<'_>, signal: Signal, functions: &[&FunctionDef]) -> Program {
    let converters: Vec<_> = functions.iter().copied().filter(|f| f.kind == FunctionKind::Converter).collect();
    let style = [Style::Basic, Style::Structured, Style::Older][choices.below(3)];
    let error_mode_of_all = error_mode(choices);
    let in_filter: Vec<_> = contexts(signal, Processor::Filter)
        .into_iter()
        .filter(|id| !(style == Style::Older && *id == ContextId::Scope))
        .collect();
    let many = if style == Style::Basic { 1 } else { [1, 1, 2, 3][choices.below(4)] };
    let mut groups: Vec<Group> = Vec::new();
    for _ in 0..many {
        let own = choices.pick(&in_filter);
        if style == Style::Older && groups.iter().any(|g| g.context == Some(own)) {
            continue;
        }
        let told = style == Style::Older || (style == Style::Structured && choices.below(8) < 7);
        let mut group = Group { context: told.then_some(own), ..Group::default() };
        if style == Style::Structured {
            group.error_mode = error_mode(choices);
        }
        for _ in 0..1 + choices.below(3) {
            let own = if told { own } else { choices.pick(&in_filter) };
            let mut writer = Writer::new(choices, &converters, own, true, told);
            group.conditions.push(writer.condition(2));
        }
        misspell(choices, &mut group.conditions);
        groups.push(group);
    }
    Program { processor: Processor::Filter, signal, style, error_mode: error_mode_of_all, flatten: Flatten::No, groups }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn choices_determine_the_case_and_bytes_end() {
        let functions = ottl_functions::registry();
        let make = |seed| Case::generate(&mut Choices::seeded(seed), &functions);
        assert_eq!(make(7), make(7));
        assert_ne!(make(7), make(8));
        for bytes in [&b""[..], &[0xff; 4000], b"some bytes"] {
            let case = Case::generate(&mut Choices::from_bytes(bytes), &functions);
            assert!(!case.program.groups.is_empty());
        }
    }

    #[test]
    fn all_functions_and_paths_are_used() {
        let functions = ottl_functions::registry();
        let mut left: BTreeSet<String> =
            functions.iter().map(|f| f.name.to_owned()).filter(|name| !NEVER.contains(&name.as_str())).collect();
        for (_, row) in ottl_schema::paths().filter(|(_, row)| row.context != ContextId::OtelCol) {
            left.insert(format!("{}.{}", row.context.name(), row.name));
        }
        for seed in 0..60_000 {
            let case = Case::of_kind(&mut Choices::seeded(seed), &functions, Kind::Single);
            case.program.any(|term| {
                if let Term::Call(name, ..) | Term::Path(name, _) = term {
                    left.remove(name);
                }
                false
            });
            if left.is_empty() {
                return;
            }
        }
        panic!("never written: {left:?}");
    }

    #[test]
    fn families_are_long_and_their_words_are_in_the_data() {
        let functions = ottl_functions::registry();
        for kind in [Kind::Equalities, Kind::Keys, Kind::Mixed, Kind::Patterns, Kind::Computed] {
            assert_eq!(Kind::by_name(kind.name()), Some(kind));
            let (mut longest, mut met) = (0, 0);
            for seed in 0..200 {
                let case = Case::of_kind(&mut Choices::seeded(seed), &functions, kind);
                let rules = case.program.groups.iter().map(|g| g.statements.len().max(g.conditions.len())).sum();
                longest = longest.max(rules);
                let data = Node::text(&case.message);
                let mut is_met = false;
                case.program.any(|term| {
                    is_met |= matches!(term, Term::Infix(_, op, text) if op == "=="
                        && matches!(&**text, Term::Text(text) if text.len() > 1 && data.contains(text.as_str())));
                    is_met
                });
                met += usize::from(is_met);
            }
            assert!(longest > 100, "{kind:?}: {longest}");
            assert!(met > 80, "{kind:?}: {met}");
        }
    }

    #[test]
    fn copies_are_guarded() {
        let functions = ottl_functions::registry();
        let mut copies = 0;
        for seed in 0..20_000 {
            let case = Case::of_kind(&mut Choices::seeded(seed), &functions, Kind::Single);
            let yaml = case.program.yaml();
            copies += yaml.matches("copy_metric").count();
            let guarded = r#"copy_metric(name="copied") where metric.name == "n1""#;
            assert_eq!(yaml.matches("copy_metric").count(), yaml.matches(guarded).count(), "{yaml}");
        }
        assert!(copies > 10, "{copies}");
    }

    #[test]
    fn smaller_cases_are_smaller() {
        let functions = ottl_functions::registry();
        for seed in 0..50 {
            let case = Case::of_kind(&mut Choices::seeded(seed), &functions, Kind::Single);
            for smaller in case.smaller() {
                let size = |c: &Case| c.program.yaml().len() + c.bytes().len();
                assert!(size(&smaller) <= size(&case), "{smaller:?}");
                assert_ne!(smaller, case);
            }
        }
    }
}
