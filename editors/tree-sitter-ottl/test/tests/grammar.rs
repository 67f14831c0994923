//! The grammar takes the texts that the reference takes and refuses those whose form it refuses; its queries name what is there.

use std::path::{Path, PathBuf};

use tree_sitter::{Language, Node, Parser, Query, QueryCursor, StreamingIterator as _};
use tree_sitter_language::LanguageFn;

unsafe extern "C" {
    fn tree_sitter_ottl() -> *const ();
}

fn language() -> Language {
    // SAFETY: the function is that of the generated parser, which build.rs compiles.
    unsafe { LanguageFn::from_raw(tree_sitter_ottl) }.into()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(root().join(&path)).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}

/// What a text is as a whole: `statement`, `condition` or `value`; nothing if it is none of these.
fn kind(parser: &mut Parser, text: &str) -> Option<String> {
    // In a file, lines go on behind a blank.
    let text = text.replace('\n', "\n ");
    let tree = parser.parse(&text, None).expect("a language is set");
    let file = tree.root_node();
    let is_one = !file.has_error() && file.named_child_count() == 1;
    let kind = file.named_child(0).map(|child| child.kind().to_owned());
    kind.filter(|_| is_one)
}

fn parser() -> Parser {
    let mut parser = Parser::new();
    parser.set_language(&language()).expect("the ABI is known");
    parser
}

/// What the reference refuses and the grammar takes.
const GENEROUS: &[&str] = &[
    // How large numbers may be is no question of form.
    "f(9223372036854775808)",
    "f(-9223372036854775808)",
    "f(01777777777777777777777)",
    "f(1.0e400)",
    // Where a name cannot stand, a keyword ends before a capital.
    "a == 1 orX()",
    "a == 1orX()",
    // A lambda takes all that it can for its body, and then nothing is left to compare it with.
    "f((x) => (y) => x == y)",
    "() => 1 == 2",
    "() => not A() == 2",
];

#[test]
fn texts_are_taken_as_by_the_reference() {
    let (mut parser, mut count, mut faults) = (parser(), 0, Vec::new());
    for line in read("crates/ottl-syntax/tests/reference.txt").lines() {
        let Some((mark, text)) = line.split_at_checked(3) else { continue };
        let wanted = match mark.as_bytes()[0] {
            b'S' => "statement",
            b'C' => "condition",
            b'V' => "value",
            _ => continue,
        };
        let is_taken = mark.as_bytes()[2] == b'+';
        let text = text.strip_prefix(' ').unwrap_or(text).replace('\u{2424}', "\n").replace('\u{2409}', "\t");
        let found = kind(&mut parser, &text);
        // Some conditions are values, too.
        let fits = found.as_deref() == Some(wanted)
            || (wanted == "value" && found.as_deref() == Some("condition") && is_taken);
        let is_known = !is_taken && GENEROUS.contains(&text.as_str());
        if fits != (is_taken || is_known) {
            faults.push(format!("{line}: {found:?}"));
        }
        count += 1;
    }
    assert!(faults.is_empty(), "{} of {count}\n{}", faults.len(), faults.join("\n"));
    assert!(count > 500, "{count}");
}

#[test]
fn golden_rules_are_taken() {
    let (mut parser, mut texts) = (parser(), std::collections::BTreeSet::new());
    let vectors = std::fs::read_dir(root().join("tests/golden/vectors")).expect("the vectors are there");
    for file in vectors
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "jsonl"))
    {
        for line in read(file).lines() {
            let vector: serde_json::Value = serde_json::from_str(line).expect("JSON");
            let (Some(config), None) = (vector["config"].as_str(), vector.get("config_error")) else { continue };
            let items = config.lines().filter_map(|line| line.trim().strip_prefix("- '")?.strip_suffix('\''));
            // Patterns of matchers stand in such lists, too.
            let items = items.filter(|text| !text.starts_with('^'));
            texts.extend(items.map(|text| text.replace("''", "'")));
        }
    }
    assert!(texts.len() > 5000, "{}", texts.len());
    let wrong: Vec<&String> = texts.iter().filter(|text| kind(&mut parser, text).is_none()).collect();
    assert!(wrong.is_empty(), "{} of {}: {:#?}", wrong.len(), texts.len(), &wrong[..wrong.len().min(40)]);
}

