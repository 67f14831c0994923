//! Whole Collector configurations of the golden vectors, through the library, in both engines.

use ottl::{Compiler, Engine, RuleSet, Signal};
use ottl_suite::golden::{self, Harness, Verdict, folder, judge, vectors};
use serde_json::Value;

/// What the reference answers, against what the library makes of a vector.
fn run(compiler: &Compiler, vector: &Value, harness: &Harness) -> Verdict {
    let signal = vector["signal"].as_str();
    let signal = Signal::ALL.into_iter().find(|known| Some(known.name()) == signal).expect("a signal");
    let text = match vector["config_file"].as_str() {
        Some(name) => std::fs::read_to_string(folder().join("../samples/rules").join(name)).expect("a sample"),
        None => vector["collector_config"].as_str().expect("a configuration").to_owned(),
    };
    let variables: Vec<(String, String)> = vector["env"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect();
    let lookup = move |name: &str| variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let mut compiler = compiler.clone().expand(true).signals([signal]).variables(lookup);
    if let Some(pipeline) = vector["pipeline"].as_str() {
        compiler = compiler.pipeline(pipeline);
    }
    let rules = match compiler.compile(&text) {
        Ok(_) if vector["config_error"].is_string() => {
            return Verdict::Different(format!("accepted, but: {}", vector["config_error"]));
        }
        Err(_) if vector["config_error"].is_string() => return Verdict::Same,
        Err(error) => return Verdict::Different(format!("rejected: {error}")),
        Ok(rules) => rules,
    };
    outcome(&rules, signal, vector, harness)
}

fn outcome(rules: &RuleSet, signal: Signal, vector: &Value, harness: &Harness) -> Verdict {
    let input = harness.input(vector, signal).expect("a message");
    let outcome = match rules.transform(signal, &input) {
        Err(_) if vector["error"].is_string() => return Verdict::Same,
        Err(error) => return Verdict::Different(format!("failed: {error}")),
        Ok(_) if vector["error"].is_string() => return Verdict::Different("did not fail".to_owned()),
        Ok(outcome) => outcome,
    };
    let failed: u64 = outcome.report.statements().flat_map(|row| row.failures()).map(|kind| kind.count).sum();
    let expected = vector["failed"].as_array().map_or(0, Vec::len) as u64;
    if failed != expected {
        return Verdict::Different(format!("{failed} failures, not {expected}"));
    }
    judge(vector, signal, &input, outcome.output)
}

#[test]
fn collectors_give_what_the_reference_gives() {
    let harness = Harness::new(ottl_suite::engines::fast);
    let listed = golden::different();
    let mut different = Vec::new();
    let samples = vectors("samples").into_iter().filter(|vector| vector["processor"].is_null());
    let all: Vec<Value> = vectors("collector").into_iter().chain(samples).collect();
    for vector in &all {
        for engine in [Engine::Fast, Engine::Interp] {
            let compiler = Compiler::new().engine(engine);
            let id = vector["id"].as_str().expect("an id");
            match (run(&compiler, vector, &harness), listed.contains_key(id)) {
                (Verdict::Different(how), false) => different.push(format!("{id} {engine:?}: {how}")),
                (Verdict::Same, true) => different.push(format!("{id} agrees, but is listed as different")),
                _ => {}
            }
        }
    }
    assert!(all.len() > 80);
    assert!(different.is_empty(), "{} differ\n{}", different.len(), different.join("\n"));
}
