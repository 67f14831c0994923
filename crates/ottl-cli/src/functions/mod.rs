//! `ottl functions`: lists, finds and explains functions, paths and enum symbols.
//!
//! All of it is read from the rows that checker and engines use; nothing is described here. `search` finds functions by words.

mod search;

use std::fmt::Write as _;
use std::io::Write as _;

use anstream::adapter::strip_str;
use anstyle::{AnsiColor, Style};
use ottl::function::{Example, FunctionDef, FunctionKind, Param, Purity};
use ottl::otlp::json;
use ottl::schema::{ContextDecl, ContextId, Keys, PathDecl, context, context_by_name};
use ottl::{Code, Compiler, Registry, Signal, Target, Versions, near_name};
use serde_json::{Value, json};

use crate::args::{FunctionsArguments, ReportForm};
use crate::changes::Changes;
use crate::failure::{Failure, Status, printed};

const NAME: Style = AnsiColor::Cyan.on_default().bold();
const HEADING: Style = AnsiColor::Green.on_default().bold();

/// Runs the verb.
pub fn functions(arguments: &FunctionsArguments) -> Result<Status, Failure> {
    let is_json = arguments.format == ReportForm::Json;
    if let Some(name) = &arguments.paths {
        let contexts = if name.is_empty() { ContextId::ALL.map(context).to_vec() } else { vec![context_named(name)?] };
        return print(if is_json {
            json_lines(&Value::from_iter(contexts.iter().flat_map(|c| c.paths).map(path_json)))
        } else {
            paths_text(&contexts)
        });
    }
    if let Some(name) = &arguments.enums {
        let found = context_named(name)?;
        return print(if is_json { json_lines(&enums_json(found)) } else { enums_text(found) });
    }
    let target = arguments.target.unwrap_or_default();
    let registry = ottl::registry();
    // Each as the version has it.
    let all: Vec<&FunctionDef> = registry
        .iter()
        .filter_map(|function| registry.find_in(target, function.name))
        .map(|function| &**function)
        .collect();
    let list = |found: &[&FunctionDef], text: String| {
        print(if is_json { json_lines(&Value::from_iter(found.iter().map(|f| function_json(f)))) } else { text })
    };
    let named = match &arguments.words[..] {
        [] => return list(&all, list_text(&all)),
        [name] => {
            let same = |function: &&&FunctionDef| function.name == name;
            let alike = |function: &&&FunctionDef| function.name.eq_ignore_ascii_case(name);
            all.iter().find(same).or_else(|| all.iter().find(alike))
        }
        _ => None,
    };
    if let Some(function) = named {
        return print(if is_json { json_lines(&function_json(function)) } else { function_text(function) });
    }
    if let [name] = &arguments.words[..]
        && let Some(versions) = registry.versions(name)
    {
        let when = if target < versions.since { "since" } else { "until" };
        let bound = if target < versions.since { versions.since } else { versions.until };
        return Err(Failure::Refused(format!("the version {target} has no `{name}`; it is there {when} {bound}")));
    }
    match &search::search(&all, &arguments.words)[..] {
        [] => Err(missing(&arguments.words, &registry)),
        found => list(found, found_text(found)),
    }
}

/// What to say where nothing is found.
fn missing(words: &[String], registry: &Registry) -> Failure {
    match words {
        [name] => {
            let names = registry.iter().map(|f| f.name);
            checked(name).map_or_else(|| unknown("function", name, names), Failure::Refused)
        }
        words => Failure::Refused(format!("no function is about `{}`", words.join(" "))),
    }
}

/// The checker's advice about a function that is not there: it knows those of the reference, and related names.
fn checked(name: &str) -> Option<String> {
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return None;
    }
    let statement = match name.starts_with(|c: char| c.is_ascii_uppercase()) {
        true => format!("set(body, {name}())"),
        false => format!("{name}()"),
    };
    let found = Compiler::new().check(&format!("log_statements: [{{context: log, statements: ['{statement}']}}]"));
    let codes = [Code::UNKNOWN_FUNCTION, Code::FUNCTION_NOT_AVAILABLE];
    let fault = found.iter().find(|fault| codes.contains(&fault.code))?;
    match &fault.help {
        _ if fault.code == Code::FUNCTION_NOT_AVAILABLE => Some(fault.message.clone()),
        help => help.as_ref().map(|help| format!("{}; {help}", fault.message)),
    }
}

