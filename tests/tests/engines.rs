//! What the golden vectors cannot ask of the engines: bytes that stay, reports, limits, client information, damage.
//! Every run goes through both, and they must agree.

use ottl_compiler::{Compiler, FilterRules, FilterSpec, GroupSpec, SourceText, TransformOptions};
use ottl_core::Time;
use ottl_core::function::{FixedClock, Registry, SequenceRng};
use ottl_engine::{ClientInfo, Env, Limits, Outcome, Output, Report, ReportedError, RunError, SourceReport};
use ottl_otlp::json;
use ottl_otlp::wire::{put_len_field, put_varint_field};
use ottl_plan::{ErrorMode, Plan};
use ottl_schema::{ContextId, Signal};
use ottl_suite::engines;
use ottl_suite::tree::decode;

fn compiler() -> Compiler {
    Compiler::new(Registry::new(ottl_functions::editors::ALL.iter().chain(ottl_functions::converters::ALL).copied()))
}

fn sources<'s>(texts: &[&'s str]) -> Vec<SourceText<'s>> {
    texts.iter().map(|text| SourceText { text, id: 0 }).collect()
}

fn groups(groups: &[GroupSpec<'_>]) -> Plan {
    let compiled = compiler().compile_transform(Signal::Logs, groups, TransformOptions::default());
    compiled.plan.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
}

fn statements(texts: &[&str]) -> Plan {
    groups(&[GroupSpec { context: Some(ContextId::Log), statements: sources(texts), ..GroupSpec::default() }])
}

fn conditions(mode: ErrorMode, texts: &[&str]) -> Plan {
    let spec = FilterSpec { context: Some(ContextId::Log), conditions: sources(texts), ..FilterSpec::default() };
    let compiled = compiler().compile_filter(Signal::Logs, &FilterRules::Newer(vec![spec]), mode);
    compiled.plan.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
}

/// A message of one scope with these bodies.
fn logs(bodies: &[&str]) -> Vec<u8> {
    let records: Vec<_> = bodies.iter().map(|body| format!(r#"{{"body":{{"stringValue":"{body}"}}}}"#)).collect();
    let text = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{}]}}]}}]}}"#, records.join(","));
    let mut out = Vec::new();
    json::to_protobuf(Signal::Logs, text.as_bytes(), &mut out).expect("OTLP/JSON");
    out
}

