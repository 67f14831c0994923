//! Bounds: what rules make of a message costs no more than a fixed amount and a multiple of the message, whatever they say.
#![cfg(all(feature = "host", feature = "interp"))]

use std::sync::atomic::AtomicBool;

use ottl::function::{CallContext, FunctionDef, ParamType, Purity};
use ottl::{Call, Compiler, Engine, EvalError, Limits, Output, Report, RuleSet, Scratch, Signal, registry};
use ottl_core::Value;

const ENGINES: [Engine; 2] = [Engine::Fast, Engine::Interp];

/// A log message with this JSON as its record.
fn log(record: &str) -> Vec<u8> {
    let mut message = Vec::new();
    let text = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{record}]}}]}}]}}"#);
    ottl::otlp::json::to_protobuf(Signal::Logs, text.as_bytes(), &mut message).expect("a message");
    message
}

fn compile(statements: &[String], engine: Engine, limits: Limits) -> RuleSet {
    let mut text = "error_mode: ignore\nlog_statements:\n".to_owned();
    for statement in statements {
        text += &format!("  - {}\n", serde_json::to_string(statement).expect("a text"));
    }
    Compiler::new().engine(engine).limits(limits).compile(&text).unwrap_or_else(|error| panic!("{error}"))
}

/// What the last statement failed with, if it did; and the output.
fn last_error(statements: &[String], message: &[u8], engine: Engine, limits: Limits) -> (Option<String>, Vec<u8>) {
    let rules = compile(statements, engine, limits);
    let outcome = rules.transform(Signal::Logs, message).unwrap_or_else(|error| panic!("{engine:?}: {error}"));
    let row = outcome.report.statements().last().expect("there is a statement");
    let error = row.failures().next().map(|failure| failure.first.error.to_string());
    (error, outcome.output.bytes(message).unwrap_or_default().to_vec())
}

