//! [`Writer`]: writes random statements and conditions for one context.
//!
//! Function definitions say what arguments a call takes, path rows say what can be read and written; both are biased to
//! what fits, and now and then something else is written.

mod arguments;

use ottl_core::function::{FunctionDef, FunctionKind, Type};
use ottl_schema::{ContextId, Keys, PathDecl, context};

use crate::vocabulary::{self as words, Slot};
use crate::{Choices, Term};

/// Types that values are asked for.
const TYPES: [Type; 13] = [
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
    Type::ProfileId,
    Type::SpanId,
];

const OPERATORS: &[&str] = &["==", "!=", "<", "<=", ">", ">="];

pub(crate) struct Writer<'w, 'c> {
    pub choices: &'w mut Choices<'c>,
    functions: &'w [&'w FunctionDef],
    context: ContextId,
    in_condition: bool,
    /// Whether the context is told elsewhere, so that paths may leave it out.
    told: bool,
    /// Parameters of the lambdas around.
    locals: Vec<String>,
    /// Whether what is written now is made of constants alone.
    constants: bool,
}

impl<'w, 'c> Writer<'w, 'c> {
    pub fn new(
        choices: &'w mut Choices<'c>,
        functions: &'w [&'w FunctionDef],
        context: ContextId,
        in_condition: bool,
        told: bool,
    ) -> Self {
        Writer { choices, functions, context, in_condition, told, locals: Vec::new(), constants: false }
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
        // Most calls are as people write them; some nest about as deep as anybody would.
        let depth = if self.choices.one_in(6) { 7 } else { 3 };
        let call = self.call(def, depth);
        if self.choices.below(3) == 0 { Term::infix(call, "where", self.condition(2)) } else { call }
    }

    fn callable(&self, kind: FunctionKind) -> Vec<&'w FunctionDef> {
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
        if self.choices.one_in(6) {
            return self.about_one();
        }
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

    /// Comparisons of one path with literals, which often leave nothing over, or nothing out.
    fn about_one(&mut self) -> Term {
        let ty = TYPES[self.choices.below(5)];
        let path = self.path(ty, false);
        let one = |writer: &mut Self| {
            let ty = if writer.choices.one_in(6) { TYPES[writer.choices.below(8)] } else { ty };
            let (literal, operator) = (writer.literal(ty, 0), writer.choices.pick(OPERATORS));
            let made = match writer.choices.one_in(4) {
                true => Term::infix(literal, operator, path.clone()),
                false => Term::infix(path.clone(), operator, literal),
            };
            let negated = |inner| Term::Prefix("not ".into(), Box::new(Term::Group(Box::new(inner))));
            match writer.choices.below(8) {
                0 => negated(made),
                1 => negated(negated(made)),
                _ => made,
            }
        };
        let mut all = one(self);
        let joint = self.choices.pick(&["and", "or"]);
        for _ in 0..1 + self.choices.below(3) {
            let next = one(self);
            let next =
                if self.choices.one_in(6) { Term::Group(Box::new(Term::infix(next, joint, one(self)))) } else { next };
            all = Term::infix(all, joint, next);
        }
        Term::Group(Box::new(all))
    }

    /// A value made of constants alone.
    fn of_constants(&mut self, want: Type, depth: usize) -> Term {
        let around = std::mem::replace(&mut self.constants, true);
        let made = match self.choices.below(4) {
            0 if depth > 0 && matches!(want, Type::Int | Type::Float | Type::Time | Type::Duration) => {
                self.maths(want, depth)
            }
            _ if depth > 0 => self.converter(want, depth).unwrap_or_else(|| self.literal(want, depth)),
            _ => self.literal(want, depth),
        };
        self.constants = around;
        made
    }

    /// A value that mostly has this type.
    pub fn value(&mut self, want: Type, depth: usize) -> Term {
        if self.constants || depth > 0 && self.choices.one_in(24) {
            return self.of_constants(want, depth.saturating_sub(usize::from(self.constants)));
        }
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
                let entries = (0..many).map(|_| (self.map_key(depth), self.value(Type::Any, depth.saturating_sub(1))));
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
            Type::ProfileId => Term::Call(
                "ProfileID".into(),
                vec![self.id("0x0102030405060708090a0b0c0d0e0f10", words::HEX32)],
                vec![],
            ),
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
        if self.constants && !target {
            return self.literal(want, 0);
        }
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
        let keyed = want != Type::Time
            && want != Type::Duration
            && want != Type::TraceId
            && want != Type::SpanId
            && want != Type::ProfileId;
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

    /// A key of a map literal: computed now and then, which version 0.161 refuses.
    fn map_key(&mut self, depth: usize) -> Term {
        match self.choices.below(10) {
            8 if !self.constants => self.path(Type::String, false),
            9 if depth > 0 => self.converter(Type::String, depth - 1).unwrap_or_else(|| Term::text("s")),
            _ => Term::text(words::key(self.choices, None)),
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
}