fn run_with(plan: &Plan, message: &[u8], adjust: impl FnOnce(&mut Env<'_>)) -> Result<(Output, Report), RunError> {
    run_as(None, plan, message, adjust)
}

fn run_as(
    client: Option<&ClientInfo>,
    plan: &Plan,
    message: &[u8],
    adjust: impl FnOnce(&mut Env<'_>),
) -> Result<(Output, Report), RunError> {
    let (clock, rng) = (FixedClock(Time::from_unix_nanos(0)), SequenceRng::default());
    let mut env = Env { client, ..Env::new(&clock, &rng) };
    adjust(&mut env);
    let (fast, plain) = (engines::fast(plan).outcome(message, &env), engines::interp(plan).outcome(message, &env));
    assert_eq!(engines::difference(plan, message, &fast, &plain), None);
    plain.result.map(|output| (output, plain.report))
}

fn run(plan: &Plan, message: &[u8]) -> Result<(Output, Report), RunError> {
    run_with(plan, message, |_| {})
}

/// The message after a run, as OTLP/JSON.
fn text(output: Output, message: &[u8]) -> String {
    let bytes = match output {
        Output::Unchanged => message.to_vec(),
        Output::Changed(bytes) => bytes,
        Output::Dropped => return "dropped".to_owned(),
    };
    let mut out = Vec::new();
    json::from_protobuf(Signal::Logs, &bytes, &mut out, json::Style::Compact).expect("a message");
    String::from_utf8(out).expect("JSON is UTF-8")
}

#[test]
fn what_nothing_wrote_is_unchanged() {
    let message = logs(&["a", "b"]);
    for texts in [
        &["set(log.body, \"x\") where log.body == \"c\""][..],
        &["set(log.cache[\"x\"], log.body)"],
        &["set(log.attributes, log.attributes)"],
        &["delete_key(log.attributes, \"none\")"],
    ] {
        let (output, _) = run(&statements(texts), &message).expect("runs");
        assert_eq!(output, Output::Unchanged, "{texts:?}");
    }
}

#[test]
fn unknown_fields_and_their_order_stay() {
    // A record: unknown field 99, body, unknown field 98; a group with an unknown field before its scopes.
    let mut body = Vec::new();
    put_len_field(&mut body, 1, b"a");
    let mut record = Vec::new();
    put_varint_field(&mut record, 99, 1);
    put_len_field(&mut record, 5, &body);
    put_varint_field(&mut record, 98, 2);
    let message = |record: &[u8]| {
        let (mut scope, mut group, mut out) = (Vec::new(), Vec::new(), Vec::new());
        put_len_field(&mut scope, 2, record);
        put_varint_field(&mut group, 77, 3);
        put_len_field(&mut group, 2, &scope);
        put_len_field(&mut out, 1, &group);
        out
    };
    let (output, _) = run(&statements(&["set(log.body, \"xyz\")"]), &message(&record)).expect("runs");
    let mut expected = Vec::new();
    put_varint_field(&mut expected, 99, 1);
    put_len_field(&mut expected, 5, b"\x0a\x03xyz");
    put_varint_field(&mut expected, 98, 2);
    assert_eq!(output, Output::Changed(message(&expected)));
}

#[test]
fn a_shared_cache_lives_for_one_message() {
    let group = |shared_cache| GroupSpec {
        context: Some(ContextId::Log),
        statements: sources(&[
            "set(log.cache[\"n\"], 0) where log.cache[\"n\"] == nil",
            "set(log.cache[\"n\"], log.cache[\"n\"] + 1)",
            "set(log.severity_number, log.cache[\"n\"])",
        ]),
        shared_cache,
        ..GroupSpec::default()
    };
    let message = logs(&["a", "b"]);
    for (shared, groups_of_two, expected) in [(false, false, [1, 1]), (true, false, [1, 2]), (true, true, [3, 4])] {
        let list = vec![group(shared); if groups_of_two { 2 } else { 1 }];
        let plan = groups(&list);
        for round in 0..2 {
            let (output, _) = run(&plan, &message).expect("runs");
            let text = text(output, &message);
            for number in expected {
                assert!(text.contains(&format!(r#""severityNumber":{number}"#)), "{shared} {round} {text}");
            }
        }
    }
}

#[test]
fn reports_count_per_source() {
    let plan = statements(&[
        "set(log.body, 1) where log.body == \"a\"",
        "set(log.severity_number, log.body)",
        "set(log.flags, 1)",
    ]);
    let (_, report) = run(&plan, &logs(&["a", "b", "c"])).expect("runs");
    let counters: Vec<_> = report.sources.iter().map(|s| (s.evaluated, s.matched, s.changed, s.failed)).collect();
    assert_eq!(counters, [(3, 1, 1, 0), (3, 3, 1, 2), (3, 3, 3, 0)]);
    let errors: Vec<_> = report.errors.iter().map(|e| (e.source, e.place.indexes())).collect();
    assert_eq!(errors, [(1, &[0, 0, 1][..]), (1, &[0, 0, 2])]);
    let (_, report) = run_with(&plan, &logs(&["a", "b", "c"]), |env| env.limits.listed_errors = 1).expect("runs");
    assert_eq!((report.errors.len(), report.sources[1].failed), (1, 2));
    assert_eq!(report.failures(1).iter().map(|kind| kind.count).collect::<Vec<_>>(), [2]);
}

#[test]
fn error_modes_stop_or_go_on() {
    let group = |error_mode| GroupSpec {
        context: Some(ContextId::Log),
        statements: sources(&["set(log.severity_number, log.body)"]),
        error_mode: Some(error_mode),
        ..GroupSpec::default()
    };
    let message = logs(&["a"]);
    let listed = |mode| {
        run(&groups(&[group(mode)]), &message).map(|(_, report)| (report.errors.len(), report.sources[0].failed))
    };
    assert_eq!(listed(ErrorMode::Ignore), Ok((1, 1)));
    assert_eq!(listed(ErrorMode::Silent), Ok((0, 1)));
    assert!(matches!(listed(ErrorMode::Propagate), Err(RunError::Failed(ReportedError { source: 0, .. }))));
}

#[test]
fn limits_end_the_run() {
    let message = logs(&["a"]);
    let padding = statements(&["set(log.attributes[\"l\"][11], 1)"]);
    let limited =
        |limits: Limits, plan: &Plan| run_with(plan, &message, |env| env.limits = limits).map(|(output, _)| output);
    let small = Limits { list_padding: 10, ..Limits::default() };
    assert!(matches!(limited(small, &padding), Err(RunError::Limit { name: "list_padding", by: Some(_) })));
    assert!(matches!(limited(Limits { list_padding: 11, ..small }, &padding), Ok(Output::Changed(_))));
}

#[test]
fn memory_is_emptied_between_records() {
    let body = |i: usize| format!("{i} {}", "x".repeat(i % 100 * 20));
    let bodies: Vec<String> = (0..400).map(body).collect();
    let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
    let message = [logs(&bodies), logs(&bodies[..3]), logs(&bodies)].concat();
    let rules = [
        "set(log.attributes[\"words\"], Split(log.body, \"x\"))",
        "set(log.attributes[\"n\"], Int(log.body)) where Len(log.body) > 700",
        "set(log.severity_text, \"first\") where resource.attributes[\"none\"] == nil and IsMatch(log.body, \"^[0-9] \")",
    ];
    let of_record = statements(&rules);
    let mut writes_resource = rules.to_vec();
    writes_resource.push("set(resource.attributes[\"last\"], log.attributes[\"words\"])");
    let filter = conditions(ErrorMode::Ignore, &["Split(log.body, \"x\")[3] == \"\"", "Int(log.body) == 1"]);
    // Each record takes up to 100 KB, and all together take more than there is.
    let limits = |segment| Limits { scratch_bytes: 1 << 20, segment, ..Limits::default() };
    let outcome = |plan: &Plan, segment| {
        let (clock, rng) = (FixedClock(Time::from_unix_nanos(0)), SequenceRng::default());
        engines::fast(plan).outcome(&message, &Env { limits: limits(segment), ..Env::new(&clock, &rng) })
    };
    for (plan, in_segments) in [(&of_record, true), (&statements(&writes_resource), false), (&filter, true)] {
        let out_of_memory = |outcome: &Outcome| {
            outcome.report.failures(0).iter().any(|f| f.first.error.to_string() == "limit reached: scratch_bytes")
        };
        let [none, small, usual] = [usize::MAX, 0, 1 << 18].map(|segment| outcome(plan, segment));
        assert!(out_of_memory(&none), "the records fit into the memory");
        assert_eq!(out_of_memory(&small), !in_segments, "{:?}", small.report);
        assert_eq!(out_of_memory(&usual), !in_segments);
        assert_eq!(small.report == usual.report && small.result == usual.result, in_segments);
    }
}

#[test]
fn filters_of_parents_look_at_no_record_in_segments_either() {
    // The condition makes something, so that the memory of a segment is full when the first scope comes.
    let spec = FilterSpec {
        context: Some(ContextId::Resource),
        conditions: sources(&["Split(resource.attributes[\"none\"], \"x\")"]),
        ..FilterSpec::default()
    };
    let rules = FilterRules::Newer(vec![spec]);
    let plan = compiler().compile_filter(Signal::Logs, &rules, ErrorMode::Ignore).plan.expect("compiles");
    let scopes = [field(2, &field(3, b"s")), field(2, b""), field(2, &field(3, b"t"))].concat();
    for groups in 1..3 {
        let message = field(1, &scopes).repeat(groups);
        let (output, _) = run_with(&plan, &message, |env| env.limits.segment = 0).expect("runs");
        assert_eq!(output, Output::Unchanged);
    }
}

#[test]
fn a_resource_that_every_record_gets_a_copy_of_ends_at_the_limit() {
    let group = GroupSpec { context: Some(ContextId::Log), ..GroupSpec::default() };
    let options = TransformOptions { flatten_data: true, ..TransformOptions::default() };
    let plan = compiler().compile_transform(Signal::Logs, &[group], options).plan.expect("compiles");
    let resource = field(1, &field(1, b"").repeat(100));
    let message = field(1, &[resource, field(2, &field(2, b"").repeat(200))].concat());
    let limited = |scratch_bytes| {
        let limits = Limits { scratch_bytes, ..Limits::default() };
        run_with(&plan, &message, |env| env.limits = limits).map(|_| ())
    };
    assert_eq!(limited(1 << 20), Ok(()));
    assert_eq!(limited(1 << 15), Err(RunError::Limit { name: "scratch_bytes", by: None }));
}

/// A length-delimited field.
fn field(number: u32, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put_len_field(&mut out, number, content);
    out
}

#[test]
fn repeated_messages_are_put_together_once() {
    /// The rules of a case: signal, context, statements.
    type Rules = (Signal, ContextId, &'static [&'static str]);
    /// What stands around the message that is in parts.
    type Around<'f> = &'f dyn Fn(&[u8]) -> Vec<u8>;
    // A copy of what came before for every occurrence would take a million bytes.
    const TIMES: usize = 1000;
    let limits = Limits { scratch_bytes: 1 << 18, ..Limits::default() };
    let text = vec![b'z'; 1000];
    let string = field(1, &text);
    let pair = [field(1, b"k"), field(2, &string)].concat();
    let (attribute, number) = (field(1, &pair), [0x10, 9]);
    let record = |part: &[u8]| field(1, &field(2, &field(2, part)));
    let point = |part: &[u8]| record(&[field(1, b"m"), field(10, &field(1, part))].concat());
    /// The field, its first and its other occurrences, what is around it, and the rules.
    type Case<'c> = (u32, &'c [u8], &'c [u8], Around<'c>, Rules);
    let cases: [Case<'_>; 8] = [
        (5, &string, b"", &record, (Signal::Logs, ContextId::Log, &["set(log.attributes[\"n\"], Len(log.body))"])),
        (5, &string, &number, &record, (Signal::Logs, ContextId::Log, &["set(log.attributes[\"n\"], log.body)"])),
        (
            1,
            &attribute,
            &field(1, &field(1, b"last")),
            &|part| field(1, &[part.to_vec(), field(2, &field(2, b""))].concat()),
            (
                Signal::Logs,
                ContextId::Log,
                &[
                    "set(log.attributes[\"n\"], resource.attributes[\"k\"])",
                    "set(resource.attributes[\"n\"], \"x\")",
                    "set(log.attributes[\"m\"], resource.attributes[\"n\"])",
                ],
            ),
        ),
        (
            1,
            &field(1, b"name"),
            &field(3, &pair),
            &|part| field(1, &field(2, &[field(2, b""), part.to_vec(), field(2, b"")].concat())),
            (
                Signal::Logs,
                ContextId::Log,
                &["set(log.attributes[\"n\"], scope.name)", "set(scope.attributes[\"n\"], scope.attributes[\"k\"])"],
            ),
        ),
        (
            2,
            &string,
            b"",
            &|part| record(&field(6, &[field(1, b"k"), part.to_vec()].concat())),
            (Signal::Logs, ContextId::Log, &["set(log.severity_text, log.attributes[\"k\"])"]),
        ),
        (
            15,
            &field(2, &text),
            &[0x18, 2],
            &record,
            (
                Signal::Traces,
                ContextId::Span,
                &["set(span.attributes[\"n\"], span.status.message)", "set(span.status.code, span.status.code + 1)"],
            ),
        ),
        (
            8,
            &field(2, &[1; 1000]),
            &[0x08, 6],
            &point,
            (
                Signal::Metrics,
                ContextId::DataPoint,
                &[
                    "set(datapoint.attributes[\"n\"], Len(datapoint.positive.bucket_counts))",
                    "set(datapoint.positive.offset, datapoint.positive.offset + 1)",
                ],
            ),
        ),
        (9, &field(2, &[1; 1000]), &[0x08, 6], &point, (Signal::Metrics, ContextId::Metric, &["scale_metric(2.0)"])),
    ];
    for (number, first, last, around, (signal, context, texts)) in cases {
        let group = GroupSpec { context: Some(context), statements: sources(texts), ..GroupSpec::default() };
        let compiled = compiler().compile_transform(signal, &[group], TransformOptions::default());
        let plan = compiled.plan.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics));
        let result = |message: &[u8]| {
            let (output, _) = run_with(&plan, message, |env| env.limits = limits).expect("runs");
            decode(signal.message(), output.bytes(message).expect("not dropped")).expect("it is whole")
        };
        let many = [field(number, first), field(number, b"").repeat(TIMES), field(number, last)].concat();
        let one = field(number, &[first, last].concat());
        assert_eq!(result(&around(&many)), result(&around(&one)), "{texts:?}");
    }
}

#[test]
fn a_message_in_parts_of_which_one_is_no_message_is_damaged() {
    let parts = [field(5, &field(1, b"x")), vec![0x28, 1]].concat();
    let message = field(1, &field(2, &field(2, &parts)));
    let plan = statements(&["set(log.attributes[\"a\"], log.body)"]);
    assert!(matches!(run(&plan, &message), Err(RunError::Damaged(_))));
}

#[test]
fn fields_in_front_of_children_that_write_them_are_written_at_their_first_place() {
    // Schema URL and resource alternate in front of the scope, between fields that nobody knows.
    let odd = field(30, b"odd");
    let head = [field(1, &field(1, &field(1, b"k"))), field(3, b"u"), odd.clone()].concat();
    let scope = field(2, &field(2, b""));
    let message = field(1, &[odd.clone(), head.repeat(3), scope.clone()].concat());
    let plan = statements(&["set(resource.attributes[\"n\"], \"x\")", "set(resource.schema_url, \"w\")"]);
    run(&plan, &message).expect("runs");
    let pair = |key: &[u8], value: &[u8]| field(1, &[field(1, key), value.to_vec()].concat());
    let resource = [pair(b"k", b"").repeat(3), pair(b"n", &field(2, &field(1, b"x")))].concat();
    let wanted = [odd.clone(), field(1, &resource), field(3, b"w"), odd.repeat(3), scope].concat();
    let (rng, clock) = (SequenceRng::default(), FixedClock(Time::from_unix_nanos(0)));
    let fast = engines::fast(&plan).outcome(&message, &Env::new(&clock, &rng));
    assert_eq!(fast.result, Ok(Output::Changed(field(1, &wanted))));
}

/// What a statement writes to the message counts as a change, whatever stood there; caches and containers that are
/// written to where they were read from do not.
#[test]
fn changes_are_what_is_written_to_the_message() {
    let mut message = Vec::new();
    let text = br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[
        {"body":{"stringValue":"a"},"attributes":[{"key":"a","value":{"intValue":"1"}},
        {"key":"m","value":{"kvlistValue":{"values":[{"key":"k","value":{"intValue":"2"}}]}}}]}]}]}]}"#;
    json::to_protobuf(Signal::Logs, text, &mut message).expect("OTLP/JSON");
    for (statement, changed, failed) in [
        ("set(log.body, log.body)", 1, 0),
        ("set(log.attributes[\"a\"], log.attributes[\"a\"])", 1, 0),
        ("set(log.attributes[\"m\"], log.attributes[\"m\"])", 1, 0),
        ("set(log.attributes, log.attributes)", 0, 0),
        ("set(log.cache, log.cache)", 0, 0),
        ("set(log.cache, log.attributes)", 0, 0),
        ("set(log.cache[\"x\"][\"y\"], 1)", 0, 0),
        ("merge_maps(log.cache, log.attributes, \"upsert\")", 0, 0),
        ("flatten(log.cache)", 0, 0),
        ("keep_keys(log.attributes, [\"a\", \"m\"])", 0, 0),
        ("delete_key(log.attributes, \"none\")", 0, 0),
        ("replace_pattern(log.body, \"z\", \"y\")", 0, 0),
        ("set(log.severity_number, \"text\")", 0, 1),
        // The key is made before its value is refused; what leads to a key that does not fit stays.
        ("set(log.attributes[\"new\"], [TraceID(0x0102030405060708090a0b0c0d0e0f10)])", 1, 1),
        ("set(log.attributes[\"l\"][0][\"x\"][1], 5)", 1, 0),
        ("set(log.attributes[\"a\"][\"b\"], 5)", 0, 1),
    ] {
        let plan = statements(&[statement]);
        let (_, report) = run(&plan, &message).expect("runs");
        let SourceReport { changed: got, failed: errors, .. } = report.sources[0];
        assert_eq!((got, errors), (changed, failed), "{statement}: {:?}", report.failures(0));
    }
}

