//! Isolated groups: what a record writes into what it shares never reaches its neighbours, nothing is lost, and nothing is taken
//! apart that says the same.

use std::collections::BTreeMap;

use ottl_compiler::Compiler;
use ottl_core::Time;
use ottl_core::function::{FixedClock, SequenceRng};
use ottl_engine::fast::Engine;
use ottl_engine::{Env, Limits, Outcome, Output, RunError, interp};
use ottl_generate::{Case, Choices, Flatten, Node, Processor, Program};
use ottl_otlp::json;
use ottl_otlp::schema::validate;
use ottl_plan::{Plan, Program as Compiled};
use ottl_schema::{ContextId, MetricData, Signal};
use ottl_suite::tree::{Tree, decode};
use ottl_suite::{engines, messages, rules};

/// Programs that are compared.
const CASES: u64 = 3000;

fn signal_of(message: &str) -> (Signal, &'static str) {
    match message {
        _ if message.contains("resourceLogs") => (Signal::Logs, "log"),
        _ if message.contains("resourceSpans") => (Signal::Traces, "trace"),
        _ if message.contains("resourceMetrics") => (Signal::Metrics, "metric"),
        _ => (Signal::Profiles, "profile"),
    }
}

fn compile(groups: &str, message: &str) -> (Plan, Vec<u8>) {
    let (signal, list) = signal_of(message);
    let plan = rules::plan("transform", signal, &format!("{list}_statements:\n{groups}"));
    (plan, messages::protobuf(signal, message))
}

/// Both engines, in all configurations, give this message.
fn gives(name: &str, groups: &str, message: &str, expected: &str) {
    let (plan, bytes) = compile(groups, message);
    let output = engines::agreed(&plan, &bytes, name).result.unwrap_or_else(|error| panic!("{name}: {error:?}"));
    let mut text = Vec::new();
    let bytes = output.bytes(&bytes).expect("a transform");
    json::from_protobuf(plan.signal, bytes, &mut text, Default::default()).expect("sound");
    let read = |text: &[u8]| -> serde_json::Value { serde_json::from_slice(text).expect("JSON") };
    assert_eq!(read(&text), read(expected.as_bytes()), "{name}: {}", String::from_utf8_lossy(&text));
}

const LOGS: &str = r#"{"resourceLogs":[
    {"schemaUrl":"r","resource":{"attributes":[{"key":"k","value":{"stringValue":"v"}}],"droppedAttributesCount":3},"scopeLogs":[
        {"scope":{"name":"s"},"schemaUrl":"u","logRecords":[
            {"body":{"stringValue":"a"}},{"body":{"stringValue":"b"}},{"body":{"stringValue":"a"}}]},
        {"scope":{"name":"none"}},
        {"scope":{"name":"t"},"logRecords":[{"body":{"stringValue":"b"}},{"body":{"stringValue":"c"}}]}]}]}"#;

