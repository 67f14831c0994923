//! Literals that do something else than they seem to: patterns, templates, layouts, numbers.

use ottl_schema::ContextId::{Log, Span};

use super::statements;

#[test]
fn patterns_where_texts_are_taken_as_they_are() {
    statements(&[
        (Log, r#"set(attributes["a"], Split(body, "\\s+"))"#, "W0312"),
        (Log, r#"set(attributes["a"], Split(body, "\\|")[0])"#, "W0312"),
        (Log, r#"set(attributes["a"], Split(body, "|"))"#, ""),
        (Log, r#"set(attributes["a"], Split(body, "\\"))"#, ""),
        (Log, r#"set(attributes["a"], Trim(body, "\\s"))"#, "W0312"),
        (Log, r#"set(attributes["a"], Trim(body, " \t\n"))"#, ""),
        (Log, r#"set(attributes["a"], Trim(body, "https"))"#, "W0333"),
        (Log, r#"set(attributes["a"], Trim(body, "\""))"#, ""),
        (Log, r#"set(attributes["a"], Trim(body))"#, ""),
        (Log, r#"set(flags, 1) where IsMatch(body, "/error/i")"#, "W0312"),
        (Log, r#"set(flags, 1) where IsMatch(attributes["url.path"], "/shop/i")"#, ""),
        (Log, r#"set(flags, 1) where IsMatch(attributes["url.path"], "/shop|cart/i")"#, "W0312"),
        (Log, r#"replace_pattern(body, "/\\d+/g", "x")"#, "W0312"),
        (Log, r#"replace_pattern(body, "/users/\\d+/", "/users/x/")"#, ""),
        (Log, r#"replace_pattern(attributes["path"], "/[0-9]+/i", "/n/i") where attributes["path"] != nil"#, ""),
        (Log, r#"set(attributes["c"], Concat(attributes["a"], attributes["b"]))"#, "W0307"),
        (Log, r#"set(attributes["c"], Concat(attributes["a"], ","))"#, ""),
        (Log, r#"set(attributes["c"], Concat([attributes["a"], attributes["b"]], ","))"#, ""),
    ]);
}

#[test]
fn patterns_and_keys_in_each_others_place() {
    statements(&[
        (Log, r#"delete_key(attributes, "http.*")"#, "W0311"),
        (Log, r#"delete_key(attributes, "http.method")"#, ""),
        (Log, r#"delete_key(attributes, "$schema")"#, ""),
        (Log, r#"delete_key(attributes, severity_text)"#, ""),
        (Log, r#"keep_keys(attributes, ["a", "^b"])"#, "W0311"),
        (Log, r#"keep_keys(attributes, ["a", "b"])"#, ""),
        (Log, r#"limit(attributes, 10, ["a|b"])"#, "W0311"),
        (Log, r#"set(attributes["a.*"], 1)"#, "W0311"),
        (Log, r#"set(attributes["a"], 1) where attributes["b*"] == 1"#, "W0311"),
        (Log, r#"set(attributes["a.b"], 1) where cache["*"] == 1"#, "W0321"),
        (Log, r#"delete_matching_keys(attributes, "^http\\.")"#, ""),
        (Log, r#"delete_matching_keys(attributes, "http.method")"#, ""),
        (Log, r#"delete_matching_keys(attributes, "http*")"#, "W0312"),
        (Log, r#"delete_matching_keys(attributes, "http.*")"#, ""),
        (Log, r#"replace_match(body, "^a", "b")"#, "W0312"),
        (Log, r#"replace_match(body, "https?://.*", "b")"#, "W0312"),
        (Log, r#"delete_matching_keys(attributes, "http.*.secret*")"#, "W0312"),
        (Log, r#"delete_matching_keys(attributes, "http.*.secrets?")"#, ""),
        (Log, r#"replace_all_matches(attributes, "id-\\d+", "b")"#, "W0312"),
        (Log, r#"replace_all_matches(attributes, "/user/*/list/*", "b")"#, ""),
        (Log, r#"replace_match(body, "[a-z]*{x,y}?", "b")"#, ""),
        (Log, r#"replace_pattern(body, "ab*", "b")"#, ""),
        (Log, r#"replace_pattern(body, "\bab", "b")"#, "W0317"),
        (Log, r#"replace_pattern(body, "\\bab", "b")"#, ""),
    ]);
}

#[test]
fn templates_name_groups_that_their_patterns_have() {
    statements(&[
        (Log, r#"replace_pattern(body, "(a)", "$1b")"#, "W0305"),
        (Log, r#"replace_pattern(body, "(a)", "${1}b")"#, ""),
        (Log, r#"replace_pattern(body, "(a)", body.string)"#, ""),
        (Log, r#"replace_pattern(body, "(a)", "a $12_x")"#, "W0305"),
        (Log, r#"replace_pattern(body, "(a)", "$$1x")"#, ""),
        (Log, r#"replace_pattern(body, "(a)", "$1-x $0")"#, ""),
        (Log, r#"replace_pattern(body, "(a)", "$1-x $2")"#, "W0310"),
        (Log, r#"replace_pattern(body, "a", "${1}")"#, "W0310"),
        (Log, r#"replace_pattern(body, "(?P<n>a)", "$n ${n}")"#, ""),
        (Log, r#"replace_pattern(body, "(?P<n>a)", "${m}")"#, "W0310"),
        (Log, r#"replace_pattern(body, "(?P<n>a)", "$1")"#, ""),
        (Log, r#"replace_pattern(body, severity_text, "$7 $n")"#, ""),
        (Log, r#"replace_pattern(body, "(a)", "\\1")"#, "W0310"),
        (Log, r#"replace_pattern(body, "(a)", "$")"#, ""),
        (Log, r#"replace_pattern(body, "(a)", "$2", SHA256)"#, "W0310"),
        (Log, r#"replace_all_patterns(attributes, "value", "(a)", "$2")"#, "W0310"),
        (Log, r#"replace_match(body, "a*", "$2")"#, "W0310"),
    ]);
}

#[test]
fn groups_globs_and_layouts_of_another_kind() {
    statements(&[
        (Log, r#"set(body, ExtractPatterns(body, "(?P<id>a)")["ID"])"#, "W0310"),
        (Log, r#"set(body, ExtractPatterns(body, "(?P<id>a)")["id"])"#, ""),
        (Log, r#"replace_pattern(body, "/users/*", "x")"#, "W0312"),
        (Log, r#"replace_match(body, "token=.*", "x")"#, "W0312"),
        (Log, r#"replace_match(body, "notes.*", "x")"#, ""),
        (Log, r#"set(time, Time(body, "%d/%b/%Y:HH:mm:ss"))"#, "W0315"),
        (Span, r#"set(attributes["d"], FormatTime(start_time, "yyyy-%m-%d"))"#, "W0315"),
        (Log, r#"set(time, Time(body, "%Y-%m-%dT%H:%M:%S%z"))"#, ""),
    ]);
}

#[test]
fn formats_and_layouts() {
    statements(&[
        (Log, r#"set(body, Format("%s-%s", [severity_text]))"#, "W0313"),
        (Log, r#"set(body, Format("%s", [severity_text, 1]))"#, "W0313"),
        (Log, r#"set(body, Format("%d", [severity_text]))"#, "W0313"),
        (Log, r#"set(body, Format("%d", [severity_number]))"#, ""),
        (Log, r#"set(body, Format("%d %v", [attributes["a"], 1]))"#, ""),
        (Log, r#"set(body, Format("100%", []))"#, "W0313"),
        (Log, r#"set(body, Format("100%% %[1]s", ["a"]))"#, ""),
        (Log, r#"set(body, FormatTime(time, "yyyy-MM-dd"))"#, "W0315"),
        (Log, r#"set(body, FormatTime(time, "%Y"))"#, ""),
        (Log, r#"set(time, Time(body, "HH:mm"))"#, "W0315"),
        // Of replacements.
        (Log, r#"replace_pattern(body, "(a)", "$1", SHA256, "x")"#, "W0313"),
        (Log, r#"replace_pattern(body, "(a)", "$1", SHA256, "%d %s")"#, "W0313"),
        (Log, r#"replace_pattern(body, "(a)", "$1", SHA256, "<%s>")"#, ""),
        (Log, r#"replace_pattern(body, "(a)", "$1", SHA256)"#, ""),
        (Log, r#"replace_pattern(body, "(a)", "$1", replacement_format = "<%s>")"#, "W0313"),
        (Log, r#"replace_all_patterns(attributes, "value", "(a)", "$1", SHA256, "x")"#, "W0313"),
    ]);
}

#[test]
fn texts_that_look_like_something_else() {
    statements(&[
        (Log, r#"set(body, "x") where severity_text >= "ERROR""#, "W0329"),
        (Log, r#"set(body, "x") where severity_text == "ERROR""#, ""),
        (Log, r#"set(body, "a\bc")"#, "W0317"),
        (Log, r#"set(body, "a\\bc")"#, ""),
        (Log, r#"set(body, "${log.body}")"#, "W0327"),
        (Log, r#"set(body, "${env:HOME} {{ x }} {log.body}")"#, ""),
        (Log, r#"set(body, Split(" ", attributes["a"])) where attributes["a"] != nil"#, "W0328"),
        (Log, r#"set(body, Split("a b", " "))"#, ""),
        (Log, r#"set(time, Time("2024-07-31", "%Y-%M-%d"))"#, "W0326"),
        (Log, r#"set(time, Time("2024-07-31", "%Y-%m-%d"))"#, ""),
    ]);
}

#[test]
fn octal_numbers() {
    statements(&[
        (Log, r#"set(body, 010)"#, "W0314"),
        (Log, r#"set(body, [1, 0644])"#, "W0314"),
        (Log, r#"set(body, 1) where attributes["a"][010] == 0"#, "W0314"),
        (Log, r#"set(body, 07) where severity_number == 0"#, ""),
        (Log, r#"set(body, "010")"#, ""),
    ]);
}