fn print(text: String) -> Result<Status, Failure> {
    printed(anstream::stdout().write_all(text.as_bytes())).map(|()| Status::Done)
}

fn json_lines(value: &Value) -> String {
    format!("{value:#}\n")
}

fn unknown<'n>(what: &str, name: &str, known: impl IntoIterator<Item = &'n str>) -> Failure {
    let near = near_name(name, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Failure::Refused(format!("there is no {what} `{name}`{near}"))
}

fn context_named(name: &str) -> Result<&'static ContextDecl, Failure> {
    let names = ContextId::ALL.map(ContextId::name);
    context_by_name(name).map(context).ok_or_else(|| match near_name(name, names) {
        Some(_) => unknown("context", name, names),
        None => Failure::Refused(format!("there is no context `{name}`; there are {}", names.join(", "))),
    })
}

/// The first sentence or line.
fn summary(docs: &str) -> &str {
    docs.lines().next().unwrap_or("")
}

/// `name(a, b, [c])`: optional parameters in brackets.
fn signature(function: &FunctionDef) -> String {
    let name = |param: &Param| if param.optional { format!("[{}]", param.name) } else { param.name.to_owned() };
    let params: Vec<String> = function.visible_params().map(name).collect();
    format!("{}({})", function.name, params.join(", "))
}

fn kind_name(function: &FunctionDef) -> &'static str {
    match function.kind {
        FunctionKind::Editor => "editor",
        FunctionKind::Converter => "converter",
    }
}

fn type_of_result(function: &FunctionDef) -> String {
    format!("{:?}", function.returns).to_lowercase()
}

fn list_text(all: &[&FunctionDef]) -> String {
    let mut out = String::new();
    let width = all.iter().map(|f| f.name.len()).max().unwrap_or(0);
    for (kind, heading) in [(FunctionKind::Editor, "Editors"), (FunctionKind::Converter, "Converters")] {
        let _ = writeln!(out, "{HEADING}{heading}{HEADING:#}");
        for function in all.iter().filter(|f| f.kind == kind) {
            let _ = writeln!(out, "  {NAME}{:width$}{NAME:#}  {}", function.name, summary(function.docs));
        }
    }
    out
}

/// What a search found, the best first.
fn found_text(found: &[&FunctionDef]) -> String {
    let width = found.iter().map(|f| f.name.len()).max().unwrap_or(0);
    let mut out = String::new();
    for function in found {
        let _ = writeln!(out, "{NAME}{:width$}{NAME:#}  {}", function.name, summary(function.docs));
    }
    let _ = writeln!(out, "\nottl functions {}  explains the first one", found[0].name);
    out
}

fn function_text(function: &FunctionDef) -> String {
    let mut out = String::new();
    let _ = write!(out, "{NAME}{}{NAME:#}", signature(function));
    let _ = match function.kind {
        FunctionKind::Editor => writeln!(out, "  editor"),
        FunctionKind::Converter => writeln!(out, "  converter, gives {}", type_of_result(function)),
    };
    let _ = writeln!(out, "\n{}", function.docs);
    if function.visible_params().next().is_some() {
        let _ = writeln!(out, "\n{HEADING}Parameters{HEADING:#}");
        for param in function.visible_params() {
            let optional = if param.optional { ", optional" } else { "" };
            let _ = writeln!(out, "  {NAME}{}{NAME:#} ({}{optional}): {}", param.name, param.ty, param.doc);
        }
    }
    let availability = function.availability;
    if !availability.statements.is_empty() {
        let _ = writeln!(out, "\nIn statements of the contexts: {}", availability.statements.join(", "));
    }
    let Versions { since, until } = function.versions;
    let earlier = if since == Target::OLDEST { " or earlier" } else { "" };
    let _ = write!(out, "\nIn the Collector since {since}{earlier}");
    let _ = if until < Target::NEWEST { writeln!(out, ", until {until}") } else { writeln!(out) };
    if let Some(gate) = function.gate {
        let _ = writeln!(out, "\nBehind the gate {}", gate.name());
    }
    if function.purity == Purity::Volatile {
        let _ = writeln!(out, "\nThe result depends on the time or on chance.");
    }
    if !function.examples.is_empty() {
        let _ = writeln!(out, "\n{HEADING}Examples{HEADING:#}");
        for example in &function.examples {
            let _ = writeln!(out, "  {}", example.code);
            match changes(function, example, "    ") {
                Some(changes) => out.push_str(&changes),
                None => _ = writeln!(out, "    {}", example.result),
            }
        }
    }
    out
}

