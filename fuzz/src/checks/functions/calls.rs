//! [`Caller`]: statements that call functions with arguments out of the data.

use ottl_core::function::{FunctionDef, FunctionKind, Param, ParamType};
use ottl_core::ops::Coercion;
use ottl_generate::Term;

use super::data::{KEYS, Maker};

/// Words that literal arguments know, over all functions.
const KNOWN: &[&str] = &[
    "sum",
    "mean",
    "min",
    "max",
    "median",
    "count",
    "delta",
    "cumulative",
    "insert",
    "update",
    "upsert",
    "key",
    "value",
    "lower",
    "upper",
    "snake",
    "camel",
    "asc",
    "desc",
    "UTC",
    "Europe/Berlin",
    "en",
    "de",
    "base64",
    "base64-raw-url",
    "=",
    " ",
    ",",
    "v0",
    "...",
    "/",
    "//a",
    "//@*",
    "//a[last()]/b",
];

/// Numbers of literal arguments.
const NUMBERS: &[&str] = &["1", "0", "2", "10", "65", "1000", "100000", "9223372036854775807", "-1"];

/// Writes statements for a context.
pub(super) struct Caller<'m, 'c, 'b> {
    pub maker: &'m mut Maker<'c, 'b>,
    pub functions: &'m [&'m FunctionDef],
    pub context: &'static str,
    /// Parameters of the lambdas around.
    pub locals: Vec<String>,
}

