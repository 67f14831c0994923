//! Functions by words: what people call what they want to do.
//!
//! A word is looked for in names, summaries, parameters, descriptions and in [`WORDS`], and the better the place, the further up the
//! function stands. All words of a search have to be found.

use std::cmp::Reverse;

use ottl::function::FunctionDef;

use super::summary;

/// Words that no description has, and the functions that they mean.
const WORDS: &[(&[&str], &[&str])] = &[
    (
        &[
            "redact",
            "mask",
            "anonymize",
            "anonymise",
            "obfuscate",
            "scrub",
            "sanitize",
            "hide",
            "pii",
            "gdpr",
            "secret",
        ],
        &[
            "replace_pattern",
            "replace_all_patterns",
            "delete_matching_keys",
            "delete_key",
            "SHA256",
            "keep_matching_keys",
        ],
    ),
    (
        &["hash", "checksum", "fingerprint", "digest"],
        &["SHA256", "SHA512", "SHA1", "MD5", "FNV", "XXH3", "XXH128", "Murmur3Hash", "Murmur3Hash128"],
    ),
    (&["rename"], &["set", "delete_key", "replace_all_patterns", "MapKeys"]),
    (
        &["remove", "drop", "unset", "strip"],
        &["delete_key", "delete_matching_keys", "delete_index", "keep_keys", "clear"],
    ),
    (&["whitelist", "allowlist", "only"], &["keep_keys", "keep_matching_keys"]),
    (
        &["regex", "regexp", "re2", "grep"],
        &[
            "IsMatch",
            "replace_pattern",
            "replace_all_patterns",
            "ExtractPatterns",
            "delete_matching_keys",
            "keep_matching_keys",
        ],
    ),
    (&["glob", "wildcard"], &["replace_match", "replace_all_matches"]),
    (
        &["contains", "includes", "substring", "search"],
        &["IsMatch", "ContainsValue", "HasPrefix", "HasSuffix", "Index", "Substring"],
    ),
    (&["startswith", "beginswith", "begins"], &["HasPrefix"]),
    (&["endswith", "ends"], &["HasSuffix"]),
    (&["deserialize", "unmarshal", "decode"], &["ParseJSON", "Decode", "ParseKeyValue", "ParseCSV", "ParseXML"]),
    (&["json"], &["ParseJSON", "flatten", "String"]),
    (&["logfmt", "kv"], &["ParseKeyValue", "ToKeyValueString"]),
    (&["grok"], &["ExtractGrokPatterns"]),
    (&["apache", "nginx", "access"], &["ParseCLF", "ExtractGrokPatterns", "ExtractPatterns"]),
    (&["w3c", "iis"], &["ParseELF"]),
    (
        &["timestamp", "date", "datetime", "epoch", "strptime", "layout"],
        &["Time", "FormatTime", "Unix", "UnixMilli", "UnixNano", "UnixSeconds", "Now", "TruncateTime"],
    ),
    (&["strftime"], &["FormatTime"]),
    (&["level", "loglevel"], &["ParseSeverity"]),
    (&["number", "integer", "cast", "convert"], &["Int", "Double", "ParseInt", "String", "Bool"]),
    (&["float"], &["Double"]),
    (&["string", "text", "tostring"], &["String", "stringify_all", "Format", "Concat"]),
    (&["join", "concatenate", "interpolate", "template", "sprintf", "printf"], &["Concat", "Format"]),
    (&["default", "fallback", "ifnull", "nvl"], &["Coalesce", "When"]),
    (&["if", "ternary", "case", "switch"], &["When"]),
    (&["exists", "null", "nil", "missing", "empty"], &["IsEmpty", "Coalesce"]),
    (&["length", "size", "count"], &["Len"]),
    (&["truncate", "shorten", "cut"], &["truncate_all", "Substring", "limit", "TruncateTime"]),
    (&["cardinality"], &["aggregate_on_attributes", "aggregate_on_attribute_value", "limit", "keep_keys"]),
    (&["lowercase", "lower", "downcase"], &["ToLowerCase", "ConvertCase"]),
    (&["uppercase", "upper", "upcase"], &["ToUpperCase", "ConvertCase"]),
    (&["camel", "snake", "kebab"], &["ToCamelCase", "ToSnakeCase", "ConvertCase"]),
    (&["whitespace", "blank"], &["Trim", "TrimPrefix", "TrimSuffix"]),
    (&["unnest", "nested"], &["flatten", "ParseJSON"]),
    (&["merge", "upsert", "insert", "combine"], &["merge_maps", "append", "set"]),
    (&["array", "push"], &["append", "Split", "SliceToMap", "Sort"]),
    (&["ip", "network", "subnet", "cidr"], &["IsInCIDR", "CommunityID"]),
    (&["creditcard", "luhn", "card"], &["IsValidLuhn", "replace_pattern"]),
    (&["browser", "device"], &["UserAgent"]),
    (&["uri", "link"], &["URL"]),
    (&["random", "guid", "id"], &["UUID", "UUIDv7", "TraceID", "SpanID", "ProfileID"]),
    (&["unit", "seconds", "milliseconds", "scale", "multiply"], &["scale_metric"]),
    (&["counter", "rate"], &["extract_count_metric", "convert_gauge_to_sum", "extract_sum_metric"]),
    (
        &["histogram", "bucket"],
        &[
            "extract_count_metric",
            "extract_sum_metric",
            "extract_avg_metric",
            "extract_percentile_metric",
            "merge_histogram_buckets",
            "convert_exponential_histogram_to_histogram",
        ],
    ),
    (
        &["quantile", "percentile", "p99", "median", "average", "mean"],
        &["extract_percentile_metric", "extract_avg_metric", "convert_summary_quantile_val_to_gauge"],
    ),
    (&["rollup", "group", "sum"], &["aggregate_on_attributes", "aggregate_on_attribute_value", "extract_sum_metric"]),
    (&["duplicate", "clone"], &["copy_metric"]),
    (&["loop", "foreach", "map", "lambda"], &["MapEach", "MapKeys", "Filter", "Find", "Any", "All", "Reduce"]),
    (&["utf8", "unicode", "charset", "encoding"], &["ToValidUTF8", "Decode", "Base64Encode"]),
    (&["base64"], &["Base64Encode", "Decode"]),
    (&["assign", "write", "add", "copy"], &["set", "merge_maps", "append"]),
];

