//! Processor bodies as rules for the compiler: the least that the vectors need. The configuration of the library is
//! stricter and tells where things went wrong; this one only says that they did.

use ottl_compiler::{
    Change, Compiler, ConditionList, FilterRules, FilterSpec, GroupSpec, SourceText, TransformOptions,
};
use ottl_core::Target;
use ottl_plan::{ErrorMode, Plan};
use ottl_schema::{ContextId, Signal, context_by_name};
use serde_json::Value;

/// Compiles a processor's body for a signal.
///
/// # Errors
/// The texts of what is wrong with the body or the rules.
pub fn compile(compiler: &Compiler, processor: &str, signal: Signal, body: &str) -> Result<Plan, String> {
    let body: Value = serde_saphyr::from_str(body).map_err(|e| format!("yaml: {e}"))?;
    let compiled = match processor {
        "transform" => {
            let (groups, options) = transform(compiler.target, signal, &body)?;
            compiler.compile_transform(signal, &groups, options)
        }
        _ => {
            let mode = error_mode(&body["error_mode"])?.unwrap_or_default();
            match filter(signal, &body)? {
                Some(rules) => compiler.compile_filter(signal, &rules, mode),
                None => compiler.compile_filter(signal, &FilterRules::Newer(Vec::new()), mode),
            }
        }
    };
    if compiled.has_errors() || compiled.plan.is_none() {
        let texts: Vec<_> = compiled
            .diagnostics
            .iter()
            .filter(|(_, d)| d.severity() == ottl_diagnostics::Severity::Error)
            .map(|(_, d)| format!("{}: {}", d.code.name(), d.message))
            .collect();
        return Err(texts.join("; "));
    }
    compiled.plan.ok_or_else(|| "no plan".to_owned())
}

fn signal_word(signal: Signal) -> &'static str {
    signal.name().trim_end_matches('s')
}

fn error_mode(value: &Value) -> Result<Option<ErrorMode>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => match text.to_lowercase().as_str() {
            "ignore" => Ok(Some(ErrorMode::Ignore)),
            "silent" => Ok(Some(ErrorMode::Silent)),
            "propagate" => Ok(Some(ErrorMode::Propagate)),
            other => Err(format!("unknown error mode {other}")),
        },
        other => Err(format!("error mode {other}")),
    }
}

fn texts(value: &Value) -> Result<Vec<SourceText<'_>>, String> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => items
            .iter()
            .map(|item| item.as_str().map(|text| SourceText { text, id: 0 }).ok_or_else(|| format!("no text: {item}")))
            .collect(),
        other => Err(format!("no list: {other}")),
    }
}

fn context(value: &Value) -> Result<Option<ContextId>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(name) if name.is_empty() => Ok(None),
        Value::String(name) => {
            context_by_name(&name.to_lowercase()).map(Some).ok_or_else(|| format!("unknown context {name}"))
        }
        other => Err(format!("context {other}")),
    }
}

/// Whether logs are flattened, by the key of the version.
fn flattens(target: Target, body: &Value) -> Result<bool, String> {
    let (flatten, flatten_data) = (&body["flatten"], &body["flatten_data"]);
    let wrong = if Change::FLATTEN.is_in(target) { flatten_data } else { flatten };
    if !wrong.is_null() {
        return Err("another version's key of flattening".to_owned());
    }
    Ok(flatten_data.as_bool().or(flatten["log"].as_bool()).unwrap_or(false))
}

fn transform(target: Target, signal: Signal, body: &Value) -> Result<(Vec<GroupSpec<'_>>, TransformOptions), String> {
    let options = TransformOptions {
        error_mode: error_mode(&body["error_mode"])?.unwrap_or_default(),
        flatten_data: flattens(target, body)?,
    };
    let mut groups = Vec::new();
    let mut plain = GroupSpec::default();
    let list = &body[format!("{}_statements", signal_word(signal))];
    for item in list.as_array().into_iter().flatten() {
        match item {
            Value::String(text) => plain.statements.push(SourceText { text, id: 0 }),
            Value::Object(_) if plain.statements.is_empty() => groups.push(GroupSpec {
                id: 0,
                context: context(&item["context"])?,
                conditions: texts(&item["conditions"])?,
                statements: texts(&item["statements"])?,
                error_mode: error_mode(&item["error_mode"])?,
                shared_cache: item["shared_cache"].as_bool().unwrap_or(false),
            }),
            other => return Err(format!("not allowed here: {other}")),
        }
    }
    if !plain.statements.is_empty() {
        groups.push(plain);
    }
    Ok((groups, options))
}

fn filter(signal: Signal, body: &Value) -> Result<Option<FilterRules<'_>>, String> {
    let list = &body[format!("{}_conditions", signal_word(signal))];
    if let Some(items) = list.as_array().filter(|items| !items.is_empty()) {
        let mut specs = Vec::new();
        let mut plain = FilterSpec::default();
        for item in items {
            match item {
                Value::String(text) => plain.conditions.push(SourceText { text, id: 0 }),
                Value::Object(_) if plain.conditions.is_empty() => specs.push(FilterSpec {
                    id: 0,
                    context: context(&item["context"])?,
                    conditions: texts(&item["conditions"])?,
                    error_mode: error_mode(&item["error_mode"])?,
                }),
                other => return Err(format!("not allowed here: {other}")),
            }
        }
        if !plain.conditions.is_empty() {
            specs.push(plain);
        }
        return Ok(Some(FilterRules::Newer(specs)));
    }
    let (key, lists): (&str, &[(&str, ContextId)]) = match signal {
        Signal::Traces => (
            "traces",
            &[("resource", ContextId::Resource), ("span", ContextId::Span), ("spanevent", ContextId::SpanEvent)],
        ),
        Signal::Metrics => (
            "metrics",
            &[("resource", ContextId::Resource), ("metric", ContextId::Metric), ("datapoint", ContextId::DataPoint)],
        ),
        Signal::Logs => ("logs", &[("resource", ContextId::Resource), ("log_record", ContextId::Log)]),
        Signal::Profiles => ("profiles", &[("resource", ContextId::Resource), ("profile", ContextId::Profile)]),
    };
    let mut older = Vec::new();
    if let Some(unknown) =
        body[key].as_object().and_then(|o| o.keys().find(|k| !lists.iter().any(|(name, _)| name == k)))
    {
        return Err(format!("invalid key {unknown}"));
    }
    for (name, context) in lists {
        let list = &body[key][name];
        if list.is_array() {
            older.push(ConditionList { id: 0, context: *context, conditions: texts(list)? });
        }
    }
    Ok((!older.is_empty()).then_some(FilterRules::Older(older)))
}