#[test]
fn records_are_regrouped_by_what_they_wrote_above_them() {
    gives(
        "groups of one resource, in the order of their first records",
        r#"- {context: log, isolate: true, statements: ['set(resource.attributes["of"], log.body) where log.body != "c"']}"#,
        LOGS,
        r#"{"resourceLogs":[
            {"schemaUrl":"r","resource":{"attributes":[{"key":"k","value":{"stringValue":"v"}},{"key":"of","value":{"stringValue":"a"}}],"droppedAttributesCount":3},"scopeLogs":[
                {"scope":{"name":"s"},"schemaUrl":"u","logRecords":[{"body":{"stringValue":"a"}},{"body":{"stringValue":"a"}}]}]},
            {"schemaUrl":"r","resource":{"attributes":[{"key":"k","value":{"stringValue":"v"}},{"key":"of","value":{"stringValue":"b"}}],"droppedAttributesCount":3},"scopeLogs":[
                {"scope":{"name":"s"},"schemaUrl":"u","logRecords":[{"body":{"stringValue":"b"}}]},
                {"scope":{"name":"t"},"logRecords":[{"body":{"stringValue":"b"}}]}]},
            {"schemaUrl":"r","resource":{"attributes":[{"key":"k","value":{"stringValue":"v"}}],"droppedAttributesCount":3},"scopeLogs":[
                {"scope":{"name":"none"}},
                {"scope":{"name":"t"},"logRecords":[{"body":{"stringValue":"c"}}]}]}]}"#,
    );
    gives(
        "scopes of a resource that stays one",
        r#"- {context: log, isolate: true, statements: ['set(scope.name, log.body)']}"#,
        LOGS,
        r#"{"resourceLogs":[
            {"schemaUrl":"r","resource":{"attributes":[{"key":"k","value":{"stringValue":"v"}}],"droppedAttributesCount":3},"scopeLogs":[
                {"scope":{"name":"a"},"schemaUrl":"u","logRecords":[{"body":{"stringValue":"a"}},{"body":{"stringValue":"a"}}]},
                {"scope":{"name":"b"},"schemaUrl":"u","logRecords":[{"body":{"stringValue":"b"}}]},
                {"scope":{"name":"none"}},
                {"scope":{"name":"b"},"logRecords":[{"body":{"stringValue":"b"}}]},
                {"scope":{"name":"c"},"logRecords":[{"body":{"stringValue":"c"}}]}]}]}"#,
    );
    gives(
        "the schema URL, and a group that follows sees the new groups",
        r#"
- {context: log, isolate: true, statements: ['set(resource.schema_url, log.body) where log.body == "c"']}
- {context: resource, statements: ['set(resource.attributes["k"], resource.schema_url)']}"#,
        r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"c"}},{"body":{"stringValue":"d"}}]}]}]}"#,
        r#"{"resourceLogs":[
            {"resource":{"attributes":[{"key":"k","value":{"stringValue":"c"}}]},"schemaUrl":"c","scopeLogs":[{"scope":{},"logRecords":[{"body":{"stringValue":"c"}}]}]},
            {"resource":{"attributes":[{"key":"k","value":{"stringValue":""}}]},"scopeLogs":[{"scope":{},"logRecords":[{"body":{"stringValue":"d"}}]}]}]}"#,
    );
    gives(
        "what one record takes out, the others still find",
        r#"- {isolate: true, statements: ['merge_maps(log.attributes, resource.attributes, "upsert")', 'delete_matching_keys(resource.attributes, ".*")']}"#,
        r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"k","value":{"stringValue":"v"}}]},"scopeLogs":[{"scope":{"name":"s"},"logRecords":[
            {"body":{"stringValue":"a"}},{"body":{"stringValue":"b"}}]}]}]}"#,
        r#"{"resourceLogs":[{"resource":{},"scopeLogs":[{"scope":{"name":"s"},"logRecords":[
            {"body":{"stringValue":"a"},"attributes":[{"key":"k","value":{"stringValue":"v"}}]},
            {"body":{"stringValue":"b"},"attributes":[{"key":"k","value":{"stringValue":"v"}}]}]}]}]}"#,
    );
    gives(
        "events of a span",
        r#"- {context: spanevent, isolate: true, statements: ['set(span.name, spanevent.name) where spanevent.name != "b"']}"#,
        r#"{"resourceSpans":[{"scopeSpans":[{"spans":[
            {"name":"s","links":[{"flags":1}],"events":[{"name":"a"},{"name":"b"},{"name":"a"}]},{"name":"none"}]}]}]}"#,
        r#"{"resourceSpans":[{"resource":{},"scopeSpans":[{"scope":{},"spans":[
            {"name":"a","status":{},"links":[{"flags":1}],"events":[{"name":"a"},{"name":"a"}]},
            {"name":"s","status":{},"links":[{"flags":1}],"events":[{"name":"b"}]},{"name":"none","status":{}}]}]}]}"#,
    );
    gives(
        "points of a metric, and what their data says",
        r#"- {context: datapoint, isolate: true, statements: ['set(metric.unit, "s") where datapoint.value_int > 1', 'set(metric.is_monotonic, true) where datapoint.value_int > 2']}"#,
        r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[
            {"name":"m","sum":{"aggregationTemporality":2,"dataPoints":[{"asInt":"1"},{"asInt":"2"},{"asInt":"3"},{"asInt":"1"}]}},{"name":"none"}]}]}]}"#,
        r#"{"resourceMetrics":[{"resource":{},"scopeMetrics":[{"scope":{},"metrics":[
            {"name":"m","sum":{"aggregationTemporality":2,"dataPoints":[{"asInt":"1"},{"asInt":"1"}]}},
            {"name":"m","unit":"s","sum":{"aggregationTemporality":2,"dataPoints":[{"asInt":"2"}]}},
            {"name":"m","unit":"s","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[{"asInt":"3"}]}},
            {"name":"none"}]}]}]}"#,
    );
    gives(
        "exemplars of a point",
        r#"- {context: exemplar, isolate: true, statements: ['set(datapoint.flags, exemplar.int_value)']}"#,
        r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[
            {"name":"m","gauge":{"dataPoints":[{"asInt":"1","exemplars":[{"asInt":"4"},{"asInt":"5"}]},{"asInt":"2"}]}}]}]}]}"#,
        r#"{"resourceMetrics":[{"resource":{},"scopeMetrics":[{"scope":{},"metrics":[
            {"name":"m","gauge":{"dataPoints":[
                {"asInt":"1","flags":4,"exemplars":[{"asInt":"4"}]},{"asInt":"1","flags":5,"exemplars":[{"asInt":"5"}]},{"asInt":"2"}]}}]}]}]}"#,
    );
    gives(
        "appended metrics are with the record that appended them",
        r#"- {context: metric, isolate: true, statements: ['set(scope.name, metric.name)', 'copy_metric(name="copy") where metric.name == "m"']}"#,
        r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m"},{"name":"n"}]}]}]}"#,
        r#"{"resourceMetrics":[{"resource":{},"scopeMetrics":[
            {"scope":{"name":"copy"},"metrics":[{"name":"m"},{"name":"copy"}]},{"scope":{"name":"n"},"metrics":[{"name":"n"}]}]}]}"#,
    );
    gives(
        "a shared cache stays shared",
        r#"- {context: log, isolate: true, shared_cache: true, statements: ['set(log.cache["last"], log.body) where log.cache["last"] == nil', 'set(resource.attributes["first"], log.cache["last"])']}"#,
        r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"a"}},{"body":{"stringValue":"b"}}]}]}]}"#,
        r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"first","value":{"stringValue":"a"}}]},"scopeLogs":[{"scope":{},"logRecords":[
            {"body":{"stringValue":"a"}},{"body":{"stringValue":"b"}}]}]}]}"#,
    );
    gives(
        "profiles",
        r#"- {context: profile, isolate: true, statements: ['set(resource.attributes["of"], profile.dropped_attributes_count)']}"#,
        r#"{"resourceProfiles":[{"scopeProfiles":[{"profiles":[{"droppedAttributesCount":1},{"droppedAttributesCount":2}]}]}]}"#,
        r#"{"resourceProfiles":[
            {"resource":{"attributes":[{"key":"of","value":{"intValue":"1"}}]},"scopeProfiles":[{"scope":{},"profiles":[{"sampleType":{},"periodType":{},"droppedAttributesCount":1}]}]},
            {"resource":{"attributes":[{"key":"of","value":{"intValue":"2"}}]},"scopeProfiles":[{"scope":{},"profiles":[{"sampleType":{},"periodType":{},"droppedAttributesCount":2}]}]}],
            "dictionary":{}}"#,
    );
}