#[test]
fn files_hold_a_rule_on_each_line() {
    let text = "# why\nset(log.body, \"a\nb\")\n  where log.body == nil\n\nlog.body == nil\n1 + 2\nset(log.body, FOO)\nset(x, 1)";
    let tree = parser().parse(text, None).expect("a language is set");
    let file = tree.root_node();
    let mut cursor = file.walk();
    let kinds: Vec<&str> = file.named_children(&mut cursor).map(|node| node.kind()).collect();
    assert_eq!(kinds, ["comment", "statement", "condition", "value", "statement", "statement"], "{}", file.to_sexp());
    assert!(!file.has_error());
    // A fault stays on its line.
    let tree = parser().parse("set(log.body, )\nset(log.body, 1)\n", None).expect("a language is set");
    let last = tree.root_node().named_child(tree.root_node().named_child_count() as u32 - 1).expect("a child");
    assert!(
        tree.root_node().has_error() && last.kind() == "statement" && !last.has_error(),
        "{}",
        tree.root_node().to_sexp()
    );
}

/// The texts that a query captures, with the names; of several for a node the last one counts.
fn captures(query: &Query, node: Node<'_>, text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(std::ops::Range<usize>, String)> = Vec::new();
    let mut cursor = QueryCursor::new();
    let mut matches = cursor.captures(query, node, text.as_bytes());
    while let Some((one, number)) = matches.next() {
        let capture = one.captures()[*number];
        let range = capture.node.byte_range();
        found.retain(|(other, _)| *other != range);
        found.push((range, query.capture_names()[capture.index as usize].to_owned()));
    }
    found.into_iter().map(|(range, name)| (text[range].to_owned(), name)).collect()
}

#[test]
fn words_have_colours() {
    let query =
        Query::new(&language(), &read("editors/tree-sitter-ottl/queries/highlights.scm")).expect("the query is right");
    let text = "set(log.attributes[\"a\\n\"], Int(SPAN_KIND_SERVER) + 1.5) where not IsMatch(body, pattern=\"x\") and x == nil";
    let tree = parser().parse(text, None).expect("a language is set");
    let found = captures(&query, tree.root_node(), text);
    for (word, name) in [
        ("set", "function"),
        ("log", "namespace"),
        ("attributes", "variable.other.member"),
        ("\\n", "string.escape"),
        ("Int", "function.builtin"),
        ("SPAN_KIND_SERVER", "constant"),
        ("1.5", "constant.numeric.float"),
        ("+", "operator"),
        ("where", "keyword"),
        ("not", "keyword.operator"),
        ("IsMatch", "function.builtin"),
        ("body", "variable.other.member"),
        ("pattern", "variable.parameter"),
        ("==", "operator"),
        ("nil", "constant.builtin"),
    ] {
        assert!(found.contains(&(word.to_owned(), name.to_owned())), "{word}: {found:?}");
    }
}

#[test]
fn rules_in_yaml_are_found() {
    let yaml: Language = tree_sitter_yaml::LANGUAGE.into();
    let text = "\
processors:
  transform:
    log_statements:
      - set(log.body, 1)
      - 'set(log.body, 2)'
      - context: log
        conditions: [log.body == nil]
        statements:
          - \"set(log.body, 3)\"
          - |
            set(log.body, 4)
              where true
  filter:
    logs:
      log_record:
        - log.body == 5
  tail_sampling:
    policies:
      - ottl_condition: {span: ['attributes[6] == 6']}
service:
  pipelines:
    logs: {processors: [transform]}
";
    let mut parser = Parser::new();
    parser.set_language(&yaml).expect("the ABI is known");
    let tree = parser.parse(text, None).expect("a language is set");
    let query =
        Query::new(&yaml, &read("editors/tree-sitter-ottl/queries/yaml/injections.scm")).expect("the query is right");
    let found: Vec<String> = captures(&query, tree.root_node(), text)
        .into_iter()
        .filter(|(_, name)| name == "injection.content")
        .map(|(text, _)| text)
        .collect();
    let wanted = [
        "set(log.body, 1)",
        "'set(log.body, 2)'",
        "log.body == nil",
        "\"set(log.body, 3)\"",
        "|\n            set(log.body, 4)\n              where true",
        "log.body == 5",
        "'attributes[6] == 6'",
    ];
    assert_eq!(found, wanted, "{}", tree.root_node().to_sexp());
}

#[test]
fn the_parser_is_that_of_the_grammar() {
    let folder = std::env::temp_dir().join(format!("tree-sitter-ottl-{}", std::process::id()));
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_tree-sitter-ottl-test")).arg(&folder).status();
    assert!(done.expect("the program starts").success());
    for name in ["parser.c", "grammar.json", "node-types.json"] {
        let (here, there) =
            (std::fs::read(folder.join(name)), std::fs::read(root().join("editors/tree-sitter-ottl/src").join(name)));
        assert!(
            here.expect("it was written") == there.expect("it is there"),
            "{name} is stale: run `cargo run` in editors/tree-sitter-ottl/test"
        );
    }
    std::fs::remove_dir_all(folder).expect("the folder can be removed");
}
