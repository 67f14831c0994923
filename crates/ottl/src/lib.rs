//! Compile OTTL rules and run them over OTLP bytes.
//!
//! The OpenTelemetry Transformation Language is what the Collector's transform and filter processors are configured
//! in. This crate compiles such configurations, whole rule sets at a time, and runs them over OTLP messages as they
//! come from the wire: protobuf bytes in, protobuf bytes out, and only what changed is written anew. The results are
//! those of the reference, the Go implementation in collector-contrib v0.165.1.
//!
//! # Contents
//!
//! - [`RuleSet`]: compiled rules. [`RuleSet::compile`] for a text, [`RuleSet::transform`] for a message,
//!   [`RuleSet::transform_json`] for one in OTLP/JSON.
//! - [`Compiler`]: the same with settings: gates, limits, variables, functions of your own, clock and chance.
//! - [`CompileError`], [`Diagnostics`]: what is wrong with rules, with lines, columns and pictures.
//! - [`RuleSet::explain`]: what the engine made of the rules. [`RuleSet::trace`]: what they did to each record, and why.
//! - [`mod@compare`]: what two versions of a message say differently, record by record.
//! - [`Report`], [`Error`]: what happened to messages, statement by statement.
//! - [`RuleSetHandle`], [`Report::switch_to`]: another rule set while messages run, without a count lost.
//! - [`in_order`], [`in_order_with`]: many messages on several threads. [`RuleSet::transform_on`]: one large message on several
//!   threads. [`Call`]: who sent a message, and the end of a run that takes too long.
//! - [`Compiler::format`], [`Compiler::mend`], [`mod@service`]: the standard form, fixes, and what editors ask of a text.
//! - [`mod@testing`]: cases that say what rules do, and whether they do it.
//! - [`otlp`]: OTLP/JSON, and messages out of files and streams. [`syntax`], [`schema`], [`function`], [`plan`]: parts
//!   for tools that format, explain or complete rules.
//!
//! # Who should look elsewhere
//!
//! - For files and pipes, the command `ottl` does all of this without a line of Rust.
//! - To filter or change telemetry that is already in objects, such as an SDK's, plain Rust is simpler: this crate reads
//!   and writes encoded messages.
//!
//! # Example
//!
//! ```
//! use ottl::{Output, RuleSet, Signal};
//!
//! let rules = RuleSet::compile(r#"
//! error_mode: ignore
//! log_statements:
//!   - set(log.attributes["tenant"], resource.attributes["service.namespace"])
//!   - delete_key(log.attributes, "password")
//! "#).unwrap();
//!
//! // Messages are protobuf; this one is made from OTLP/JSON.
//! let mut message = Vec::new();
//! ottl::otlp::json::to_protobuf(Signal::Logs, br#"{"resourceLogs": [{
//!     "resource": {"attributes": [{"key": "service.namespace", "value": {"stringValue": "shop"}}]},
//!     "scopeLogs": [{"logRecords": [{"attributes": [{"key": "password", "value": {"stringValue": "x"}}]}]}]
//! }]}"#, &mut message).unwrap();
//!
//! let outcome = rules.transform(Signal::Logs, &message).unwrap();
//! match &outcome.output {
//!     Output::Unchanged => println!("nothing to do"),
//!     Output::Changed(bytes) => println!("{} bytes", bytes.len()),
//!     Output::Dropped => println!("a filter left nothing"),
//! }
//! for row in outcome.report.statements() {
//!     println!("{}: changed {} of {}", row.statement, row.counters.changed, row.counters.evaluated);
//! }
//! # assert!(outcome.report.statements().all(|row| row.counters.changed == 1));
//! ```
//!
//! # Rules
//!
//! [`RuleSet::compile`] takes the body of a processor, or a whole Collector configuration; the keys tell which:
//!
//! - A body is taken as it is written. `$$` and `${env:NAME}` stay as they are unless [`Compiler::expand`] says so.
//! - In a Collector's configuration they are expanded, with variables from [`Compiler::variables`]. All transform and
//!   filter processors are checked, and each signal gets those of its pipeline, in order.
//!
//! A body is that of one processor. Statements and conditions of filters together are a configuration, with two processors and a
//! pipeline that says their order.
//!
//! Statements that stand in no file, such as a list out of a database, make a body, too. JSON is YAML, so that nothing in
//! them has to be quoted by hand, and with one on a line, the line of a fault tells the statement:
//!
//! ```
//! let statements = [r#"set(log.body, "a: 'b' # c")"#, "sett(log.body, 1)"];
//! let lines: Vec<String> = statements.iter().map(|text| serde_json::to_string(text).unwrap()).collect();
//! let body = format!("log_statements: [\n{}\n]", lines.join(",\n"));
//! let error = ottl::RuleSet::compile(&body).unwrap_err();
//! let fault = error.diagnostics().records().next().unwrap();
//! assert_eq!((fault.line - 2, fault.name), (1, "unknown-function"));
//! ```
//!
//! What the reference rejects is an error. What it accepts compiles, and what in it cannot be meant is a warning; see
//! [`Compiler::levels`].
//!
//! # Functions of your own
//!
//! A function is a row that says what the checker, help and the engines have to know, and a closure, which may own what it
//! needs. See [`function::FunctionDef`] for what a row says, and [`function::Kernel`] for what a call can be.
//!
//! ```
//! use std::collections::HashMap;
//!
//! use ottl::function::{FunctionDef, ParamType, Type};
//! use ottl::{Compiler, Signal, Value};
//!
//! // What a program has loaded from elsewhere.
//! let teams = HashMap::from([(b"cart".to_vec(), "shop".to_owned())]);
//! let renamed = vec![("host".to_owned(), "host.name".to_owned())];
//!
//! // A converter: the context and the arguments, converted as the row says, to a value.
//! let team = FunctionDef::converter("Team")
//!     .arg("service", ParamType::STRING, "name of the service")
//!     .returns(Type::String)
//!     .docs("The team that owns a service; nil if nobody does.")
//!     .value_with(move |context, args| match args[0].as_str().and_then(|service| teams.get(service)) {
//!         // What a call makes lives in the memory of its message.
//!         Some(team) => context.alloc(team.as_bytes()).map(Value::Str),
//!         None => Ok(Value::Nil),
//!     });
//!
//! // An editor that needs nothing but the map that its first argument names.
//! let rename = FunctionDef::editor("rename_keys")
//!     .arg("target", ParamType::MapTarget, "path of the map")
//!     .docs("Gives keys the names that they have today.")
//!     .edit_map_with(move |map, _, arena| {
//!         for (old, new) in &renamed {
//!             if let Some(place) = map.position(old.as_bytes()) {
//!                 let value = map.value_at(place)?;
//!                 map.swap_remove(place);
//!                 map.put(arena.copy(new.as_bytes())?, value);
//!             }
//!         }
//!         Ok(())
//!     });
//!
//! let rules = Compiler::new().function(team).function(rename).compile(r#"
//! log_statements:
//!   - set(log.attributes["team"], Team(resource.attributes["service.name"]))
//!   - rename_keys(log.attributes)
//! "#).unwrap();
//! # let mut message = Vec::new();
//! # ottl::otlp::json::to_protobuf(Signal::Logs, br#"{"resourceLogs": [{
//! #     "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "cart"}}]},
//! #     "scopeLogs": [{"logRecords": [{"attributes": [{"key": "host", "value": {"stringValue": "a"}}]}]}]
//! # }]}"#, &mut message).unwrap();
//! # let ottl::Output::Changed(out) = rules.transform(Signal::Logs, &message).unwrap().output else { panic!() };
//! # let mut text = Vec::new();
//! # ottl::otlp::json::from_protobuf(Signal::Logs, &out, &mut text, Default::default()).unwrap();
//! # let text = String::from_utf8(text).unwrap();
//! # assert!(text.contains(r#"{"key":"team","value":{"stringValue":"shop"}}"#), "{text}");
//! # assert!(text.contains(r#"{"key":"host.name","value":{"stringValue":"a"}}"#), "{text}");
//! ```
//!
//! What a row and its closure have to keep to:
//!
//! - A converter is taken for [pure](function::Purity::Pure) unless it says otherwise, and a call whose arguments are those of a
//!   resource is then made once for that resource. One that counts, asks a clock, or looks into what changes meanwhile says
//!   `.purity(Purity::Volatile)`.
//! - An `Err` ([`EvalError::function`] for reasons of your own) is an error of the statement, and the error mode decides. A panic
//!   fails the message, [`Error::is_panic`], and no other.
//! - The closure is written where it is passed on: out of a variable it does not fit, because the compiler then takes the lifetimes of
//!   its arguments for one call's alone.
//! - An editor whose arguments name no path needs a group that says the context: `{context: log, statements: ['count()']}`.
//! - Names and texts are `&'static str`; [`String::leak`] makes one of what is known at run time only.
//! - Memory of a message, [`function::CallContext::alloc`] and [`Arena`], counts for [`Limits::scratch_bytes`]; what a closure
//!   allocates elsewhere does not.
//!
//! # Swapping rules
//!
//! A [`RuleSetHandle`] holds the rules in force, and a message meets one rule set as a whole, through all processors. Nothing that
//! rules keep outlives a message, so that a swap loses nothing of theirs. What shall live on is the caller's: counters by
//! [`Report::switch_to`], and the state of functions in their closures, which all rule sets of one [`Compiler`] and of its clones
//! share. A [`Scratch`] is memory alone.
//!
//! ```
//! use std::sync::atomic::{AtomicI64, Ordering};
//!
//! use ottl::function::{FunctionDef, Purity, Type};
//! use ottl::{Compiler, RuleSetHandle, Signal, Value};
//!
//! let calls = AtomicI64::new(0);
//! let number = FunctionDef::converter("Number")
//!     .returns(Type::Int)
//!     .purity(Purity::Volatile)
//!     .docs("How many calls there were before this one.")
//!     .value_with(move |_, _| Ok(Value::Int(calls.fetch_add(1, Ordering::Relaxed))));
//! let compiler = Compiler::new().function(number);
//!
//! let handle = RuleSetHandle::new(compiler.compile("log_statements: ['set(log.flags, Number())']").unwrap());
//! let message = [0x0a, 4, 0x12, 2, 0x12, 0];
//! handle.transform(Signal::Logs, &message).unwrap();
//! handle.swap(compiler.compile("log_statements: ['set(log.severity_number, Number())']")).unwrap();
//! let outcome = handle.transform(Signal::Logs, &message).unwrap();
//! assert!(outcome.output.bytes(&message).unwrap().ends_with(&[0x10, 1]));
//! ```
//!
//! # Performance
//!
//! - Compile once and keep the [`RuleSet`]. It is cheap to clone and shared between threads.
//! - Use [`RuleSet::transform_into`] with one [`Scratch`], output buffer and [`Report`] for each thread: then their
//!   memory is used again.
//! - Write many rules in one rule set, not many rule sets: a message is walked once for all of them.
//! - Large messages pay off: the fixed cost of a message no longer shows from some thirty records on.
//! - Tests on the resource are made once for each resource, so conditions that name it cost next to nothing.
//! - On [`Output::Unchanged`] send the input on: nothing was copied. [`RuleSet::transform_segments`] copies nothing that did not
//!   change.
//!
//! # Features
//!
//! | feature | default | what |
//! | --- | --- | --- |
//! | `host` | yes | the host's clock and random source: [`RuleSet::compile`], [`Compiler::new`], [`mod@host`] |
//! | `render` | yes | diagnostics as pictures for a terminal |
//! | `service` | yes | [`mod@service`]: what editors ask |
//! | `testing` | yes | [`mod@testing`]: cases that say what rules do |
//! | `threads` | yes | [`in_order`], [`RuleSet::transform_on`]; deep rules are compiled on a thread with a stack of its own |
//! | `perf` | yes | regular expressions with automata that are built ahead: faster, and larger by 200 KB |
//! | `interp` | yes | the plain engine: [`Engine::Interp`], [`RuleSet::trace`] |
//! | `charsets`, `grok`, `locales`, `user-agents`, `zones` | yes | each compiles the [`DataSet`] of its name in |
//!
//! A call whose data set is not there type-checks and does not compile. The diagnostic (`E0801`) names the set, so that a program can
//! fetch its file, hand it over with [`DataSet::load`] and compile again; the files are in the folder `data` of the crate `ottl-core`.
//!
//! Without any of them the crate needs nothing of the host and builds for `wasm32-unknown-unknown`;
//! [`Compiler::with_sources`] then takes clock and random source.
//!
//! # Limits
//!
//! Rules and messages from strangers are safe to take: nothing panics, and time, memory and stack are bounded by
//! [`Limits`].
//!
//! - Compiling takes stack for each bracket inside another one. With `threads`, deep rules get a stack of their own; without, the caller's
//!   has to do, and 8 MiB are enough. Running rules takes 256 KiB at most where the compiler optimises.
//! - Messages have the size that the caller lets in; so have bodies that are decompressed, see [`otlp::framing`].
//! - What takes too long is ended from outside: [`Call::cancel`]. A closure of a function is not interrupted.