#[test]
fn errors_of_filters_are_at_their_records() {
    let conditions = ["log.body[\"k\"] == 1", "resource.attributes[0] == nil"].map(|text| SourceText { text, id: 0 });
    let spec = |text: &SourceText<'static>| FilterSpec { conditions: vec![*text], ..FilterSpec::default() };
    let rules = FilterRules::Newer(conditions.iter().map(spec).collect());
    let plan = compiler().compile_filter(Signal::Logs, &rules, ErrorMode::Ignore).plan.expect("compiles");
    let (_, report) = run(&plan, &logs(&["a", "b"])).expect("runs");
    let errors: Vec<_> = report.errors.iter().map(|error| (error.source, error.place.to_string())).collect();
    let record = |idx| format!("resourceLogs[0].scopeLogs[0].logRecords[{idx}]");
    assert_eq!(errors, [(0, record(0)), (0, record(1)), (1, "resourceLogs[0]".to_owned())]);
}

#[test]
fn records_of_flattened_messages_are_where_they_were() {
    let text =
        br#"{"resourceLogs":[{},{"scopeLogs":[{"logRecords":[{}]},{"logRecords":[{},{"body":{"intValue":"0"}}]}]}]}"#;
    let mut message = Vec::new();
    json::to_protobuf(Signal::Logs, text, &mut message).expect("OTLP/JSON");
    let texts = sources(&["set(log.body, 1 / log.body) where log.body != nil"]);
    let group = GroupSpec { context: Some(ContextId::Log), statements: texts, ..GroupSpec::default() };
    let options = TransformOptions { flatten_data: true, ..TransformOptions::default() };
    let plan = compiler().compile_transform(Signal::Logs, &[group], options).plan.expect("compiles");
    let (_, report) = run(&plan, &message).expect("runs");
    let places: Vec<_> = report.errors.iter().map(|error| error.place.to_string()).collect();
    assert_eq!(places, ["resourceLogs[1].scopeLogs[1].logRecords[1]"]);
    // What is unknown outside of the groups stays.
    put_varint_field(&mut message, 77, 1);
    let (output, _) = run(&plan, &message).expect("runs");
    assert!(output.bytes(&message).expect("an output").windows(3).any(|field| field == [0xe8, 0x04, 1]));
}

