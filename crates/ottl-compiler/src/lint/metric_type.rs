//! Editors of metrics whose condition asks for metrics that they leave alone: W0309.

use ottl_core::ops::CompareOp;
use ottl_diagnostics::Code;
use ottl_plan::Literal;
use ottl_schema::Access;

use super::Lint;
use super::decided::gather;
use crate::hir::{Expr, Kind, Statement};

/// The types of metrics, as numbers.
const GAUGE: i64 = 1;
/// See [`GAUGE`].
const SUM: i64 = 2;
/// See [`GAUGE`].
const HISTOGRAM: i64 = 3;
/// See [`GAUGE`].
const EXPONENTIAL_HISTOGRAM: i64 = 4;
/// See [`GAUGE`].
const SUMMARY: i64 = 5;

/// Editors, and the types of the metrics that they work on.
const WORKS_ON: &[(&str, &[i64])] = &[
    ("convert_sum_to_gauge", &[SUM]),
    ("convert_gauge_to_sum", &[GAUGE]),
    ("convert_exponential_histogram_to_histogram", &[EXPONENTIAL_HISTOGRAM]),
    ("convert_summary_count_val_to_sum", &[SUMMARY]),
    ("convert_summary_sum_val_to_sum", &[SUMMARY]),
    ("convert_summary_quantile_val_to_gauge", &[SUMMARY]),
    ("extract_count_metric", &[HISTOGRAM, EXPONENTIAL_HISTOGRAM, SUMMARY]),
    ("extract_sum_metric", &[HISTOGRAM, EXPONENTIAL_HISTOGRAM, SUMMARY]),
];

impl Lint<'_> {
    /// `convert_sum_to_gauge() where metric.type == METRIC_DATA_TYPE_GAUGE`.
    pub(super) fn other_metric(&mut self, statement: &Statement) {
        let Some(condition) = &statement.condition else { return };
        let name = statement.editor.def.name;
        let Some((_, types)) = WORKS_ON.iter().find(|(editor, _)| *editor == name) else { return };
        let mut leaves = Vec::new();
        gather(condition, false, &mut leaves);
        let asked = leaves
            .iter()
            .filter(|leaf| !leaf.is_negated)
            .find(|leaf| asked_type(leaf.expr).is_some_and(|number| !types.contains(&number)));
        if let Some(leaf) = asked {
            let message =
                format!("this changes nothing: the condition asks for metrics that `{name}` does not work on");
            let doubt = self.doubt(Code::INEFFECTIVE_WRITE, statement.editor.span, message);
            self.warn(doubt.other(leaf.span, "asks for another type"));
        }
    }
}

/// The type of metrics that a comparison asks for.
fn asked_type(expr: &Expr) -> Option<i64> {
    let Kind::Compare { op: CompareOp::Eq, left, right } = &expr.kind else { return None };
    let is_type = |side: &Expr| matches!(&side.kind, Kind::Path(path) if ottl_schema::path(path.path).access == Access::MetricType);
    match (left.as_const(), right.as_const()) {
        (None, Some(Literal::Int(number))) if is_type(left) => Some(*number),
        (Some(Literal::Int(number)), None) if is_type(right) => Some(*number),
        _ => None,
    }
}
