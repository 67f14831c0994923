//! The rules of a family.

use ottl_core::function::FunctionDef;
use ottl_schema::{ContextId, Signal, context};

use super::{Kind, Words};
use crate::program::{Flatten, Group, Processor, Program, Style};
use crate::write::Writer;
use crate::{Choices, Term};

/// Patterns that match some of the texts; two of them need more than a literal search, one is no pattern.
const PATTERNS: &[&str] = &[
    "^value",
    "value1",
    "[0-9]+",
    "^value(1|2)$",
    "(?i)VALUE",
    "users/\\d+",
    "^GET ",
    "error|warn",
    "e$",
    "\\bcode\\b",
    "^$",
    "",
    ".*long_end$",
    "^\\d{3}\\.",
    "\u{e9}$",
    "v.*5",
    "(a|b)+lue",
    "[^a-z]",
];

/// What the rules of one context are written with.
struct Family<'f, 'c> {
    choices: &'f mut Choices<'c>,
    functions: &'f [&'f FunctionDef],
    words: &'f Words,
    kind: Kind,
    signal: Signal,
    own: ContextId,
    processor: Processor,
    /// Conditions that were written: the next may be one of them again.
    before: Vec<Term>,
}

fn error_mode(choices: &mut Choices<'_>) -> Option<&'static str> {
    [None, None, Some("ignore"), Some("silent"), Some("ignore"), Some("propagate")][choices.below(6)]
}

/// How many rules: more than screens need, and now and then more than two words of bits.
fn many(choices: &mut Choices<'_>) -> usize {
    let reach = [12, 12, 30, 70, 142][choices.below(5)];
    8 + choices.below(reach)
}

/// A context of records, or of what is inside them.
fn of_records(choices: &mut Choices<'_>, signal: Signal) -> ContextId {
    match (signal, choices.below(4)) {
        (Signal::Traces, 3) => ContextId::SpanEvent,
        (Signal::Traces, _) => ContextId::Span,
        (Signal::Metrics, 3) => ContextId::Metric,
        (Signal::Metrics, _) => ContextId::DataPoint,
        _ => ContextId::Log,
    }
}

pub(super) fn transform(
    choices: &mut Choices<'_>,
    functions: &[&FunctionDef],
    words: &Words,
    kind: Kind,
    signal: Signal,
) -> Program {
    let style = if choices.one_in(5) { Style::Basic } else { Style::Structured };
    let error_mode_of_all = error_mode(choices);
    let groups = if style == Style::Basic { 1 } else { [1, 1, 2, 3][choices.below(4)] };
    let mut left = many(choices);
    let first = of_records(choices, signal);
    let groups = (0..groups)
        .map(|number| {
            let own = match choices.below(8) {
                7 if number > 0 => choices.pick(&[ContextId::Resource, ContextId::Scope]),
                6 => of_records(choices, signal),
                _ => first,
            };
            let told = style == Style::Structured;
            let mut group = Group { context: told.then_some(own), ..Group::default() };
            let mut family = Family {
                choices,
                functions,
                words,
                kind,
                signal,
                own,
                processor: Processor::Transform,
                before: Vec::new(),
            };
            if told {
                group.shared_cache = family.choices.one_in(8);
                group.error_mode = error_mode(family.choices);
                if family.choices.one_in(3) {
                    group.conditions = (0..1 + family.choices.below(3)).map(|_| family.condition()).collect();
                }
            }
            let here = if number + 1 == groups { left.max(1) } else { left / 2 };
            left -= here.min(left);
            group.statements = (0..here.max(1)).map(|_| family.statement()).collect();
            for _ in 0..[0, 0, 1, 2][family.choices.below(4)] {
                let at = family.choices.below(group.statements.len() + 1);
                group.statements.splice(at..at, family.rename());
            }
            group
        })
        .collect();
    let flatten = Flatten::of(choices, signal, 30);
    Program { processor: Processor::Transform, signal, style, error_mode: error_mode_of_all, flatten, groups }
}

pub(super) fn filter(
    choices: &mut Choices<'_>,
    functions: &[&FunctionDef],
    words: &Words,
    kind: Kind,
    signal: Signal,
) -> Program {
    let style = [Style::Structured, Style::Basic, Style::Older][choices.below(3)];
    let error_mode_of_all = error_mode(choices);
    let mut groups: Vec<Group> = Vec::new();
    for _ in 0..[1, 1, 2][choices.below(3)] {
        let own = of_records(choices, signal);
        let is_there = groups.iter().any(|group| group.context == Some(own));
        if !context(own).in_filter
            || (is_there && style == Style::Older)
            || (!groups.is_empty() && style == Style::Basic)
        {
            continue;
        }
        let mut group = Group { context: (style != Style::Basic).then_some(own), ..Group::default() };
        if style == Style::Structured {
            group.error_mode = error_mode(choices);
        }
        let many = many(choices);
        let processor = Processor::Filter;
        let mut family = Family { choices, functions, words, kind, signal, own, processor, before: Vec::new() };
        group.conditions = (0..many).map(|_| family.condition()).collect();
        groups.push(group);
    }
    if groups.is_empty() {
        groups.push(Group { conditions: vec![Term::word("false")], ..Group::default() });
    }
    Program { processor: Processor::Filter, signal, style, error_mode: error_mode_of_all, flatten: Flatten::No, groups }
}

impl Family<'_, '_> {
    fn statement(&mut self) -> Term {
        if self.choices.one_in(150) {
            return Writer::new(self.choices, self.functions, self.own, false, false).statement();
        }
        let editor = self.editor();
        let is_delete = matches!(&editor, Term::Call(name, ..) if name == "delete_key");
        if self.choices.one_in(if is_delete { 2 } else { 20 }) {
            return editor;
        }
        Term::infix(editor, "where", self.condition())
    }

    /// An attribute gets another key: a copy and a deletion.
    fn rename(&mut self) -> [Term; 2] {
        let (map, from) = (self.map(), Term::text(self.key()));
        let to = if self.choices.one_in(3) { Term::text("out") } else { Term::text(self.key()) };
        let old = self.at(vec![from.clone()]);
        let copy = Term::Call("set".into(), vec![self.at(vec![to]), old.clone()], vec![]);
        let deletion = Term::Call("delete_key".into(), vec![map, from], vec![]);
        let is_there = Term::infix(old, "!=", Term::word("nil"));
        let copy = match self.choices.below(8) {
            0 | 1 => copy,
            2 => Term::infix(copy, "where", self.condition()),
            _ => Term::infix(copy, "where", is_there.clone()),
        };
        let deletion = if self.choices.one_in(4) { Term::infix(deletion, "where", is_there) } else { deletion };
        [copy, deletion]
    }

    fn condition(&mut self) -> Term {
        if !self.before.is_empty() && self.choices.one_in(8) {
            return self.before[self.choices.below(self.before.len())].clone();
        }
        if self.choices.one_in(200) {
            return Writer::new(self.choices, self.functions, self.own, true, false).condition(2);
        }
        let simple = if self.kind == Kind::Mixed { 3 } else { 12 };
        let made = if self.choices.below(16) < simple { self.atom() } else { self.several(2) };
        self.before.push(made.clone());
        made
    }

    /// A condition of several parts.
    fn several(&mut self, depth: usize) -> Term {
        if depth == 0 {
            return self.atom();
        }
        match self.choices.below(10) {
            0..4 => {
                let first = if self.choices.one_in(2) { self.of_parent() } else { self.atom() };
                Term::infix(first, "and", self.several(depth - 1))
            }
            4..7 => {
                let parts = Term::infix(self.atom(), "or", self.several(depth - 1));
                if self.choices.one_in(2) { parts } else { Term::Group(Box::new(parts)) }
            }
            7 => Term::Prefix("not ".into(), Box::new(Term::Group(Box::new(self.several(depth - 1))))),
            _ => self.atom(),
        }
    }

    /// One question.
    fn atom(&mut self) -> Term {
        let usual = self.choices.below(8) < 6;
        match self.kind {
            Kind::Equalities | Kind::Keys if usual => Term::infix(self.attribute(), "==", self.text()),
            Kind::Patterns if usual => self.pattern_test(),
            Kind::Computed if usual => self.computed_test(),
            _ => match self.choices.below(20) {
                16 | 17 => self.about_one(),
                18 => {
                    let test = self.pattern_test();
                    let bool = Term::word(self.choices.pick(&["true", "false"]));
                    let operator = self.choices.pick(&["==", "!="]);
                    match test {
                        Term::Call(..) if self.choices.one_in(3) => Term::infix(bool, operator, test),
                        Term::Call(..) => Term::infix(test, operator, bool),
                        other => other,
                    }
                }
                19 => self.of_constants(),
                0 | 1 => Term::infix(self.attribute(), "==", self.text()),
                2 => Term::infix(self.attribute(), "!=", self.text()),
                3 => Term::infix(self.attribute(), self.choices.pick(&["!=", "=="]), Term::word("nil")),
                4 => {
                    let operator = self.choices.pick(&["==", "!=", "<", ">=", ">", "<="]);
                    let number = self.choices.pick(&["5", "0", "1", "42", "1.5", "true", "0x01"]);
                    Term::infix(self.attribute(), operator, Term::word(number))
                }
                5 => Term::infix(self.attribute(), self.choices.pick(&["<", ">=", ">"]), self.text()),
                6 => self.number_test(),
                7 | 8 => {
                    let operator = if self.choices.one_in(4) { "!=" } else { "==" };
                    Term::infix(self.text_field(), operator, self.text())
                }
                9 => self.of_parent(),
                10 => {
                    let of = if self.choices.one_in(3) { self.text_field() } else { self.attribute() };
                    Term::Call("IsString".into(), vec![of], vec![])
                }
                11 => {
                    let name = self.choices.pick(&["HasPrefix", "HasSuffix", "IsInt", "IsBool", "IsMap"]);
                    let of = if self.choices.one_in(3) { self.text_field() } else { self.attribute() };
                    let is_guarded = self.choices.one_in(3);
                    let mut args = vec![of.clone()];
                    if name.starts_with("Has") {
                        args.push(Term::text(self.choices.pick(&["value", "5", "", "end"])));
                    }
                    let test = Term::Call(name.into(), args, vec![]);
                    let guard = Term::infix(of, "!=", Term::word("nil"));
                    if is_guarded { Term::infix(guard, "and", test) } else { test }
                }
                12 => Term::infix(self.attribute(), "==", self.attribute()),
                13 if self.processor != Processor::Filter => Term::infix(self.cached(), "==", self.text()),
                _ => self.pattern_test(),
            },
        }
    }

    /// Comparisons of one attribute or field with texts and numbers, which often leave nothing over, or nothing out.
    fn about_one(&mut self) -> Term {
        let of = if self.choices.one_in(3) { self.text_field() } else { self.attribute() };
        let one = |family: &mut Self| {
            let literal = match family.choices.below(3) {
                0 => Term::word(family.choices.pick(&["1", "5", "1.5", "true", "nil", "0x01"])),
                _ => family.text(),
            };
            let operator = family.choices.pick(&["==", "!=", "==", "!=", "<", ">="]);
            match family.choices.below(6) {
                0 => Term::infix(literal, operator, of.clone()),
                1 => {
                    let inner = Term::infix(of.clone(), operator, literal);
                    Term::Prefix("not ".into(), Box::new(Term::Group(Box::new(inner))))
                }
                _ => Term::infix(of.clone(), operator, literal),
            }
        };
        let (first, second) = (one(self), one(self));
        let both = Term::infix(first, self.choices.pick(&["and", "or"]), second);
        Term::Group(Box::new(both))
    }

    /// A condition that says nothing of the record, or asks about it with what has to be computed first.
    fn of_constants(&mut self) -> Term {
        let sum = Term::infix(Term::word("2"), self.choices.pick(&["+", "-", "*", "/"]), Term::word("0"));
        match self.choices.below(4) {
            0 => Term::word(self.choices.pick(&["false", "true", "1 == 2", "not (nil == nil)"])),
            1 => Term::infix(sum, self.choices.pick(&["==", "<"]), Term::word("2")),
            2 => Term::infix(self.attribute(), "==", sum),
            _ => {
                let parts = Term::List(vec![self.text(), self.text()]);
                let joined = Term::Call("Concat".into(), vec![parts, Term::text("")], vec![]);
                Term::infix(self.attribute(), self.choices.pick(&["==", "!="]), joined)
            }
        }
    }

    fn pattern_test(&mut self) -> Term {
        let of = if self.choices.one_in(3) { self.text_field() } else { self.attribute() };
        let test = Term::Call("IsMatch".into(), vec![of.clone(), Term::text(self.choices.pick(PATTERNS))], vec![]);
        match self.choices.below(10) {
            // What costs less than the search.
            8 => Term::infix(test, self.choices.pick(&["and", "or"]), self.number_test()),
            9 => {
                let not = Term::Prefix("not ".into(), Box::new(test));
                let other = Term::infix(self.attribute(), "==", self.text());
                Term::infix(not, self.choices.pick(&["and", "or"]), other)
            }
            6 => Term::infix(Term::infix(of, "!=", Term::word("nil")), "and", test),
            7 => Term::Prefix("not ".into(), Box::new(test)),
            _ => test,
        }
    }

    /// A question about a computed value, of which there are few.
    fn computed_test(&mut self) -> Term {
        let of = self.computed();
        match self.choices.below(9) {
            0..5 => Term::infix(of, "==", self.text()),
            5 => Term::infix(of, "==", Term::word(self.choices.pick(&["5", "0", "6"]))),
            6 => Term::Call("IsMatch".into(), vec![of, Term::text(self.choices.pick(PATTERNS))], vec![]),
            7 => {
                let texts = Term::List(vec![self.text(), self.text()]);
                Term::Call("ContainsValue".into(), vec![texts, of], vec![])
            }
            _ => Term::infix(of, self.choices.pick(&["!=", "<"]), self.text()),
        }
    }

    fn computed(&mut self) -> Term {
        match self.choices.below(8) {
            0..3 if self.processor != Processor::Filter => self.cached(),
            3 => {
                let keys = vec![Term::text(&self.words.keys[0]), Term::text(&self.words.keys[1])];
                self.at(keys)
            }
            4 => Term::Call("ToLowerCase".into(), vec![self.attribute()], vec![]),
            5 => Term::Call("Len".into(), vec![self.attribute()], vec![]),
            6 if self.own == ContextId::Log => Term::Path("log.body".into(), vec![Term::text(&self.words.keys[0])]),
            _ => {
                let key = Term::text(&self.words.parents[0]);
                let parts = Term::List(vec![Term::Path("resource.attributes".into(), vec![key]), self.attribute()]);
                Term::Call("Concat".into(), vec![parts, Term::text("")], vec![])
            }
        }
    }

    /// What computed values look at is written.
    fn editor_of_computed(&mut self) -> Term {
        let cache = Term::Path(format!("{}.cache", self.own.name()), vec![]);
        match self.choices.below(8) {
            0 | 1 => Term::Call("set".into(), vec![self.cached(), self.attribute()], vec![]),
            2 => {
                let value = Term::Call("ToLowerCase".into(), vec![self.attribute()], vec![]);
                Term::Call("set".into(), vec![self.cached(), value], vec![])
            }
            3 => {
                let names = self.choices.pick(&["insert", "update", "upsert"]);
                Term::Call("merge_maps".into(), vec![cache, self.map(), Term::text(names)], vec![])
            }
            4 => Term::Call("delete_key".into(), vec![cache, Term::text(self.choices.pick(&["c", "d"]))], vec![]),
            5 => {
                let pattern = Term::text(self.choices.pick(PATTERNS));
                Term::Call("replace_pattern".into(), vec![self.cached(), pattern, self.text()], vec![])
            }
            6 => Term::Call("set".into(), vec![cache, self.map()], vec![]),
            _ => {
                let keys = vec![Term::text(&self.words.keys[0]), Term::text(&self.words.keys[1])];
                Term::Call("set".into(), vec![self.at(keys), self.text()], vec![])
            }
        }
    }

    /// A question about what records share.
    fn of_parent(&mut self) -> Term {
        let (mut level, key) = ("resource", self.choices.below(self.words.parents.len()));
        if self.own != ContextId::Resource && self.choices.one_in(3) {
            level = "scope";
        }
        let attribute = Term::Path(format!("{level}.attributes"), vec![Term::text(&self.words.parents[key])]);
        match self.choices.below(10) {
            0 if level == "scope" => Term::infix(Term::Path("scope.name".into(), vec![]), "==", self.text()),
            1 => Term::infix(attribute, "!=", Term::word("nil")),
            2 => Term::Call("IsMatch".into(), vec![attribute, Term::text(self.choices.pick(PATTERNS))], vec![]),
            3 => Term::infix(attribute, self.choices.pick(&["!=", "<"]), self.text()),
            // It fails where there is none.
            4 if self.choices.one_in(4) => Term::Call("HasPrefix".into(), vec![attribute, Term::text("value")], vec![]),
            _ => Term::infix(attribute, "==", self.text()),
        }
    }

    fn number_test(&mut self) -> Term {
        let rows: &[(&str, &[&str])] = match self.own {
            ContextId::Log => &[
                ("severity_number", &["0", "1", "9", "SEVERITY_NUMBER_WARN", "-1"]),
                ("flags", &["0", "1", "100"]),
                ("dropped_attributes_count", &["0", "3", "42"]),
                ("time_unix_nano", &["0", "1", "1700000000123456789"]),
            ],
            ContextId::Span => &[
                ("kind", &["0", "SPAN_KIND_SERVER", "3", "99"]),
                ("status.code", &["0", "STATUS_CODE_ERROR", "1"]),
                ("dropped_events_count", &["0", "2"]),
                ("start_time_unix_nano", &["0", "1", "1600000000000000000"]),
            ],
            ContextId::SpanEvent => &[("dropped_attributes_count", &["0", "2"]), ("time_unix_nano", &["0", "1"])],
            ContextId::Metric => &[("type", &["1", "METRIC_DATA_TYPE_SUM", "5"])],
            ContextId::DataPoint => &[("flags", &["0", "1", "10"]), ("time_unix_nano", &["0", "1"])],
            _ => &[("dropped_attributes_count", &["0", "3", "42"])],
        };
        let (field, numbers) = self.choices.pick(rows);
        let operator = self.choices.pick(&["==", ">=", "<", "!=", ">"]);
        let path = Term::Path(format!("{}.{field}", self.own.name()), vec![]);
        Term::infix(path, operator, Term::word(self.choices.pick(numbers)))
    }

    fn text_field(&mut self) -> Term {
        let names: &[&str] = match self.own {
            ContextId::Log => &["body", "body", "severity_text", "event_name"],
            ContextId::Span => &["name", "name", "status.message"],
            ContextId::SpanEvent => &["name"],
            ContextId::Metric => &["name", "unit", "description"],
            ContextId::Scope => &["name", "version"],
            ContextId::Resource => &["schema_url"],
            // Its metric's.
            _ => return Term::Path(self.choices.pick(&["metric.name", "metric.unit"]).into(), vec![]),
        };
        Term::Path(format!("{}.{}", self.own.name(), self.choices.pick(names)), vec![])
    }

    /// The attributes of the level.
    fn map(&self) -> Term {
        let name = if self.own == ContextId::Metric { "metadata" } else { "attributes" };
        Term::Path(format!("{}.{name}", self.own.name()), vec![])
    }

    fn key(&mut self) -> String {
        let of_parents = matches!(self.own, ContextId::Resource | ContextId::Scope);
        let keys = if of_parents { &self.words.parents } else { &self.words.keys };
        keys[self.choices.below(keys.len())].clone()
    }

    /// An attribute that rules ask about.
    fn attribute(&mut self) -> Term {
        let mut keys = vec![Term::text(self.key())];
        if self.choices.one_in(30) {
            keys.push(Term::text(self.key()));
        }
        self.at(keys)
    }

    fn at(&self, keys: Vec<Term>) -> Term {
        match self.map() {
            Term::Path(name, _) => Term::Path(name, keys),
            other => other,
        }
    }

    fn text(&mut self) -> Term {
        Term::text(&self.words.texts[self.choices.below(self.words.texts.len())])
    }

    fn cached(&mut self) -> Term {
        Term::Path(format!("{}.cache", self.own.name()), vec![Term::text(self.choices.pick(&["c", "d"]))])
    }

    /// What a statement does.
    fn editor(&mut self) -> Term {
        if self.kind == Kind::Computed && self.choices.one_in(4) {
            return self.editor_of_computed();
        }
        let set = |target, value| Term::Call("set".into(), vec![target, value], vec![]);
        let map = self.map();
        match self.choices.below(24) {
            0..6 => {
                let key = self.choices.pick(&["out", "team", "out.2"]);
                set(self.at(vec![Term::text(key)]), self.text())
            }
            6..8 => set(self.attribute(), self.text()),
            8 => set(self.attribute(), Term::word(self.choices.pick(&["5", "true", "1.5", "nil"]))),
            9 => set(self.attribute(), self.attribute()),
            10..13 => Term::Call("delete_key".into(), vec![map, Term::text(self.key())], vec![]),
            13 | 14 => set(self.text_field(), self.text()),
            15 => {
                let of = if self.choices.one_in(2) { self.attribute() } else { self.text_field() };
                let pattern = Term::text(self.choices.pick(PATTERNS));
                Term::Call("replace_pattern".into(), vec![of, pattern, self.text()], vec![])
            }
            16 => set(self.cached(), self.text()),
            17 => {
                let target = self.at(vec![Term::text("lower")]);
                // It fails on what is no text.
                set(target, Term::Call("ToLowerCase".into(), vec![self.attribute()], vec![]))
            }
            18 => {
                let key = self.choices.below(self.words.parents.len());
                let level =
                    if self.choices.one_in(3) && self.own != ContextId::Resource { "scope" } else { "resource" };
                let path = Term::Path(format!("{level}.attributes"), vec![Term::text(&self.words.parents[key])]);
                if self.choices.one_in(3) { set(path, self.text()) } else { set(self.attribute(), path) }
            }
            19 => self.map_editor(map),
            20 if self.signal == Signal::Logs && self.own == ContextId::Log => {
                set(Term::Path("log.severity_number".into(), vec![]), Term::word(self.choices.pick(&["9", "1", "17"])))
            }
            _ => set(self.at(vec![Term::text("out")]), Term::word(self.choices.below(9).to_string())),
        }
    }

    /// An editor of a whole map.
    fn map_editor(&mut self, map: Term) -> Term {
        let name = self.choices.pick(&[
            "keep_keys",
            "limit",
            "truncate_all",
            "delete_matching_keys",
            "keep_matching_keys",
            "replace_all_patterns",
            "replace_all_matches",
        ]);
        let keys: Vec<_> = (0..1 + self.choices.below(4)).map(|_| Term::text(self.key())).collect();
        let number = Term::word((1 + self.choices.below(5)).to_string());
        let args = match name {
            "keep_keys" => vec![map, Term::List(keys)],
            "limit" => vec![map, number, Term::List(vec![])],
            "truncate_all" => vec![map, number],
            "replace_all_patterns" => {
                let what = Term::text(self.choices.pick(&["value", "key"]));
                vec![map, what, Term::text(self.choices.pick(PATTERNS)), self.text()]
            }
            "replace_all_matches" => vec![map, Term::text(self.choices.pick(&["value*", "*5", "*"])), self.text()],
            _ => vec![map, Term::text(self.choices.pick(&["1$", "^key", "out", "."]))],
        };
        Term::Call(name.into(), args, vec![])
    }
}
