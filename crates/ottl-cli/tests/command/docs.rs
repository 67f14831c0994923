//! What pages for users show is what happens: README, the guides, and the pages about editors and browsers.
//!
//! The mark behind a block's three backticks says what is asked of it:
//!
//! - `console`: each line that begins with `$` is a command, what follows is what it prints (with standard error). It runs in a folder that has
//!   the files of `examples/` and those that the page shows before; in README in the repository.
//! - `yaml NAME`: a file of that name. It has to be right, and so has `yaml` without a name, which nothing else is about. Cases
//!   (`NAME.test.yaml`) are run by a command of the page, and `yaml workflow` is another file's text.
//! - `sh`: commands that are not run. The options of `ottl` have to exist.
//! - `rust` in the guides is a part of a program that is compiled.
//!
//! With the environment variable `UPDATE_EXPECT` set, what commands print is written into the pages, for review.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{Dir, command, ottl};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The pages, below the repository.
fn pages() -> Vec<String> {
    let mut pages = ["README.md", "docs/introduction.md", "docs/command.md", "editors/README.md", "wasm/README.md"]
        .map(str::to_owned)
        .to_vec();
    for entry in std::fs::read_dir(root().join("docs/guides")).expect("the guides are there") {
        pages.push(format!("docs/guides/{}", entry.expect("an entry").file_name().to_string_lossy()));
    }
    pages.sort();
    pages
}

/// What commands of a page run in.
struct Place {
    folder: PathBuf,
    /// Removed at the end.
    _made: Option<Dir>,
}

impl Place {
    fn of(page: &str) -> Place {
        if page == "README.md" {
            return Place { folder: root(), _made: None };
        }
        let dir = Dir::new();
        for name in ["logs.json", "redact.yaml"] {
            dir.file(name, std::fs::read(root().join("examples").join(name)).expect("an example"));
        }
        Place { folder: PathBuf::from(dir.path("")), _made: Some(dir) }
    }

    /// What a command prints.
    fn run(&self, script: &str) -> String {
        let program = Path::new(command().get_program()).to_owned();
        let folder = program.parent().expect("the binary lies in a folder");
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
        // README runs what it has just built.
        let script = script.replace("cargo run --release -- ", "ottl ");
        let mut shell = Command::new("sh");
        let done = shell.args(["-c", &format!("{{ {script}\n}} 2>&1")]).env("PATH", path).env("NO_COLOR", "1");
        let done = done.current_dir(&self.folder).output().expect("there is a shell");
        String::from_utf8(done.stdout).expect("text")
    }
}

/// A page with the outputs of its commands as they are.
fn renewed(name: &str, page: &str) -> String {
    let place = Place::of(name);
    let (mut out, mut rest) = (String::new(), page);
    while let Some((before, block)) = rest.split_once("\n```") {
        let (marks, block) = block.split_once('\n').expect("a block has lines");
        let (text, after) = match block.strip_prefix("```") {
            Some(after) => ("", after),
            None => block.split_once("\n```").unwrap_or_else(|| panic!("{name}: a block does not end: {marks}")),
        };
        out.push_str(&format!("{before}\n```{marks}\n"));
        match marks.split_once(' ').unwrap_or((marks, "")) {
            ("console", "") => out.push_str(&console(&place, text)),
            (language, file) => {
                shown(name, &place, language, file, text);
                out.push_str(text);
            }
        }
        out.push_str("\n```");
        rest = after;
    }
    out + rest
}

/// A block of commands with what they print.
fn console(place: &Place, text: &str) -> String {
    let mut lines = text.lines().peekable();
    let mut out: Vec<String> = Vec::new();
    while let Some(line) = lines.next() {
        let Some(command) = line.strip_prefix("$ ") else { continue };
        let mut script = vec![command];
        out.push(line.to_owned());
        if command.ends_with("<<'EOF'") {
            while script.last() != Some(&"EOF") {
                script.push(lines.next().expect("an end of the text"));
            }
            out.extend(script[1..].iter().map(|line| (*line).to_owned()));
        }
        out.extend(place.run(&script.join("\n")).lines().map(str::to_owned));
    }
    out.join("\n")
}

/// A block that is not run is right.
fn shown(page: &str, place: &Place, language: &str, file: &str, text: &str) {
    match language {
        "yaml" if file == "workflow" => {}
        "yaml" => {
            if file.contains('.') {
                std::fs::write(place.folder.join(file), format!("{text}\n")).expect("a file of the page");
            }
            if !file.contains(".test.") {
                ottl(["check", "-"], text.as_bytes()).ends(0);
            }
        }
        "sh" => {
            for line in text.lines().filter(|line| line.starts_with("ottl ")) {
                let words = line.split(['|', '>', '#']).next().unwrap_or_default();
                let help = place.run(&format!("{} --help", words.trim_end()));
                assert!(help.contains("Usage: ") && !help.starts_with("error:"), "{page}: {line}\n{help}");
            }
        }
        "rust" if page.starts_with("docs/") => assert!(text.starts_with("{{#include "), "{page}: {text}"),
        "rust" | "toml" | "lua" | "js" | "text" => {}
        other => panic!("{page}: nothing is known of blocks of `{other}`"),
    }
}

#[test]
fn pages_show_what_happens() {
    let (mut stale, mut commands) = (Vec::new(), 0);
    for name in pages() {
        let place = root().join(&name);
        let page = std::fs::read_to_string(&place).expect("the page is there");
        let now = renewed(&name, &page);
        commands += now.matches("\n$ ").count();
        if now != page {
            if std::env::var_os("UPDATE_EXPECT").is_some() {
                std::fs::write(place, now).expect("the page can be written");
            } else {
                stale.push(now);
            }
        }
    }
    assert!(stale.is_empty(), "{}", stale.join("\n\n"));
    assert!(commands >= 12, "{commands} commands");
}