/// The reference crashes when such a function takes anything but a text.
#[test]
fn functions_named_as_arguments_take_a_text() {
    for (function, failed) in [("ToUpperCase", 0), ("Trim", 1), ("String", 1), ("Len", 1), ("SHA256", 0)] {
        let plan = statements(&[&format!("replace_pattern(log.body, \"[a-z]\", \"$0\", {function})")]);
        let (_, report) = run(&plan, &logs(&["a1b2"])).expect("runs");
        assert_eq!(report.sources[0].failed, failed, "{function}: {:?}", report.failures(0));
    }
}

#[test]
fn calls_inside_each_other_are_bounded() {
    let nested = |depth: usize| format!("set(log.body, {}log.body{})", "ToLowerCase(".repeat(depth), ")".repeat(depth));
    let text = nested(64);
    assert_eq!(run(&statements(&[&text]), &logs(&["A"])).map(|(_, report)| report.sources[0].changed), Ok(1));
    let in_lambdas = |depth: usize| {
        let (open, close) = ("Any(log.attributes[\"l\"], (k, v) => Len(".repeat(depth), "))".repeat(depth));
        format!("set(log.body, 1) where {open}log.body{close} == 1")
    };
    let in_keys =
        |depth: usize| format!("set(log.body, {}0{})", "Int(log.attributes[".repeat(depth), "])".repeat(depth));
    for (text, refused) in [
        (nested(65), true),
        (in_lambdas(32), false),
        (in_lambdas(33), true),
        (in_keys(64), false),
        (in_keys(65), true),
        (format!("set(log.body, [{}])", vec!["ToLowerCase(log.body)"; 100].join(", ")), false),
    ] {
        let compiled = compiler().compile_statement(ContextId::Log, &text);
        let found: Vec<&str> =
            compiled.diagnostics.iter().map(|(_, d)| d.code.as_str()).filter(|c| c.starts_with('E')).collect();
        assert_eq!(found, if refused { &["E0504"][..] } else { &[] }, "{text}");
        if let Some((_, d)) = compiled.diagnostics.iter().find(|(_, d)| d.code.as_str() == "E0504") {
            let place = d.span.start as usize..d.span.end as usize;
            assert!(["ToLowerCase", "Any", "Len", "Int"].contains(&&text[place.clone()]), "{}", &text[place]);
            assert!(text[..d.span.start as usize].matches(['(']).count() > 64, "{text}");
        }
    }
}

