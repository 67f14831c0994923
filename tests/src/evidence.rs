//! What the golden vectors stand behind: which functions they call, which paths they read and write, which enum symbols and
//! keys of configurations they name, and what the reference answered.
//!
//! Texts are parsed, never searched, and those that do not compile count, too: a refusal is an answer.
//! Deliberately elsewhere: whether an engine agrees with a vector (`golden`), and the page that is made of this
//! (`cargo xtask codegen`).

use std::collections::{BTreeMap, BTreeSet};

use ottl_core::function::{FunctionKind, ParamType, Registry, parameter_name_matches};
use ottl_core::{Gate, Target};
use ottl_diagnostics::Span;
use ottl_schema::{ContextId, PathId, context_by_name, path_by_name};
use ottl_syntax::ast::{ArgumentValue, Call, EnumSymbol, Ident, Path, Value as Ast};
use ottl_syntax::visit::{Visitor, walk_condition, walk_statement};
use ottl_syntax::{parse_condition, parse_statement};
use serde_json::Value;

use crate::golden::{families, vectors};

/// What became of a vector's rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Refused,
    Failed,
    Ran,
}

/// How many vectors there are of something, by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tally {
    /// All of them.
    pub vectors: usize,
    /// Those whose rules the reference refuses.
    pub refused: usize,
    /// Those in which it fails when it runs.
    pub failed: usize,
    /// Those that were asked of a version before the newest.
    pub older: usize,
}

impl Tally {
    /// With those of another.
    #[must_use]
    pub fn and(self, other: Tally) -> Tally {
        Tally {
            vectors: self.vectors + other.vectors,
            refused: self.refused + other.refused,
            failed: self.failed + other.failed,
            older: self.older + other.older,
        }
    }

    fn count(&mut self, answer: Answer, is_older: bool) {
        self.vectors += 1;
        self.refused += usize::from(answer == Answer::Refused);
        self.failed += usize::from(answer == Answer::Failed);
        self.older += usize::from(is_older);
    }
}

/// What calls of a function look like.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    /// Vectors with a call.
    pub tally: Tally,
    /// Parameters that some call names.
    pub named: BTreeSet<&'static str>,
    /// Optional parameters that some call gives, and that some call leaves out.
    pub given: BTreeSet<&'static str>,
    /// See [`Calls::given`].
    pub left_out: BTreeSet<&'static str>,
}

/// What uses of a path look like.
#[derive(Clone, Copy, Debug, Default)]
pub struct Uses {
    /// Vectors in which it is read.
    pub read: Tally,
    /// Vectors in which an editor has it as its target.
    pub written: Tally,
}

/// What all vectors stand behind.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// By the names of functions.
    pub functions: BTreeMap<String, Calls>,
    /// By the paths' numbers.
    pub paths: BTreeMap<PathId, Uses>,
    /// By the enum symbols' names.
    pub symbols: BTreeMap<String, Tally>,
    /// By the names of gates that were off.
    pub gates: BTreeMap<&'static str, Tally>,
    /// By what stands in configurations: see `places`.
    pub places: BTreeMap<String, Tally>,
    /// Whole Collector configurations: their texts, each a vector.
    pub collectors: Vec<(String, Tally)>,
}

impl Evidence {
    /// What the corpus stands behind.
    ///
    /// # Panics
    /// If the corpus cannot be read.
    pub fn of_corpus(registry: &Registry) -> Evidence {
        let mut evidence = Evidence::default();
        for family in families() {
            for vector in vectors(&family) {
                evidence.add(&vector, registry);
            }
        }
        evidence
    }

