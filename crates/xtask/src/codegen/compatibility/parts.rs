//! What the page says of whole parts, and the forms of Collector configurations, which are no table of the library.

use ottl_core::Gate;

/// The parts and what is there of them.
pub const PARTS: &[(&str, &str)] = &[
    ("syntax", "the same: statements, conditions, values, arithmetic, map and list literals, lambdas"),
    ("expressions", "the same: reading, comparing, arithmetic, converting"),
    ("context inference", "the same, also for flat lists of statements and for conditions"),
    (
        "transform processor",
        "traces, metrics, logs, profiles; all contexts; `conditions`, `error_mode`, `shared_cache`, `flatten`",
    ),
    (
        "filter processor",
        "traces, metrics, logs, profiles; `*_conditions`, the older lists under `traces`, `metrics`, `logs`, `profiles`, and the \
         matchers from before OTTL (`include` and `exclude` of `spans`, `metrics`, `logs`), which run as the conditions that \
         `ottl migrate` writes",
    ),
    (
        "the library's own contexts",
        "`profilesample`, which the library has and no processor takes, with `--library-contexts` or `Compiler::library_contexts`",
    ),
    ("messages", "OTLP protobuf: what no rule touches stays as it is, byte for byte"),
    (
        "versions",
        "v0.165.1, and v0.161.0 with `--target 0.161` or `ottl::Target`; what differs is listed under [versions](semantics.md#versions)",
    ),
    (
        "configuration",
        "processor bodies, and whole Collector configurations, or their processors alone, with `${env:NAME}`, \
         `${env:NAME:-default}`, `$$`",
    ),
    (
        "signals",
        "traces, metrics, logs, profiles (these, `ProfileID` and `convert_exponential_histogram_to_histogram` as v0.161.0 has \
         them)",
    ),
    ("encodings", "OTLP protobuf and OTLP/JSON; the file exporter's formats; gzip, Zstandard; [pprof](pprof.md)"),
];

/// What is not there.
pub const NOT_THERE: &str = "Not there: expressions of the filter processor's `match_type: expr`, which are an error that says so; telemetry of the \
    processors themselves (a [report](../ARCHITECTURE.md#data-flow) takes its place).";

/// What a gate switches, beside the functions that name it.
pub fn switched(gate: Gate) -> &'static str {
    match gate {
        Gate::Lambda => "lambdas, and the functions that take them",
        Gate::Experimental => "functions that may still change",
        Gate::DynamicMapKeys => "computed keys in map literals",
        Gate::DynamicSliceArguments => {
            "paths and converters as list arguments of functions that took list literals only"
        }
        Gate::Flatten => "the transform processor's flattening of logs",
        Gate::AllowNil => "nil written by `set`",
    }
}

/// Whether a configuration has a form.
type IsIn = fn(&str) -> bool;

/// Forms of Collector configurations, and how each is told from a text.
pub const FILES: &[(&str, IsIn)] = &[
    ("processors by kind and name, `transform/name`", |text| text.contains("transform/") || text.contains("filter/")),
    ("several processors in a pipeline, in its order", |text| lists(text).any(|list| list.contains(','))),
    ("several pipelines of a signal, of which one is chosen", |text| {
        text.contains("logs/") || text.contains("traces/")
    }),
    ("processors that no pipeline names, which have to be valid", |text| {
        let named = |name: &str| lists(text).any(|list| list.split(',').any(|item| item.trim() == name));
        processors(text).any(|name| !named(name))
    }),
    ("`${env:NAME}`", |text| text.contains("${env:")),
    ("`${NAME}`", |text| text.contains("${N") || text.contains("${E")),
    ("`${env:NAME:-default}`", |text| text.contains(":-")),
    ("`${env:${env:NAME}}`, a reference in a reference", |text| text.contains("${env:${env:")),
    ("`${yaml:TEXT}`", |text| text.contains("${yaml:")),
    ("other schemes, which are refused", |text| text.contains("${nope:")),
    ("`$$`, a dollar sign", |text| text.contains("$$")),
    ("a reference as a whole value: a list, a map, a number, a truth value", |text| {
        text.lines().any(|line| line.split_once(": ").is_some_and(|(_, value)| value.starts_with("${")))
    }),
    ("block scalars over several lines", |text| text.contains(">-") || text.contains("|\n")),
];

/// What stands in the lists of pipelines' processors.
fn lists(text: &str) -> impl Iterator<Item = &str> {
    text.split("processors: [").skip(1).filter_map(|rest| rest.split_once(']').map(|(list, _)| list))
}

/// The names under the first `processors:` key, by their indentation.
fn processors(text: &str) -> impl Iterator<Item = &str> {
    let section = text.split_once("processors:\n").map_or("", |(_, rest)| rest);
    section.lines().take_while(|line| line.is_empty() || line.starts_with(' ')).filter_map(|line| {
        let name = line.strip_prefix("  ").filter(|line| !line.starts_with(' '))?;
        name.split_once(':').map(|(name, _)| name)
    })
}
