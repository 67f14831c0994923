//! Values of data points, which are one of two fields.

use ottl_engine::Engine as _;
use ottl_engine::fast::Engine;
use ottl_schema::Signal;
use ottl_suite::engines::agreed;
use ottl_suite::{messages, rules};

/// Points of all kinds of values, and one that has none: what is written of a value takes the other kind out, also where a
/// later statement needs a record that is not compact.
#[test]
fn values_of_points_are_what_was_written_last() {
    let list = r#"metric_statements:
        - 'set(datapoint.value_int, datapoint.value_int + 1)'
        - 'set(datapoint.value_double, datapoint.value_double + 0.5) where datapoint.attributes["a"] != nil'
        - 'set(datapoint.attributes["was"], datapoint.value_int) where datapoint.value_int == 0'
        - 'set(datapoint.value_int, 7) where datapoint.value_double > 0.0'
        - 'keep_keys(datapoint.attributes["m"], ["k"]) where datapoint.value_int == 7'"#;
    let map = r#"{"key":"m","value":{"kvlistValue":{"values":[{"key":"k"},{"key":"l"}]}}}"#;
    let a = r#"{"key":"a","value":{"intValue":"1"}}"#;
    let message = format!(
        r#"{{"resourceMetrics":[{{"scopeMetrics":[{{"metrics":[
        {{"name":"g","gauge":{{"dataPoints":[{{"asInt":"1"}},{{"asInt":"2","attributes":[{a}]}},{{"asDouble":1}},{{}},
            {{"asDouble":1,"attributes":[{a},{map}]}}]}}}},
        {{"name":"h","histogram":{{"dataPoints":[{{"count":"1","bucketCounts":["1","0"],"explicitBounds":[1.0]}}]}}}}]}}]}}]}}"#
    );
    let message = messages::protobuf(Signal::Metrics, message);
    let plan = rules::plan("transform", Signal::Metrics, list);
    assert!(Engine::new(&plan).explain().contains("layout: compact"));
    let report = agreed(&plan, &message, list).report;
    let matched: Vec<_> = report.sources.iter().map(|source| source.matched).collect();
    assert_eq!(matched, [6, 2, 2, 2, 2], "{report:?}");
}