#[test]
fn growth_inside_statements_fails_the_statement() {
    let limits = Limits { scratch_bytes: 1 << 20, ..Limits::default() };
    let message = log(r#"{"body":{"stringValue":"a,a"},"attributes":[{"key":"n","value":{"intValue":"1000000"}}]}"#);
    let tenfold = "replace_pattern(log.body, \"a\", \"aaaaaaaaaa\")";
    let double = "set(log.attributes[\"x\"], Concat([log.attributes[\"x\"], log.attributes[\"x\"]], \",\"))";
    let thousand = format!("[{}]", vec!["1"; 1000].join(","));
    let rows: [(&[&str], String); 7] = [
        (&[tenfold; 7], tenfold.to_owned()),
        (&[], format!("set(log.attributes[\"y\"], MapEach({thousand}, (i, v) => MapEach({thousand}, (j, w) => w)))")),
        (&["replace_pattern(log.body, \",\", \"aaaaaaaa,\")", tenfold, tenfold, tenfold, tenfold], "set(log.attributes[\"y\"], Split(log.body, \"\"))".to_owned()),
        (&[], "set(log.body, Format(\"%*d%*d%*d\", [log.attributes[\"n\"], 1, log.attributes[\"n\"], 1, log.attributes[\"n\"], 1]))".to_owned()),
        (&["set(log.attributes[\"x\"], \"0123456789abcdef0123456789abcdef\")"], "set(log.attributes[\"x\"], log.attributes[\"x\"])".to_owned()),
        (&["append(log.attributes[\"l\"], \"0123456789abcdef\")"; 3], "append(log.attributes[\"l\"], Concat(MapEach([1,2,3,4,5,6,7,8], (i, v) => Format(\"%*d\", [log.attributes[\"n\"], 1])), \"\"))".to_owned()),
        (&["set(log.attributes[\"x\"], \"0123456789abcdef\")", double, double, double, double, double, double, double, double, double, double, double, double, double, double, double, double], double.to_owned()),
    ];
    for engine in ENGINES {
        for (idx, (before, last)) in rows.iter().enumerate() {
            let statements: Vec<String> = before.iter().map(|s| (*s).to_owned()).chain([last.clone()]).collect();
            let (error, out) = last_error(&statements, &message, engine, limits);
            match idx {
                // A copy of what is there is no growth.
                4 => assert_eq!(error, None, "{engine:?}"),
                _ => assert_eq!(error.as_deref(), Some("limit reached: scratch_bytes"), "{engine:?} {last:.80}"),
            }
            assert!(out.len() < 2 << 20, "{engine:?} {idx}: {}", out.len());
        }
    }
}

#[test]
fn what_records_share_does_not_multiply() {
    let text = "x".repeat(10_000);
    let records = vec!["{}"; 2000].join(",");
    let json = format!(
        r#"{{"resourceLogs":[{{"resource":{{"attributes":[{{"key":"r","value":{{"stringValue":"{text}"}}}}]}},"scopeLogs":[{{"logRecords":[{records}]}}]}}]}}"#
    );
    let mut message = Vec::new();
    ottl::otlp::json::to_protobuf(Signal::Logs, json.as_bytes(), &mut message).expect("a message");
    let limits = Limits { scratch_bytes: 1 << 20, ..Limits::default() };
    let statements = ["set(log.attributes[\"r\"], resource.attributes[\"r\"])".to_owned()];
    let fast = compile(&statements, Engine::Fast, limits).transform(Signal::Logs, &message);
    let error = fast.expect_err("20 MB of a message of 22 KB");
    assert_eq!((error.is_limit(), error.limit()), (true, Some("scratch_bytes")), "{error}");
}

#[test]
fn depth_is_one_limit_for_reading_and_making() {
    let path = |keys: usize| format!("log.attributes{}", "[\"k\"]".repeat(keys));
    let message = log(r#"{"attributes":[{"key":"d","value":{"kvlistValue":{"values":[]}}}]}"#);
    let double = "set(log.attributes[\"d\"][\"x\"], log.attributes[\"d\"])".to_owned();
    for engine in ENGINES {
        let error = |statements: &[String]| last_error(statements, &message, engine, Limits::default()).0;
        assert_eq!(error(&[format!("set({}, 1)", path(500))]), None, "{engine:?}");
        for keys in [515, 3000] {
            let statements = [format!("set({}, 1)", path(keys))];
            let (found, out) = last_error(&statements, &message, engine, Limits::default());
            assert_eq!(found.as_deref(), Some("limit reached: value_depth"), "{engine:?} {keys}");
            assert!(out == message, "nothing is left behind");
        }
        // Deeper by its own depth each time, through a wider place.
        let grow = |n: usize| {
            let keys = "[\"x\"]".repeat(n);
            format!("set(log.attributes[\"d\"]{keys}, log.attributes[\"d\"])")
        };
        let statements: Vec<String> = (0..10).map(|n| grow(1 << n)).collect();
        assert_eq!(error(&statements).as_deref(), Some("limit reached: value_depth"), "{engine:?}");
        // What was made can be read, by rules and as a message.
        let statements: Vec<String> = (0..9).map(|n| grow(1 << n)).collect();
        let (_, out) = last_error(&statements, &message, engine, Limits::default());
        ottl::otlp::schema::validate(Signal::Logs, &out).expect("sound");
        let read = last_error(&["set(log.body, log.attributes[\"d\"])".to_owned()], &out, engine, Limits::default());
        assert_eq!(read.0, None, "{engine:?}");
        assert_eq!(error(&[double.clone(), double.clone()]), None, "{engine:?}");
    }
}

#[test]
fn work_inside_statements_is_counted() {
    let list = format!("[{}]", (0..200).map(|i| i.to_string()).collect::<Vec<_>>().join(","));
    let mut nested = "a0 == -1".to_owned();
    for depth in (0..5).rev() {
        nested = format!("Any({list}, (i{depth}, a{depth}) => {nested})");
    }
    let statement = format!("set(log.body, 1) where {nested}");
    let message = log("{}");
    for engine in ENGINES {
        let limits = Limits { steps: 100_000, ..Limits::default() };
        let rules = compile(std::slice::from_ref(&statement), engine, limits);
        let error = rules.transform(Signal::Logs, &message).expect_err("320 000 000 000 calls");
        assert_eq!(error.limit(), Some("steps"), "{engine:?}");
        assert!(error.statement().is_some_and(|found| found.text().starts_with("set(log.body, 1) where Any")));
    }
}

#[test]
fn a_run_can_be_cancelled() {
    let (rules, flag) =
        (RuleSet::compile("log_statements: ['set(log.body, 1)']").expect("compiles"), AtomicBool::new(true));
    let call = Call { cancel: Some(&flag), ..Signal::Logs.into() };
    let error = rules.transform(call, &log("{}, {}")).expect_err("it is cancelled");
    assert!(error.is_cancelled() && !error.is_limit(), "{error}");
    flag.store(false, std::sync::atomic::Ordering::Relaxed);
    assert!(rules.transform(call, &log("{}")).is_ok());
}

/// A converter with a mistake.
const BROKEN: FunctionDef = FunctionDef::converter("Broken")
    .arg("value", ParamType::Any, "a value")
    .purity(Purity::Volatile)
    .docs("Panics on ints.")
    .example("Broken(\"a\")", "\"a\"")
    .value(broken);

fn broken<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    assert!(args[0].as_int().is_none(), "an int was not foreseen");
    Ok(args[0])
}

#[test]
fn a_panic_is_the_error_of_its_message() {
    let mut registry = registry();
    registry.add(BROKEN);
    for engine in ENGINES {
        let rules = Compiler::new()
            .functions(registry.clone())
            .engine(engine)
            .compile("log_statements: ['set(log.attributes[\"a\"], Broken(log.body))']")
            .expect("compiles");
        let (sound, bad) = (log(r#"{"body":{"stringValue":"x"}}"#), log(r#"{"body":{"intValue":"1"}}"#));
        let (mut scratch, mut report, mut out) = (Scratch::new(), Report::new(), b"before".to_vec());
        let error =
            rules.transform_into(Signal::Logs, &bad, &mut scratch, &mut out, &mut report).expect_err("it panics");
        assert!(error.is_panic() && error.to_string().contains("an int was not foreseen"), "{error}");
        assert_eq!((&out[..], report.failed_messages()), (&b"before"[..], 1));
        assert!(rules.transform_into(Signal::Logs, &sound, &mut scratch, &mut out, &mut report).is_ok());
        let json = br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"intValue":"1"}}]}]}]}"#;
        out.truncate(6);
        let error =
            rules.transform_json_into(Signal::Logs, json, &mut scratch, &mut out, &mut report).expect_err("too");
        assert!(error.is_panic() && out == b"before" && report.failed_messages() == 2, "{error}");
        for records in [None, Some(vec![0])] {
            let options = ottl::TraceOptions { records, ..Default::default() };
            assert!(rules.trace(Signal::Logs, &bad, &options).expect_err("too").is_panic());
        }
        let threads = std::num::NonZeroUsize::new(2).expect("two");
        let mut seen = Vec::new();
        let messages = [sound.clone(), bad.clone(), sound.clone(), sound.clone()];
        ottl::in_order(
            &rules,
            threads,
            messages,
            |_| Signal::Logs.into(),
            &mut report,
            |done| {
                seen.push(done.result.is_ok());
                std::ops::ControlFlow::Continue(())
            },
        );
        assert_eq!(seen, [true, false, true, true], "{engine:?}");
    }
}

