//! What arguments and data of [`super::functions`] are made of: texts that mean something to a parser of some function, or
//! nearly so, numbers from the ends of their types, and the words that literal arguments know.

/// Texts of data and of literal arguments.
pub(super) const TEXTS: &[&str] = &[
    "a",
    "",
    ".",
    "ab ab",
    "é€\u{10000}",
    "9223372036854775807",
    "-9223372036854775808",
    "99999999999999999999",
    "1e400",
    "0x1p-1074",
    "%*.*f|%[1]*[2]d|%[9999999]q|%.65536e|%+#0-x",
    "%v%s%q%x%d",
    "%*d%!",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%e%j%b%a%p%L%s%%",
    "9999-12-31T23:59:60.999999999999Z",
    "-0000000000001-99-99",
    "9223372036854775807ns",
    "106751d99999999h99999999m.9999999999999s",
    "1h",
    "(?P<a>.)*|\\d{0,3}$",
    "(?P<k>\\w+)=(?P<v>\\S*)",
    "(a|b)*c",
    ".*x",
    "a*",
    "\\pL{50}y",
    "(?i)\\p{Greek}{1,90}|[^a]",
    "((((a?){9}){9}){9})b",
    "(x+x+)+y",
    "[",
    "*[!a-z]?{b,*c}*",
    "*a*b*a*b*a*b",
    "$0$1${n}$99999999999999999999",
    "$0$0$0$0",
    "{\"a\":[1,-0.0e-999,\"\\ud800\\u0000\"],\"a\":{}}",
    "{\"a\":1,",
    "[1,",
    "[[[[[[1e309",
    "[",
    "{\"k\":",
    "k=v k = \"v\" ==x",
    "k=\"v ",
    "a=b ",
    "http://u:p@[::1]:99999/a%2Fb/../?a=1&a=%zz#f",
    "&a=b",
    "/../",
    "255.255.255.255/33",
    "::ffff:1.2.3.4/129",
    "10.0.0.0/8",
    "fooBar_BAZ-1É",
    "0123456789abcdef0123456789abcdef",
    "v0",
    "k1",
    "\n",
    "\\",
    "\"",
    "İſK",
];

/// Words that literal arguments know, over all functions.
pub(super) const KNOWN: &[&str] = &[
    "sum",
    "mean",
    "min",
    "max",
    "median",
    "count",
    "delta",
    "cumulative",
    "insert",
    "update",
    "upsert",
    "key",
    "value",
    "lower",
    "upper",
    "snake",
    "camel",
    "asc",
    "desc",
    "UTC",
    "Europe/Berlin",
    "en",
    "de",
    "base64",
    "base64-raw-url",
    "=",
    " ",
    ",",
    "v0",
    "...",
];

/// Ints of data.
pub(super) const INTS: &[i64] =
    &[0, 1, -1, 2, 7, 64, 65_536, 1_000_000, 1 << 31, -(1 << 31), 1 << 53, i64::MAX, i64::MIN, i64::MIN + 1];

/// Doubles of data.
pub(super) const FLOATS: &[f64] =
    &[0.0, -0.0, 1.5, -1.0, 1e19, -1e19, 5e-324, f64::MAX, f64::MIN, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];

/// Numbers of literal arguments.
pub(super) const NUMBERS: &[&str] = &["1", "0", "2", "10", "65", "1000", "100000", "9223372036854775807", "-1"];