/// Words that say nothing about a function, unless there are no others.
const FILLERS: &[&str] = &[
    "a",
    "an",
    "and",
    "as",
    "by",
    "do",
    "for",
    "from",
    "how",
    "i",
    "in",
    "into",
    "of",
    "on",
    "or",
    "out",
    "the",
    "to",
    "with",
    "log",
    "logs",
    "record",
    "records",
    "trace",
    "traces",
    "body",
    "bodies",
    "attribute",
    "attributes",
    "field",
    "fields",
];

/// The functions that all words fit, the best first.
pub fn search<'f>(all: &[&'f FunctionDef], words: &[String]) -> Vec<&'f FunctionDef> {
    let mut words: Vec<String> =
        words.iter().flat_map(|words| words.split_whitespace()).map(str::to_lowercase).collect();
    if words.iter().any(|word| !FILLERS.contains(&word.as_str())) {
        words.retain(|word| !FILLERS.contains(&word.as_str()));
    }
    let rank = |function: &&'f FunctionDef| {
        let each: Vec<u32> = words.iter().map(|word| rank(function, word)).collect();
        each.iter().all(|rank| *rank > 0).then(|| each.iter().sum::<u32>())
    };
    let mut found: Vec<_> = all.iter().filter_map(|function| Some((rank(function)?, *function))).collect();
    found.sort_by_key(|(rank, function)| (Reverse(*rank), function.name));
    found.into_iter().map(|(_, function)| function).collect()
}

/// How well a word fits a function; 0 where it does not.
fn rank(function: &FunctionDef, word: &str) -> u32 {
    let name = function.name.to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(word);
    let keyword = || {
        let of_word = WORDS.iter().filter(|(words, _)| words.iter().any(|one| is_word(word, one)));
        let places = of_word.filter_map(|(_, functions)| functions.iter().position(|name| *name == function.name));
        // The first ones are what is mostly meant.
        places.map(|place| 28 - place.min(9) as u32).max()
    };
    let of_word = if name == word {
        40
    } else if name.split('_').any(|part| part == word) {
        30
    } else if name.contains(word) {
        25
    } else {
        0
    };
    let of_docs = if summary(function.docs)
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .any(|part| is_word(part, word))
    {
        10
    } else if function.visible_params().any(|param| has(param.name) || has(param.doc)) {
        5
    } else if word.len() > 2 && has(function.docs) {
        2
    } else {
        0
    };
    of_word.max(keyword().unwrap_or(0)).max(of_docs)
}

/// Whether two words are the same but for an ending.
fn is_word(one: &str, other: &str) -> bool {
    let stem = |word: &str| word.strip_suffix('s').filter(|stem| stem.len() > 2).unwrap_or(word).to_owned();
    stem(one) == stem(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(words: &str) -> Vec<&'static str> {
        let registry = ottl::registry();
        let all: Vec<&FunctionDef> = registry.iter().map(|function| &**function).collect();
        let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
        search(&all, &words).iter().map(|function| function.name).collect()
    }

    #[test]
    fn words_find_what_is_meant() {
        for (words, first) in [
            ("json", "ParseJSON"),
            ("parse json", "ParseJSON"),
            ("JSON body", "ParseJSON"),
            ("redact", "replace_pattern"),
            ("regex", "IsMatch"),
            ("hash", "SHA256"),
            ("rename", "set"),
            ("timestamp", "Time"),
            ("lowercase", "ToLowerCase"),
            ("percentiles", "extract_percentile_metric"),
            ("delete", "delete_index"),
            ("starts", "HasPrefix"),
            ("milliseconds", "Milliseconds"),
            ("prefix", "HasPrefix"),
        ] {
            assert_eq!(found(words).first(), Some(&first), "{words}: {:?}", found(words));
        }
        assert!(found("json").len() < 12, "{:?}", found("json"));
        assert_eq!(found("delete key")[..2], ["delete_key", "delete_matching_keys"]);
        for words in ["qwertz", "json qwertz"] {
            assert!(found(words).is_empty(), "{words}");
        }
    }

    #[test]
    fn words_mean_functions_that_there_are() {
        let registry = ottl::registry();
        for (words, functions) in WORDS {
            for name in *functions {
                assert!(registry.find(name).is_some(), "{words:?}: {name}");
            }
        }
    }
}
