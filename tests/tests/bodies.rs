//! Bodies of processors as teams have them, `tests/samples/rules/bodies`: what the reference makes of them is in the family
//! `bodies` of the golden vectors. Here they go through the library, in both engines and all configurations of the fast one, in
//! protobuf and JSON; and it is held that they are worth asking: each of their statements does something, and together they
//! call every function twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use ottl::function::{FixedClock, SequenceRng};
use ottl::plan::{Plan, Program};
use ottl::syntax::{parse_condition, parse_statement, print};
use ottl::{Call, Compiler, Output, ProcessorKind, RuleSet, Signal, Target, Time};
use ottl_engine::fast::{self, Options};
use ottl_engine::{Limits, interp};
use ottl_otlp::json;
use ottl_suite::golden::{ASKED, Harness, Verdict, client, folder, hold, judge, vectors};
use serde_json::Value;

/// Bodies that have to be there, and how many of them call each function.
const LEAST: (usize, usize) = (100, 2);

/// A body on a message, with the vector that says what becomes of it.
struct Case {
    vector: Value,
    id: String,
    /// The name of the body's file.
    name: String,
    signal: Signal,
    rules: RuleSet,
    /// The message as protobuf.
    message: Vec<u8>,
}

impl Case {
    /// What the processor does with messages of the signal.
    fn plan(&self) -> &Plan {
        self.rules.plans(self.signal).next().unwrap_or_else(|| panic!("{}: no rules for the signal", self.id))
    }

    fn call(&self) -> ottl::ClientInfo {
        client(&self.vector)
    }
}

fn text(vector: &Value, field: &str) -> String {
    vector[field].as_str().unwrap_or_else(|| panic!("{field} of {}", vector["id"])).to_owned()
}

fn file(name: &str) -> PathBuf {
    folder().join("../samples/rules").join(name)
}

fn compiler(vector: &Value) -> Compiler {
    let filter = vector["processor"] == "filter";
    Compiler::with_sources(Arc::new(FixedClock(Time::from_unix_nanos(ASKED))), Arc::new(SequenceRng::default()))
        .processor(if filter { ProcessorKind::Filter } else { ProcessorKind::Transform })
        .target(vector["target"].as_str().and_then(Target::by_name).unwrap_or_default())
}

fn cases() -> Vec<Case> {
    let harness = Harness::new(ottl_suite::engines::fast);
    let case = |vector: Value| {
        let (id, name, signal) = (text(&vector, "id"), text(&vector, "config_file"), text(&vector, "signal"));
        let signal = Signal::ALL.into_iter().find(|known| known.name() == signal).expect("a signal");
        let body = fs::read_to_string(file(&name)).expect("a body");
        let rules = compiler(&vector).compile(&body).unwrap_or_else(|error| panic!("{id}: {error}"));
        let message = harness.input(&vector, signal).expect("a message");
        Case { vector, id, name, signal, rules, message }
    };
    vectors("bodies").into_iter().map(case).collect()
}

/// Collects what differs from the vectors.
fn differences(verdicts: impl IntoIterator<Item = (String, Verdict)>) -> Vec<String> {
    let differs = |(what, verdict)| match verdict {
        Verdict::Same => None,
        other => Some(format!("{what}: {other:?}")),
    };
    verdicts.into_iter().filter_map(differs).collect()
}

#[test]
fn both_engines_give_the_output_of_the_reference() {
    let all = Limits::default().segment;
    let mut different = Vec::new();
    for case in cases() {
        let (plan, message, vector) = (case.plan(), &case.message, &case.vector);
        let mut verdicts = vec![("interp".to_owned(), hold(&interp::Engine::new(plan), 0, plan, message, vector))];
        for options in Options::every() {
            let engine = fast::Engine::with(plan, options);
            verdicts.push((format!("fast, {options:?}"), hold(&engine, all, plan, message, vector)));
        }
        verdicts.push(("fast, in segments".to_owned(), hold(&fast::Engine::new(plan), 0, plan, message, vector)));
        different.extend(differences(verdicts).into_iter().map(|how| format!("{}: {how}", case.id)));
    }
    assert!(different.is_empty(), "{} differ\n{}", different.len(), different.join("\n"));
}

