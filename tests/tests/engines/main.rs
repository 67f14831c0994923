//! What the golden vectors cannot ask of the engines: bytes that stay, reports, limits, client information, damage.
//! Every run goes through both, and they must agree.

mod bytes;
mod computed;
mod copies;
mod limits;
mod parents;
mod points;
mod renames;
mod reports;
mod spans;
mod together;
mod values;
mod written;

use ottl_compiler::{Compiler, FilterRules, FilterSpec, GroupSpec, SourceText, TransformOptions};
use ottl_core::Time;
use ottl_core::function::{FixedClock, SequenceRng};
use ottl_engine::{ClientInfo, Env, Output, Report, RunError};
use ottl_otlp::json;
use ottl_plan::{ErrorMode, Plan};
use ottl_schema::{ContextId, Signal};
use ottl_suite::{engines, messages};

fn compiler() -> Compiler {
    Compiler::new(ottl_functions::registry())
}

fn sources<'s>(texts: &[&'s str]) -> Vec<SourceText<'s>> {
    texts.iter().map(|text| SourceText { text, id: 0 }).collect()
}

fn groups(groups: &[GroupSpec<'_>]) -> Plan {
    transform(Signal::Logs, groups, TransformOptions::default())
}

fn transform(signal: Signal, groups: &[GroupSpec<'_>], options: TransformOptions) -> Plan {
    let compiled = compiler().compile_transform(signal, groups, options);
    compiled.plan.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
}

/// The statements of a context.
fn group<'s>(context: ContextId, texts: &[&'s str]) -> GroupSpec<'s> {
    GroupSpec { context: Some(context), statements: sources(texts), ..GroupSpec::default() }
}

fn statements(texts: &[&str]) -> Plan {
    groups(&[group(ContextId::Log, texts)])
}

fn conditions(mode: ErrorMode, texts: &[&str]) -> Plan {
    let spec = FilterSpec { context: Some(ContextId::Log), conditions: sources(texts), ..FilterSpec::default() };
    filter(mode, vec![spec])
}

fn filter(mode: ErrorMode, lists: Vec<FilterSpec<'_>>) -> Plan {
    let compiled = compiler().compile_filter(Signal::Logs, &FilterRules::Newer(lists), mode);
    compiled.plan.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
}

/// A message of one scope with these bodies.
fn logs(bodies: &[&str]) -> Vec<u8> {
    let records: Vec<_> = bodies.iter().map(|body| format!(r#"{{"body":{{"stringValue":"{body}"}}}}"#)).collect();
    let text = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{}]}}]}}]}}"#, records.join(","));
    messages::protobuf(Signal::Logs, text)
}

fn run(plan: &Plan, message: &[u8]) -> Result<(Output, Report), RunError> {
    run_with(plan, message, |_| {})
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