#[test]
fn errors_are_at_the_records_and_writes_conflict_as_they_would() {
    let groups = r#"- {context: log, isolate: true, statements: ['set(resource.attributes["of"], log.body)', 'set(scope.name, Int(log.body)) where log.body == "c"']}"#;
    let (plan, bytes) = compile(groups, LOGS);
    let (fast, interp) = engines::both(&Engine::new(&plan), &bytes, engines::MEMORY);
    assert_eq!(fast.report, interp.report);
    let places: Vec<String> = fast.report.errors.iter().map(|error| error.place.to_string()).collect();
    assert_eq!(places, ["resourceLogs[0].scopeLogs[2].logRecords[1]"]);
    let conflicting: Vec<u64> = fast.report.sources.iter().map(|source| source.conflicting).collect();
    assert_eq!(conflicting, [4, 0], "a b a b c");
}

#[test]
fn a_message_is_changed_if_it_was_written() {
    for (statement, is_written) in [
        (r#"set(resource.attributes["k"], "v")"#, true),
        (r#"set(resource.attributes["k"], "v") where log.body == "none""#, false),
    ] {
        let (plan, bytes) = compile(&format!("- {{context: log, isolate: true, statements: ['{statement}']}}"), LOGS);
        let (fast, interp) = engines::both(&Engine::new(&plan), &bytes, engines::MEMORY);
        let expected = if is_written { Output::Changed(bytes) } else { Output::Unchanged };
        assert_eq!((fast.result, interp.result), (Ok(expected.clone()), Ok(expected)), "{statement}");
    }
}

/// The lists that lead to the records of a context.
#[derive(Clone, Copy)]
enum List {
    Field(u32),
    /// Of a resource: of today, or deprecated.
    Scopes,
    /// The data of a metric.
    Data,
    Exemplars,
}

fn lists(context: ContextId) -> Vec<List> {
    let records = [List::Field(1), List::Scopes, List::Field(2)];
    let below: &[List] = match context {
        ContextId::Resource => return records[..1].to_vec(),
        ContextId::Scope => return records[..2].to_vec(),
        ContextId::SpanEvent => &[List::Field(11)],
        ContextId::DataPoint => &[List::Data, List::Field(1)],
        ContextId::Exemplar => &[List::Data, List::Field(1), List::Exemplars],
        _ => &[],
    };
    [&records, below].concat()
}

fn is_data(number: u32) -> bool {
    MetricData::of(number).is_some()
}

/// The number of the members' field, by the numbers of the fields that are there.
fn number(list: List, data: u32, mut there: impl Iterator<Item = u32> + Clone) -> Option<u32> {
    let exemplars = MetricData::of(data).and_then(|data| data.kind.exemplars());
    Some(match list {
        List::Field(number) => number,
        List::Scopes if there.clone().any(|number| number == 2) => 2,
        List::Scopes => 1000,
        List::Data => there.filter(|number| is_data(*number)).last()?,
        List::Exemplars => exemplars.filter(|exemplars| there.any(|number| number == *exemplars))?,
    })
}

/// A message for each record; nothing if parts of it are no messages.
fn alone(fields: &[Node], lists: &[List], data: u32) -> Option<Vec<Vec<Node>>> {
    let whole = || Some(vec![fields.to_vec()]);
    let Some((list, below)) = lists.split_first() else { return whole() };
    let Some(number) = number(*list, data, fields.iter().map(Node::number)) else { return whole() };
    let mut members: Vec<usize> = (0..fields.len()).filter(|at| fields[*at].number() == number).collect();
    if matches!(list, List::Data) {
        members.drain(..members.len() - 1);
    }
    let mut out = Vec::new();
    for at in &members {
        let (Node::Message(_, inner) | Node::Padded(_, inner)) = &fields[*at] else { return None };
        for one in alone(inner, below, if matches!(list, List::Data) { number } else { data })? {
            let mut message = fields.to_vec();
            message[*at] = Node::Message(number, one);
            let mut idx = 0;
            message.retain(|_| {
                idx += 1;
                idx - 1 == *at || !members.contains(&(idx - 1))
            });
            out.push(message);
        }
    }
    if members.is_empty() { whole() } else { Some(out) }
}

/// A record, or what has none in it, with all that is above it.
type Flat = (bool, Vec<Tree>, Tree);

fn flat(tree: Tree, lists: &[List], data: u32, above: &mut Vec<Tree>, out: &mut Vec<Flat>) {
    let Tree::Message(mut fields) = tree else { panic!("a message") };
    let found = lists.split_first().and_then(|(list, below)| {
        let there = fields.keys().copied().collect::<Vec<_>>();
        Some((number(*list, data, there.into_iter())?, list, below))
    });
    let members = found.and_then(|(number, list, below)| Some((fields.remove(&number)?, number, list, below)));
    let Some((members, number, list, below)) = members else {
        out.push((lists.is_empty(), above.clone(), Tree::Message(fields)));
        return;
    };
    if matches!(list, List::Data) {
        fields.insert(number, Vec::new());
    }
    above.push(Tree::Message(fields));
    for member in members {
        flat(member, below, if matches!(list, List::Data) { number } else { data }, above, out);
    }
    above.pop();
}

fn outcome(engine: &dyn ottl_engine::Engine, message: &[u8], segment: usize) -> Outcome {
    let (clock, rng) = (FixedClock(Time::from_unix_nanos(0)), SequenceRng::default());
    let limits = Limits { new_metrics: 20, segment, ..Limits::default() };
    engine.outcome(message, &Env { limits, ..Env::new(&clock, &rng) })
}

/// A program in which all groups are isolated.
fn isolated(mut program: Program) -> Program {
    program.isolate();
    program
}

#[test]
fn records_come_out_as_if_each_had_been_alone() {
    let functions = ottl_functions::registry();
    let compiler = Compiler::new(ottl_functions::registry());
    let (mut compared, mut regrouped, mut contexts) = (0, 0, BTreeMap::new());
    for seed in 0..CASES {
        let Case { mut program, message } = Case::generate(&mut Choices::seeded(seed), &functions);
        // What profiles write goes into a dictionary that all share, so it has other places where they are alone.
        if program.processor != Processor::Transform || program.signal == Signal::Profiles {
            continue;
        }
        program.groups.truncate(1);
        program.groups[0].shared_cache = false;
        program.flatten = Flatten::No;
        let signal = program.signal;
        let plain = rules::compile(&compiler, "transform", signal, &program.yaml());
        let isolated = rules::compile(&compiler, "transform", signal, &isolated(program.clone()).yaml());
        let (Ok(plain), Ok(isolated)) = (plain, isolated) else { continue };
        let bytes = Node::encode(&message);
        let Compiled::Transform(rules) = &isolated.program else { panic!("a transform") };
        let Some(group) = rules.groups.first() else { continue };
        if !group.isolate {
            // Nothing is written above the records: all is as it was.
            let same = [&plain, &isolated].map(|plan| outcome(&Engine::new(plan), &bytes, 0));
            assert_eq!(same[0], same[1], "{seed}");
            continue;
        }
        let lists = lists(group.context);
        let Some(messages) = alone(&message, &lists, 0) else { continue };
        if validate(signal, &bytes).is_err() {
            continue;
        }
        let flatten = |bytes: &[u8], out: &mut _| {
            let tree = decode(signal.message(), bytes).expect("sound");
            flat(tree, &lists, 0, &mut Vec::new(), out);
        };
        let mut expected = Vec::new();
        let mut sums = vec![[0; 4]; plain.sources.len()];
        let engine = interp::Engine::new(&plain);
        let mut failed = false;
        for one in &messages {
            let one = Node::encode(one);
            let outcome = outcome(&engine, &one, usize::MAX);
            let Some(bytes) = outcome.result.as_ref().ok().and_then(|output| output.bytes(&one)) else {
                failed = true;
                break;
            };
            flatten(bytes, &mut expected);
            for (sums, source) in sums.iter_mut().zip(&outcome.report.sources) {
                let counts = [source.evaluated, source.matched, source.changed, source.failed];
                sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            }
        }
        if failed {
            continue;
        }
        // Where records are gone, what they were in is joined like all that says the same.
        let in_order = |found: &mut Vec<Flat>| {
            found.sort();
            found.dedup_by(|one, other| !one.0 && one == other);
        };
        in_order(&mut expected);
        let engines: [(&str, Box<dyn ottl_engine::Engine + '_>); 2] =
            [("interp", engines::interp(&isolated)), ("fast", engines::fast(&isolated))];
        for (name, engine) in engines {
            for segment in [0, usize::MAX] {
                let together = outcome(&*engine, &bytes, segment);
                let case = || format!("{seed} {name} {segment}: {}\n{}", program.yaml(), bytes.escape_ascii());
                let output = together.result.unwrap_or_else(|error| panic!("{error:?} {}", case()));
                let mut found = Vec::new();
                flatten(output.bytes(&bytes).expect("a transform"), &mut found);
                regrouped += u64::from(output != Output::Unchanged && name == "fast");
                in_order(&mut found);
                assert_eq!(found, expected, "{}", case());
                let counts: Vec<[u64; 4]> = together
                    .report
                    .sources
                    .iter()
                    .map(|source| [source.evaluated, source.matched, source.changed, source.failed])
                    .collect();
                assert_eq!(counts, sums, "{}", case());
            }
        }
        compared += 1;
        *contexts.entry(group.context.name()).or_insert(0) += 1;
    }
    assert!(compared > CASES / 20 && regrouped > CASES / 20, "{compared} {regrouped}");
    assert!(contexts.len() > 6, "{contexts:?}");
}

#[test]
fn engines_agree_on_isolated_programs() {
    let functions = ottl_functions::registry();
    let mut compared = 0;
    let compiler = Compiler::new(ottl_functions::registry());
    for seed in 0..CASES {
        let Case { program, message } = Case::generate(&mut Choices::seeded(seed), &functions);
        if program.processor != Processor::Transform {
            continue;
        }
        let program = isolated(program);
        let Ok(plan) = rules::compile(&compiler, "transform", program.signal, &program.yaml()) else { continue };
        let bytes = Node::encode(&message);
        let (fast, interp) = engines::both(&Engine::new(&plan), &bytes, engines::MEMORY);
        let case = || format!("{seed}: {}\n{}", program.yaml(), bytes.escape_ascii());
        assert_eq!(engines::difference(&plan, &bytes, &fast, &interp), None, "{}", case());
        if seed % 8 == 0 {
            assert_eq!(engines::differs_without(&plan, &bytes, engines::MEMORY, &fast, &interp), None, "{}", case());
        }
        compared += 1;
    }
    assert!(compared > CASES / 4, "{compared}");
}

/// Many records in a resource of this many bytes, each with another body.
fn many(records: usize, resource: usize) -> Vec<u8> {
    let text = |bytes: &[u8]| vec![Node::Bytes(1, bytes.to_vec())];
    let pair = Node::Message(1, vec![Node::Bytes(1, b"k".to_vec()), Node::Message(2, text(&vec![b'x'; resource]))]);
    let body = |record: usize| Node::Message(2, vec![Node::Message(5, text(format!("{record}").as_bytes()))]);
    let scope = Node::Message(2, (0..records).map(body).collect());
    Node::encode(&[Node::Message(1, vec![Node::Message(1, vec![pair]), scope])])
}

#[test]
fn hostile_messages_cost_a_bounded_amount() {
    let groups = r#"- {context: log, isolate: true, statements: ['set(resource.attributes["of"], log.body) where Len(log.body) > N']}"#;
    let run = |groups: &str, message: &[u8]| {
        let (plan, _) = compile(groups, LOGS);
        let result = outcome(&Engine::new(&plan), message, Limits::default().segment).result;
        result.map(|output| output.bytes(message).map_or(0, <[u8]>::len))
    };
    // Each record gets a resource of its own, and that is what there is afterwards.
    let message = many(100_000, 10);
    let grown = run(&groups.replace('N', "0"), &message).expect("within the limits");
    assert!(grown > 3 * message.len() && grown < 10 * message.len(), "{grown}");
    // Large resources that stay as they are take steps, and those that become many do not fit.
    let message = many(100_000, 1 << 20);
    let spent = run(&groups.replace('N', "9"), &message);
    assert!(matches!(spent, Err(RunError::Limit { name: "steps", .. })), "{spent:?}");
    let message = many(1000, 1 << 18);
    assert_eq!(run(&groups.replace('N', "9"), &message), Ok(message.len()));
    assert!(matches!(run(&groups.replace('N', "0"), &message), Err(RunError::Limit { name: "scratch_bytes", .. })));
}
