//! A case file read: all that is wrong with it is found in one run, each fault with its place.

use std::collections::HashMap;
use std::sync::Arc;

use ottl_diagnostics::{Code, Diagnostic, Location, Locator, Span, near_name};
use ottl_otlp::framing::Format;

use super::case::{Case, DataFile, Expected, FilePath, Output, Setup, Suite, Telemetry, TestedRules, WantedError};
use super::hints;
use super::patch::Patch;
use super::property::{Property, PropertyKind};
use super::telemetry;
use super::value::{Content, Key, Value, embedded, read, start, without_mark};
use crate::config::Sources;
use crate::{Diagnostics, Limits, Signal};

/// Keys that say which rules run; a file has them for all its cases, and a case for itself.
pub(super) const SETUP_KEYS: [&str; 5] = ["rules", "processor", "pipeline", "env", "now"];

/// Keys of a file beside [`SETUP_KEYS`].
pub(super) const FILE_KEYS: [&str; 2] = ["$schema", "cases"];

/// Keys of a case beside [`SETUP_KEYS`].
pub(super) const CASE_KEYS: [&str; 3] = ["name", "input", "expect"];

/// Keys of a file of telemetry.
pub(super) const DATA_KEYS: [&str; 3] = ["file", "signal", "format"];

/// Keys of what comes out, of which a case has one at most. Those of `true` may stand for themselves.
pub(super) const OUTPUT_KEYS: [&str; 5] = ["output", "patch", "dropped", "unchanged", "snapshot"];

/// Keys of what is expected beside [`OUTPUT_KEYS`] and those of properties.
pub(super) const EXPECT_KEYS: [&str; 2] = ["error", "count"];

/// Names of formats, as `ottl run --from` has them.
pub(super) const FORMATS: [(&str, Format); 5] = [
    ("json", Format::Json),
    ("protobuf", Format::Protobuf),
    ("framed", Format::LengthPrefixed),
    ("delimited", Format::Delimited),
    ("zstd-frames", Format::ZstdFrames),
];

impl Suite {
    /// Reads a case file, in YAML or JSON.
    ///
    /// ```
    /// let suite = ottl::testing::Suite::read("body.test.yaml", "\
    /// rules: {log_statements: ['set(log.body, \"b\")']}
    /// cases:
    ///   - name: the body is replaced
    ///     input: {logs: [{body: a}]}
    ///     expect: {output: {logs: [{body: b}]}}
    /// ").unwrap();
    /// assert_eq!(suite.cases()[0].name, "the body is replaced");
    /// ```
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn read(file: &str, text: &str) -> Result<Suite, Diagnostics> {
        let sources = Arc::new(Sources::of(&Arc::from(file), text));
        let mut reader = Reader {
            text,
            locator: Locator::new(text),
            found: Vec::new(),
            setups: Vec::new(),
            numbers: HashMap::new(),
            has_rules: false,
            inline: 0,
        };
        let cases = reader.file();
        let Reader { found, setups, .. } = reader;
        if !found.is_empty() {
            let told = found.into_iter().map(|fault| in_quotes(hints::advised(fault, file, text), text));
            return Err(Diagnostics::of(sources, told.collect()));
        }
        Ok(Suite { sources, setups, cases })
    }
}

struct Reader<'t> {
    text: &'t str,
    locator: Locator<'t>,
    found: Vec<Diagnostic>,
    setups: Vec<Setup>,
    /// The numbers of the setups.
    numbers: HashMap<Setup, usize>,
    /// Whether the file has rules for all cases, right or wrong.
    has_rules: bool,
    /// Bytes of rules that stand in the file.
    inline: usize,
}

/// Bytes that rules of a case file take together: each with the blank lines before it.
const INLINE: usize = 256 << 20;

