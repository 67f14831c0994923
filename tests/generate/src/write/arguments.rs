//! The arguments of a call: of the type that the parameter takes, mostly, and as often out of the data as written down.

use ottl_core::function::{FunctionDef, FunctionKind, Param, ParamType, Type};
use ottl_core::ops::Coercion;

use super::{TYPES, Writer};
use crate::Term;
use crate::vocabulary::{self as words, Slot};

impl Writer<'_, '_> {
    pub(super) fn call(&mut self, def: &FunctionDef, depth: usize) -> Term {
        let mut args = Vec::new();
        let mut named = false;
        // What `set` writes should fit where it is written.
        let mut hint = Type::Any;
        for param in def.visible_params() {
            // `append` needs one of its optional parameters.
            let needed =
                def.name == "append" && args.len() < 2 && (param.name == "values" || self.choices.below(3) != 0);
            // A function as an argument is rare enough as it is.
            let wanted = param.ty == ParamType::Function && self.choices.below(2) == 0;
            if param.optional && !needed && !wanted && self.choices.below(3) != 0 {
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

    fn argument(&mut self, def: &FunctionDef, param: &Param, hint: Type, depth: usize) -> Term {
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
                    (_, "source") => self.choices.pick(&[Type::List, Type::Map]),
                    ("Reduce", "seed") => self.choices.pick(&[Type::Int, Type::String, Type::Any]),
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
            ParamType::ConstFloat if param.name == "percentile" => {
                Term::word(self.choices.pick(&["50.0", "0.5", "99.9", "90.0", "25.0", "100.0"]))
            }
            ParamType::ConstFloat => Term::word(self.choices.pick(&["1.5", "2.0", "0.0", ".5", "10.0", "0.001"])),
            ParamType::ConstBool => Term::word(self.choices.pick(&["true", "false"])),
            ParamType::Elements(_) if self.choices.one_in(3) => self.data(Type::List, Slot::List, depth),
            ParamType::ConstStrings if param.name == "pattern_definitions" => {
                let many = self.choices.below(4);
                Term::List((0..many).map(|_| Term::text(self.choices.pick(words::GROK_DEFINITIONS))).collect())
            }
            ParamType::ConstStrings | ParamType::Elements(_) => {
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
            ParamType::Lambda(parameters) => self.lambda(param.name, usize::from(parameters), depth),
            ParamType::Function => {
                if self.choices.one_in(20) {
                    return Term::word("Nope");
                }
                if self.choices.one_in(3) {
                    let converters = self.callable(FunctionKind::Converter);
                    return Term::word(self.choices.pick(&converters).name);
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
        (0..many).map(|_| self.value(ty, depth / 2)).collect()
    }

    fn lambda(&mut self, role: &str, parameters: usize, depth: usize) -> Term {
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
        let body = match role {
            "mapper" | "accumulator" => self.value(Type::Any, depth / 2),
            "key_mapper" => self.value(Type::String, depth / 2),
            _ => self.condition(depth.min(1).max(depth / 2)),
        };
        self.locals.truncate(depth_of_names);
        Term::Lambda(names, Box::new(body))
    }

    fn coerced(&mut self, def: &FunctionDef, param: &Param, coercion: Coercion, depth: usize) -> Term {
        let text = |writer: &mut Self, texts: &'static [&'static str]| Term::text(writer.choices.pick(texts));
        // Texts that mean something to the function.
        let slot = match def.name {
            "ParseJSON" => Slot::Json,
            "ParseKeyValue" => Slot::Pairs,
            name if name.ends_with("XML") => Slot::Xml,
            "URL" => Slot::Url,
            "ParseCSV" => Slot::Csv,
            "ParseCEF" | "ParseCLF" | "ParseELF" | "ParseLEEF" => Slot::LogLine,
            "Time" => Slot::TimeText,
            "Duration" => Slot::DurationText,
            "IsInCIDR" | "CommunityID" if coercion == Coercion::String && param.name != "protocol" => Slot::Ip,
            "Int" | "Double" | "Log" | "ParseInt" | "IsValidLuhn" if coercion != Coercion::Int => Slot::NumberText,
            "TraceID" => Slot::Hex32,
            "SpanID" => Slot::Hex16,
            _ => Slot::Text,
        };
        let want = coercion.only_type().unwrap_or(Type::Any);
        if self.choices.one_in(4) {
            return self.data(want, slot, depth);
        }
        if slot != Slot::Text && param.name != "location" && self.choices.below(8) < 6 {
            let rows = self.rows();
            let maps: Vec<_> = rows.iter().filter(|r| r.name.ends_with("attributes")).collect();
            if !self.constants && !maps.is_empty() && self.choices.below(2) == 0 {
                let row = *self.choices.pick(&maps);
                let key = words::key(self.choices, Some(slot));
                return self.spelled(row, vec![Term::text(key)]);
            }
            return text(self, words::texts(slot));
        }
        if coercion == Coercion::String && self.choices.below(8) < 7 {
            let pool = match (def.name, param.name) {
                ("ExtractPatterns", "pattern") => Some(words::NAMED_PATTERNS),
                (_, "encoding") => Some(words::ENCODINGS),
                (_, "user_agent") => Some(words::USER_AGENTS),
                ("ExtractGrokPatterns", "pattern") => Some(words::GROK_PATTERNS),
                ("replace_match" | "replace_all_matches", "pattern") => Some(words::GLOBS),
                (_, "regex_pattern" | "pattern") => Some(words::PATTERNS),
                (_, "replacement") => Some(words::TEMPLATES),
                (_, "replacement_format") => Some(&["%s", "<%s>", "%d", "a", "%s%s"] as &[&str]),
                (_, "delimiter" | "suffix" | "prefix") => Some(words::DELIMITERS),
                ("Base64Encode", "variant") => {
                    Some(&["base64", "base64-raw", "base64-url", "base64-raw-url", "nope"] as &[&str])
                }
                (_, "protocol") => Some(&["TCP", "UDP", "ICMP6", "tcp"] as &[&str]),
                ("delete_key", "key") => return Term::text(words::key(self.choices, None)),
                (_, "unit") => Some(words::NAMES),
                _ => None,
            };
            if let Some(pool) = pool {
                return text(self, pool);
            }
        }
        if (def.name, param.name) == ("ParseSeverity", "mapping") && self.choices.below(4) < 3 {
            return Term::word(self.choices.pick(words::SEVERITIES));
        }
        if (def.name, param.name) == ("ParseInt", "base") && self.choices.below(2) == 0 {
            return Term::word(self.choices.pick(&["0", "2", "10", "16", "36", "37"]));
        }
        if coercion == Coercion::Int && self.choices.below(3) < 2 {
            return Term::word(self.choices.below(5).to_string());
        }
        self.value(want, depth)
    }

    /// What a record chooses: an attribute, something in the cache, a field, a local, or the result of another call.
    fn data(&mut self, want: Type, slot: Slot, depth: usize) -> Term {
        if self.constants {
            return self.value(want, depth);
        }
        let rows = self.rows();
        let key = |writer: &mut Self| vec![Term::text(words::key(writer.choices, Some(slot)))];
        let named = |name: &str| rows.iter().copied().filter(|row| row.name == name).collect::<Vec<_>>();
        let (attributes, caches) = (named("attributes"), named("cache"));
        match self.choices.below(6) {
            0 | 1 if !attributes.is_empty() => {
                let (row, keys) = (self.choices.pick(&attributes), key(self));
                self.spelled(row, keys)
            }
            2 if !caches.is_empty() => {
                let (row, keys) = (self.choices.pick(&caches), key(self));
                self.spelled(row, keys)
            }
            3 if !self.locals.is_empty() => {
                let local = self.locals[self.choices.below(self.locals.len())].clone();
                Term::Path(local, vec![])
            }
            4 | 5 if depth > 0 => self.converter(want, depth - 1).unwrap_or_else(|| self.path(want, false)),
            _ => self.path(want, false),
        }
    }

    fn constant(&mut self, function: &str, param: &str) -> &'static str {
        if self.choices.one_in(30) {
            return self.choices.pick(words::TEXTS);
        }
        let pool: &[&'static str] = match (function, param) {
            (_, "aggregation_function") => &["sum", "mean", "min", "max", "median", "count"],
            (_, "string_agg_temp") => &["delta", "cumulative"],
            ("merge_histogram_buckets", "method") => &["remove_explicit_bound", "limit_buckets"],
            (_, "distribution_fn") => &["upper", "midpoint", "uniform"],
            (_, "semconv_version") => &["1.37.0", "1.40", "v1.43.0", "1.36.0"],
            (_, "strategy") => &["insert", "update", "upsert"],
            ("ParseCSV", "mode") => &["strict", "lazyQuotes", "ignoreQuotes"],
            ("ParseCSV", _) => &[",", ",", ";", "\u{e9}", " ", "\"", "ab"],
            ("ParseCLF", _) => &["clf", "combined"],
            (_, "key_path" | "value_path") => &["s", "m", "a"],
            (_, "mode") => &["key", "value"],
            (_, "to_case") => &["lower", "upper", "snake", "camel"],
            (_, "order") => &["asc", "desc"],
            ("Format", _) => words::FORMATS,
            ("FormatTime" | "Time", "format") => words::TIME_FORMATS,
            (_, "location") => &["UTC", "Europe/Berlin", "America/New_York", "Nowhere/Land", ""],
            (_, "locale") => &["en", "en-GB", "de", "fr-FR", "ja", "ak", "xx"],
            (_, "delimiter") => &["=", ":", "=", "a", ""],
            (_, "x_path") => words::XPATHS,
            (_, "element_name") => &["v", "value", ""],
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
