//! A workload for every function, made of its examples.
//!
//! What the example of a converter writes down as literals comes out of the record, because a call of constants alone is
//! answered when rules are compiled; and it is called once, and once more for each of eight attributes: the difference is
//! what calls take by themselves. An editor runs on the record of its example.

use std::borrow::Cow;

use ottl::function::{Example, FunctionDef, FunctionKind, ParamType, Registry};
use ottl::syntax::ast::{ArgumentValue, Call, Literal, Value};
use ottl::syntax::{parse_value, visit};
use ottl::{RuleSet, Signal};
use ottl_functions::example;
use ottl_otlp::json as otlp_json;
use serde_json::json;

use crate::measure::{Settings, measure};
use crate::print;
use crate::reference::Reference;
use crate::rows::{Data, Row};

/// How often a converter is called for a record where it is called repeatedly.
const CALLS: usize = 8;

/// Parameters that rules write down.
const SETTINGS: [&str; 7] = ["mapping", "pattern", "encoding", "variant", "networks", "headers", "base"];

/// A workload of one function.
pub struct FunctionRow {
    /// The function.
    pub function: &'static str,
    /// The workload, with one call; its name is the call.
    pub row: Row,
    /// The same with [`CALLS`] of them, for converters that can be called in statements.
    repeated: Option<Row>,
}

/// A workload for each example of the functions whose name has this text, in order of the names.
///
/// # Errors
/// An example whose rules do not compile.
pub fn rows(filter: &str) -> Result<Vec<FunctionRow>, String> {
    let registry = ottl::registry();
    let mut functions: Vec<_> = registry.iter().filter(|function| function.name.contains(filter)).collect();
    functions.sort_by_key(|function| function.name.to_lowercase());
    let examples = functions.iter().flat_map(|function| function.examples.iter().map(move |one| (function, one)));
    examples.map(|(function, one)| workload(function, one, &registry)).collect()
}