#[test]
fn what_no_rule_changes_costs_nothing() {
    let rules =
        RuleSet::compile("log_statements: ['set(log.body, 1) where log.severity_number == 9']").expect("compiles");
    assert_eq!(rules.transform(Signal::Logs, &log("{}")).expect("sound").output, Output::Unchanged);
}

/// The stack that rules at the limits have to run in: 256 KiB where the compiler optimises, more where it does not.
const STACK: usize = if cfg!(debug_assertions) { 1 << 20 } else { 256 << 10 };

#[test]
fn rules_at_the_limits_run_in_a_small_stack() {
    let nested = |open: &str, inner: &str, close: &str, times: usize| {
        format!("{}{inner}{}", open.repeat(times), close.repeat(times))
    };
    let deep_json = nested("[", "1", "]", 511);
    let deep_path = format!("GetXML(\"<a/>\", \"a[{}]\")", nested("not(", "a", ")", 120));
    let any = (0..60).fold("true".to_owned(), |body, i| format!("Any([1], (i{i}, v{i}) => {body})"));
    let each = (0..60).fold("1".to_owned(), |body, i| format!("MapEach([1], (i{i}, v{i}) => {body})"));
    let statements = [
        format!("set(log.body, {})", nested("(", "1", ")", 250)),
        format!("set(log.body, {})", vec!["1"; 1000].join(" + ")),
        format!("set(log.body, {})", nested("Concat([", "\"a\"", "], \"\")", 64)),
        format!("set(log.body, {})", nested("ToLowerCase(", "log.body", ")", 64)),
        format!("set(log.body, 1) where {}", nested("(", "log.body == 1", ")", 250)),
        format!("set(log.body, 1) where {}", nested("not (", "log.body == 1", ")", 250)),
        format!("set(log.body, 1) where {any}"),
        format!("set(log.attributes[\"m\"], {each})"),
        format!("set(log.attributes[\"l\"], {})", nested("[", "log.body", "]", 250)),
        format!("set(log.attributes[\"n\"], {})", nested("{\"k\": ", "log.body", "}", 250)),
        format!("set(log.attributes[\"d\"], ParseJSON(\"{deep_json}\"))"),
        format!("set(log.attributes{}, 1)", "[\"p\"]".repeat(510)),
        format!("set(log.attributes[\"x\"], {deep_path})"),
        format!("set(log.attributes[\"x\"], {})", nested("Concat([", &deep_path, "], \"\")", 60)),
        "set(log.attributes[\"e\"], log.attributes[\"d\"])".to_owned(),
        "set(log.attributes[\"s\"], String(log.attributes[\"d\"]))".to_owned(),
        "set(log.attributes[\"f\"], Format(\"%v %#v\", [log.attributes[\"d\"], log.attributes[\"d\"]]))".to_owned(),
        "set(log.attributes[\"q\"], 1) where log.attributes[\"d\"] == log.attributes[\"e\"]".to_owned(),
        "append(log.attributes[\"d\"], \"x\")".to_owned(),
        "set(log.attributes[\"v\"], Sort(Values(log.attributes[\"n\"])))".to_owned(),
        "merge_maps(log.attributes, log.attributes[\"p\"], \"upsert\")".to_owned(),
        "set(log.body, log.attributes)".to_owned(),
        "flatten(log.attributes)".to_owned(),
        "stringify_all(log.attributes)".to_owned(),
    ];
    let message = log(r#"{"body":{"stringValue":"x"}}"#);
    for engine in ENGINES {
        for rules in std::iter::once(&statements[..]).chain(statements.chunks(1)) {
            let (rules, message) = (rules.to_vec(), message.clone());
            let run = move || {
                let rules = compile(&rules, engine, Limits::default());
                rules.transform(Signal::Logs, &message).map(|outcome| outcome.report.messages())
            };
            let thread = std::thread::Builder::new().stack_size(STACK).spawn(run).expect("a thread");
            assert!(thread.join().expect("no panic").is_ok_and(|messages| messages == 1));
        }
    }
}

#[test]
fn searches_of_patterns_that_data_chose_take_steps() {
    // A program over as many ways to match as the pattern counts: the text times the pattern.
    let (text, pattern) = (format!("{}y", "a".repeat(2400)), r"\\p{L}{1000}y");
    let record = format!(
        r#"{{"body":{{"stringValue":"{text}"}},"attributes":[{{"key":"p","value":{{"stringValue":"{pattern}"}}}}]}}"#
    );
    let message = log(&record);
    for engine in ENGINES {
        for statement in [
            "set(log.severity_text, \"x\") where IsMatch(log.body, log.attributes[\"p\"])",
            "replace_pattern(log.body, log.attributes[\"p\"], \"x\")",
            "set(log.attributes[\"e\"], ExtractPatterns(log.body, Concat([\"(?P<n>\", log.attributes[\"p\"], \")\"], \"\")))",
        ] {
            let run = |limits: Limits| {
                let rules = compile(&[statement.to_owned()], engine, limits);
                rules.transform(Signal::Logs, &message).map(|_| ()).map_err(|error| error.limit())
            };
            assert_eq!(run(Limits::default()), Ok(()), "{engine:?} {statement}");
            let few = Limits { steps: 10_000, ..Limits::default() };
            // Only whether there is a match is asked of all ways at once.
            let want = if statement.contains("IsMatch") { Ok(()) } else { Err(Some("steps")) };
            assert_eq!(run(few), want, "{engine:?} {statement}");
        }
    }
}

#[test]
fn memory_that_is_kept_does_not_raise_the_limit() {
    let message = log(r#"{"body":{"stringValue":"a"}}"#);
    let statement = "set(log.attributes[\"x\"], Len(Format(\"%2000000d\", [1])))".to_owned();
    let (wide, narrow) = (Limits::default(), Limits { scratch_bytes: 256 << 10, ..Limits::default() });
    let mut scratch = Scratch::new();
    for (limits, fails) in [(wide, 0), (narrow, 1), (wide, 0)] {
        let rules = compile(std::slice::from_ref(&statement), Engine::Fast, limits);
        let (mut out, mut report) = (Vec::new(), Report::new());
        rules.transform_into(Signal::Logs, &message, &mut scratch, &mut out, &mut report).expect("runs");
        assert_eq!(report.statements().next().expect("a statement").counters.failed, fails, "{limits:?}");
    }
}

#[test]
fn padding_that_does_not_fit_is_the_error_of_its_statement() {
    let message = log(r#"{"body":{"stringValue":"a"}}"#);
    let limits = Limits { scratch_bytes: 1 << 20, ..Limits::default() };
    for engine in ENGINES {
        for format in ["%9999999d", "%.9999999d", "%-9999999v"] {
            let statement = format!("set(log.body, Format(\"{format}\", [1]))");
            let (error, _) = last_error(&[statement], &message, engine, limits);
            assert_eq!(error.as_deref(), Some("limit reached: scratch_bytes"), "{engine:?} {format}");
        }
    }
}
