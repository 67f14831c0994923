//! `convert_summary_count_val_to_sum`: a sum of the counts of a summary.

use ottl_core::edit::Number;
use ottl_core::function::{Const, FunctionDef, Kernel};

use crate::family::summary_total;

/// The function's row.
pub const DEF: FunctionDef = summary_total::row(
    "convert_summary_count_val_to_sum",
    "what the name gets behind it; default `_count`",
)
.docs(
    "Appends a sum with the count of each point of the summary that the current point belongs to.\n\nThe new metric has \
     the same description and unit, and the attributes and times of the points as they are by then. It is made once for \
     each point that the statement runs on: a summary with several points needs a `where` clause that only one of them \
     meets. Points of other metrics stay alone.",
)
.example_on(crate::example::SUMMARY,
    r#"convert_summary_count_val_to_sum("delta", true)"#,
    r#"[{"name":"rtt","unit":"s","summary":{"dataPoints":[{"attributes":[{"key":"host","value":{"stringValue":"a"}}],"timeUnixNano":"2","count":"5","sum":12.5,"quantileValues":[{"quantile":0.5,"value":2}]}]}},{"name":"rtt_count","unit":"s","sum":{"dataPoints":[{"attributes":[{"key":"host","value":{"stringValue":"a"}}],"timeUnixNano":"2","asInt":"5"}],"aggregationTemporality":1,"isMonotonic":true}}]"#,
)
.compile(compile);

fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    // COMPAT: counts above the largest int become negative.
    summary_total::kernel(args, "_count", |total| Number::Int(total.count as i64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, appended_to_summary, compile_error};

    #[test]
    fn counts_become_a_sum() {
        for (text, args, want) in [
            (
                "summary [a=x] count=3 sum=1 ^1 @2; [] count=18446744073709551615",
                &[Arg::Lit(r#""delta""#), Arg::Lit("true")][..],
                "m_count u sum delta [a=x] 3 ^1 @2; [] -1",
            ),
            (
                "summary [] count=3",
                &[Arg::Lit(r#""cumulative""#), Arg::Lit("false"), Arg::Lit(r#"".n""#)],
                "m.n u sum cumulative not monotonic [] 3",
            ),
        ] {
            assert_eq!(appended_to_summary(&DEF, text, args), want, "{text}");
        }
        assert!(compile_error(&DEF, &[Arg::Lit(r#""both""#), Arg::Lit("true")]).contains("temporality"));
    }
}
