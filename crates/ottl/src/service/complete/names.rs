//! Functions, paths, enum symbols and words.

use ottl_core::function::{FunctionDef, FunctionKind, Param, ParamType, Type};
use ottl_schema::{Access, ContextId, Keys, PathDecl, context, context_by_name};

use super::{CompletionKind, Proposals, escaped, keys};
use crate::RuleKind;
use crate::service::Document;
use crate::service::cursor::{Frame, Want};
use crate::service::site::{Quoting, Site};
use crate::service::topic::{Topic, parameter, signature, type_name};

/// Adds what may stand at a place of a rule.
pub(super) fn add(document: &Document, site: &Site, out: &mut Proposals) {
    match &site.cursor.want {
        Want::Editor => functions(document, site, FunctionKind::Editor, &Wanted::default(), out),
        Want::Member(names) => members(document, site, names, out),
        Want::Key(path) => keys::add(document, site, path, true, out),
        Want::Operator => operators(site, out),
        Want::Value => values(document, site, out),
        Want::Nothing => {}
    }
}

/// What the value at a place may be.
#[derive(Clone, Debug)]
struct Wanted {
    /// Whether paths may stand there, and which.
    paths: Paths,
    converters: bool,
    enums: bool,
    /// Words such as `nil` and `true`.
    words: &'static [&'static str],
    /// The type that fits best, by its name; empty if any does.
    ty: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Paths {
    None,
    All,
    Writable,
    Maps,
    Lists,
}

impl Default for Wanted {
    fn default() -> Self {
        Wanted { paths: Paths::All, converters: true, enums: true, words: &["nil", "true", "false"], ty: String::new() }
    }
}

impl Wanted {
    fn of(param: &Param) -> Wanted {
        let any = Wanted::default();
        let nothing = Wanted { paths: Paths::None, converters: false, enums: false, words: &[], ..any.clone() };
        match param.ty {
            ParamType::Target => Wanted { paths: Paths::Writable, ..nothing },
            ParamType::MapTarget => Wanted { paths: Paths::Maps, ..nothing },
            ParamType::ListTarget => Wanted { paths: Paths::Lists, ..nothing },
            ParamType::Any | ParamType::ListOf(_) | ParamType::Elements(_) => any,
            ParamType::Coerced(_) => {
                let takes = param.ty.to_string();
                let ty = takes.split('-').next().unwrap_or_default().to_owned();
                let enums = matches!(ty.as_str(), "int" | "float");
                let words: &[&str] = if ty == "bool" { &["true", "false"] } else { &["nil"] };
                Wanted { enums, words, ty, ..any }
            }
            ParamType::ConstInt => Wanted { enums: true, ..nothing },
            ParamType::ConstBool => Wanted { words: &["true", "false"], ..nothing },
            ParamType::ConstString
            | ParamType::ConstFloat
            | ParamType::ConstStrings
            | ParamType::ConstInts
            | ParamType::ConstFloats
            | ParamType::Lambda(_)
            | ParamType::Function => nothing,
        }
    }

    fn takes(&self, path: &PathDecl) -> bool {
        match self.paths {
            Paths::None => false,
            Paths::All => true,
            Paths::Writable => path.writable,
            Paths::Maps => path.writable && matches!(path.read, Type::Map | Type::Any),
            Paths::Lists => path.writable && matches!(path.read, Type::List | Type::Any),
        }
    }
}

fn values(document: &Document, site: &Site, out: &mut Proposals) {
    let cursor = &site.cursor;
    let mut wanted = Wanted::default();
    if let Some(call) = cursor.argument()
        && let Some(function) = document.function(&call.name)
    {
        let param = parameter(function, call).map(|(_, param)| param);
        // In a lambda's body stands what the lambda is to give.
        if let Some(param) = param.filter(|_| !cursor.in_lambda) {
            wanted = Wanted::of(param);
            match param.ty {
                ParamType::Function => functions(document, site, FunctionKind::Converter, &wanted, out),
                ParamType::Lambda(count) => lambda(count, out),
                ParamType::ConstString if cursor.next != Some('"') => quotes("\"", "\"", out),
                ParamType::ConstStrings => quotes("[\"", "\"]", out),
                _ => {}
            }
        }
        if call.named.is_none() && !cursor.in_lambda {
            arguments(function, site, out);
        }
    }
    if let Some(Frame::Index(path)) = cursor.frames.last() {
        keys::add(document, site, path, false, out);
        wanted.words = &[];
        wanted.enums = false;
    }
    if cursor.in_condition && cursor.compared.is_empty() {
        wanted.ty = String::from("bool");
        out.add(4, CompletionKind::Keyword, "not", "", keyword("not"));
    }
    for name in &cursor.locals {
        out.add(0, CompletionKind::Variable, name, "parameter of the lambda", None);
    }
    // A text of YAML that is one of these is none.
    let is_whole = site.quoting == Quoting::Plain && site.text.trim().len() == out.word.len();
    for word in wanted.words.iter().filter(|_| !is_whole) {
        out.add(5, CompletionKind::Keyword, word, "", keyword(word));
    }
    if wanted.enums {
        enums(site, out);
    }
    paths(document, site, &wanted, out);
    if wanted.converters {
        functions(document, site, FunctionKind::Converter, &wanted, out);
    }
}