mod allowances;
mod checks;
mod chosen;
pub mod compare;
mod compiler;
pub mod config;
mod diagnostics;
mod error;
mod files;
mod fixes;
mod format;
mod handle;
#[cfg(feature = "host")]
pub mod host;
mod json;
mod levels;
mod limits;
mod mend;
mod migrate;
#[cfg(feature = "threads")]
mod parts;
mod report;
mod ruleset;
#[cfg(feature = "service")]
pub mod service;
mod stack;
#[cfg(feature = "testing")]
pub mod testing;
mod texts;
#[cfg(feature = "threads")]
mod threads;
#[cfg(feature = "interp")]
mod trace;

pub use compiler::Compiler;
#[doc(hidden)]
pub use config::{BodyPlace, body_places};
pub use config::{FileText, ProcessorKind};
pub use diagnostics::{CompileError, Diagnostics};
pub use error::Error;
pub use format::{Formatted, StandardForm, Unformatted, standard_form};
pub use handle::RuleSetHandle;
pub use levels::{Level, Levels};
pub use limits::Limits;
pub use mend::{Mended, Mending};
pub use migrate::{Migrated, TranslatedMatcher};
pub use ottl_core::data::{DataError, DataSet};
pub use ottl_core::function::{Clock, Registry, Rng};
pub use ottl_core::{
    Arena, ErrorKind, EvalError, Gate, Gates, List, ListKind, Map, Target, Time, Value, Versions, Zone,
};
pub use ottl_diagnostics::{
    CODES, Code, Diagnostic, Fix, Label, Location, Locator, Severity, Span, TextMap, locate, near_name, visible,
    visible_lines,
};
pub use ottl_engine::fast::{Options as Rewrites, Rewrite};
pub use ottl_engine::{ClientInfo, Dropped, Output, Place, SourceReport, Status};
pub use ottl_otlp::Signal;
pub use ottl_plan::ErrorMode;
pub use report::{Failure, FailureKind, MessageRef, Report, StatementRef, StatementReport};
pub use ruleset::{Call, Engine, Explanation, Outcome, RuleSet, Scratch, Segments};
pub use texts::{RuleKind, RuleText, TextStyle};
#[cfg(feature = "threads")]
pub use threads::{Done, in_order, in_order_with};
#[cfg(feature = "interp")]
pub use trace::{TextPart, Trace, TraceOptions, TracedChange, TracedResult, TracedStatement, TracedStep, TracedValue};

/// Maps and metrics as editors change them.
pub use ottl_core::edit;
/// Functions: how they are described, and how to write one.
pub use ottl_core::function;
/// What conversion, comparison and text forms mean.
pub use ottl_core::ops;
/// What an expression can be at run time.
pub use ottl_core::value;
/// All functions of the library.
pub use ottl_functions::{example, registry};
/// OTLP bytes: JSON, framing, validation.
pub use ottl_otlp as otlp;
/// Compiled rules as data.
pub use ottl_plan as plan;
/// Regular expressions, globs and templates as rules have them.
pub use ottl_regex as regex;
/// Contexts, paths and enums.
pub use ottl_schema as schema;
/// The parser and the printer.
pub use ottl_syntax as syntax;