#[test]
fn json_gives_the_output_of_the_reference() {
    let mut verdicts = Vec::new();
    for case in cases() {
        let client = case.call();
        let mut input = Vec::new();
        json::from_protobuf(case.signal, &case.message, &mut input, json::Style::Compact).expect("a message");
        let call = Call { client: Some(&client), ..Call::from(case.signal) };
        let verdict = match case.rules.transform_json(call, &input) {
            Err(_) if case.vector["error"].is_string() => Verdict::Same,
            Err(error) => Verdict::Different(error.to_string()),
            Ok(_) if case.vector["error"].is_string() => Verdict::Different("did not fail".to_owned()),
            Ok(outcome) => {
                let output = match outcome.output {
                    Output::Changed(text) => {
                        let mut message = Vec::new();
                        json::to_protobuf(case.signal, &text, &mut message).expect("what is written can be read");
                        Output::Changed(message)
                    }
                    other => other,
                };
                judge(&case.vector, case.signal, &case.message, output)
            }
        };
        verdicts.push((case.id.clone(), verdict));
    }
    let different = differences(verdicts);
    assert!(different.is_empty(), "{} differ\n{}", different.len(), different.join("\n"));
}

/// The functions that each source of a plan calls, lambdas and functions named as arguments included.
fn functions(plan: &Plan) -> Vec<(usize, &str)> {
    let mut found: Vec<(usize, &str)> = Vec::new();
    for call in plan.calls.iter() {
        let source = plan.sites[call.site.0 as usize].source as usize;
        found.push((source, call.function.name));
        for arg in &call.args {
            if let ottl::plan::Arg::Function(number) = arg {
                found.push((source, plan.functions[*number as usize].function.name));
            }
        }
    }
    found
}

#[test]
fn every_statement_acts_and_every_function_is_called_in_two_bodies() {
    let mut by_function: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    // By body, signal and place of the text in the body.
    let mut matched: BTreeMap<(String, &'static str, usize), (String, u64)> = BTreeMap::new();
    for case in cases() {
        let plan = case.plan();
        let client = case.call();
        let call = Call { client: Some(&client), ..Call::from(case.signal) };
        let Ok(outcome) = case.rules.transform(call, &case.message) else { continue };
        let rows = outcome.report.statements().filter(|row| row.statement.signal() == case.signal);
        let counters: Vec<_> = rows.map(|row| row.counters).collect();
        for (source, text) in plan.sources.iter().enumerate() {
            let key = (case.name.clone(), case.signal.name(), source);
            matched.entry(key).or_insert_with(|| (text.clone(), 0)).1 += counters[source].matched;
        }
        for (source, name) in functions(plan) {
            if counters[source].matched > 0 {
                by_function.entry(name.to_owned()).or_default().insert(case.name.clone());
            }
        }
        assert!(!matches!(&plan.program, Program::Transform(program) if program.groups.is_empty()), "{}", case.id);
    }
    let idle: Vec<_> = matched.iter().filter(|(_, (_, matched))| *matched == 0).collect();
    assert!(idle.is_empty(), "statements that match nothing: {idle:#?}");
    let library = ottl_functions::editors::ALL.iter().chain(ottl_functions::converters::ALL);
    let bodies = |name: &str| by_function.get(name).map_or(0, BTreeSet::len);
    let rare: Vec<_> = library.map(|row| (row.name, bodies(row.name))).filter(|(_, count)| *count < LEAST.1).collect();
    assert!(rare.is_empty(), "functions that too few bodies call: {rare:?}");
}

#[test]
fn bodies_are_asked_and_written_as_they_should_be() {
    let cases = cases();
    let asked: BTreeSet<_> = cases.iter().map(|case| case.name.clone()).collect();
    let there: BTreeSet<_> = fs::read_dir(file("bodies"))
        .expect("the folder")
        .map(|entry| format!("bodies/{}", entry.expect("an entry").file_name().to_string_lossy()))
        .collect();
    assert_eq!(asked, there);
    assert!(there.len() >= LEAST.0, "{} bodies", there.len());
    for case in &cases {
        let body = fs::read_to_string(file(&case.name)).expect("a body");
        // A body says in a comment which warnings it is worth.
        let said: BTreeSet<_> = compiler(&case.vector).check(&body).iter().map(|found| found.code.as_str()).collect();
        let comments = body.lines().filter_map(|line| line.split_once('#')).map(|(_, comment)| comment);
        let owned: BTreeSet<_> = comments
            .flat_map(|comment| comment.split(|c: char| !c.is_ascii_alphanumeric()))
            .filter(|word| {
                word.len() == 5 && word.starts_with(['W', 'H']) && word[1..].bytes().all(|b| b.is_ascii_digit())
            })
            .collect();
        assert_eq!(said, owned, "{}", case.name);
        for text in case.plan().sources.iter() {
            let forms = [print(&parse_statement(text).tree), print(&parse_condition(text).tree)];
            let is_older = compiler(&case.vector).matchers(&body).is_ok_and(|matchers| !matchers.is_empty());
            assert!(is_older || forms.contains(text), "{}: not in the standard form: {text}", case.name);
        }
        let once = compiler(&case.vector).migrate(&body).expect("a body");
        let twice = compiler(&case.vector).migrate(once.text()).expect("a body");
        assert_eq!(once.text(), twice.text(), "{}", case.name);
    }
}
