//! Case files: what is wrong with them, what cases find, what snapshots hold.
#![cfg(all(feature = "host", feature = "render", feature = "testing"))]

#[cfg(feature = "interp")]
mod coverage;
mod faults;
mod findings;
#[path = "../pictures/mod.rs"]
mod pictures;
mod snapshots;

use ottl::testing::{Case, DataFile, Judging, Message, Snapshots, Suite, TestedRules, Verdict};
use ottl::{Compiler, Diagnostics, RuleSet};

/// Runs all cases of a file, of which the rules stand in it. There are no other files.
fn judged(text: &str) -> Result<Vec<Verdict>, Diagnostics> {
    with_snapshots(text, &Snapshots::default(), false)
}

fn with_snapshots(text: &str, snapshots: &Snapshots, update: bool) -> Result<Vec<Verdict>, Diagnostics> {
    let suite = Suite::read("a.test.yaml", text)?;
    let read =
        |file: &DataFile| -> Result<Vec<Message>, String> { Err(format!("there is no file `{}`", file.path.path)) };
    let compiler = Compiler::new();
    let judge = |case: &Case| {
        let rules = &rules_of(&suite, case, &compiler)?;
        suite.judge(case, &Judging { compiler: &compiler, rules, read: &read, snapshots, update })
    };
    suite.cases().iter().map(judge).collect()
}

/// The rules of a case, which stand in its file.
fn rules_of(suite: &Suite, case: &Case, compiler: &Compiler) -> Result<RuleSet, Diagnostics> {
    let setup = &suite.setups()[case.setup];
    let TestedRules::Inline(rules) = &setup.rules else { panic!("rules stand in the file") };
    let compiled = suite.compiler(setup, compiler).compile(rules);
    compiled.map_err(|error| suite.faults_of_rules(setup, &error))
}

/// What each fault of a file says, with its place.
fn said(text: &str) -> Vec<String> {
    let found = judged(text).expect_err("a fault").to_string();
    found.lines().filter(|line| line.contains(".yaml:")).map(str::to_owned).collect()
}
