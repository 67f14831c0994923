//! [`edit`]: any message through a program of a fixed list.

use std::sync::LazyLock;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use ottl_compiler::{Compiler, FilterRules, FilterSpec, GroupSpec, SourceText, TransformOptions};
use ottl_engine::fast::Engine;
use ottl_otlp::Signal;
use ottl_plan::{ErrorMode, Plan};
use ottl_schema::context_by_name;
use prost::Message as _;

use super::engines::agree;
use super::programs::{Kind, PROGRAMS};

/// A program made ready.
struct Ready {
    signal: Signal,
    engine: Engine<&'static Plan>,
}

static READY: LazyLock<Vec<Ready>> = LazyLock::new(|| {
    let compiler = Compiler::new(ottl_functions::registry());
    let all = PROGRAMS.iter().map(|(signal, kind, texts)| ready(&compiler, *signal, *kind, texts));
    let (ready, wrong): (Vec<_>, Vec<_>) = all.partition(Result::is_ok);
    let wrong: Vec<_> = wrong.into_iter().filter_map(Result::err).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    ready.into_iter().flatten().collect()
});

fn ready(compiler: &Compiler, signal: Signal, kind: Kind, texts: &[&str]) -> Result<Ready, String> {
    let texts: Vec<_> = texts.iter().map(|text| SourceText { text, id: 0 }).collect();
    let compiled = match kind {
        Kind::Transform(context) => {
            let group =
                GroupSpec { context: context_by_name(context), statements: texts.clone(), ..GroupSpec::default() };
            let options = TransformOptions::default();
            compiler.compile_transform(signal, &[group], options)
        }
        Kind::Filter => {
            let spec = FilterSpec { conditions: texts.clone(), ..FilterSpec::default() };
            compiler.compile_filter(signal, &FilterRules::Newer(vec![spec]), ErrorMode::Ignore)
        }
    };
    let wrong = format!("{texts:?}: {:?}", compiled.diagnostics);
    if compiled.has_errors() {
        return Err(wrong);
    }
    let plan: &'static Plan = Box::leak(Box::new(compiled.plan.ok_or(wrong)?));
    Ok(Ready { signal, engine: Engine::new(plan) })
}

/// A message, all bytes but the first, through the program that the first byte chooses. The engines agree as in
/// [`super::engines_agree`]; and where a decoder that is not ours reads the message, it reads the result.
pub fn edit(data: &[u8]) {
    let Some((choice, message)) = data.split_first() else { return };
    let number = usize::from(*choice) % READY.len();
    let ready = &READY[number];
    let shown = || format!("{:?} {}", PROGRAMS[number], message.escape_ascii());
    let output = agree(&ready.engine, message, &shown);
    if let Some(output) = output
        && reads(ready.signal, message).is_ok()
        && let Err(error) = reads(ready.signal, &output)
    {
        panic!("prost reads the input, but not the output: {error}\n{}", shown());
    }
}

fn reads(signal: Signal, message: &[u8]) -> Result<(), prost::DecodeError> {
    match signal {
        Signal::Traces => ExportTraceServiceRequest::decode(message).map(drop),
        Signal::Metrics => ExportMetricsServiceRequest::decode(message).map(drop),
        _ => ExportLogsServiceRequest::decode(message).map(drop),
    }
}
