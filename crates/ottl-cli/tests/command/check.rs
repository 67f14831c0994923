//! `ottl check`.

use crate::harness::{Dir, ottl, sample};

const WRONG: &str = "log_statements:\n  - set(log.body, 1)\n  - sett(log.boddy, 1)\n";
const WARNED: &str = "log_statements:\n  - set(log.body, 1) where log.severity_number == \"ERROR\"\n";

#[test]
fn the_status_tells_right_from_wrong() {
    let dir = Dir::new();
    let right = dir.file("right.yaml", "log_statements: ['set(log.body, 1)']");
    let (wrong, warned) = (dir.file("wrong.yaml", WRONG), dir.file("warned.yaml", WARNED));
    let missing = dir.path("missing.yaml");
    let latin = dir.file("latin.yaml", b"a: 1\n# caf\xe9\n");
    let rows: [(&[&str], i32, &[&str]); 7] = [
        (&[&right], 0, &[]),
        (&[&wrong], 2, &["wrong.yaml:3:5", "sett"]),
        (&[&warned], 0, &["warned.yaml:2"]),
        (&["--deny", "warnings", &warned], 2, &["warned.yaml:2"]),
        (&[&right, &wrong, &warned], 2, &["wrong.yaml:3:5", "warned.yaml:2"]),
        (&[&missing, &wrong], 2, &["missing.yaml", "wrong.yaml"]),
        (&[&latin], 2, &["latin.yaml:2:6", "UTF-8"]),
    ];
    for (args, status, parts) in rows {
        let done = ottl(["check"].iter().chain(args), b"").ends(status).names(parts);
        assert_eq!(done.out, b"", "text goes to standard error");
        assert!(!done.err.contains('\u{1b}'), "no colours without a terminal");
        assert_eq!(parts.is_empty(), done.err.is_empty());
    }
    assert_eq!(ottl(["check", "--quiet", &warned], b"").ends(0).err, "");
    ottl(["check", "-"], WRONG.as_bytes()).ends(2).names(&["standard input:3:5"]);
    ottl(["check"], b"log_statements: ['set(log.body, 1)']").ends(0);
}

#[test]
fn machines_get_every_field() {
    let dir = Dir::new();
    let (wrong, warned) = (dir.file("wrong.yaml", WRONG), dir.file("warned.yaml", WARNED));
    let done = ottl(["check", "--format", "json", &wrong, &warned], b"").ends(2);
    let found = done.json();
    let all = found.as_array().expect("an array");
    let first = all.iter().find(|one| one["name"] == "unknown-function").expect("the function is unknown");
    assert_eq!(first["file"], wrong);
    assert_eq!((&first["severity"], &first["line"], &first["column"]), (&"error".into(), &3.into(), &5.into()));
    let range = &first["range"];
    let (start, end) = (range["start"].as_u64().expect("an offset"), range["end"].as_u64().expect("an offset"));
    assert_eq!(&WRONG[start as usize..end as usize], "sett");
    assert_eq!(first["fix"]["replacement"], "set");
    assert!(first["code"].as_str().is_some_and(|code| code.starts_with('E')));
    for field in ["message", "help", "label"] {
        assert!(first.get(field).is_some(), "{field}");
    }
    assert!(all.iter().any(|one| one["file"] == warned && one["severity"] == "warning"));
    assert_eq!(ottl(["check", "--format", "json"], b"log_statements: []").ends(0).text(), "[]\n");
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
    assert_ne!((on.status, on.err), (off.status, off.err));
    let dollar = b"log_statements: ['set(log.body, \"$${env:OTTL_CLI_UNSET}\")']";
    ottl(["check", "--expand"], dollar).ends(0);
    let unset = b"log_statements: ['set(log.body, \"${env:OTTL_CLI_UNSET}\")']";
    ottl(["check", "--expand"], unset).ends(0).names(&["OTTL_CLI_UNSET"]);
    assert_eq!(ottl(["check"], unset).ends(0).err, "", "a body is taken as written");
    // The search path of programs is set wherever the tests run.
    let host = b"log_statements: ['set(log.body, \"${env:PATH}\")']";
    assert_eq!(ottl(["check", "--expand"], host).ends(0).err, "");
    ottl(["check", "--expand", "--no-host-env"], host).ends(0).names(&["PATH"]);
    ottl(["check", "--processor", "filter"], b"error_mode: ignore").ends(0);
    ottl(["check"], b"error_mode: ignore").ends(2);
}