impl Reader<'_> {
    fn wrong(&mut self, span: Span, message: impl Into<String>) {
        self.found.push(Diagnostic::new(Code::INVALID_CASE, span, message));
    }

    fn wrong_kind(&mut self, value: &Value, what: &str, wanted: &str) {
        self.wrong(start(value.span), format!("{what} is {wanted}, and this is {}", value.kind()));
    }

    /// Says that a key is missing, unless it is misspelt, which is said already.
    fn missing(&mut self, before: usize, key: &str, span: Span, message: &str) {
        if !self.is_misspelt(before, key) {
            self.wrong(span, message);
        }
    }

    /// Whether a key is proposed by a fault behind so many.
    fn is_misspelt(&self, before: usize, key: &str) -> bool {
        self.found[before..].iter().any(|fault| fault.fix.as_ref().is_some_and(|fix| fix.replacement == key))
    }

    /// The pairs of a map, of which the keys are among these.
    fn map<'v>(&mut self, value: &'v Value, what: &str, known: &[&str]) -> Option<&'v [(Key, Value)]> {
        let Content::Map(pairs) = &value.content else {
            self.wrong_kind(value, what, "a map");
            return None;
        };
        for (key, _) in pairs.iter().filter(|(key, _)| !known.contains(&&*key.text)) {
            let fault = Diagnostic::new(Code::UNKNOWN_CASE_KEY, key.span, format!("{what} has no key `{}`", key.text));
            self.found.push(match near_name(&key.text, known.iter().copied()) {
                Some(near) => fault.help(format!("did you mean `{near}`?")).fix(key.span, near),
                None => fault.help(format!("its keys are {}", known.join(", "))),
            });
        }
        Some(pairs)
    }

    fn text<'v>(&mut self, value: &'v Value, what: &str) -> Option<&'v str> {
        let text = value.text();
        if text.is_none() {
            self.wrong_kind(value, what, "a string");
        }
        text
    }

    /// A text, or a list of them.
    fn texts<'v>(&mut self, value: &'v Value, what: &str) -> Vec<(&'v str, &'v Value)> {
        let items = match &value.content {
            Content::List(items) => &items[..],
            _ => std::slice::from_ref(value),
        };
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            match item.text() {
                Some(text) => out.push((text, item)),
                None => self.wrong_kind(item, what, "a text or a list of texts"),
            }
        }
        out
    }

    fn file(&mut self) -> Vec<Case> {
        let Some(root) = read(self.text, &Limits::default(), &mut self.found) else { return Vec::new() };
        let known: Vec<&str> = FILE_KEYS.iter().chain(&SETUP_KEYS).copied().collect();
        if self.map(&root, "a case file", &known).is_none() {
            return Vec::new();
        }
        self.has_rules = root.member("rules").is_some();
        let common = self.setup(&root, None);
        let Some(cases) = root.member("cases") else {
            self.missing(0, "cases", start(root.span), "a case file has `cases:`, a list of what is tried");
            return Vec::new();
        };
        let Content::List(cases) = &cases.content else {
            self.wrong_kind(cases, "`cases`", "a list");
            return Vec::new();
        };
        if cases.is_empty() {
            self.wrong(start(root.member("cases").map_or(root.span, |cases| cases.span)), "there are no cases");
        }
        let mut names: HashMap<String, Span> = HashMap::new();
        let mut out = Vec::with_capacity(cases.len());
        for case in cases {
            let Some(case) = self.case(case, common.as_ref()) else { continue };
            if let Some(first) = names.insert(case.name.clone(), case.at) {
                let message = format!("there are two cases called `{}`", case.name);
                let fault = Diagnostic::new(Code::DUPLICATE_CASE, case.at, message).other(first, "the first one");
                self.found.push(fault.help("snapshots and reports identify cases by name"));
            }
            out.push(case);
        }
        out
    }

    fn case(&mut self, value: &Value, common: Option<&Setup>) -> Option<Case> {
        let known: Vec<&str> = CASE_KEYS.iter().chain(&SETUP_KEYS).copied().collect();
        let before = self.found.len();
        self.map(value, "a case", &known)?;
        let begin = start(value.span);
        let name = match value.member("name") {
            Some(name) => {
                let text = self.text(name, "a case's name");
                if text.is_some_and(|text| text.trim().is_empty()) {
                    self.wrong(name.span, "a case's name says what it is about, and this one is empty");
                }
                text.map(|text| (text.to_owned(), name.span))
            }
            None => {
                self.missing(before, "name", begin, "a case has a name");
                None
            }
        };
        let setup = match self.setup(value, common) {
            Some(setup) => Some(setup),
            None => {
                // Those of the file are missed in each case.
                if value.member("rules").is_none() && !self.has_rules && !self.is_misspelt(0, "rules") {
                    self.wrong(begin, "there are no rules: add `rules:` to the file or to the case");
                }
                None
            }
        };
        let input = match value.member("input") {
            Some(input) => self.telemetry(input, "the input"),
            None => {
                self.missing(before, "input", begin, "a case has an input");
                None
            }
        };
        let expected = match value.member("expect") {
            Some(expect) => self.expected(expect),
            None => {
                let message =
                    "a case needs an expectation: `expect: dropped`, or a map with `output`, `patch` and so on";
                self.missing(before, "expect", begin, message);
                None
            }
        };
        let (name, at) = name?;
        let setup = setup?;
        let number = match self.numbers.get(&setup) {
            Some(number) => *number,
            None => {
                self.numbers.insert(setup.clone(), self.setups.len());
                self.setups.push(setup);
                self.setups.len() - 1
            }
        };
        let begin = value.span.start;
        let location = self.locator.locate(begin);
        Some(Case { name, location, setup: number, begin, at, input: input?, expected: expected? })
    }

    /// The rules of a file or case; what it does not say is as in `common`.
    fn setup(&mut self, value: &Value, common: Option<&Setup>) -> Option<Setup> {
        let mut setup = common.cloned().unwrap_or_else(|| Setup {
            rules: TestedRules::Files(Vec::new()),
            processors: Vec::new(),
            pipelines: Vec::new(),
            env: Vec::new(),
            now: None,
            at: Span::default(),
        });
        if let Some(rules) = value.member("rules") {
            setup.rules = self.rules(rules)?;
        }
        let names = |list: Vec<(&str, &Value)>| list.into_iter().map(|(name, _)| name.to_owned()).collect();
        if let Some(processors) = value.member("processor") {
            setup.processors = names(self.texts(processors, "`processor`"));
            setup.at = start(processors.span);
        }
        if let Some(pipelines) = value.member("pipeline") {
            setup.pipelines = names(self.texts(pipelines, "`pipeline`"));
        }
        if let Some(env) = value.member("env") {
            setup.env = self.env(env);
        }
        if let Some(now) = value.member("now") {
            setup.now = self.now(now);
        }
        match &setup.rules {
            TestedRules::Files(files) if files.is_empty() => None,
            _ => Some(setup),
        }
    }

    fn rules(&mut self, value: &Value) -> Option<TestedRules> {
        match &value.content {
            Content::Text(text) if text.as_str().trim().is_empty() => {
                self.wrong(start(value.span), "the path of the rules is empty");
                None
            }
            // A text of rules has a key.
            Content::Text(text) if !text.as_str().contains('\n') && !text.as_str().contains(": ") => {
                Some(TestedRules::Files(vec![FilePath { path: text.as_str().to_owned(), span: value.span }]))
            }
            Content::List(items) if !items.is_empty() => {
                let files = self.texts(value, "`rules`").into_iter();
                let path = |(path, value): (&str, &Value)| FilePath { path: path.to_owned(), span: value.span };
                Some(TestedRules::Files(files.map(path).collect()))
            }
            Content::Text(_) | Content::Map(_) => {
                let text = self.inline(value);
                self.inline += text.len();
                if self.inline > INLINE {
                    let message = "the rules of so many cases do not fit into one file";
                    self.wrong(start(value.span), message);
                    return None;
                }
                Some(TestedRules::Inline(text))
            }
            _ => {
                self.wrong_kind(value, "`rules`", "the path of a file, a list of them, or rules themselves");
                None
            }
        }
    }

    /// Rules inside the file, with as many blank lines and columns in front as there are in the file. The lines of a block stand
    /// there as they are; a text in quotes is what it says.
    fn inline(&mut self, value: &Value) -> String {
        let (begin, written) = match &value.content {
            Content::Text(text) => {
                let begin = text.begin() as usize;
                let start = self.text[..begin].rfind('\n').map_or(0, |at| at + 1);
                match self.block(start, begin - start, text.as_str()) {
                    Some(lines) => (start, lines),
                    None => return text.as_str().to_owned(),
                }
            }
            _ => (value.span.start as usize, value.span.of(self.text)),
        };
        let Location { line, column } = self.locator.locate(begin as u32);
        let mut out = "\n".repeat(line as usize - 1);
        out.push_str(&" ".repeat(column as usize - 1));
        out.push_str(&without_mark(written));
        out
    }

    /// The lines of the file from a place on that are those of a text, each behind so many blanks.
    fn block(&self, start: usize, blanks: usize, text: &str) -> Option<&str> {
        let mut len = 0;
        let mut lines = self.text[start..].split_inclusive('\n');
        for wanted in text.lines() {
            let line = lines.next()?;
            let bare = line.trim_end_matches(['\r', '\n']);
            let is_it = match bare.get(blanks..) {
                Some(rest) => rest == wanted && bare[..blanks].trim().is_empty(),
                None => wanted.is_empty() && bare.trim().is_empty(),
            };
            if !is_it {
                return None;
            }
            len += line.len();
        }
        self.text.get(start..start + len)
    }

    fn env(&mut self, value: &Value) -> Vec<(String, String)> {
        let Content::Map(pairs) = &value.content else {
            self.wrong_kind(value, "`env`", "a map of names and values");
            return Vec::new();
        };
        let mut out = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let text = match &value.content {
                Content::Text(text) => text.as_str().to_owned(),
                Content::Int(digits) => digits.clone(),
                Content::Bool(is) => is.to_string(),
                Content::Null => String::new(),
                _ => {
                    self.wrong_kind(value, "a variable", "a string");
                    continue;
                }
            };
            out.push((key.text.clone(), text));
        }
        out
    }

    fn now(&mut self, value: &Value) -> Option<i64> {
        let nanos = value.text().and_then(super::moment::nanos);
        if nanos.is_none() {
            let message = "`now` is a time such as 2026-03-01T12:00:00Z, in UTC";
            self.wrong(start(value.span), message);
        }
        nanos
    }

    fn telemetry(&mut self, value: &Value, what: &str) -> Option<Telemetry> {
        let whole = |path: &str| FilePath { path: path.to_owned(), span: value.span };
        match &value.content {
            Content::Text(text) if is_json(value) => {
                let inner = embedded(text, &Limits::default(), &mut self.found)?;
                Some(Telemetry::Given(telemetry::document(&inner, &mut self.found)))
            }
            Content::List(items) if items.iter().any(is_json) => {
                let mut out = Vec::with_capacity(items.len());
                for item in items {
                    out.push(match &item.content {
                        Content::Text(text) if is_json(item) => embedded(text, &Limits::default(), &mut self.found)?,
                        _ => item.clone(),
                    });
                }
                let list = Value::at(value.span, Content::List(out));
                Some(Telemetry::Given(telemetry::document(&list, &mut self.found)))
            }
            Content::Text(text) if text.as_str().trim().is_empty() => {
                let message = format!("{what} is empty: telemetry without records is `logs: []`");
                self.wrong(start(value.span), message);
                None
            }
            Content::Text(text) => {
                Some(Telemetry::File(DataFile { path: whole(text.as_str()), signal: None, format: None }))
            }
            Content::Map(_) if value.member("file").is_some() => {
                let pairs = self.map(value, what, &DATA_KEYS)?;
                let mut file = DataFile { path: whole(""), signal: None, format: None };
                for (key, value) in pairs {
                    let Some(text) = self.text(value, &format!("`{}`", key.text)) else { continue };
                    match &*key.text {
                        "file" => file.path = FilePath { path: text.to_owned(), span: value.span },
                        "signal" => {
                            let known = Signal::ALL.map(|signal| (signal.name(), signal));
                            file.signal = self.named(text, value, "signal", &known);
                        }
                        "format" => file.format = self.named(text, value, "format", &FORMATS),
                        _ => {}
                    }
                }
                Some(Telemetry::File(file))
            }
            Content::Map(_) | Content::List(_) => Some(Telemetry::Given(telemetry::document(value, &mut self.found))),
            _ => {
                self.wrong_kind(value, what, "telemetry such as `logs: [{body: text}]`, or the path of a file");
                None
            }
        }
    }

    fn named<T: Copy>(&mut self, name: &str, value: &Value, what: &str, known: &[(&str, T)]) -> Option<T> {
        let found = known.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        if found.is_none() {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            let fault = Diagnostic::new(Code::INVALID_CASE, value.span, format!("there is no {what} `{name}`"));
            self.found.push(match near_name(name, names.iter().copied()) {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None => fault.help(format!("there are {}", names.join(", "))),
            });
        }
        found
    }

    fn expected(&mut self, value: &Value) -> Option<Expected> {
        let mut out = Expected::default();
        if let Some(word) = value.text() {
            let flags = &OUTPUT_KEYS[2..];
            let known: Vec<(&str, &str)> = flags.iter().map(|name| (*name, *name)).collect();
            let name = self.named(word, value, "expectation", &known)?;
            out.output = flag(name).map(|output| (output, value.span));
            return Some(out);
        }
        let properties = PropertyKind::ALL.map(PropertyKind::name);
        let known: Vec<&str> = OUTPUT_KEYS.iter().chain(&EXPECT_KEYS).chain(&properties).copied().collect();
        let pairs = self.map(value, "an expectation", &known)?;
        for (key, value) in pairs {
            let output = match &*key.text {
                "output" => self.telemetry(value, "the output").map(Output::Exactly),
                "patch" => Some(Output::Patched(Patch::read(value, &mut self.found))),
                name @ ("dropped" | "unchanged" | "snapshot") => match value.content {
                    Content::Bool(true) => flag(name),
                    _ => {
                        let message = format!("`{name}` is `true`, or the key is left out");
                        self.wrong(start(value.span), message);
                        None
                    }
                },
                "error" => {
                    let wanted = match &value.content {
                        Content::Text(text) => Some(WantedError::With(text.as_str().to_owned())),
                        Content::Bool(false) => Some(WantedError::Nothing),
                        Content::Bool(true) => Some(WantedError::With(String::new())),
                        _ => None,
                    };
                    match wanted {
                        Some(wanted) => out.error = Some((wanted, key.span)),
                        None => self.wrong_kind(value, "`error`", "a part of what is said, or `false`"),
                    }
                    None
                }
                "count" => {
                    let count = match &value.content {
                        Content::Int(digits) => digits.parse().ok(),
                        _ => None,
                    };
                    match count {
                        Some(count) => out.count = Some((count, key.span)),
                        None => self.wrong_kind(value, "`count`", "how many records come out"),
                    }
                    None
                }
                name => {
                    if let Some(kind) = PropertyKind::ALL.into_iter().find(|kind| kind.name() == name) {
                        for (_, condition) in self.texts(value, &format!("`{name}`")) {
                            if let Content::Text(text) = &condition.content {
                                let span = start(condition.span);
                                out.properties.push(Property { kind, condition: text.clone(), span });
                            }
                        }
                    }
                    None
                }
            };
            if let Some(output) = output {
                if let Some((_, first)) = &out.output {
                    let names = OUTPUT_KEYS.map(|name| format!("`{name}`")).join(", ");
                    let fault = Diagnostic::new(Code::INVALID_CASE, key.span, "the output is specified twice")
                        .other(*first, "first here");
                    self.found.push(fault.help(format!("a case has one of {names}")));
                }
                out.output = Some((output, key.span));
            }
        }
        if pairs.is_empty() {
            self.wrong(start(value.span), "nothing is expected");
        }
        Some(out)
    }
}

