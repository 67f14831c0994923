//! The workflow files: what their steps run is run here, with what stands for the machines of GitHub.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::Dir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository")
}

/// What a step of this name runs.
fn script(workflow: &str, step: &str) -> String {
    let text = std::fs::read_to_string(root().join(workflow)).expect("a workflow");
    let (_, rest) = text.split_once(&format!("- name: {step}\n")).unwrap_or_else(|| panic!("{workflow} has no {step}"));
    let lines: Vec<&str> = rest.lines().take_while(|line| !line.trim_start().starts_with("- ")).collect();
    let run = lines.iter().position(|line| line.trim_start().starts_with("run:")).expect("the step runs something");
    let (indent, first) = lines[run].split_once("run:").expect("it begins so");
    if first.trim() != "|" {
        return first.trim().to_owned();
    }
    let block = lines[run + 1..].iter().take_while(|line| line.is_empty() || line.len() > indent.len() + 1);
    block.map(|line| format!("{}\n", line.trim_start_matches(indent))).collect()
}

/// Runs a script as a step does, `ottl` being the binary under test: its exit status and output.
fn run(dir: &Dir, script: &str, variables: &[(&str, &str)]) -> (i32, String) {
    let bin = dir.path("bin");
    std::fs::create_dir_all(&bin).expect("a directory");
    let link = Path::new(&bin).join("ottl");
    if !link.exists() {
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_ottl"), link).expect("a link");
    }
    let path = format!("{bin}:{}", std::env::var("PATH").unwrap_or_default());
    let done = Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
        .current_dir(dir.path(""))
        .env("PATH", path)
        .envs(variables.iter().copied())
        .output()
        .expect("bash runs");
    let text = [done.stdout, done.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (done.status.code().unwrap_or(-1), text)
}

#[test]
fn the_check_of_rules_annotates_and_reports() {
    const WORKFLOW: &str = "examples/github/check-rules.yml";
    let variables = [("RULES", "collector"), ("OPTIONS", "--allow W0601")];
    for (rules, status, parts) in [
        ("log_statements:\n  - set(log.bodi, \"x\")\n", 2, &["::error file=collector/rules.yaml,line=2", "E0203"][..]),
        ("log_statements:\n  - set(log.body, 010)\n", 2, &["::error file=collector/rules.yaml,line=2", "W0314"]),
        ("log_statements:\n  - set(log.body, \"${env:NOT_SET_HERE}\")\n", 2, &["W0614"]),
        ("log_statements:\n  - set(log.body, \"x\")\n", 0, &["no faults"]),
    ] {
        let dir = Dir::new();
        std::fs::create_dir_all(dir.path("collector")).expect("a directory");
        dir.file("collector/rules.yaml", rules);
        dir.file("collector/other.yaml", "kind: Service\napiVersion: v1\n");
        let (found, text) = run(&dir, &script(WORKFLOW, "Check"), &variables);
        assert_eq!(found, status, "{rules}{text}");
        for part in parts {
            assert!(text.contains(part), "{part} in {text}");
        }
        let (found, text) = run(&dir, &script(WORKFLOW, "Report"), &variables);
        assert_eq!(found, 0, "{rules}{text}");
        let report = std::fs::read_to_string(dir.path("ottl.sarif")).expect("a report");
        let report: serde_json::Value = serde_json::from_str(&report).expect("it is JSON");
        let count = report["runs"][0]["results"].as_array().map_or(0, Vec::len);
        assert_eq!(count > 0, status > 0, "{report}");
    }
}

#[test]
fn a_folder_that_is_not_there_fails_and_leaves_no_half_report() {
    let dir = Dir::new();
    let variables = [("RULES", "nowhere"), ("OPTIONS", "")];
    assert_eq!(run(&dir, &script("examples/github/check-rules.yml", "Check"), &variables).0, 1);
    assert_eq!(run(&dir, &script("examples/github/check-rules.yml", "Report"), &variables).0, 0);
    let report = std::fs::read(dir.path("ottl.sarif")).expect("a report");
    serde_json::from_slice::<serde_json::Value>(&report).expect("a whole report");
}

#[test]
fn a_release_is_tried_and_packed() {
    const WORKFLOW: &str = ".github/workflows/release.yml";
    let dir = Dir::new();
    let put = |script: String| {
        let known = [
            ("${{ matrix.target }}", "some-target"),
            ("${{ github.ref_name }}", "feature/v1"),
            ("${{ runner.os }}", "Linux"),
        ];
        let script = known.iter().fold(script, |script, (name, value)| script.replace(name, value));
        assert!(!script.contains("${{"), "{script}");
        script
    };
    let built = dir.path("target/pgo/some-target/dist");
    std::fs::create_dir_all(&built).expect("a directory");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_ottl"), Path::new(&built).join("ottl")).expect("a link");
    for name in ["examples", "README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"] {
        std::os::unix::fs::symlink(root().join(name), dir.path(name)).expect("a link");
    }
    let (status, text) = run(&dir, &put(script(WORKFLOW, "Try")), &[]);
    assert_eq!(status, 0, "{text}");
    if cfg!(feature = "playground") {
        let (status, text) = run(&dir, &put(script(WORKFLOW, "Try the page")), &[]);
        assert_eq!(status, 0, "{text}");
    }
    let (status, text) = run(&dir, &put(script(WORKFLOW, "Pack")), &[]);
    assert_eq!(status, 0, "{text}");
    let archive = "ottl-feature-v1-some-target.tar.gz";
    let listed = run(&dir, &format!("cd packed; sha256sum -c {archive}.sha256; tar tzf {archive}"), &[]);
    assert_eq!(listed.0, 0, "{}", listed.1);
    for part in
        ["/ottl\n", "/README.md\n", "/LICENSE-MIT\n", "/completions/_ottl\n", "/completions/ottl.ps1\n", "/man/"]
    {
        assert!(listed.1.contains(part), "{part} in {}", listed.1);
    }
}