fn keyword(name: &str) -> Option<Topic> {
    Some(Topic::Keyword { name: name.to_owned() })
}

/// A string literal to be filled in.
fn quotes(open: &str, close: &str, out: &mut Proposals) {
    let (label, snippet) = (format!("{open}{close}"), format!("{}$1{}", escaped(open), escaped(close)));
    out.write(0, CompletionKind::Snippet, &label, "a literal", None, &label, Some(snippet));
}

fn lambda(count: u8, out: &mut Proposals) {
    let names: &[&str] = if count == 1 { &["value"] } else { &["key", "value"] };
    let filled: Vec<String> = (1..).zip(names).map(|(number, name)| format!("${{{number}:{name}}}")).collect();
    let insert = format!("({}) => ", names.join(", "));
    let snippet = format!("({}) => $0", filled.join(", "));
    out.write(0, CompletionKind::Snippet, insert.trim(), "a lambda", keyword("=>"), &insert, Some(snippet));
}

/// The names of arguments that may follow.
fn arguments(function: &FunctionDef, site: &Site, out: &mut Proposals) {
    let Some(call) = site.cursor.argument() else { return };
    for (number, param) in function.visible_params().enumerate() {
        let is_given = number < call.argument && call.given.is_empty()
            || call.given.iter().any(|given| ottl_core::function::parameter_name_matches(given, param.name));
        if is_given {
            continue;
        }
        // Behind an argument with a name all have one, and those that may be left out are best named.
        let rank = if !call.given.is_empty() { 0 } else { 6 };
        let label = format!("{}=", param.name);
        let topic = Topic::Parameter { function: function.name.to_owned(), name: param.name.to_owned() };
        out.add(rank, CompletionKind::Argument, &label, param.ty.to_string(), Some(topic));
    }
}

fn operators(site: &Site, out: &mut Proposals) {
    let cursor = &site.cursor;
    let mut add = |rank, word: &str, detail: &str| {
        out.add(rank, CompletionKind::Keyword, word, detail, keyword(word));
    };
    if site.kind == RuleKind::Statement && cursor.frames.is_empty() && !cursor.after_where {
        add(0, "where", "a condition follows");
    } else if cursor.in_condition {
        if cursor.compared.is_empty() {
            for (word, detail) in [
                ("==", "is equal"),
                ("!=", "is not equal"),
                ("<", "is less"),
                ("<=", "is less or equal"),
                (">", "is greater"),
                (">=", "is greater or equal"),
            ] {
                add(1, word, detail);
            }
        }
        add(0, "and", "both hold");
        add(0, "or", "one of both holds");
    }
}

/// The functions of a kind that may be called in the rule.
fn functions(document: &Document, site: &Site, kind: FunctionKind, wanted: &Wanted, out: &mut Proposals) {
    let compiler = &document.compiler.rules;
    let contexts = match site.context {
        Some(context) => vec![context],
        None => site.contexts(&document.compiler),
    };
    let is_reference = !wanted.converters && kind == FunctionKind::Converter;
    for function in compiler.registry.iter() {
        let Some(function) = compiler.registry.find_in(compiler.target, function.name) else { continue };
        let is_on = function.gate.is_none_or(|gate| compiler.is_on(gate));
        let in_condition = site.is_condition() && site.group.is_filter;
        let is_there =
            contexts.is_empty() || contexts.iter().any(|id| function.availability.allows(id.name(), in_condition));
        if function.kind != kind || !is_on || !is_there {
            continue;
        }
        let ty = type_name(function.returns);
        let rank = match kind {
            FunctionKind::Editor if function.name == "set" => 1,
            FunctionKind::Editor => 2,
            FunctionKind::Converter if !wanted.ty.is_empty() && ty == wanted.ty => 3,
            FunctionKind::Converter => 7,
        };
        let (label, topic) = (function.name, Topic::Function { name: function.name.to_owned() });
        let kind = match kind {
            FunctionKind::Editor => CompletionKind::Editor,
            FunctionKind::Converter => CompletionKind::Converter,
        };
        let detail = match kind {
            CompletionKind::Converter => format!("{} → {ty}", signature(function)),
            _ => signature(function),
        };
        if is_reference || site.cursor.next == Some('(') {
            out.add(rank, kind, label, detail, Some(topic));
        } else {
            let call = format!("{label}()");
            out.write(rank, kind, label, detail, Some(topic), &call, Some(snippet(function)));
        }
    }
}

