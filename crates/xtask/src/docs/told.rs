//! What the command says of itself: the help of its verbs, and what examples of functions change.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

type Error = Box<dyn std::error::Error>;

/// What is asked of the command.
#[derive(Default)]
pub struct Told {
    /// Verbs in their order, the line about each, and its help.
    pub verbs: Vec<(String, String, String)>,
    /// By function and example: the lines of a diff.
    pub changes: BTreeMap<(String, usize), String>,
}

#[derive(Deserialize)]
struct Function {
    name: String,
    examples: Vec<Example>,
}

#[derive(Deserialize)]
struct Example {
    changes: Option<String>,
}

impl Told {
    /// Builds the command, and asks it.
    pub fn ask(root: &Path) -> Result<Told, Error> {
        let ottl = |arguments: &[&str]| -> Result<String, Error> {
            let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
            let mut command = Command::new(cargo);
            command.current_dir(root).args(["run", "--quiet", "--package", "ottl-cli", "--"]).args(arguments);
            let done = command.stderr(std::process::Stdio::inherit()).output()?;
            if !done.status.success() {
                return Err(format!("ottl {}: {}", arguments.join(" "), done.status).into());
            }
            Ok(String::from_utf8(done.stdout)?)
        };
        let functions: Vec<Function> = serde_json::from_str(&ottl(&["functions", "--format", "json"])?)?;
        let mut changes = BTreeMap::new();
        for Function { name, examples } in functions {
            let lines =
                examples.into_iter().enumerate().filter_map(|(number, example)| Some((number, example.changes?)));
            changes.extend(lines.map(|(number, lines)| ((name.clone(), number), lines)));
        }
        let mut verbs = Vec::new();
        for (verb, about) in listed(&ottl(&["--help"])?) {
            let help = ottl(&[&verb, "--help"])?;
            verbs.push((verb, about, help));
        }
        Ok(Told { verbs, changes })
    }
}

/// The verbs that a help lists, and the first line about each.
fn listed(help: &str) -> Vec<(String, String)> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| line.starts_with("  "));
    // The lines that go on are indented further.
    let verbs = lines.filter(|line| !line.starts_with("   ")).filter_map(|line| line.trim().split_once(' '));
    verbs.filter(|(verb, _)| *verb != "help").map(|(verb, about)| (verb.to_owned(), about.trim().to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn verbs_are_those_of_the_help() {
        let help = "Usage\n\nCommands:\n  run    Run rules\n  check  Compile\n         and more\n  help   Print this\n\nOptions:\n  -h  x\n";
        let wanted = [("run", "Run rules"), ("check", "Compile")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(listed(help), wanted);
    }
}