#[test]
fn an_unguarded_copy_of_metrics_ends_at_the_limit() {
    let group =
        GroupSpec { context: Some(ContextId::Metric), statements: sources(&["copy_metric()"]), ..GroupSpec::default() };
    let compiled = compiler().compile_transform(Signal::Metrics, &[group], TransformOptions::default());
    let plan = compiled.plan.expect("compiles");
    let mut message = Vec::new();
    let text = br#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m"}]}]}]}"#;
    json::to_protobuf(Signal::Metrics, text, &mut message).expect("OTLP/JSON");
    assert!(matches!(run(&plan, &message), Err(RunError::Limit { name: "new_metrics", by: Some(_) })));
}

#[test]
fn filters_count_what_they_drop() {
    let message = logs(&["a", "b", "c"]);
    for (mode, texts, expected) in [
        (ErrorMode::Ignore, &["log.body == \"a\"", "log.body == \"c\""][..], Ok((false, 2))),
        (ErrorMode::Ignore, &["log.body != nil"], Ok((true, 3))),
        (ErrorMode::Ignore, &["log.body == \"z\""], Ok((false, 0))),
        (ErrorMode::Ignore, &["log.body[\"k\"] == 1"], Ok((false, 0))),
        // A failing condition keeps its record and fails the message.
        (ErrorMode::Propagate, &["log.body == \"a\"", "log.body[\"k\"] == 1"], Err(1)),
        // Nothing is left: that hides the errors.
        (ErrorMode::Propagate, &["log.body != nil", "log.body[\"k\"] == 1"], Ok((true, 3))),
    ] {
        let got = match run(&conditions(mode, texts), &message) {
            Ok((output, report)) => {
                assert_eq!(output == Output::Unchanged, report.dropped.log_records == 0, "{texts:?}");
                Ok((output == Output::Dropped, report.dropped.log_records))
            }
            Err(RunError::Failed(error)) => Err(error.source),
            Err(other) => panic!("{texts:?}: {other}"),
        };
        assert_eq!(got, expected, "{texts:?}");
    }
}