impl Caller<'_, '_, '_> {
    /// A call of a function: as it is, or as the value of an assignment.
    pub fn statement(&mut self, def: &FunctionDef) -> Term {
        let call = self.call(def, 2);
        let statement = match (def.kind, self.below(6)) {
            (FunctionKind::Editor, _) => call,
            (_, 0) => Term::Call("append".into(), vec![self.target(), call], vec![]),
            (_, 1) => {
                // Condition and statement read the same.
                let holds = Term::infix(call, "==", self.value(1));
                return Term::infix(
                    Term::Call("set".into(), vec![self.target(), self.value(1)], vec![]),
                    "where",
                    holds,
                );
            }
            _ => Term::Call("set".into(), vec![self.target(), call], vec![]),
        };
        if self.below(5) == 0 { Term::infix(statement, "where", self.condition()) } else { statement }
    }

    fn below(&mut self, n: usize) -> usize {
        self.maker.choices.below(n)
    }

    fn condition(&mut self) -> Term {
        let operator = self.maker.choices.pick(&["==", "!=", "<", ">="]);
        Term::infix(self.value(1), operator, self.value(1))
    }

    /// A place to write to.
    fn target(&mut self) -> Term {
        let key = Term::text(self.maker.choices.pick(&KEYS));
        let own = self.context;
        match self.below(10) {
            0..5 => Term::Path(format!("{own}.attributes"), vec![key]),
            5 => Term::Path(format!("{own}.cache"), vec![key]),
            6 => Term::Path("resource.attributes".into(), vec![key]),
            7 => Term::Path(format!("{own}.attributes"), vec![]),
            8 => {
                let inner = Term::word(self.maker.choices.pick(NUMBERS));
                Term::Path(format!("{own}.attributes"), vec![key, inner])
            }
            _ => self.own_field(),
        }
    }

    fn own_field(&mut self) -> Term {
        let own = self.context;
        let name = match own {
            "log" => self.maker.choices.pick(&["body", "severity_text", "body.string", "severity_number"]),
            "span" => self.maker.choices.pick(&["name", "trace_state", "events", "kind"]),
            "metric" => self.maker.choices.pick(&["name", "description", "data_points", "unit"]),
            "datapoint" => {
                self.maker.choices.pick(&["bucket_counts", "positive.bucket_counts", "value_int", "exemplars"])
            }
            _ => "attributes",
        };
        Term::Path(format!("{own}.{name}"), vec![])
    }

    /// A value, mostly out of the data.
    fn value(&mut self, depth: usize) -> Term {
        if !self.locals.is_empty() && self.below(3) > 0 {
            let local = self.locals[self.maker.choices.below(self.locals.len())].clone();
            return Term::Path(local, vec![]);
        }
        match self.below(if depth == 0 { 8 } else { 12 }) {
            0..5 => self.target(),
            5 => self.own_field(),
            6 => self.literal(),
            7 => Term::List((0..self.below(5)).map(|_| self.target()).collect()),
            8 => Term::Map(vec![(Term::text("k0"), self.value(depth - 1)), (Term::text("k1"), self.value(depth - 1))]),
            _ => {
                let converters: Vec<_> =
                    self.functions.iter().copied().filter(|def| def.kind == FunctionKind::Converter).collect();
                let def = self.maker.choices.pick(&converters);
                self.call(def, depth - 1)
            }
        }
    }

    fn literal(&mut self) -> Term {
        match self.below(5) {
            0 => Term::word(self.maker.choices.pick(NUMBERS)),
            1 => Term::word(self.maker.choices.pick(&["nil", "true", "1.5", "0x00ff"])),
            _ => self.text(),
        }
    }

    /// A literal text: a piece, now and then repeated.
    fn text(&mut self) -> Term {
        let piece = self.maker.piece();
        let times = self.maker.choices.pick(&[1, 1, 1, 1, 2, 10, 100]).min(4096 / piece.len().max(1));
        Term::text(String::from_utf8_lossy(&piece).repeat(times.max(1)))
    }

    fn call(&mut self, def: &FunctionDef, depth: usize) -> Term {
        let (mut args, mut named) = (Vec::new(), false);
        for param in def.visible_params() {
            if param.optional && self.below(2) == 0 {
                named = true;
                continue;
            }
            let value = self.argument(param, depth);
            args.push(if named { Term::Named(param.name.to_owned(), Box::new(value)) } else { value });
        }
        Term::Call(def.name.to_owned(), args, vec![])
    }

    fn argument(&mut self, param: &Param, depth: usize) -> Term {
        match param.ty {
            ParamType::Target | ParamType::ListTarget => self.target(),
            ParamType::MapTarget => match self.below(3) {
                0 => self.target(),
                1 => Term::Path("resource.attributes".into(), vec![]),
                _ => Term::Path(format!("{}.attributes", self.context), vec![]),
            },
            ParamType::ConstString => {
                if self.below(2) == 0 {
                    Term::text(self.maker.choices.pick(KNOWN))
                } else {
                    self.text()
                }
            }
            ParamType::ConstInt => Term::word(self.maker.choices.pick(NUMBERS)),
            ParamType::ConstFloat => Term::word(self.maker.choices.pick(&["1.5", "0.0", "1e300", "-1.0"])),
            ParamType::ConstBool => Term::word(self.maker.choices.pick(&["true", "false"])),
            ParamType::ConstStrings => Term::List((0..self.below(4)).map(|_| self.text()).collect()),
            ParamType::ConstInts => Term::List(vec![Term::word("1"), Term::word("9223372036854775807")]),
            ParamType::ConstFloats => Term::List(vec![Term::word("1.5")]),
            ParamType::Elements(_) if self.below(2) == 0 => {
                Term::List((0..self.below(4)).map(|_| self.text()).collect())
            }
            ParamType::ListOf(_) => {
                let items: Vec<_> = (0..1 + self.below(4)).map(|_| self.value(depth.min(1))).collect();
                let times = self.maker.choices.pick(&[1, 1, 1, 10, 50]);
                Term::List(items.iter().cycle().take(items.len() * times).cloned().collect())
            }
            ParamType::Lambda(parameters) => self.lambda(usize::from(parameters), depth),
            ParamType::Function => {
                let def = self.maker.choices.pick(self.functions);
                Term::word(def.name)
            }
            // Where a text is a pattern, a format or a mode, it is mostly written down.
            ParamType::Coerced(Coercion::String) if self.below(3) == 0 => self.text(),
            ParamType::Coerced(Coercion::Int) if self.below(3) == 0 => Term::word(self.maker.choices.pick(NUMBERS)),
            ParamType::Any | ParamType::Coerced(_) | ParamType::Elements(_) => self.value(depth),
        }
    }

    fn lambda(&mut self, parameters: usize, depth: usize) -> Term {
        let around = self.locals.len();
        let names: Vec<_> = (0..parameters).map(|i| format!("p{}", around + i)).collect();
        self.locals.extend(names.iter().cloned());
        let body = if self.below(2) == 0 { self.condition() } else { self.value(depth) };
        self.locals.truncate(around);
        Term::Lambda(names, Box::new(body))
    }
}
