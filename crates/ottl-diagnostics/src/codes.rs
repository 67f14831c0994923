//! The registry of diagnostic codes.
//!
//! One row a fault, named for the fault and never for the remedy; numbers are never reused.
//! Ranges: `E01xx` lexing and parsing, `E02xx` names, `E03xx` types and arguments, `E04xx` contexts, `E05xx` limits,
//! `E06xx` configuration, `E08xx` what a build lacks; `W03xx` types, `W04xx` contexts, `W06xx` configuration; `H03xx` and `H06xx` what could be
//! shorter.
//! Every row has a page `spec/diagnostics/CODE.md` and a fixture in `tests/ui`; a test counts all three.

use std::fmt;

use serde::Serialize;

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The rules cannot run; the reference rejects them too, or a limit forbids them.
    Error,
    /// The rules run, but something in them cannot be meant.
    Warning,
    /// The rules do what they say, and part of them does nothing. Nobody has to act.
    Hint,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Hint => "hint",
        })
    }
}

/// One row of the registry.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct CodeRow {
    /// `E0101`, `W0301`.
    pub code: &'static str,
    /// The fault's name in kebab case, for instance `unknown-path`.
    pub name: &'static str,
}

/// A stable diagnostic code: a reference to a row of [`CODES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Code(&'static CodeRow);

impl Code {
    /// `E0101`.
    pub fn as_str(self) -> &'static str {
        self.0.code
    }

    /// The fault's name, for instance `unknown-path`.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// `E…` are errors, `W…` warnings, `H…` hints.
    pub fn severity(self) -> Severity {
        match self.0.code.as_bytes().first() {
            Some(b'W') => Severity::Warning,
            Some(b'H') => Severity::Hint,
            _ => Severity::Error,
        }
    }

    /// The code of this name: `W0304`, in letters of any case, or `unguarded-nil`.
    pub fn by_name(name: &str) -> Option<Code> {
        CODES.iter().copied().find(|code| code.as_str().eq_ignore_ascii_case(name) || code.name() == name)
    }

    /// Whether the reference takes what this code is about and only this implementation does not: the rules are not wrong.
    pub fn is_unsupported(self) -> bool {
        [Code::FUNCTION_NOT_AVAILABLE, Code::UNSUPPORTED_MATCHER, Code::FOREIGN_LANGUAGE, Code::MISSING_DATA]
            .contains(&self)
    }

    /// How to come to the code's page: a link where the build was told of one (`OTTL_PAGES`, the address of the folder with a slash at
    /// its end), and the command that prints it where it was not.
    pub fn page(self) -> String {
        match PAGES {
            Some(address) => format!("{address}{self}.md"),
            None => format!("ottl explain {self}"),
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code)
    }
}

/// The folder of the pages.
const PAGES: Option<&str> = option_env!("OTTL_PAGES");

