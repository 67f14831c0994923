//! `convert_summary_sum_val_to_sum`: a sum of the sums of a summary.

use ottl_core::edit::Number;
use ottl_core::function::{Const, FunctionDef, Kernel};

use crate::family::summary_total;

/// The function's row.
pub const DEF: FunctionDef = summary_total::row(
    "convert_summary_sum_val_to_sum",
    "what the name gets behind it; default `_sum`",
)
.docs(
    "Appends a sum with the sum of each point of the summary that the current point belongs to.\n\nThe new metric has \
     the same description and unit, and the attributes and times of the points as they are by then. It is made once for \
     each point that the statement runs on: a summary with several points needs a `where` clause that only one of them \
     meets. Points of other metrics stay alone.",
)
.example_on(crate::example::SUMMARY,
    r#"convert_summary_sum_val_to_sum("cumulative", false)"#,
    r#"[{"name":"rtt","unit":"s","summary":{"dataPoints":[{"attributes":[{"key":"host","value":{"stringValue":"a"}}],"timeUnixNano":"2","count":"5","sum":12.5,"quantileValues":[{"quantile":0.5,"value":2}]}]}},{"name":"rtt_sum","unit":"s","sum":{"dataPoints":[{"attributes":[{"key":"host","value":{"stringValue":"a"}}],"timeUnixNano":"2","asDouble":12.5}],"aggregationTemporality":2}}]"#,
)
.compile(compile);

fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    summary_total::kernel(args, "_sum", |total| Number::Double(total.sum.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, appended_to_summary, compile_error};

    #[test]
    fn sums_become_a_sum() {
        let args = [Arg::Lit(r#""delta""#), Arg::Lit("true")];
        let sums = appended_to_summary(&DEF, "summary [a=x] count=3 sum=1.5 ^1 @2; []", &args);
        assert_eq!(sums, "m_sum u sum delta [a=x] 1.5 ^1 @2; [] 0.0");
        assert!(compile_error(&DEF, &[Arg::Lit(r#""Delta""#), Arg::Lit("true")]).contains("temporality"));
    }
}