    fn add(&mut self, vector: &Value, registry: &Registry) {
        let failed: Vec<&str> = vector["failed"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let answer = match vector {
            _ if vector["config_error"].is_string() => Answer::Refused,
            _ if vector["error"].is_string() || !failed.is_empty() => Answer::Failed,
            _ => Answer::Ran,
        };
        let target = vector["target"].as_str().and_then(Target::by_name).unwrap_or_default();
        let is_older = target != Target::NEWEST || vector["answered_by"].is_string();
        for name in vector["without"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if let Some(gate) = Gate::by_name(name) {
                self.gates.entry(gate.name()).or_default().count(answer, is_older);
            }
        }
        let processor = vector["processor"].as_str();
        let Some(text) = text(vector) else { return };
        if processor.is_none() {
            let mut one = Tally::default();
            one.count(answer, is_older);
            self.collectors.push((text.clone(), one));
        }
        let Ok(body) = serde_saphyr::from_str::<Value>(&text) else { return };
        let mut found = Found { registry, at: None, targets: Vec::new(), seen: Seen::default() };
        let mut stands = BTreeSet::new();
        for (kind, body) in bodies(processor, &body) {
            places(kind, body, &mut stands);
            texts(body, &mut |text, is_condition, context| found.look(text, is_condition, context));
        }
        let seen = found.seen;
        // Where a vector runs, those that failed are told by the texts that did.
        let mut failing = Found { registry, at: None, targets: Vec::new(), seen: Seen::default() };
        for text in &failed {
            failing.look(text, false, None);
            failing.look(text, true, None);
        }
        let all_fail = vector["error"].is_string();
        let of = |name: &str| match answer {
            Answer::Failed if !all_fail && !failing.seen.functions.contains_key(name) => Answer::Ran,
            other => other,
        };
        for (name, forms) in seen.functions {
            let calls = self.functions.entry(name.clone()).or_default();
            calls.tally.count(of(&name), is_older);
            calls.named.extend(forms.named);
            calls.given.extend(forms.given);
            calls.left_out.extend(forms.left_out);
        }
        for path in seen.read {
            self.paths.entry(path).or_default().read.count(answer, is_older);
        }
        for path in seen.written {
            self.paths.entry(path).or_default().written.count(answer, is_older);
        }
        for symbol in seen.symbols {
            self.symbols.entry(symbol).or_default().count(answer, is_older);
        }
        for place in stands {
            self.places.entry(place).or_default().count(answer, is_older);
        }
    }
}

/// The configuration of a vector.
fn text(vector: &Value) -> Option<String> {
    if let Some(name) = vector["config_file"].as_str() {
        let file = crate::golden::folder().join("../samples/rules").join(name);
        return std::fs::read_to_string(file).ok();
    }
    vector["config"].as_str().or(vector["collector_config"].as_str()).map(str::to_owned)
}

/// The processors' bodies in a configuration, with the kinds of the processors.
fn bodies<'v>(processor: Option<&'v str>, body: &'v Value) -> Vec<(&'v str, &'v Value)> {
    if let Some(kind) = processor {
        return vec![(kind, body)];
    }
    let named = body["processors"].as_object().into_iter().flatten();
    named.map(|(name, body)| (name.split('/').next().unwrap_or(name), body)).collect()
}

/// What stands in a processor's body, as `PROCESSOR: PLACE`: the place of each value but of items that are maps or lists, keys with
/// dots between them and `[]` for any item of a list; and that with what it says, where that is a word: `transform: error_mode: ignore`.
fn places(kind: &str, body: &Value, out: &mut BTreeSet<String>) {
    fn walk(at: &str, value: &Value, out: &mut BTreeSet<String>) {
        match value {
            Value::Object(pairs) if !pairs.is_empty() => {
                if !at.ends_with("[]") {
                    out.insert(at.to_owned());
                }
                for (key, value) in pairs {
                    let dot = if at.ends_with(' ') { "" } else { "." };
                    walk(&format!("{at}{dot}{key}"), value, out);
                }
            }
            Value::Array(items) if !items.is_empty() => {
                out.insert(at.to_owned());
                items.iter().for_each(|item| walk(&format!("{at}[]"), item, out));
            }
            Value::String(word) if word.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                out.insert(format!("{at}: {}", word.to_lowercase()));
                out.insert(at.to_owned());
            }
            Value::Bool(word) => {
                out.insert(format!("{at}: {word}"));
                out.insert(at.to_owned());
            }
            _ => {
                out.insert(at.to_owned());
            }
        }
    }
    walk(&format!("{kind}: "), body, out);
}

