//! `ottl check`.

use crate::harness::{Dir, ottl, sample};

const WRONG: &str = "log_statements:\n  - set(log.body, 1)\n  - sett(log.boddy, 1)\n";
const WARNED: &str = "log_statements:\n  - set(log.body, 1) where log.severity_number == \"ERROR\"\n";

#[test]
fn the_status_tells_right_from_wrong() {
    let dir = Dir::new();
    let right = dir.file("right.yaml", "log_statements: ['set(log.body, 1)']");
    let (wrong, warned) = (dir.file("wrong.yaml", WRONG), dir.file("warned.yaml", WARNED));
    let expr = "metrics: {exclude: {match_type: expr, expressions: ['true']}}";
    let unsupported = dir.file("unsupported.yaml", expr);
    let missing = dir.path("missing.yaml");
    let latin = dir.file("latin.yaml", b"a: 1\n# caf\xe9\n");
    let denied = ["--deny", "warnings"];
    type Row<'r> = (&'r [&'r str], i32, &'r [&'r str], &'r [&'r str]);
    let rows: [Row<'_>; 16] = [
        (&[&right], 0, &["1 file checked: no faults"], &[]),
        (&[&wrong], 2, &["wrong.yaml:3:5", "sett", "2 errors in 1 file"], &[]),
        (&[&warned], 0, &["warned.yaml:2", "1 warning in 1 file"], &[]),
        (&[denied[0], denied[1], &warned], 2, &["warned.yaml:2", "1 error in 1 file"], &[]),
        (&["--deny", "W0301", &warned], 2, &["warned.yaml:2"], &[]),
        (&["--deny", "W0304", &warned], 0, &["1 warning in 1 file"], &[]),
        (&["--allow", "decided-comparison", &warned], 0, &["no faults"], &[]),
        (&[denied[0], denied[1], "--warn", "W0301", &warned], 0, &["1 warning"], &[]),
        (&[&right, &wrong, &warned], 2, &["wrong.yaml:3:5", "warned.yaml:2", "2 errors, 1 warning in 3 files"], &[]),
        (&[&right, &missing], 1, &["1 file checked: no faults; 1 file not checked"], &["missing.yaml: cannot read"]),
        (&[&missing, &wrong], 2, &["wrong.yaml", "2 errors in 1 file; 1 file not checked"], &["missing.yaml"]),
        (&[&latin], 2, &["1 file not checked"], &["latin.yaml:2:6", "UTF-8"]),
        (&[&unsupported], 3, &["E0611", "1 unsupported in 1 file"], &[]),
        (&[&unsupported, &missing], 1, &["1 unsupported in 1 file; 1 file not checked"], &["missing.yaml"]),
        (&[&unsupported, &wrong], 2, &["2 errors, 1 unsupported in 2 files"], &[]),
        (&["--quiet", &warned, &right], 0, &[], &[]),
    ];
    for (args, status, out, err) in rows {
        let done = ottl(["check"].iter().chain(args), b"").ends(status).names(err);
        for part in out {
            assert!(done.text().contains(part), "{args:?}: {part:?} is not in: {}", done.text());
        }
        assert!(!done.text().contains('\u{1b}'), "no colours without a terminal");
        assert_eq!(out.is_empty(), done.out.is_empty(), "{args:?}");
        let said: Vec<&str> = done.err.lines().filter(|line| !line.starts_with("note: run `ottl explain ")).collect();
        assert_eq!(err.is_empty(), said.is_empty(), "{args:?}: {}", done.err);
    }
    let piped = ottl(["check", "-"], WRONG.as_bytes()).ends(2);
    assert!(piped.text().contains("standard input:3:5"));
    ottl(["check"], b"log_statements: ['set(log.body, 1)']").ends(0);
    for (option, code, part) in [
        ("--deny", "W0340", "did you mean `W0304`?"),
        ("--allow", "E0201", "E0201 is an error, and only warnings can be allowed"),
        ("--warn", "nothing", "there is no code `nothing`"),
    ] {
        ottl(["check", option, code, &right], b"").ends(2).names(&[part]);
    }
}

#[test]
fn comments_allow_warnings() {
    let dir = Dir::new();
    let allowed = dir.file("allowed.yaml", WARNED.replace("\"ERROR\"", "\"ERROR\" # ottl: allow(W0301): it is so"));
    let done = ottl(["check", "--deny", "warnings", &allowed], b"").ends(0);
    assert_eq!(done.text(), "1 file checked: no faults\n");
    let file = dir.file("file.yaml", format!("# ottl: allow(warnings)\n{WARNED}"));
    ottl(["check", "--deny", "warnings", &file], b"").ends(0);
    let other = dir.file("other.yaml", WARNED.replace("\n  -", "\n  # ottl: allow(W0304)\n  -"));
    ottl(["check", "--deny", "warnings", &other], b"").ends(2);
    let wrong = dir.file("wrong.yaml", format!("# ottl: allow(E0201)\n{WARNED}"));
    let done = ottl(["check", "--format", "short", &wrong], b"").ends(0);
    let text = done.text().replace(&wrong, "wrong.yaml");
    assert!(
        text.starts_with("wrong.yaml:1:1: warning[W0607]: E0201 is an error, and errors cannot be allowed; only"),
        "{text}"
    );
}

#[test]
fn older_forms_are_pointed_at() {
    let dir = Dir::new();
    let older = dir.file("older.yaml", "error_mode: ignore\nlogs:\n  log_record:\n    - log.body == 1\n");
    let done = ottl(["check", &older], b"").ends(0);
    let want =
        format!("note: {older}:2:1: an older form of rules; `ottl migrate {older}` writes it in the newest one\n");
    assert_eq!((done.err.as_str(), done.text()), (want.as_str(), "1 file checked: no faults\n"));
    assert_eq!(ottl(["check", "--quiet", &older], b"").ends(0).err, "");
    let piped = ottl(["check"], b"logs: {exclude: {match_type: strict, bodies: [a]}}").ends(0);
    assert!(piped.err.contains("`ottl migrate` writes"), "{}", piped.err);
}

#[test]
fn the_projects_rules_raise_no_doubts() {
    let mut checked = 0;
    for folder in ["rules", "../../benches/definitions"] {
        for entry in std::fs::read_dir(sample(folder)).expect("the folder is there") {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|extension| extension != "yaml") {
                continue;
            }
            let variables = path.with_extension("env");
            let mut args = vec!["check".as_ref(), "--deny".as_ref(), "warnings".as_ref(), path.as_os_str()];
            if variables.exists() {
                args.extend(["--env-file".as_ref(), variables.as_os_str()]);
            }
            ottl(args, b"").ends(0);
            checked += 1;
        }
    }
    assert!(checked > 20, "{checked} files");
}

#[test]
fn settings_reach_the_compiler() {
    let lambda = b"log_statements: ['set(log.attributes[\"n\"], Len(Filter(log.attributes[\"l\"], (v) => v > 1)))']";
    let on = ottl(["check"], lambda);
    let off = ottl(["check", "--gate", "-ottl.functions.enableLambda"], lambda).ends(2);
    assert_ne!((on.status, on.out), (off.status, off.out));
    let dollar = b"log_statements: ['set(log.body, \"$${env:OTTL_CLI_UNSET}\")']";
    ottl(["check", "--expand"], dollar).ends(0);
    let unset = b"log_statements: ['set(log.body, \"${env:OTTL_CLI_UNSET}\")']";
    assert!(ottl(["check", "--expand"], unset).ends(0).text().contains("OTTL_CLI_UNSET"));
    assert_eq!(ottl(["check", "-q"], unset).ends(0).err, "", "a body is taken as written");
    // The search path of programs is set wherever the tests run.
    let host = b"log_statements: ['set(log.body, \"${env:PATH}\")']";
    assert!(ottl(["check", "--expand"], host).ends(0).text().ends_with("no faults\n"));
    assert!(ottl(["check", "--expand", "--no-host-env"], host).ends(0).text().contains("PATH"));
    ottl(["check", "--processor", "filter"], b"error_mode: ignore").ends(0);
    ottl(["check"], b"error_mode: ignore").ends(2);
}

#[test]
fn folders_are_looked_through() {
    let dir = Dir::new();
    for folder in ["a", "a/templates", "a/.git", "a/b"] {
        std::fs::create_dir(dir.path(folder)).expect("a folder");
    }
    let folder = dir.path("a");
    dir.file("a/values.yaml", "config: {processors: {transform: {log_statements: ['set(log.body, 1)']}}, service: {pipelines: {logs: {processors: [transform]}}}}\n");
    dir.file("a/templates/conf.yaml", "name: {{ .Values.name }}\nlog_statements: []\n");
    dir.file("a/templates/broken.yaml", "a: [\n");
    dir.file("a/data.json", "{\"resourceLogs\": []}\n");
    dir.file("a/notes.txt", "log_statements: [5]\n");
    dir.file("a/.git/x.yaml", "log_statements: [5]\n");
    ottl(["check", &folder], b"").ends(0).names(&["skipped", "data.json", "broken.yaml", "templates", "conf.yaml"]);
    ottl(["check", "--quiet", &folder], b"").ends(0);
    for (format, part) in [
        ("text", "1 file checked: no faults; 1 file left out\n"),
        ("json", "\"name\":\"left-out\""),
        ("github", "::notice file="),
        ("sarif", "\"executionSuccessful\": true"),
        ("junit", "errors=\"0\""),
    ] {
        let done = ottl(["check", "--format", format, &folder], b"").ends(0);
        assert!(done.text().contains(part), "{format}: {}", done.text());
    }
    let wrong = dir.file("a/b/rules.yaml", "log_statements: ['set(log.boddy, 1)']\n");
    let found = ottl(["check", &folder], b"").ends(2);
    assert!(found.text().contains("b/rules.yaml") && found.text().contains("log.boddy"), "{}", found.text());
    std::fs::write(&wrong, "log_statements: [\n").expect("a file");
    assert!(ottl(["check", &folder], b"").ends(2).text().contains("invalid YAML"));
}

/// What a configuration of a folder reads is checked as it is read, once, and not as if it stood alone.
#[test]
fn files_that_others_of_a_folder_read_are_theirs() {
    let dir = Dir::new();
    std::fs::create_dir(dir.path("in")).expect("a folder");
    dir.file("in/b.yaml", "processors: {transform: '${file:a.yaml}', filter: {log_conditions: '${file:c.yaml}'}}\nservice: {pipelines: {logs: {processors: [transform, filter]}}}\n");
    dir.file("in/a.yaml", "log_statements:\n  - set(log.attributes[\"a\"], \"${env:OTTL_CLI_UNSET:-x}\")\n");
    let conditions = dir.file("in/c.yaml", "- log.attributes[\"a\"] == 1\n");
    let done = ottl(["check", "--deny", "warnings", &dir.path("in")], b"").ends(0);
    assert_eq!((done.text(), done.err.as_str()), ("1 file checked: no faults\n", ""));
    std::fs::write(&conditions, "- log.attributes[\"a\"] = 1\n").expect("a file");
    let done = ottl(["check", "--format", "short", &dir.path("in")], b"").ends(2);
    assert_eq!(done.text().lines().count(), 1, "{}", done.text());
    assert!(done.text().contains("in/c.yaml:1:23: error[E0115]"), "{}", done.text());
}

/// A folder is green if something in it was looked at, and what seems to hold rules is not passed over.
#[test]
fn folders_without_rules_are_none_that_are_right() {
    let dir = Dir::new();
    for folder in ["empty", "other", "near"] {
        std::fs::create_dir(dir.path(folder)).expect("a folder");
    }
    dir.file("other/deploy.yaml", "apiVersion: apps/v1\nkind: Deployment\n");
    let right = dir.file("right.yaml", "log_statements: ['set(log.body, 1)']\n");
    for name in ["empty", "other"] {
        let folder = dir.path(name);
        let why = format!("{name}: no file with OTTL in this folder");
        for (format, part) in [
            ("text", "1 folder without OTTL"),
            ("short", ""),
            ("json", "\"name\":\"not-checked\""),
            ("github", "::error file="),
            ("sarif", "\"executionSuccessful\": false"),
            ("junit", "not checked"),
        ] {
            let done = ottl(["check", "--format", format, &folder], b"").ends(1).names(&[&why]);
            assert!(done.text().contains(part), "{format}: {}", done.text());
        }
        let both = ottl(["check", &right, &folder], b"").ends(1);
        assert_eq!(both.text(), "1 file checked: no faults; 1 folder without OTTL\n");
        ottl(["fmt", "--check", &folder], b"").ends(1).names(&[&why]);
        ottl(["check", "--diff", &folder], b"").ends(1).names(&[&why]);
        ottl(["explain", &folder], b"").ends(1).names(&[&why]);
    }
    // Each is said as it is where it is named alone.
    let rules = "log_statements:\n  - set(log.body, 1)\n";
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(rules.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let near = dir.path("near");
    for (text, part) in [
        (&utf16[..], "this is UTF-16"),
        (&[rules.as_bytes(), b"# caf\xe9\n"].concat(), "rules must be UTF-8"),
        (b"log_statement:\n  - set(log.body, 1)\n", "did you mean `log_statements`?"),
        (b"# ours\n- set(log.attributes[\"a\"], 1)\n", "it should be a map"),
    ] {
        dir.file("near/a.yaml", text);
        let done = ottl(["check", &near], b"").ends(2);
        assert!(format!("{}{}", done.text(), done.err).contains(part), "{part}: {}{}", done.text(), done.err);
    }
    // Others' files are left alone, and named where they hold OTTL.
    dir.file("near/a.yaml", rules);
    dir.file("near/b.yaml", "rules:\n  - run: set(log.body, 1)\n");
    dir.file("near/c.yaml", b"name: caf\xe9\n");
    let done =
        ottl(["check", &near], b"").ends(0).names(&["no OTTL found: ", "c.yaml", "although they seem to contain OTTL"]);
    assert!(done.err.lines().any(|line| line.contains("although") && line.ends_with("b.yaml")), "{}", done.err);
}

/// People mend repeats in one way: they are one in every form but that for editors.
#[test]
fn repeats_are_one_with_their_places() {
    let write = "      - set(resource.attributes[\"level\"], log.severity_text)\n";
    let rules = format!("log_statements:\n  - context: log\n    statements:\n{}", write.repeat(3));
    let again = "the same in 2 more places: lines 5, 6";
    for format in ["text", "short", "github", "sarif", "junit", "json"] {
        let done = ottl(["check", "--format", format, "--allow", "W0320", "-"], rules.as_bytes()).ends(0);
        let count = if format == "json" { 3 } else { 1 };
        let found = done.text();
        let told = found.matches("every log writes to the resource").count();
        assert_eq!(if format == "junit" { told.min(1) } else { told }, count, "{format}: {found}");
        assert_eq!(found.contains(again), format != "json", "{format}: {found}");
    }
    let log = ottl(["check", "--format", "sarif", "--allow", "W0320", "-"], rules.as_bytes()).json();
    let related = &log["runs"][0]["results"][0]["relatedLocations"];
    let lines: Vec<_> =
        related.as_array().expect("a list").iter().map(|at| &at["physicalLocation"]["region"]["startLine"]).collect();
    assert_eq!(lines, [4, 5, 6]);
}

#[test]
fn bodies_out_of_collectors_are_told() {
    let body = b"log_statements: ['replace_pattern(log.body, \"(a)\", \"$$1\")']\n";
    assert!(ottl(["check"], body).ends(0).text().contains("W0614"));
    for option in ["--expand", "--no-expand"] {
        assert!(!ottl(["check", option], body).ends(0).text().contains("W0614"));
    }
}