fn workload(function: &FunctionDef, one: &Example, registry: &Registry) -> Result<FunctionRow, String> {
    let (context, record) = example::before(function, one);
    let signal = match context {
        "metric" | "datapoint" => Signal::Metrics,
        "span" => Signal::Traces,
        _ => Signal::Logs,
    };
    let row = |code: &str, conditions: &[&str], statements: Vec<String>, record: &str| Row {
        name: Cow::Owned(code.to_owned()),
        what: "made of an example",
        processor: "transform",
        signal,
        rules: Cow::Owned(
            json!({ format!("{}_statements", signal.name().trim_end_matches('s')):
                [{ "context": context, "conditions": conditions, "statements": statements }] })
            .to_string(),
        ),
        data: Data::Record(record.to_owned()),
        by_hand: None,
        bar: Some(1.0),
    };
    let (row, repeated) = if function.kind == FunctionKind::Editor {
        (row(one.code, &[], vec![one.code.to_owned()], record), None)
    } else if context == "metric" {
        // These are there for groups of statements, whose conditions are asked once.
        let statement = r#"set(metric.description, "holds")"#.to_owned();
        (row(one.code, &[one.code], vec![statement], record), None)
    } else {
        let (code, values) = match context {
            "log" => lifted(one.code, registry, context),
            _ => (one.code.to_owned(), Vec::new()),
        };
        let record = with_attributes(record, &values)?;
        let calls = |count: usize| -> Vec<String> {
            (0..count).map(|n| format!(r#"set({context}.attributes["o{n}"], {code})"#)).collect()
        };
        (row(&code, &[], calls(1), &record), Some(row(&code, &[], calls(CALLS), &record)))
    };
    RuleSet::compile(&row.rules).map_err(|error| format!("{}: {error}", row.rules))?;
    Ok(FunctionRow { function: function.name, row, repeated })
}

/// An expression with attributes in place of the literals that its calls take, and what those attributes hold, as
/// `AnyValue`s.
fn lifted(code: &str, registry: &Registry, context: &str) -> (String, Vec<serde_json::Value>) {
    struct Lift<'r> {
        registry: &'r Registry,
        found: Vec<(std::ops::Range<usize>, serde_json::Value)>,
    }
    impl visit::Visitor for Lift<'_> {
        fn call(&mut self, call: &Call) {
            let Some(def) = self.registry.find(&call.name.text) else { return };
            for (at, argument) in call.arguments.iter().enumerate() {
                let named = argument.name.as_ref().map(|name| &name.text);
                let param = def.visible_params().enumerate().find(|(n, param)| match named {
                    Some(name) => param.name == name,
                    None => *n == at,
                });
                let (Some((_, param)), ArgumentValue::Value(value)) = (param, &argument.value) else { continue };
                // What nobody takes from records, and `SliceToMap`'s names of keys.
                let is_setting = SETTINGS.contains(&param.name) || def.name == "SliceToMap" && at > 0;
                let values = match (param.ty, value) {
                    _ if is_setting => continue,
                    (ParamType::Any | ParamType::Coerced(_) | ParamType::Elements(_), value) => {
                        std::slice::from_ref(value)
                    }
                    (ParamType::ListOf(_), Value::List(list)) => &list.items[..],
                    _ => continue,
                };
                for value in values {
                    let span = value.span();
                    self.found.extend(any_value(value).map(|any| (span.start as usize..span.end as usize, any)));
                }
            }
        }
    }
    let parsed = parse_value(code);
    let mut lift = Lift { registry, found: Vec::new() };
    visit::walk_value(&parsed.tree, &mut lift);
    lift.found.sort_by_key(|(range, _)| range.start);
    let mut code = code.to_owned();
    for (n, (range, _)) in lift.found.iter().enumerate().rev() {
        code.replace_range(range.clone(), &format!(r#"{context}.attributes["a{n}"]"#));
    }
    (code, lift.found.into_iter().map(|(_, any)| any).collect())
}

/// A literal as `AnyValue`; nothing for what is none.
fn any_value(value: &Value) -> Option<serde_json::Value> {
    Some(match value {
        Value::Bool(literal) => json!({ "boolValue": literal.value }),
        Value::Int(literal) => json!({ "intValue": literal.value.to_string() }),
        Value::Float(literal) => json!({ "doubleValue": literal.value }),
        Value::String(literal) => json!({ "stringValue": literal.value }),
        // Ids are read from texts as well.
        Value::Bytes(Literal { value, .. }) => {
            json!({ "stringValue": value.iter().map(|byte| format!("{byte:02x}")).collect::<String>() })
        }
        Value::List(list) => {
            let items: Option<Vec<_>> = list.items.iter().map(any_value).collect();
            json!({ "arrayValue": { "values": items? } })
        }
        Value::Map(map) => {
            let pairs = map.entries.iter().map(|entry| match &entry.key {
                Value::String(key) => Some(json!({ "key": key.value, "value": any_value(&entry.value)? })),
                _ => None,
            });
            json!({ "kvlistValue": { "values": pairs.collect::<Option<Vec<_>>>()? } })
        }
        _ => return None,
    })
}

/// A record with more attributes: `a0`, `a1` and so on.
fn with_attributes(record: &str, values: &[serde_json::Value]) -> Result<String, String> {
    let mut record: serde_json::Value = serde_json::from_str(record).map_err(|e| format!("{record}: {e}"))?;
    let attributes = &mut record["attributes"];
    if !attributes.is_array() {
        *attributes = json!([]);
    }
    let all = attributes.as_array_mut().ok_or("attributes are a list")?;
    all.extend(values.iter().enumerate().map(|(n, value)| json!({ "key": format!("a{n}"), "value": value })));
    Ok(record.to_string())
}

/// A message in which all records are one, as OTLP/JSON has it.
///
/// # Errors
/// It is no record of the signal.
pub fn message(signal: Signal, record: &str, records: usize) -> Result<Vec<u8>, String> {
    let [groups, scopes, list] = signal.lists().map(|list| list.name);
    let records = vec![record; records].join(",");
    let text = format!(r#"{{"{groups}":[{{"{scopes}":[{{"{list}":[{records}]}}]}}]}}"#);
    let mut message = Vec::new();
    otlp_json::to_protobuf(signal, text.as_bytes(), &mut message).map_err(|e| e.to_string())?;
    Ok(message)
}

/// Measures the examples of functions whose name has a text, beside the reference, and prints a line for each; false if an
/// output differs or a function is slower.
///
/// # Errors
/// The workloads cannot be made.
pub fn compare(filter: &str, records: usize, settings: &Settings, reference: &Reference) -> Result<bool, String> {
    let mut sound = true;
    let (mut ratios, mut alone) = (Vec::new(), Vec::new());
    print::line("| function | call | ns a record | reference | ratio | ns a call | reference | ratio |")?;
    print::line("|---|---|--:|--:|--:|--:|--:|--:|")?;
    for FunctionRow { function, row, repeated } in rows(filter)? {
        let of = |row: &Row| measure(row, records.into(), false, settings, Some(reference));
        let measured = of(&row).and_then(|once| Ok((once, repeated.as_ref().map(of).transpose()?)));
        let (once, repeated) = match measured {
            Ok(measured) => measured,
            Err(error) => {
                eprintln!("error: {function}: {}: {error}", row.name);
                sound = false;
                continue;
            }
        };
        let (ratio, theirs) = (once.ratio.unwrap_or_default(), once.reference.unwrap_or_default());
        ratios.push(ratio);
        sound &= ratio >= 1.0;
        let calls = match repeated {
            None => " | | ".to_owned(),
            Some(repeated) => {
                let more = (CALLS - 1) as f64;
                let ours = (repeated.nanos - once.nanos) / more;
                let theirs = (repeated.reference.unwrap_or_default() - theirs) / more;
                alone.push(theirs / ours.max(1.0));
                format!("{ours:.0} | {theirs:.0} | {:.1}", theirs / ours.max(1.0))
            }
        };
        let call = row.name.replace('|', "\\|");
        let nanos = once.nanos;
        print::line(format_args!("| {function} | `{call}` | {nanos:.0} | {theirs:.0} | {ratio:.1} | {calls} |"))?;
    }
    let summaries = (summary(ratios), summary(alone));
    print::line(format_args!("\nrules with one call: {}\ncalls by themselves: {}", summaries.0, summaries.1))?;
    Ok(sound)
}

/// How many ratios there are, and how many reach a bar.
fn summary(mut ratios: Vec<f64>) -> String {
    ratios.sort_by(f64::total_cmp);
    let at_least = |bar: f64| ratios.iter().filter(|ratio| **ratio >= bar).count();
    let median = ratios.get(ratios.len() / 2).copied().unwrap_or_default();
    format!(
        "{}, {} not slower, {} at least five times as fast, median {median:.1}",
        ratios.len(),
        at_least(1.0),
        at_least(5.0)
    )
}

#[cfg(test)]
mod tests {
    use super::{FunctionRow, rows};
    use ottl::RuleSet;

    #[test]
    fn all_functions_have_a_workload_on_which_they_succeed() {
        let all = rows("").expect("rules that compile");
        for function in ottl::registry().iter() {
            assert!(all.iter().any(|row| row.function == function.name), "{}", function.name);
        }
        for FunctionRow { row, .. } in &all {
            let rules = RuleSet::compile(&row.rules).expect("rules");
            let message = row.message(2.into()).expect("records");
            let outcome = rules.transform(row.signal, &message).unwrap_or_else(|error| panic!("{}: {error}", row.name));
            let matched: u64 = outcome.report.statements().map(|statement| statement.counters.matched).sum();
            assert!(matched > 0, "{}", row.name);
        }
    }
}
