//! [`Writer`]: writes random statements and conditions for one context.
//!
//! Function definitions say what arguments a call takes, path rows say what can be read and written; both are biased to
//! what fits, and now and then something else is written.

use ottl_core::function::{FunctionDef, FunctionKind, Param, ParamType, Type};
use ottl_core::ops::Coercion;
use ottl_schema::{ContextId, Keys, PathDecl, context};

use crate::vocabulary::{self as words, Slot};
use crate::{Choices, Term};

/// Types that values are asked for.
const TYPES: [Type; 12] = [
    Type::String,
    Type::Int,
    Type::Float,
    Type::Bool,
    Type::Map,
    Type::List,
    Type::Bytes,
    Type::Nil,
    Type::Time,
    Type::Duration,
    Type::TraceId,
    Type::SpanId,
];

pub(crate) struct Writer<'w, 'c> {
    pub choices: &'w mut Choices<'c>,
    functions: &'w [&'static FunctionDef],
    context: ContextId,
    in_condition: bool,
    /// Whether the context is told elsewhere, so that paths may leave it out.
    told: bool,
    /// Parameters of the lambdas around.
    locals: Vec<String>,
}

impl<'w, 'c> Writer<'w, 'c> {
    pub fn new(
        choices: &'w mut Choices<'c>,
        functions: &'w [&'static FunctionDef],
        context: ContextId,
        in_condition: bool,
        told: bool,
    ) -> Self {
        Writer { choices, functions, context, in_condition, told, locals: Vec::new() }
    }

    /// An editor call, often with `where`.
    pub fn statement(&mut self) -> Term {
        let editors = self.callable(FunctionKind::Editor);
        // `set` is what most statements are.
        let def = match editors.iter().find(|f| f.name == "set") {
            Some(set) if self.choices.below(3) == 0 => *set,
            _ if editors.is_empty() => return Term::Call("set".into(), vec![], vec![]),
            _ => self.choices.pick(&editors),
        };
        let call = self.call(def, 3);
        if self.choices.below(3) == 0 { Term::infix(call, "where", self.condition(2)) } else { call }
    }

    fn callable(&self, kind: FunctionKind) -> Vec<&'static FunctionDef> {
        let name = self.context.name();
        self.functions
            .iter()
            .copied()
            .filter(|f| f.kind == kind && f.availability.allows(name, self.in_condition))
            .collect()
    }

    /// A boolean expression.
    pub fn condition(&mut self, depth: usize) -> Term {
        match self.choices.below(if depth == 0 { 6 } else { 10 }) {
            0..4 => self.comparison(depth),
            4 => self.converter(Type::Bool, depth).unwrap_or_else(|| Term::word("true")),
            5 => Term::word(self.choices.pick(&["true", "false"])),
            6 => {
                let inner = self.condition(depth - 1);
                let inner = if matches!(inner, Term::Infix(..) | Term::Prefix(..)) && !self.choices.one_in(4) {
                    Term::Group(Box::new(inner))
                } else {
                    inner
                };
                Term::Prefix("not ".into(), Box::new(inner))
            }
            7 => Term::Group(Box::new(self.condition(depth - 1))),
            n => {
                let left = self.condition(depth - 1);
                Term::infix(left, if n == 8 { "and" } else { "or" }, self.condition(depth - 1))
            }
        }
    }

    fn comparison(&mut self, depth: usize) -> Term {
        const OPERATORS: &[&str] = &["==", "!=", "<", "<=", ">", ">="];
        let reach = if self.choices.one_in(4) { TYPES.len() } else { 5 };
        let ty = TYPES[self.choices.below(reach)];
        let left = self.value(ty, depth);
        let right = match self.choices.below(6) {
            0..3 => self.literal(ty, 1),
            3 => Term::word("nil"),
            _ => self.value(ty, depth.min(1)),
        };
        let operator =
            if self.choices.below(2) == 0 { self.choices.pick(&OPERATORS[..2]) } else { self.choices.pick(OPERATORS) };
        if self.choices.one_in(6) { Term::infix(right, operator, left) } else { Term::infix(left, operator, right) }
    }

    /// A value that mostly has this type.
    pub fn value(&mut self, want: Type, depth: usize) -> Term {
        let want = if want == Type::Any || self.choices.one_in(16) {
            let reach = if self.choices.one_in(4) { TYPES.len() } else { 6 };
            TYPES[self.choices.below(reach)]
        } else {
            want
        };
        if !self.locals.is_empty() && self.choices.below(3) == 0 {
            let local = self.locals[self.choices.below(self.locals.len())].clone();
            let keys = if self.choices.one_in(6) { vec![self.key(depth)] } else { vec![] };
            return Term::Path(local, keys);
        }
        if depth == 0 {
            return if self.choices.below(3) == 0 { self.literal(want, 0) } else { self.path(want, false) };
        }
        match self.choices.below(10) {
            0..2 => self.literal(want, depth),
            2..6 => self.path(want, false),
            6 if matches!(want, Type::Int | Type::Float | Type::Time | Type::Duration) => self.maths(want, depth),
            _ => self.converter(want, depth).unwrap_or_else(|| self.path(want, false)),
        }
    }

    fn maths(&mut self, want: Type, depth: usize) -> Term {
        let (left, operators, right): (_, &[&str], _) = match want {
            Type::Time => (Type::Time, &["+", "-"], Type::Duration),
            Type::Duration => self
                .choices
                .pick(&[(Type::Time, &["-"] as &[&str], Type::Time), (Type::Duration, &["+", "-"], Type::Duration)]),
            Type::Float => (Type::Float, &["+", "-", "*", "/"], self.choices.pick(&[Type::Float, Type::Int])),
            _ => (Type::Int, &["+", "-", "*", "/"], Type::Int),
        };
        let operand = |writer: &mut Self, ty| {
            let term = writer.value(ty, depth - 1);
            match term {
                // Signs and other operators need parentheses in most places.
                Term::Infix(..) => Term::Group(Box::new(term)),
                _ => term,
            }
        };
        let a = operand(self, left);
        let operator = self.choices.pick(operators);
        let b = operand(self, right);
        let sum = Term::infix(a, operator, b);
        match self.choices.below(12) {
            10 => Term::Prefix("-".into(), Box::new(Term::Group(Box::new(sum)))),
            11 => Term::infix(Term::Group(Box::new(sum)), operator, operand(self, right)),
            _ => sum,
        }
    }

    fn number(&mut self, value: i64) -> Term {
        let text = Term::word(value.unsigned_abs().min(i64::MAX as u64).to_string());
        if value < 0 { Term::Prefix("-".into(), Box::new(text)) } else { text }
    }

    fn literal(&mut self, want: Type, depth: usize) -> Term {
        match want {
            Type::Int => {
                let enums = context(self.context).enums;
                if !enums.is_empty() && self.choices.one_in(5) {
                    return Term::word(self.choices.pick(enums).0);
                }
                let reach = if self.choices.one_in(4) { words::INTS.len() } else { 6 };
                let value = words::INTS[self.choices.below(reach)];
                self.number(value)
            }
            Type::Float => Term::word(self.choices.pick(&[
                "1.5",
                "0.0",
                "2.",
                ".5",
                "100.0",
                "1.0e10",
                "1.0",
                "-2.25",
                "0.1",
                "9007199254740993.0",
            ])),
            Type::Bool => Term::word(self.choices.pick(&["true", "false"])),
            Type::Bytes => Term::word(self.choices.pick(&[
                "0x616263",
                "0x00",
                "0xfffe",
                "0x0102030405060708",
                "0x0102030405060708090a0b0c0d0e0f10",
            ])),
            Type::Nil => Term::word("nil"),
            Type::Map => {
                let many = self.choices.below(if depth > 0 { 3 } else { 2 });
                let entries = (0..many).map(|_| {
                    (words::key(self.choices, None).to_owned(), self.value(Type::Any, depth.saturating_sub(1)))
                });
                Term::Map(entries.collect())
            }
            Type::List => {
                let ty = if self.choices.below(2) == 0 { Type::Any } else { TYPES[self.choices.below(5)] };
                let many = self.choices.below(if depth > 0 { 4 } else { 2 });
                Term::List((0..many).map(|_| self.value(ty, depth.saturating_sub(1))).collect())
            }
            Type::Time => {
                Term::Call("Unix".into(), vec![Term::word(self.choices.pick(&["1700000000", "0", "1"]))], vec![])
            }
            Type::Duration => {
                Term::Call("Duration".into(), vec![Term::text(self.choices.pick(words::DURATION_TEXTS))], vec![])
            }
            Type::TraceId => {
                Term::Call("TraceID".into(), vec![self.id("0x0102030405060708090a0b0c0d0e0f10", words::HEX32)], vec![])
            }
            Type::SpanId => Term::Call("SpanID".into(), vec![self.id("0x0102030405060708", words::HEX16)], vec![]),
            Type::String | Type::Any => Term::text(self.choices.pick(words::TEXTS)),
        }
    }

    fn id(&mut self, bytes: &str, texts: &'static [&'static str]) -> Term {
        if self.choices.below(2) == 0 { Term::word(bytes) } else { Term::text(self.choices.pick(texts)) }
    }

    /// The path rows that statements of the context may name, its own four times.
    fn rows(&self) -> Vec<&'static PathDecl> {
        let reaches = context(self.context).reaches;
        let own = reaches.iter().take(1).flat_map(|id| context(*id).paths);
        let all = reaches.iter().filter(|id| **id != ContextId::OtelCol).flat_map(|id| context(*id).paths);
        // Only the own cache can be named.
        all.filter(|row| row.name != "cache" || row.context == self.context)
            .chain(own.clone())
            .chain(own.clone())
            .chain(own)
            .collect()
    }

    /// A path that mostly holds this type.
    fn path(&mut self, want: Type, target: bool) -> Term {
        if self.choices.one_in(150) {
            // All but the last, the cache, which cannot be named.
            let rows = &context(ContextId::OtelCol).paths[..4];
            let row = &rows[self.choices.below(rows.len())];
            return self.spelled(row, vec![]);
        }
        let rows = self.rows();
        let maps: Vec<_> = rows.iter().filter(|r| matches!(r.keys, Keys::Map | Keys::Body)).collect();
        let fields: Vec<_> =
            rows.iter().filter(|r| r.read == want || (r.read == Type::Any && want != Type::Bool)).collect();
        let keyed = want != Type::Time && want != Type::Duration && want != Type::TraceId && want != Type::SpanId;
        let by_key = !maps.is_empty() && keyed && (fields.is_empty() || self.choices.below(5) < 3);
        if by_key && !(want == Type::Map && self.choices.below(2) == 0) {
            let row = *self.choices.pick(&maps);
            let keys = self.keys(want, target);
            return self.spelled(row, keys);
        }
        let row = if fields.is_empty() { self.choices.pick(&rows) } else { *self.choices.pick(&fields) };
        let keys =
            if row.keys == Keys::TraceState && self.choices.below(3) == 0 { vec![Term::text("a")] } else { vec![] };
        self.spelled(row, keys)
    }

    fn spelled(&mut self, row: &PathDecl, keys: Vec<Term>) -> Term {
        let own = row.context == self.context;
        let prefix = match row.context {
            ContextId::Scope if !own && context(self.context).scope_alias && self.choices.one_in(8) => {
                "instrumentation_scope"
            }
            id => id.name(),
        };
        if own && self.told && self.choices.below(3) == 0 {
            return Term::Path(row.name.to_owned(), keys);
        }
        Term::Path(format!("{prefix}.{}", row.name), keys)
    }

    /// Keys that lead to a value of this type.
    fn keys(&mut self, want: Type, target: bool) -> Vec<Term> {
        let slot = match want {
            Type::String => Slot::Text,
            Type::Int => Slot::Int,
            Type::Float => Slot::Float,
            Type::Bool => Slot::Bool,
            Type::Bytes => Slot::Bytes,
            Type::Map => Slot::Map,
            Type::List => Slot::List,
            Type::Nil => Slot::Empty,
            _ => Slot::Any,
        };
        match self.choices.below(14) {
            0 => vec![Term::text("m"), Term::text(words::key(self.choices, Some(slot)))],
            1 => vec![Term::text("l"), Term::word(self.choices.below(3).to_string())],
            2 if target => vec![Term::text(self.choices.pick(&["new", "x"])), self.key(1)],
            3 if target => vec![Term::text("new")],
            4 => vec![self.key(2)],
            _ => vec![Term::text(words::key(self.choices, Some(slot)))],
        }
    }

    /// Any key.
    fn key(&mut self, depth: usize) -> Term {
        match self.choices.below(10) {
            0..5 => Term::text(words::key(self.choices, None)),
            5..7 => Term::word(self.choices.below(3).to_string()),
            7 => self.path(Type::String, false),
            8 => self.converter(Type::String, depth.saturating_sub(1)).unwrap_or_else(|| Term::text("s")),
            _ => Term::Prefix("-".into(), Box::new(Term::word("1"))),
        }
    }

    /// A call of a converter that mostly gives this type.
    fn converter(&mut self, want: Type, depth: usize) -> Option<Term> {
        let all = self.callable(FunctionKind::Converter);
        let loose = self.choices.one_in(4);
        let fits: Vec<_> = all.into_iter().filter(|f| f.returns == want || (loose && f.returns == Type::Any)).collect();
        if fits.is_empty() {
            return None;
        }
        let def = self.choices.pick(&fits);
        let mut call = self.call(def, depth.saturating_sub(1));
        if let Term::Call(_, _, keys) = &mut call
            && matches!(def.returns, Type::Map | Type::List | Type::Any)
            && self.choices.one_in(4)
        {
            let key =
                if def.returns == Type::List { Term::word(self.choices.below(3).to_string()) } else { self.key(1) };
            keys.push(key);
        }
        Some(call)
    }

    fn call(&mut self, def: &'static FunctionDef, depth: usize) -> Term {
        let mut args = Vec::new();
        let mut named = false;
        // What `set` writes should fit where it is written.
        let mut hint = Type::Any;
        for param in def.visible_params() {
            // `append` needs one of its optional parameters.
            let needed =
                def.name == "append" && args.len() < 2 && (param.name == "values" || self.choices.below(3) != 0);
            if param.optional && !needed && self.choices.below(3) != 0 {
                named = true;
                continue;
            }
            if def.name == "set" && param.name == "target" {
                hint = TYPES[self.choices.below(TYPES.len())];
            }
            let value = self.argument(def, param, hint, depth);
            named |= self.choices.one_in(12);
            args.push(if named { Term::Named(param.name.to_owned(), Box::new(value)) } else { value });
        }
        if self.choices.one_in(100) {
            drop(args.pop());
        }
        if self.choices.one_in(150) {
            args.push(self.value(Type::Any, 0));
        }
        Term::Call(def.name.to_owned(), args, vec![])
    }

    fn argument(&mut self, def: &'static FunctionDef, param: &Param, hint: Type, depth: usize) -> Term {
        if self.choices.one_in(60) {
            return self.value(Type::Any, depth.min(1));
        }
        match param.ty {
            ParamType::Target => {
                let want = match def.name {
                    "append" => Type::List,
                    "replace_match" | "replace_pattern" => Type::String,
                    _ => hint,
                };
                let want = if want == Type::Any { TYPES[self.choices.below(TYPES.len())] } else { want };
                self.path(want, true)
            }
            ParamType::MapTarget => self.path(Type::Map, true),
            ParamType::ListTarget => self.path(Type::List, true),
            ParamType::Any => {
                let want = match (def.name, param.name) {
                    ("set", "value") => hint,
                    ("Any" | "Filter" | "MapEach", _) => self.choices.pick(&[Type::List, Type::Map]),
                    ("Index", "target") => self.choices.pick(&[Type::String, Type::List]),
                    ("Sort", _) => Type::List,
                    ("Concat", _) if !self.choices.one_in(4) => return Term::List(self.values(Type::Any, 3, depth)),
                    ("Concat", _) => Type::List,
                    ("IsString", _) => Type::String,
                    ("Index" | "ContainsValue", _) => Type::String,
                    _ => Type::Any,
                };
                self.value(want, depth)
            }
            ParamType::Coerced(coercion) => self.coerced(def, param, coercion, depth),
            ParamType::ConstString => Term::text(self.constant(def.name, param.name)),
            ParamType::ConstInt => Term::word(self.choices.pick(&["1", "2", "3", "5", "10", "4", "128", "0"])),
            ParamType::ConstFloat => Term::word(self.choices.pick(&["1.5", "2.0", "0.0", ".5", "10.0", "0.001"])),
            ParamType::ConstBool => Term::word(self.choices.pick(&["true", "false"])),
            ParamType::ConstStrings | ParamType::Strings => {
                let many = self.choices.below(3);
                Term::List((0..many).map(|_| Term::text(words::key(self.choices, None))).collect())
            }
            ParamType::ConstInts => Term::List(vec![Term::word("1"), Term::word("2")]),
            ParamType::ConstFloats => Term::List(vec![Term::word("1.0"), Term::word("2.5")]),
            ParamType::ListOf(coercion) => {
                if def.name == "IsInCIDR" {
                    let many = 1 + self.choices.below(2);
                    return Term::List((0..many).map(|_| Term::text(self.choices.pick(words::NETWORKS))).collect());
                }
                if coercion == Some(Coercion::String) && self.choices.below(3) < 2 {
                    let many = self.choices.below(4);
                    return Term::List((0..many).map(|_| Term::text(words::key(self.choices, None))).collect());
                }
                let ty = if coercion == Some(Coercion::String) { Type::String } else { Type::Any };
                let mut items = self.values(ty, 4, depth);
                if items.is_empty() && !self.choices.one_in(12) {
                    items.push(self.value(ty, 0));
                }
                Term::List(items)
            }
            ParamType::Lambda(parameters) => self.lambda(def, usize::from(parameters), depth),
            ParamType::Function => {
                if self.choices.one_in(20) {
                    return Term::word("Nope");
                }
                Term::word(self.choices.pick(&[
                    "SHA256",
                    "MD5",
                    "ToUpperCase",
                    "ToLowerCase",
                    "SHA1",
                    "Len",
                    "Concat",
                    "FNV",
                    "ParseJSON",
                    "ToUpperCase",
                    "SHA256",
                ]))
            }
        }
    }

    fn values(&mut self, ty: Type, below: usize, depth: usize) -> Vec<Term> {
        let many = self.choices.below(below);
        (0..many).map(|_| self.value(ty, depth.min(2).saturating_sub(1))).collect()
    }

    fn lambda(&mut self, def: &'static FunctionDef, parameters: usize, depth: usize) -> Term {
        let depth_of_names = self.locals.len();
        let mut names: Vec<String> = Vec::new();
        for i in 0..parameters {
            let name = if self.choices.one_in(6) {
                "_".to_owned()
            } else {
                format!("{}{}", ["k", "v", "w"][i % 3], depth_of_names)
            };
            if name != "_" {
                self.locals.push(name.clone());
            }
            names.push(name);
        }
        let body = if def.name == "MapEach" {
            self.value(Type::Any, depth.min(2).saturating_sub(1))
        } else {
            self.condition(depth.min(1))
        };
        self.locals.truncate(depth_of_names);
        Term::Lambda(names, Box::new(body))
    }

    fn coerced(&mut self, def: &'static FunctionDef, param: &Param, coercion: Coercion, depth: usize) -> Term {
        let text = |writer: &mut Self, texts: &'static [&'static str]| Term::text(writer.choices.pick(texts));
        // Texts that mean something to the function.
        let slot = match def.name {
            "ParseJSON" => Slot::Json,
            "ParseKeyValue" => Slot::Pairs,
            "URL" => Slot::Url,
            "Time" => Slot::TimeText,
            "Duration" => Slot::DurationText,
            "IsInCIDR" => Slot::Ip,
            "Int" | "Double" | "Log" => Slot::NumberText,
            "TraceID" => Slot::Hex32,
            "SpanID" => Slot::Hex16,
            _ => Slot::Text,
        };
        if slot != Slot::Text && param.name != "location" && self.choices.below(8) < 6 {
            let rows = self.rows();
            let maps: Vec<_> = rows.iter().filter(|r| r.name.ends_with("attributes")).collect();
            if !maps.is_empty() && self.choices.below(2) == 0 {
                let row = *self.choices.pick(&maps);
                let key = words::key(self.choices, Some(slot));
                return self.spelled(row, vec![Term::text(key)]);
            }
            return text(self, words::texts(slot));
        }
        if coercion == Coercion::String && self.choices.below(8) < 7 {
            let pool = match (def.name, param.name) {
                ("ExtractPatterns", "pattern") => Some(words::NAMED_PATTERNS),
                ("replace_match" | "replace_all_matches", "pattern") => Some(words::GLOBS),
                (_, "regex_pattern" | "pattern") => Some(words::PATTERNS),
                (_, "replacement") => Some(words::TEMPLATES),
                (_, "replacement_format") => Some(&["%s", "<%s>", "%d", "a", "%s%s"] as &[&str]),
                (_, "delimiter" | "suffix" | "prefix") => Some(words::DELIMITERS),
                ("Base64Encode", "variant") => {
                    Some(&["base64", "base64-raw", "base64-url", "base64-raw-url", "nope"] as &[&str])
                }
                ("delete_key", "key") => return Term::text(words::key(self.choices, None)),
                (_, "unit") => Some(words::NAMES),
                _ => None,
            };
            if let Some(pool) = pool {
                return text(self, pool);
            }
        }
        let want = match coercion {
            Coercion::String => Type::String,
            Coercion::Int => Type::Int,
            Coercion::Float => Type::Float,
            Coercion::Bool => Type::Bool,
            Coercion::Time => Type::Time,
            Coercion::Duration => Type::Duration,
            Coercion::Map => Type::Map,
            Coercion::List => Type::List,
            _ => Type::Any,
        };
        if coercion == Coercion::Int && self.choices.below(3) < 2 {
            return Term::word(self.choices.below(5).to_string());
        }
        self.value(want, depth)
    }

    fn constant(&mut self, function: &str, param: &str) -> &'static str {
        if self.choices.one_in(30) {
            return self.choices.pick(words::TEXTS);
        }
        let pool: &[&'static str] = match (function, param) {
            (_, "aggregation_function") => &["sum", "mean", "min", "max", "median", "count"],
            (_, "string_agg_temp") => &["delta", "cumulative"],
            (_, "strategy") => &["insert", "update", "upsert"],
            (_, "mode") => &["key", "value"],
            (_, "to_case") => &["lower", "upper", "snake", "camel"],
            (_, "order") => &["asc", "desc"],
            ("Format", _) => words::FORMATS,
            ("FormatTime" | "Time", "format") => words::TIME_FORMATS,
            (_, "location") => &["UTC", "Europe/Berlin", "America/New_York", "Nowhere/Land", ""],
            (_, "locale") => &["en", "de", "fr-FR", "xx"],
            (_, "delimiter") => &["=", ":", "=", "a", ""],
            (_, "pair_delimiter") => &[" ", ",", "b", " ", ""],
            ("Trim", _) => words::CHARACTERS,
            (_, "prefix") => &["p", "", "a.b"],
            (_, "truncation_marker") => &["", ".", "...", "\u{2026}"],
            (_, "key") => &["s", "i", "http.method", "none"],
            _ => words::TEXTS,
        };
        self.choices.pick(pool)
    }
}