#[test]
fn client_information_comes_from_the_environment() {
    let client = ClientInfo {
        addr: Some("10.0.0.1".to_owned()),
        metadata: vec![("Tenant".to_owned(), vec!["acme".to_owned(), "other".to_owned()])],
        auth: vec![("subject".to_owned(), "ann".to_owned())],
        grpc: vec![("x-key".to_owned(), vec!["v".to_owned()])],
    };
    let message = logs(&["a"]);
    let tenant = r#"{"arrayValue":{"values":[{"stringValue":"acme"},{"stringValue":"other"}]}}"#;
    let tenants = format!(r#"{{"kvlistValue":{{"values":[{{"key":"Tenant","value":{tenant}}}]}}}}"#);
    let none = r#"{"kvlistValue":{}}"#;
    for (value, with, without) in [
        ("otelcol.client.addr", r#"{"stringValue":"10.0.0.1"}"#, "{}"),
        ("otelcol.client.metadata[\"tenant\"]", tenant, "{}"),
        ("otelcol.client.metadata[\"tenant\"][1]", r#"{"stringValue":"other"}"#, "{}"),
        ("otelcol.client.metadata[\"tenant\"][2]", "error", "{}"),
        ("otelcol.client.metadata", &tenants, none),
        ("otelcol.client.auth.attributes[\"subject\"]", r#"{"stringValue":"ann"}"#, "{}"),
        ("otelcol.client.auth.attributes[\"subject\"][\"x\"]", "error", "{}"),
        ("otelcol.grpc.metadata[\"X-Key\"][0]", r#"{"stringValue":"v"}"#, "{}"),
    ] {
        let plan = statements(&[&format!("set(log.body, {value})")]);
        for (info, expected) in [(Some(&client), with), (None, without)] {
            let (output, report) = run_as(info, &plan, &message, |_| {}).expect("runs");
            if expected == "error" {
                assert_eq!(report.errors.len(), 1, "{value}");
            } else {
                let text = text(output, &message);
                assert!(text.contains(&format!(r#""body":{expected}}}"#)), "{value}: {text}");
            }
        }
    }
}

#[test]
fn nil_is_written_only_if_allowed() {
    let plan = statements(&["set(log.body, nil)"]);
    let message = logs(&["a"]);
    let (output, _) = run_with(&plan, &message, |env| env.allow_nil = false).expect("runs");
    assert_eq!(output, Output::Unchanged);
    assert!(matches!(run(&plan, &message), Ok((Output::Changed(_), _))));
}

#[test]
fn scopes_in_the_deprecated_field_are_visited() {
    let mut body = Vec::new();
    put_len_field(&mut body, 5, b"\x0a\x01a");
    let (mut scope, mut group, mut message) = (Vec::new(), Vec::new(), Vec::new());
    put_len_field(&mut scope, 2, &body);
    put_len_field(&mut group, 1000, &scope);
    put_len_field(&mut message, 1, &group);
    let (output, report) = run(&statements(&["set(log.body, \"b\")"]), &message).expect("runs");
    assert_eq!(report.sources[0].changed, 1);
    assert!(text(output, &message).contains("\"b\""));
}

#[test]
fn damage_is_an_error_with_its_place() {
    let plan = statements(&["set(log.body, \"x\") where log.attributes[\"k\"] == nil"]);
    for cut in 1..logs(&["abc"]).len() {
        let message = &logs(&["abc"])[..cut];
        match run(&plan, message) {
            Err(RunError::Damaged(error)) => assert!(error.offset <= cut, "{cut}: {error}"),
            other => panic!("{cut}: {other:?}"),
        }
    }
    // The value of an attribute: a string that is longer than its message.
    let (mut record, mut scope, mut group, mut message) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    put_len_field(&mut record, 6, b"\x0a\x01k\x12\x02\x0a\x05");
    put_len_field(&mut scope, 2, &record);
    put_len_field(&mut group, 2, &scope);
    put_len_field(&mut message, 1, &group);
    let error = run(&plan, &message).expect_err("is damaged");
    let RunError::Damaged(error) = error else { panic!("{error}") };
    assert_eq!(message[error.offset], 5, "the length at fault");
}

#[test]
fn broken_bytes_end_in_an_error_or_an_output() {
    let text = std::fs::read(ottl_suite::golden::folder().join("inputs/metrics-all.json")).expect("an input");
    let mut message = Vec::new();
    json::to_protobuf(Signal::Metrics, &text, &mut message).expect("OTLP/JSON");
    let group = |context, texts: &[&'static str]| GroupSpec {
        context: Some(context),
        statements: sources(texts),
        ..GroupSpec::default()
    };
    let list = [
        group(ContextId::Metric, &["set(metric.data_points, metric.data_points)", "scale_metric(2.0)"]),
        group(ContextId::DataPoint, &["set(attributes[\"x\"][\"y\"], bucket_counts)", "set(exemplars, exemplars)"]),
        group(ContextId::Exemplar, &["set(filtered_attributes[\"x\"], trace_id.string)"]),
    ];
    let plan =
        compiler().compile_transform(Signal::Metrics, &list, TransformOptions::default()).plan.expect("compiles");
    let (mut failed, mut changed) = (0, 0);
    for at in 0..message.len() {
        for byte in [0x00, 0x7f, 0x80, 0xff, message[at] ^ 1, message[at] ^ 4] {
            let mut broken = message.clone();
            broken[at] = byte;
            match run(&plan, &broken) {
                Err(RunError::Damaged(error)) => {
                    failed += 1;
                    assert!(error.offset <= broken.len(), "{at} {byte}: {error}");
                }
                Ok((Output::Changed(_), _)) => changed += 1,
                Ok(_) => {}
                Err(error) => panic!("{at} {byte}: {error}"),
            }
        }
    }
    assert!(failed > 1000 && changed > 1000, "{failed} {changed}");
}

#[test]
fn an_empty_message_is_no_error() {
    assert_eq!(run(&statements(&["set(log.body, 1)"]), &[]).map(|(output, _)| output), Ok(Output::Unchanged));
}