/// A call with its required arguments to be filled in.
fn snippet(function: &FunctionDef) -> String {
    let required: Vec<String> = (1..)
        .zip(function.visible_params().filter(|param| !param.optional))
        .map(|(number, param)| match param.ty {
            ParamType::ConstString => format!("\"${{{number}:{}}}\"", param.name),
            ParamType::ConstStrings => format!("[\"${{{number}:{}}}\"]", param.name),
            _ => format!("${{{number}:{}}}", param.name),
        })
        .collect();
    let is_filled = required.is_empty() && function.visible_params().next().is_some();
    format!("{}({}{})", function.name, required.join(", "), if is_filled { "$1" } else { "" })
}

fn enums(site: &Site, out: &mut Proposals) {
    let Some(owner) = site.context else { return };
    // `span.kind` and `severity_number` are what `SPAN_KIND_SERVER` and `SEVERITY_NUMBER_ERROR` are for.
    let about = match site.cursor.argument() {
        Some(call) if call.argument > 0 => &call.first,
        _ => &site.cursor.compared,
    };
    let full = about.join("_").to_ascii_uppercase();
    let last = about.last().map(|name| name.to_ascii_uppercase()).unwrap_or_default();
    for (name, value) in context(owner).enums {
        let is_meant = !last.is_empty() && (name.starts_with(&full) || name.starts_with(&format!("{last}_")));
        let topic = Topic::Enum { context: owner.name().to_owned(), name: (*name).to_owned() };
        out.add(if is_meant { 0 } else { 8 }, CompletionKind::Enum, name, value.to_string(), Some(topic));
    }
}

fn topic_of(path: &PathDecl) -> Option<Topic> {
    Some(Topic::Path { context: path.context.name().to_owned(), name: path.name.to_owned() })
}

fn detail_of(path: &PathDecl) -> String {
    let access = if path.writable { "" } else { ", read-only" };
    format!("{}{access}", type_name(path.read))
}

/// Whether a path is not the cache of another context than the rule runs in. A context below it would make that its own; no rule
/// runs in that of the client.
fn is_seen(site: &Site, path: &PathDecl) -> bool {
    let reaches = |own: ContextId| own != path.context && context(own).reaches.contains(&path.context);
    path.access != Access::Cache || path.context != ContextId::OtelCol && !site.context.is_some_and(reaches)
}

/// Paths with their contexts.
fn paths(document: &Document, site: &Site, wanted: &Wanted, out: &mut Proposals) {
    if wanted.paths == Paths::None {
        return;
    }
    for owner in site.contexts(&document.compiler) {
        let is_own = site.context == Some(owner);
        for path in context(owner).paths.iter().filter(|path| wanted.takes(path) && is_seen(site, path)) {
            let rank = if is_own { 1 } else { 2 };
            let label = format!("{}.{}", owner.name(), path.name);
            out.add(rank, CompletionKind::Path, &label, detail_of(path), topic_of(path));
            // Beside a configured context, its own paths may go without it.
            if is_own && site.group.configured.is_some() {
                out.add(3, CompletionKind::Path, path.name, detail_of(path), topic_of(path));
            }
        }
    }
    keys::add_paths(document, site, out);
}

/// What may follow the names of a path.
fn members(document: &Document, site: &Site, names: &[String], out: &mut Proposals) {
    let param = site.cursor.argument().and_then(|call| {
        let function = document.function(&call.name)?;
        parameter(function, call).map(|(_, param)| Wanted::of(param))
    });
    // Where no path may stand, one was written all the same.
    let wanted = param.filter(|wanted| wanted.paths != Paths::None).unwrap_or_default();
    let owner = names.first().and_then(|first| context_by_name(first));
    let (owner, begun): (ContextId, &[String]) = match (owner, site.context) {
        (Some(owner), _) => (owner, &names[1..]),
        (None, Some(context)) if site.group.configured.is_some() => (context, names),
        _ => return,
    };
    let begun: String = begun.iter().map(|name| format!("{name}.")).collect();
    for path in context(owner).paths.iter().filter(|path| wanted.takes(path) && is_seen(site, path)) {
        let Some(rest) = path.name.strip_prefix(begun.as_str()) else { continue };
        // The map itself is more often meant than what is beside it.
        let rank = if path.keys == Keys::None { 2 } else { 1 };
        out.add(rank, CompletionKind::Path, rest, detail_of(path), topic_of(path));
    }
}
