//! The filter processor's older forms, through the library: its matchers from before OTTL as they are and in the newest form, and its
//! older lists of conditions in the newest form, in both engines.

use ottl::{Compiler, Engine, Limits, ProcessorKind, Signal};
use ottl_suite::golden::{self, Harness, Verdict, families, judge, vectors};

fn signal(name: &str) -> Signal {
    Signal::ALL.into_iter().find(|signal| signal.name() == name).expect("a signal")
}

/// Runs a body on a vector's message.
fn run(compiler: &Compiler, body: &str, vector: &serde_json::Value, harness: &Harness) -> Verdict {
    let signal = signal(vector["signal"].as_str().expect("a signal"));
    let input = harness.input(vector, signal).expect("a message");
    let rules = match compiler.compile(body) {
        Ok(_) if vector["config_error"].is_string() => {
            return Verdict::Different(format!("accepted, but: {}", vector["config_error"]));
        }
        Err(_) if vector["config_error"].is_string() => return Verdict::Same,
        Err(error) => return Verdict::Different(format!("rejected: {error}")),
        Ok(rules) => rules,
    };
    match rules.transform(signal, &input) {
        Ok(outcome) => match outcome.report.statements().flat_map(|row| row.failures()).next() {
            Some(kind) => Verdict::Different(format!("a condition failed: {}", kind.first)),
            None => judge(vector, signal, &input, outcome.output),
        },
        Err(error) => Verdict::Different(format!("failed: {error}")),
    }
}

#[test]
fn matchers_drop_what_the_reference_drops() {
    let harness = Harness::new(ottl_suite::engines::fast);
    let only = std::env::var("GOLDEN").unwrap_or_default();
    let mut different = Vec::new();
    let (mut asked, mut migrated) = (0, 0);
    let listed = golden::different();
    for vector in vectors("filter_matchers") {
        let id = vector["id"].as_str().expect("an id");
        if !id.contains(&only) {
            continue;
        }
        let body = vector["config"].as_str().expect("a body");
        asked += 1;
        for engine in [Engine::Fast, Engine::Interp] {
            let compiler = Compiler::new().processor(ProcessorKind::Filter).engine(engine);
            let mut forms = vec![("as it is", body.to_owned())];
            if let Ok(newer) = compiler.migrate(body)
                && newer.text() != body
            {
                migrated += 1;
                forms.push(("in the newest form", newer.text().to_owned()));
            }
            for (form, text) in forms {
                let known = listed.contains_key(id);
                match run(&compiler, &text, &vector, &harness) {
                    Verdict::Different(how) if !known => {
                        different.push(format!("{id} {form}, {engine:?}: {how}\n  {text}"))
                    }
                    Verdict::Same if known => different.push(format!("{id} agrees, but is listed as different")),
                    _ => {}
                }
            }
        }
    }
    println!("{asked} asked, {migrated} migrated");
    assert!(different.is_empty(), "{} differ\n{}", different.len(), different.join("\n"));
    assert!(!only.is_empty() || migrated > asked, "most bodies have a newer form, for each engine");
}

#[test]
fn older_lists_in_the_newest_form_drop_the_same() {
    let compiler = Compiler::new().processor(ProcessorKind::Filter);
    let engines = [ottl_suite::engines::fast, ottl_suite::engines::interp].map(Harness::new);
    let mut different = Vec::new();
    let (mut with_lists, mut migrated, mut left) = (0, 0, 0);
    for family in families() {
        for mut vector in vectors(&family) {
            // The reference's answer to what it refuses says nothing of the newest form, which may be refused for other reasons.
            let (Some("filter"), Some(body), false) =
                (vector["processor"].as_str(), vector["config"].as_str(), vector["config_error"].is_string())
            else {
                continue;
            };
            if !["resource:", "span:", "spanevent:", "metric:", "datapoint:", "log_record:", "profile:"]
                .iter()
                .any(|list| body.contains(list))
            {
                continue;
            }
            let newer = match compiler.migrate(body) {
                Ok(newer) => newer,
                Err(error) => {
                    different.push(format!("{}: {error}", vector["id"]));
                    continue;
                }
            };
            with_lists += 1;
            left += usize::from(newer.left().next().is_some());
            if newer.text() == body {
                continue;
            }
            migrated += 1;
            let again = compiler.migrate(newer.text()).expect("it compiles");
            assert_eq!(again.text(), newer.text(), "the newest form has no newer one");
            vector["config"] = newer.text().into();
            for harness in &engines {
                if let Verdict::Different(how) = harness.run(&vector) {
                    different.push(format!("{}: {how}\n{}", vector["id"], newer.text()));
                }
            }
        }
    }
    println!("{with_lists} with lists, {migrated} migrated, {left} left");
    assert!(different.is_empty(), "{} differ\n{}", different.len(), different.join("\n"));
    assert!(migrated > 60, "{migrated}");
}

#[test]
fn all_matchers_are_checked() {
    let rules = Compiler::new().signals([Signal::Logs]).compile("spans: {exclude: {match_type: strict}}");
    assert!(rules.is_err());
}

#[test]
fn long_matchers_are_refused_as_long_conditions_are() {
    let names: Vec<String> = (0..20_000).map(|number| format!("name-{number}")).collect();
    let body = format!("metrics: {{exclude: {{match_type: strict, metric_names: [{}]}}}}", names.join(", "));
    let codes = |limits: Limits, body: &str| -> Vec<&'static str> {
        let diagnostics = Compiler::new().limits(limits).check(body);
        diagnostics.iter().map(|diagnostic| diagnostic.code.as_str()).collect()
    };
    assert_eq!(codes(Limits::default(), &body), ["E0503"]);
    let wide = Limits { statements: 100_000, ..Limits::default() };
    assert_eq!(codes(wide, &body), [""; 0]);
    assert_eq!(codes(Limits { statement_length: 10_000, ..wide }, &body), ["E0501"]);
    // What goes beyond the limit is not left out.
    let long = "x".repeat(2 << 20);
    for list in [format!("bodies: [a, {long}]"), format!("record_attributes: [{{key: a}}, {{key: b, value: {long}}}]")]
    {
        let body = format!("logs: {{exclude: {{match_type: strict, {list}}}}}");
        assert_eq!(codes(Limits::default(), &body), ["E0501"]);
    }
    // Aliases that name aliases: as conditions this would be 10^6 comparisons.
    let mut value = String::from("[&a [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]");
    for (name, inner) in ["b", "c", "d", "e", "f"].into_iter().zip(["a", "b", "c", "d", "e"]) {
        value.push_str(&format!(", &{name} [{}]", vec![format!("*{inner}"); 10].join(", ")));
    }
    let body = format!("logs: {{exclude: {{match_type: strict, record_attributes: [{{key: k, value: {value}]}}]}}}}");
    assert_eq!(codes(Limits::default(), &body), ["E0501"]);
}
