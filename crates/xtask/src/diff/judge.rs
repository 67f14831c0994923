//! [`Judge`]: our engines' answers to a case, held against the reference's.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ottl_core::Target;
use ottl_generate::Case;
use ottl_suite::engines::{fast, interp};
use ottl_suite::golden::{Harness, Verdict};
use serde_json::Value;

use super::ask::Answer;

/// Why a case is skipped that the reference never answers.
pub const LATE: &str = "the reference takes longer than the limit";
/// The same, for one that needs too much memory or stack.
pub const DIED: &str = "the reference dies";

/// How a case came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Both engines as the reference; the text says what that was.
    Same(&'static str),
    /// The case defines nothing.
    Skipped(&'static str),
    /// At least one engine differs.
    Different {
        /// Which.
        engine: &'static str,
        /// How.
        how: String,
    },
}

impl Finding {
    /// What kind of difference it is, without its values: a smaller case has to show the same.
    pub fn class(&self) -> String {
        const KINDS: &[(&str, &str)] = &[
            ("accepted, but", "rules accepted"),
            ("rejected", "rules rejected"),
            ("panicked", "panic"),
            ("failed:", "message refused"),
            ("did not fail", "message not refused"),
            ("dropped", "dropped"),
            ("not dropped", "not dropped"),
        ];
        match self {
            Finding::Different { engine, how } => {
                let kind = KINDS.iter().find(|(start, _)| how.starts_with(start)).map(|(_, kind)| *kind);
                let failed = if how.contains("statements failed") { "number of errors" } else { "output" };
                format!("{engine}, {}", kind.unwrap_or(failed))
            }
            Finding::Same(_) | Finding::Skipped(_) => String::new(),
        }
    }
}

/// Runs the engines.
pub struct Judge {
    engines: [(&'static str, Harness); 2],
}

impl Judge {
    /// Both engines with the whole function library, for a version of the reference.
    pub fn new(target: Target) -> Self {
        let harness = |engine| Harness::new(engine).for_version(target);
        Judge { engines: [("interp", harness(interp)), ("fast", harness(fast))] }
    }

    /// Holds both engines against an answer of the reference. Where both differ, `interp` is named.
    pub fn judge(&self, case: &Case, answer: &Answer) -> Finding {
        let answer = match answer {
            Answer::Given(answer) => answer,
            Answer::Late => return Finding::Skipped(LATE),
            Answer::Died => return Finding::Skipped(DIED),
        };
        if answer["error"].as_str().is_some_and(|text| text.starts_with("panic: ")) {
            return Finding::Skipped("the reference panics");
        }
        if answer["uncovered"].is_string() {
            return Finding::Skipped("the reference does not cover it");
        }
        let mut vector = answer.clone();
        vector["unordered"] = Value::Bool(case.program.through_a_map());
        let mut skipped = None;
        for (engine, harness) in &self.engines {
            match catch_unwind(AssertUnwindSafe(|| harness.run(&vector))) {
                Ok(Verdict::Same) => {}
                Ok(Verdict::Skipped(why)) => skipped = Some(why),
                Ok(Verdict::Different(how)) => return Finding::Different { engine, how },
                Err(panic) => {
                    let text = panic.downcast_ref::<String>().cloned();
                    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|&s| s.to_owned())).unwrap_or_default();
                    return Finding::Different { engine, how: format!("panicked: {text}") };
                }
            }
        }
        match skipped {
            Some(why) => Finding::Skipped(why),
            None if answer["config_error"].is_string() => Finding::Same("rules rejected"),
            None if answer["error"].is_string() => Finding::Same("message refused"),
            None if answer["dropped"] == true => Finding::Same("message dropped"),
            None if answer["failed"].is_array() => Finding::Same("output, some statements failed"),
            None if answer["output_pb"] == answer["input_pb"] => Finding::Same("output as the input"),
            None => Finding::Same("output"),
        }
    }
}

/// Keeps panics of the engines off the terminal; they are findings.
pub fn quiet_panics() {
    std::panic::set_hook(Box::new(|_| {}));
}