/// What an editor's example changes in its record, a line each behind an indentation; nothing for a converter, which gives a value.
fn changes(function: &FunctionDef, example: &Example, indent: &str) -> Option<String> {
    if function.kind == FunctionKind::Converter {
        return None;
    }
    let (context, before) = ottl::example::before(function, example);
    let signal = match context {
        "metric" | "datapoint" => Signal::Metrics,
        "span" => Signal::Traces,
        _ => Signal::Logs,
    };
    let [groups, scopes, list] = signal.lists().map(|list| list.name);
    let message = |records: &str| {
        let records = records.strip_prefix('[').and_then(|list| list.strip_suffix(']')).unwrap_or(records);
        let text = format!(r#"{{"{groups}":[{{"{scopes}":[{{"{list}":[{records}]}}]}}]}}"#);
        let mut out = Vec::new();
        json::to_protobuf(signal, text.as_bytes(), &mut out).ok().map(|_| out)
    };
    let mut changes = Changes::default();
    changes.add(signal, &message(before)?, &message(example.result)?);
    Some(changes.take_lines(indent)).filter(|lines| !lines.is_empty())
}

fn function_json(function: &FunctionDef) -> Value {
    let param = |param: &Param| json!({ "name": param.name, "type": param.ty.to_string(), "optional": param.optional, "doc": param.doc });
    let examples: Vec<Value> = function
        .examples
        .iter()
        .map(|example| {
            let of_editor =
                || (function.kind == FunctionKind::Editor).then(|| ottl::example::before(function, example).1);
            let before = example.before.or_else(of_editor);
            // Programs get no colours.
            let changes = changes(function, example, "").map(|lines| strip_str(&lines).to_string());
            json!({ "code": example.code, "before": before, "result": example.result, "changes": changes })
        })
        .collect();
    json!({
        "name": function.name,
        "kind": kind_name(function),
        "signature": signature(function),
        "params": function.visible_params().map(param).collect::<Vec<_>>(),
        "returns": type_of_result(function),
        "docs": function.docs,
        "statement_contexts": function.availability.statements,
        "since": function.versions.since.name(),
        "until": (function.versions.until < Target::NEWEST).then(|| function.versions.until.name()),
        "gate": function.gate.map(ottl::Gate::name),
        "examples": examples,
    })
}

fn paths_text(contexts: &[&ContextDecl]) -> String {
    let mut out = String::new();
    for found in contexts {
        let _ = writeln!(out, "{HEADING}{}{HEADING:#}", found.name);
        let spelling = |path: &PathDecl| {
            format!("{}.{}{}", found.name, path.name, if path.keys == Keys::None { "" } else { "[...]" })
        };
        let width = found.paths.iter().map(|path| spelling(path).len()).max().unwrap_or(0);
        for path in found.paths {
            let access = if path.writable { "" } else { ", read-only" };
            let ty = format!("{:?}", path.read).to_lowercase();
            let _ = writeln!(out, "  {NAME}{:width$}{NAME:#}  {ty}{access}  {}", spelling(path), path.doc);
        }
        let others: Vec<&str> = found.reaches.iter().skip(1).map(|id| id.name()).collect();
        if !others.is_empty() {
            let _ = writeln!(out, "  and the paths of: {}", others.join(", "));
        }
    }
    out
}

fn path_json(path: &PathDecl) -> Value {
    json!({
        "context": path.context.name(),
        "path": format!("{}.{}", path.context.name(), path.name),
        "keys": path.keys != Keys::None,
        "type": format!("{:?}", path.read).to_lowercase(),
        "nullable": path.nullable,
        "writable": path.writable,
        "doc": path.doc,
    })
}

fn enums_text(found: &ContextDecl) -> String {
    let mut out = String::new();
    if found.enums.is_empty() {
        let _ = writeln!(out, "The context {} has no enum symbols.", found.name);
    }
    let width = found.enums.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, value) in found.enums {
        let _ = writeln!(out, "{NAME}{name:width$}{NAME:#}  {value}");
    }
    out
}

fn enums_json(found: &ContextDecl) -> Value {
    Value::from_iter(found.enums.iter().map(|(name, value)| json!({ "name": name, "value": value })))
}
