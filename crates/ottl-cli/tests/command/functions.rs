//! `ottl functions`, `ottl completions`, and the help.

use crate::harness::ottl;

#[test]
fn functions_are_listed_and_explained() {
    let done = ottl(["functions"], b"").ends(0);
    for name in ["replace_pattern", "ParseJSON", "set", "Editors", "Converters"] {
        assert!(done.text().contains(name), "{name}");
    }
    assert!(!done.text().contains('\u{1b}'), "no colours without a terminal");
    let all = ottl(["functions", "--format", "json"], b"").ends(0).json();
    assert_eq!(all.as_array().expect("an array").len(), ottl::registry().iter().count());
    let one = ottl(["functions", "replace_pattern"], b"").ends(0);
    for part in ["replace_pattern(target, regex_pattern, replacement", "Parameters", "optional", "Examples"] {
        assert!(one.text().contains(part), "{part}");
    }
    let one = ottl(["functions", "SHA256", "--format", "json"], b"").ends(0).json();
    assert_eq!((&one["kind"], &one["returns"]), (&"converter".into(), &"string".into()));
    ottl(["functions", "replace_patern"], b"").ends(2).names(&["did you mean `replace_pattern`"]);
    ottl(["functions", "it's"], b"").ends(2).names(&["there is no function `it's`"]);
}

#[test]
fn functions_are_found_by_words() {
    let found = ottl(["functions", "json"], b"").ends(0);
    assert!(
        found.text().starts_with("ParseJSON ")
            && found.text().ends_with("\nottl functions ParseJSON  explains the first one\n")
    );
    assert!(found.text().lines().count() < 20, "{}", found.text());
    for (words, first) in [
        (&["redact"][..], "replace_pattern"),
        (&["how", "do", "I", "rename", "attributes"], "set"),
        (&["parse csv"], "ParseCSV"),
        (&["delete"], "delete_index"),
    ] {
        let found = ottl(["functions"].iter().chain(words), b"").ends(0);
        assert!(found.text().starts_with(first), "{words:?}: {}", found.text());
    }
    let found = ottl(["functions", "redact", "--format", "json"], b"").ends(0).json();
    assert_eq!(found[0]["name"], "replace_pattern");
    // A name in other letters is the name.
    assert!(ottl(["functions", "parsejson"], b"").ends(0).text().starts_with("ParseJSON(target)"));
    ottl(["functions", "qwertz", "json"], b"").ends(2).names(&["no function is about `qwertz json`"]);
}

#[test]
fn functions_are_those_of_a_version() {
    let names = |target: &str| -> Vec<String> {
        let all = ottl(["functions", "--target", target, "--format", "json"], b"").ends(0).json();
        let name = |one: &serde_json::Value| one["name"].as_str().expect("a name").to_owned();
        all.as_array().expect("an array").iter().map(name).collect()
    };
    let (older, newer) = (names("0.161"), names("0.165"));
    assert!(newer.contains(&"ToValidUTF8".to_owned()) && !older.contains(&"ToValidUTF8".to_owned()));
    ottl(["functions", "ToValidUTF8", "--target", "0.161"], b"")
        .ends(2)
        .names(&["the version 0.161 has no `ToValidUTF8`; it is there since 0.165"]);
    assert!(ottl(["functions", "ToValidUTF8"], b"").text().contains("\nIn the Collector since 0.165\n"));
    assert!(ottl(["functions", "set"], b"").text().contains("\nIn the Collector since 0.161 or earlier\n"));
}

#[test]
fn examples_show_what_changes() {
    let done = ottl(["functions", "delete_key"], b"").ends(0);
    let example = "  delete_key(log.attributes, \"method\")\n    -attributes[\"method\"]: \"GET\"\n";
    assert!(done.text().ends_with(example), "{}", done.text());
    let done = ottl(["functions", "copy_metric"], b"").ends(0);
    assert!(done.text().contains("\n    added:\n    +as_int: 3\n"), "{}", done.text());
    assert!(done.text().contains("    +metric.name: \"calls\"\n"), "{}", done.text());
    let one = ottl(["functions", "delete_key", "--format", "json"], b"").ends(0).json();
    assert!(one["examples"][0]["before"].as_str().is_some_and(|record| record.contains("method")));
    assert_eq!(one["examples"][0]["changes"], "-attributes[\"method\"]: \"GET\"\n");
}

#[test]
fn manual_pages_are_written() {
    assert!(ottl(["man"], b"").ends(0).text().contains(".TH ottl 1"));
    let dir = crate::harness::Dir::new();
    let folder = dir.path("man1");
    ottl(["man", "--output-dir", &folder], b"").ends(0);
    let check = std::fs::read_to_string(format!("{folder}/ottl-check.1")).expect("a page for each verb");
    assert!(check.contains("junit"), "{check}");
}

#[test]
fn every_function_can_be_explained() {
    for function in ottl::registry().iter() {
        let done = ottl(["functions", function.name], b"").ends(0);
        assert!(done.text().starts_with(function.name));
    }
}

#[test]
fn paths_and_enums_are_listed() {
    let log = ottl(["functions", "--paths", "log"], b"").ends(0);
    assert!(log.text().contains("log.attributes[...]") && !log.text().contains("span.name"));
    let all = ottl(["functions", "--paths"], b"").ends(0);
    assert!(all.text().contains("log.body") && all.text().contains("span.name"));
    let enums = ottl(["functions", "--enums", "log"], b"").ends(0);
    assert!(enums.text().lines().any(|line| line.split_whitespace().eq(["SEVERITY_NUMBER_ERROR", "17"])));
    ottl(["functions", "--enums", "lgo"], b"").ends(2).names(&["no context `lgo`", "did you mean `log`"]);
    let paths = ottl(["functions", "--paths", "span", "--format", "json"], b"").ends(0).json();
    assert!(paths.as_array().expect("an array").iter().any(|path| path["path"] == "span.status.code"));
}

#[test]
fn help_teaches_by_examples() {
    for verb in ["run", "check", "fmt", "bench", "functions", "completions"] {
        let help = ottl([verb, "--help"], b"").ends(0);
        assert!(help.text().matches("ottl ").count() >= 3, "{verb}: {}", help.text());
        assert!(help.text().contains("Examples:"), "{verb}");
    }
    assert!(ottl(["--help"], b"").ends(0).text().contains("Exit status"));
    assert!(ottl(["--version"], b"").ends(0).text().starts_with("ottl "));
    ottl::<&str>([], b"").ends(2);
}

#[test]
fn shells_complete() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = ottl(["completions", shell], b"").ends(0);
        assert!(script.text().contains("functions"), "{shell}");
    }
    ottl(["completions", "tcsh"], b"").ends(2);
}

#[test]
fn contexts_are_listed_where_one_is_unknown() {
    ottl(["functions", "--paths", "record"], b"")
        .ends(2)
        .names(&["there is no context `record`; there are ", "datapoint"]);
}