/// Calls back with each statement (false) and condition (true) of a body, and its context where one is said.
fn texts(body: &Value, found: &mut impl FnMut(&str, bool, Option<ContextId>)) {
    let list = |value: &Value, is_condition: bool, context, found: &mut dyn FnMut(&str, bool, Option<ContextId>)| {
        for text in value.as_array().into_iter().flatten().filter_map(Value::as_str) {
            found(text, is_condition, context);
        }
    };
    for (key, value) in body.as_object().into_iter().flatten() {
        let is_condition = key.ends_with("_conditions");
        if is_condition || key.ends_with("_statements") {
            list(value, is_condition, None, found);
            for item in value.as_array().into_iter().flatten() {
                let context = item["context"].as_str().and_then(|name| context_by_name(&name.to_lowercase()));
                list(&item["conditions"], true, context, found);
                list(&item["statements"], false, context, found);
            }
        } else if ["traces", "metrics", "logs", "profiles"].contains(&key.as_str()) {
            for (name, value) in value.as_object().into_iter().flatten() {
                let context = context_by_name(if name == "log_record" { "log" } else { name });
                list(value, true, context, found);
            }
        }
    }
}

#[derive(Debug, Default)]
struct Seen {
    functions: BTreeMap<String, Forms>,
    read: BTreeSet<PathId>,
    written: BTreeSet<PathId>,
    symbols: BTreeSet<String>,
}

/// What calls of a function in a vector look like.
#[derive(Debug, Default)]
struct Forms {
    named: BTreeSet<&'static str>,
    given: BTreeSet<&'static str>,
    left_out: BTreeSet<&'static str>,
}

/// Looks at the texts of a vector.
struct Found<'r> {
    registry: &'r Registry,
    /// The context of the text at hand, where one is said.
    at: Option<ContextId>,
    /// The editors' targets in the text at hand, which are not read.
    targets: Vec<Span>,
    seen: Seen,
}

impl Found<'_> {
    fn look(&mut self, text: &str, is_condition: bool, context: Option<ContextId>) {
        self.at = context;
        self.targets.clear();
        if is_condition {
            walk_condition(&parse_condition(text).tree, self);
        } else {
            walk_statement(&parse_statement(text).tree, self);
        }
    }

    fn id(&self, path: &Path) -> Option<PathId> {
        let name = |segments: &[ottl_syntax::ast::Segment]| {
            segments.iter().map(|segment| segment.name.as_str()).collect::<Vec<_>>().join(".")
        };
        let (first, fields) = path.split_context();
        let named = first.and_then(|first| context_by_name(&first.name));
        let prefixed = named.and_then(|owner| path_by_name(owner, &name(fields)));
        prefixed.or_else(|| path_by_name(self.at?, &name(&path.segments)))
    }

    fn function(&mut self, name: &str) -> Option<&mut Forms> {
        self.registry.find(name)?;
        Some(self.seen.functions.entry(name.to_owned()).or_default())
    }
}

impl Visitor for Found<'_> {
    fn path(&mut self, path: &Path) {
        if self.targets.contains(&path.span) {
            return;
        }
        if let Some(id) = self.id(path) {
            self.seen.read.insert(id);
        }
    }

    fn call(&mut self, call: &Call) {
        let registry = self.registry;
        let Some(def) = registry.find(&call.name.text) else { return };
        let mut position = 0;
        let mut given = BTreeSet::new();
        let mut named = BTreeSet::new();
        for argument in &call.arguments {
            let param = match &argument.name {
                Some(name) => def.visible_params().find(|param| parameter_name_matches(&name.text, param.name)),
                None => def.visible_params().nth(position),
            };
            position += usize::from(argument.name.is_none());
            let Some(param) = param else { continue };
            if argument.name.is_some() {
                named.insert(param.name);
            }
            given.insert(param.name);
            let is_target = matches!(param.ty, ParamType::Target | ParamType::MapTarget | ParamType::ListTarget);
            if let (FunctionKind::Editor, true, ArgumentValue::Value(Ast::Path(path))) =
                (def.kind, is_target, &argument.value)
                && let Some(id) = self.id(path)
            {
                self.seen.written.insert(id);
                self.targets.push(path.span);
            }
        }
        let optional = def.visible_params().filter(|param| param.optional).map(|param| param.name);
        let left_out: Vec<_> = optional.filter(|name| !given.contains(name)).collect();
        let forms = self.seen.functions.entry(call.name.text.clone()).or_default();
        forms.named.extend(named);
        forms.given.extend(given);
        forms.left_out.extend(left_out);
    }

    fn enum_symbol(&mut self, symbol: &EnumSymbol) {
        if self.function(&symbol.name).is_none() {
            self.seen.symbols.insert(symbol.name.clone());
        }
    }

    fn function_reference(&mut self, name: &Ident) {
        self.function(&name.text);
    }
}