macro_rules! codes {
    ($($(#[$doc:meta])* $ident:ident = $code:literal, $name:literal;)*) => {
        impl Code {
            $($(#[$doc])* pub const $ident: Code = Code(&CodeRow { code: $code, name: $name });)*
        }
        /// Every code, in ascending order.
        pub const CODES: &[Code] = &[$(Code::$ident),*];
    };
}

codes! {
    /// A character or sequence that starts no token.
    UNKNOWN_TOKEN = "E0101", "unknown-token";
    /// A token where the grammar wants another.
    UNEXPECTED_TOKEN = "E0102", "unexpected-token";
    /// A string without a closing quote.
    UNCLOSED_STRING = "E0103", "unclosed-string";
    /// A backslash in a string that begins no escape.
    INVALID_ESCAPE = "E0104", "invalid-escape";
    /// A number that the language cannot hold, or an octal number with an 8 or 9.
    INVALID_NUMBER = "E0105", "invalid-number";
    /// A byte string with half a byte at its end.
    ODD_BYTE_LITERAL = "E0106", "odd-byte-literal";
    /// A bracket without its counterpart.
    UNCLOSED_BRACKET = "E0107", "unclosed-bracket";
    /// A statement that begins with a converter.
    CONVERTER_AS_STATEMENT = "E0108", "converter-as-statement";
    /// An editor where a value is wanted.
    EDITOR_AS_VALUE = "E0109", "editor-as-value";
    /// Keys after an editor.
    INDEXED_EDITOR = "E0110", "indexed-editor";
    /// A lambda whose body is a lambda.
    LAMBDA_RETURNING_LAMBDA = "E0111", "lambda-returning-lambda";
    /// A value that is no condition, where a condition is wanted.
    VALUE_AS_CONDITION = "E0112", "value-as-condition";
    /// A comparison whose side is a condition, as in `a < b < c`.
    COMPARED_CONDITION = "E0113", "compared-condition";
    /// Upper-case letters in a path.
    UPPER_CASE_PATH = "E0114", "upper-case-path";
    /// A single `=` between two values.
    ASSIGNMENT_AS_COMPARISON = "E0115", "assignment-as-comparison";
    /// Arithmetic with something that is not a number, path, call or parenthesised arithmetic.
    INVALID_OPERAND = "E0116", "invalid-operand";
    /// A function that does not exist.
    UNKNOWN_FUNCTION = "E0201", "unknown-function";
    /// A function of the reference that this implementation lacks.
    FUNCTION_NOT_AVAILABLE = "E0202", "function-not-available";
    /// A path that its context does not have.
    UNKNOWN_PATH = "E0203", "unknown-path";
    /// An enum symbol that no context has.
    UNKNOWN_ENUM = "E0204", "unknown-enum";
    /// A named argument for a parameter that the function does not have.
    UNKNOWN_PARAMETER = "E0205", "unknown-parameter";
    /// Fields after a lambda parameter.
    FIELD_OF_LOCAL = "E0206", "field-of-local";
    /// Two parameters of one lambda with the same name.
    DUPLICATE_LOCAL = "E0207", "duplicate-local";
    /// Keys after a path that has none.
    UNUSED_KEYS = "E0208", "unused-keys";
    /// A function that the version of the reference does not have, and others do.
    FUNCTION_OUTSIDE_VERSION = "E0209", "function-outside-version";
    /// A function while its gate is off.
    FUNCTION_DISABLED = "E0210", "function-disabled";
    /// Fewer or more arguments than the function takes.
    WRONG_ARGUMENT_COUNT = "E0301", "wrong-argument-count";
    /// A positional argument after a named one.
    POSITIONAL_AFTER_NAMED = "E0302", "positional-after-named";
    /// Two arguments for one parameter.
    DUPLICATE_ARGUMENT = "E0303", "duplicate-argument";
    /// No argument for a parameter that needs one.
    MISSING_ARGUMENT = "E0304", "missing-argument";
    /// Something else where a parameter takes only a literal of one kind.
    WRONG_LITERAL_KIND = "E0305", "wrong-literal-kind";
    /// Something else where a parameter takes only a path.
    NOT_A_PATH = "E0306", "not-a-path";
    /// Something else where a parameter takes only a list literal.
    NOT_A_LIST = "E0307", "not-a-list";
    /// Something else where a parameter takes only a lambda.
    NOT_A_LAMBDA = "E0308", "not-a-lambda";
    /// A lambda with fewer or more parameters than the function calls it with.
    WRONG_LAMBDA_ARITY = "E0309", "wrong-lambda-arity";
    /// A lambda while the gate for lambdas is off.
    LAMBDA_DISABLED = "E0310", "lambda-disabled";
    /// Something else where a parameter takes only the name of a function.
    NOT_A_FUNCTION_NAME = "E0311", "not-a-function-name";
    /// A literal that its parameter cannot convert.
    UNCONVERTIBLE_LITERAL = "E0312", "unconvertible-literal";
    /// Arguments that the function refuses.
    REFUSED_ARGUMENTS = "E0313", "refused-arguments";
    /// The name of a function where a value is wanted.
    FUNCTION_NAME_AS_VALUE = "E0314", "function-name-as-value";
    /// A form of the language that the version of the reference does not have.
    FORM_OUTSIDE_VERSION = "E0315", "form-outside-version";
    /// A form of the language while its gate is off.
    FORM_DISABLED = "E0316", "form-disabled";
    /// A path without its context where the context is required.
    MISSING_CONTEXT = "E0401", "missing-context";
    /// A path that begins with something that is no context.
    UNKNOWN_CONTEXT = "E0402", "unknown-context";
    /// A path of a context that statements of this context cannot reach.
    UNREACHABLE_CONTEXT = "E0403", "unreachable-context";
    /// A function that exists in other contexts only.
    FUNCTION_OUTSIDE_CONTEXT = "E0404", "function-outside-context";
    /// An enum symbol that exists in other contexts only.
    ENUM_OUTSIDE_CONTEXT = "E0405", "enum-outside-context";
    /// The cache of another context.
    FOREIGN_CACHE = "E0406", "foreign-cache";
    /// Rules whose context cannot be inferred.
    UNINFERABLE_CONTEXT = "E0407", "uninferable-context";
    /// A context that the signal does not have.
    CONTEXT_OUTSIDE_SIGNAL = "E0408", "context-outside-signal";
    /// A statement longer than the limit.
    STATEMENT_TOO_LONG = "E0501", "statement-too-long";
    /// More brackets inside each other than the limit.
    NESTING_TOO_DEEP = "E0502", "nesting-too-deep";
    /// More statements and conditions than the limit.
    TOO_MANY_STATEMENTS = "E0503", "too-many-statements";
    /// More converters called inside each other than the limit.
    CALLS_TOO_DEEP = "E0504", "calls-too-deep";
    /// A text that is not YAML, or a YAML form that configurations cannot have.
    INVALID_YAML = "E0601", "invalid-yaml";
    /// A key that stands twice in one map.
    DUPLICATE_KEY = "E0602", "duplicate-key";
    /// A key that the configuration does not have.
    UNKNOWN_KEY = "E0603", "unknown-key";
    /// A value of another kind than its key takes.
    WRONG_VALUE_KIND = "E0604", "wrong-value-kind";
    /// An error mode that does not exist.
    UNKNOWN_ERROR_MODE = "E0605", "unknown-error-mode";
    /// A `context:` that names no context.
    UNKNOWN_CONTEXT_NAME = "E0606", "unknown-context-name";
    /// Texts and maps in one list of rules.
    MIXED_STYLES = "E0607", "mixed-styles";
    /// An item without a value in a list of rules.
    EMPTY_ITEM = "E0608", "empty-item";
    /// Keys of the filter processor that exclude each other.
    CONFLICTING_KEYS = "E0609", "conflicting-keys";
    /// A matcher of the filter processor in another language than OTTL.
    UNSUPPORTED_MATCHER = "E0611", "unsupported-matcher";
    /// Flattening of logs while its gate is off.
    FLATTEN_DISABLED = "E0612", "flatten-disabled";
    /// A `${...}` that cannot be expanded.
    INVALID_REFERENCE = "E0613", "invalid-reference";
    /// A configuration that is neither a processor's nor a Collector's.
    UNRECOGNIZED_CONFIGURATION = "E0614", "unrecognized-configuration";
    /// A processor in a pipeline that is not configured.
    UNDEFINED_PROCESSOR = "E0615", "undefined-processor";
    /// Several pipelines of one signal, and none was chosen.
    AMBIGUOUS_PIPELINE = "E0616", "ambiguous-pipeline";
    /// A pipeline that does not exist.
    UNKNOWN_PIPELINE = "E0617", "unknown-pipeline";
    /// A configuration larger than the limit, or one that expands beyond it.
    CONFIGURATION_TOO_LARGE = "E0618", "configuration-too-large";
    /// A processor that stands twice in one pipeline.
    REPEATED_PROCESSOR = "E0619", "repeated-processor";
    /// A matcher of the filter processor that matches nothing in particular, or something that cannot be.
    INVALID_MATCHER = "E0620", "invalid-matcher";
    /// A key that the version of the reference does not have.
    KEY_OUTSIDE_VERSION = "E0621", "key-outside-version";
    /// A type of a sampling policy that does not exist.
    UNKNOWN_POLICY_TYPE = "E0622", "unknown-policy-type";
    /// Several configurations in one file, of which one has to be chosen.
    AMBIGUOUS_CONFIGURATION = "E0640", "ambiguous-configuration";
    /// A name that no configuration of the file has.
    UNKNOWN_CONFIGURATION = "E0641", "unknown-configuration";
    /// A template that has not been rendered.
    UNRENDERED_TEMPLATE = "E0642", "unrendered-template";
    /// A function that the component does not have.
    FUNCTION_OUTSIDE_COMPONENT = "E0643", "function-outside-component";
    /// A route about requests that is not of their form.
    INVALID_REQUEST_CONDITION = "E0644", "invalid-request-condition";
    /// A `${file:PATH}` whose file cannot be read, or must not be.
    UNREADABLE_FILE = "E0645", "unreadable-file";
    /// A file that reads itself by `${file:PATH}`.
    CIRCULAR_REFERENCE = "E0646", "circular-reference";
    /// One of several files of a configuration that is no map.
    UNMERGEABLE_FILE = "E0647", "unmergeable-file";
    /// A routing connector without a route.
    EMPTY_TABLE = "E0648", "empty-table";
    /// A configuration in another language than YAML.
    FOREIGN_LANGUAGE = "E0649", "foreign-language";
    /// A metric that the component which makes it refuses.
    INVALID_DERIVED_METRIC = "E0651", "invalid-derived-metric";
    /// A call that needs a data set which is not there.
    MISSING_DATA = "E0801", "missing-data";
    /// A key that case files do not have there.
    UNKNOWN_CASE_KEY = "E0820", "unknown-case-key";
    /// A case without what it needs, or with something else in its place.
    INVALID_CASE = "E0821", "invalid-case";
    /// Telemetry of a case that is no OTLP.
    INVALID_TELEMETRY = "E0822", "invalid-telemetry";
    /// Two cases of a file with the same name.
    DUPLICATE_CASE = "E0823", "duplicate-case";
    /// A file that a case names and that cannot be had.
    MISSING_CASE_FILE = "E0824", "missing-case-file";
    /// A processor that was asked for and that the rules do not have.
    UNKNOWN_PROCESSOR = "E0825", "unknown-processor";
    /// A comparison of types that are never equal, or with a constant that leaves one answer only.
    DECIDED_COMPARISON = "W0301", "decided-comparison";
    /// A write of a type that the path never takes.
    IMPOSSIBLE_WRITE = "W0302", "impossible-write";
    /// Comparisons of one value with constants of which every value meets one (`or` of `!=`), or none meets all (`and` of `==`).
    DECIDED_CONDITION = "W0303", "decided-condition";
    /// A source that can be nil and is written without a guard.
    UNGUARDED_NIL = "W0304", "unguarded-nil";
    /// A group reference in a replacement that runs into the word after it.
    GLUED_GROUP_REFERENCE = "W0305", "glued-group-reference";
    /// A key of a kind that what it indexes does not have.
    WRONG_KEY_KIND = "W0306", "wrong-key-kind";
    /// An argument of a type that its parameter never takes.
    IMPOSSIBLE_ARGUMENT = "W0307", "impossible-argument";
    /// A condition whose constants make it false, so that what it guards never runs.
    FALSE_CONDITION = "W0308", "false-condition";
    /// A write that changes nothing on any record.
    INEFFECTIVE_WRITE = "W0309", "ineffective-write";
    /// A group in a replacement that the pattern does not have.
    MISSING_GROUP = "W0310", "missing-group";
    /// A pattern where keys are taken as they are.
    PATTERN_AS_KEY = "W0311", "pattern-as-key";
    /// A regular expression where a glob is wanted, or a glob where a regular expression is.
    GLOB_OR_REGEX = "W0312", "glob-or-regex";
    /// A format with more or fewer verbs than values.
    FORMAT_MISMATCH = "W0313", "format-mismatch";
    /// A number that a leading zero makes octal.
    OCTAL_NUMBER = "W0314", "octal-number";
    /// A layout of times without any directive.
    LAYOUT_WITHOUT_DIRECTIVE = "W0315", "layout-without-directive";
    /// A text that a field never has: no id, or none of an enum's words.
    IMPOSSIBLE_TEXT = "W0316", "impossible-text";
    /// A backspace in a pattern, where a word boundary was meant.
    BACKSPACE_IN_PATTERN = "W0317", "backspace-in-pattern";
    /// A filter that takes records without a severity for those of the lowest one.
    UNSET_SEVERITY = "W0318", "unset-severity";
    /// A condition whose constants make it true.
    TRUE_CONDITION = "W0319", "true-condition";
    /// A write that a later one of the group replaces before anything reads it.
    OVERWRITTEN_WRITE = "W0320", "overwritten-write";
    /// A read of a cache that no statement before it writes.
    UNWRITTEN_CACHE = "W0321", "unwritten-cache";
    /// A read of an attribute that a statement before it deleted.
    READ_AFTER_DELETE = "W0322", "read-after-delete";
    /// A question about a text that no value of the path has.
    IMPOSSIBLE_MATCH = "W0323", "impossible-match";
    /// A question for a type that the path never has.
    DECIDED_QUESTION = "W0324", "decided-question";
    /// A number that no symbol of a path's enum has.
    NUMBER_OUTSIDE_ENUM = "W0325", "number-outside-enum";
    /// A directive of a layout in the place of another: minutes in a date, a month in a time.
    MISPLACED_DIRECTIVE = "W0326", "misplaced-directive";
    /// A path in the braces of a template, in a text that is taken as it is.
    PATH_IN_TEXT = "W0327", "path-in-text";
    /// A text that is searched for what a record holds, where the other way round was meant.
    SWAPPED_ARGUMENTS = "W0328", "swapped-arguments";
    /// An order of levels by their letters.
    ORDERED_TEXT = "W0329", "ordered-text";
    /// A converter as a condition that never gives a bool.
    NON_BOOL_CONDITION = "W0330", "non-bool-condition";
    /// A number that its field stores as another one.
    NUMBER_OUTSIDE_FIELD = "W0331", "number-outside-field";
    /// Numbers of two units of time, one in the place of the other.
    MIXED_UNITS = "W0332", "mixed-units";
    /// A word where each of its characters is taken by itself.
    TEXT_AS_CHARACTERS = "W0333", "text-as-characters";
    /// A condition that asks for a value which a statement before it has replaced.
    REPLACED_BEFORE_ASKED = "W0334", "replaced-before-asked";
    /// A write from a record into something that its neighbours share.
    SHARED_PARENT_WRITE = "W0401", "shared-parent-write";
    /// A `copy_metric` that copies its own copies.
    UNGUARDED_COPY_METRIC = "W0402", "unguarded-copy-metric";
    /// A statement about a parent that its list runs for each child, and for no parent without children.
    CHILDLESS_SKIPPED = "W0403", "childless-skipped";
    /// A deletion from what records share, of something that each of them reads.
    WIPED_PARENT = "W0404", "wiped-parent";
    /// What may be an error for a record, where nobody chose an error mode.
    IMPLIED_PROPAGATE = "W0405", "implied-propagate";
    /// A comparison with nil, or a question for a type, that always holds, beside another condition.
    NEEDLESS_GUARD = "H0301", "needless-guard";
    /// What may be an error for a record, where an error fails the whole message as it was told to.
    CHOSEN_PROPAGATE = "H0302", "chosen-propagate";
    /// A reference to a variable that is not set.
    UNSET_VARIABLE = "W0601", "unset-variable";
    /// Processors without pipelines, which run in the order of the file.
    NO_PIPELINES = "W0602", "no-pipelines";
    /// A processor whose kind is nearly, but not quite, one that has rules.
    UNREAD_PROCESSOR = "W0603", "unread-processor";
    /// Further documents of a file, of which only the first is read.
    UNREAD_DOCUMENT = "W0604", "unread-document";
    /// Matchers of the filter processor beside conditions that take their place.
    IGNORED_MATCHER = "W0605", "ignored-matcher";
    /// A key that the Collector does not have.
    OWN_KEY = "W0606", "own-key";
    /// A comment for the checker that allows nothing.
    INVALID_ALLOWANCE = "W0607", "invalid-allowance";
    /// A group of rules without a statement or condition.
    EMPTY_GROUP = "W0608", "empty-group";
    /// A Collector's configuration that holds no OTTL.
    WITHOUT_RULES = "W0610", "without-rules";
    /// A processor with rules that no pipeline names.
    UNUSED_PROCESSOR = "W0611", "unused-processor";
    /// Rules for a signal that none of the processor's pipelines carries.
    UNREACHED_SIGNAL = "W0612", "unreached-signal";
    /// OTTL that is not checked.
    UNCHECKED_RULES = "W0613", "unchecked-rules";
    /// What a Collector's file would expand, in a body that is not expanded.
    UNEXPANDED_REFERENCE = "W0614", "unexpanded-reference";
    /// Conditions of a sampling policy whose type does not ask them.
    UNASKED_CONDITIONS = "W0615", "unasked-conditions";
    /// A route that stands in its table before.
    REPEATED_ROUTE = "W0616", "repeated-route";
    /// A comment for the checker that allows what is not there.
    UNUSED_ALLOWANCE = "H0651", "unused-allowance";
}