/// A fault whose fix has the quotes of the key or text that it takes the place of.
fn in_quotes(mut fault: Diagnostic, text: &str) -> Diagnostic {
    /// Quotes, those in a text in double quotes first.
    const QUOTES: [&str; 3] = ["\\\"", "\"", "'"];
    if let Some(fix) = &mut fault.fix {
        // The end of an escape is its backslash.
        if fix.span.of(text).ends_with('\\') && text.as_bytes().get(fix.span.end as usize) == Some(&b'"') {
            fix.span.end += 1;
        }
        let old = fix.span.of(text);
        let quote = QUOTES.into_iter().find(|quote| old.len() > 2 * quote.len() && old.starts_with(quote));
        if let Some(quote) = quote.filter(|quote| old.ends_with(quote)) {
            fix.replacement = format!("{quote}{}{quote}", fix.replacement);
        }
    }
    fault
}

/// Whether a value is a text of OTLP/JSON.
fn is_json(value: &Value) -> bool {
    value.text().is_some_and(|text| text.trim_start().starts_with('{'))
}

fn flag(name: &str) -> Option<Output> {
    match name {
        "dropped" => Some(Output::Dropped),
        "unchanged" => Some(Output::Unchanged),
        "snapshot" => Some(Output::Snapshot),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Keys of an object of the schema for editors, which stand there as the members of `properties`.
    fn keys<'s>(schema: &'s serde_json::Value, at: &str) -> Vec<&'s str> {
        let found = schema.pointer(at).and_then(|found| found["properties"].as_object());
        found.unwrap_or_else(|| panic!("{at}")).keys().map(String::as_str).collect()
    }

    #[test]
    fn the_schema_for_editors_has_the_keys_that_are_read() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/test-cases.schema.json");
        let text = std::fs::read_to_string(path).expect("the schema");
        let schema: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let properties = PropertyKind::ALL.map(PropertyKind::name);
        let wanted: [(&str, Vec<&str>); 4] = [
            ("", [&FILE_KEYS[..], &SETUP_KEYS].concat()),
            ("/$defs/case", [&CASE_KEYS[..], &SETUP_KEYS].concat()),
            ("/$defs/file", DATA_KEYS.to_vec()),
            ("/$defs/expect/oneOf/1", [&OUTPUT_KEYS[..], &EXPECT_KEYS, &properties].concat()),
        ];
        for (at, mut wanted) in wanted {
            let mut known = keys(&schema, at);
            wanted.sort_unstable();
            known.sort_unstable();
            assert_eq!(known, wanted, "{at}");
        }
        let formats = &schema["$defs"]["file"]["properties"]["format"]["enum"];
        assert_eq!(*formats, FORMATS.iter().map(|(name, _)| *name).collect::<serde_json::Value>());
    }
}
