/**
 * OTTL for editors. `grammar/ottl.pest` is the normative grammar, and tests hold this one to the same texts: a name may be written in
 * several words, keywords end where no letter follows, an integer takes the whole of a key.
 *
 * A file has a statement, condition or value on each line; lines that begin with a blank go on, and lines that begin with `#` are comments.
 */

const separated = (rule) => optional(seq(rule, repeat(seq(",", rule))));

// A Unicode scalar value of four digits, and one of more.
const SCALAR = /[0-9a-cA-Ce-fE-F][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}/;
const HIGH = /U00(0[1-9a-fA-F]|10)[0-9a-fA-F]{4}/;

export default grammar({
  name: "ottl",

  // A line feed is a blank where the next line goes on.
  extras: ($) => [/[ \t\f\r]/, $._continuation],
  word: ($) => $._lower,
  reserved: { global: () => ["nil", "true", "false", "not", "and", "or"] },
  conflicts: ($) => [
    // `(a)` before `=>`, and else.
    [$.parameters, $._segment],
    // `(F())` is arithmetic before a comparison, and else a condition.
    [$._operand, $._single],
    // A value may be the body of a lambda or begin a comparison.
    [$._body, $._value],
    [$._plain, $._single],
  ],

  rules: {
    source_file: ($) => seq(repeat(seq(optional($._item), "\n")), optional($._item)),
    _item: ($) => choice($.comment, $.statement, $.condition, $.value),
    comment: () => /#[^\n]*/,

    statement: ($) => seq($.editor, optional(seq("where", field("condition", $._condition)))),
    condition: ($) => prec.dynamic(1, $._condition),
    value: ($) => $._value,

    // Conditions

    _condition: ($) => choice($.or, $.and, $._single),
    or: ($) => prec.left(1, seq($._condition, "or", $._condition)),
    and: ($) => prec.left(2, seq($._condition, "and", $._condition)),
    not: ($) => prec(3, seq("not", choice($.comparison, $.boolean, $.converter, $.parenthesized))),
    _single: ($) => choice($.not, $.comparison, $.boolean, $.converter, $.parenthesized),
    parenthesized: ($) => seq("(", $._condition, ")"),
    comparison: ($) => seq(field("left", $._value), field("operator", $.comparison_operator), field("right", $._value)),
    comparison_operator: () => choice("==", "!=", "<", "<=", ">", ">="),

    // Calls

    editor: ($) => seq(field("name", $.editor_name), $.arguments),
    converter: ($) => seq(field("name", $.converter_name), $.arguments, repeat($.key)),
    arguments: ($) => seq("(", separated($._argument), ")"),
    _argument: ($) => choice($._value, $.function_reference, $.named_argument),
    named_argument: ($) => seq(field("name", $.argument_name), "=", field("value", choice($._value, $.function_reference))),
    argument_name: ($) => seq(choice($._lower, $._glued), optional($._rest)),
    editor_name: ($) => seq(choice($._lower, $._glued), optional($._rest)),
    converter_name: ($) => choice($._upper, seq($._upper, $._upper, optional($._rest)), $._mixed),
    // An upper-case word that no lower-case one follows is an enum symbol.
    function_reference: ($) => $._mixed,
    _mixed: ($) => seq($._upper, choice($._lower, $._glued), optional($._rest)),
    _rest: ($) => prec.right(1, repeat1(choice($._upper, $._lower, $._glued))),

    // Values

    _value: ($) => choice($.lambda, $._plain),
    _plain: ($) => choice($.nil, $._arithmetic, $.bytes, $.string, $.boolean, $.enum_symbol, $.map, $.list),
    nil: () => "nil",
    boolean: () => choice("true", "false"),
    enum_symbol: ($) => prec(-1, $._upper),
    list: ($) => seq("[", separated($._value), "]"),
    map: ($) => seq("{", repeat(seq($.pair, optional(","))), "}"),
    pair: ($) => seq(field("key", choice($.string, $.converter, $.path)), ":", field("value", $._value)),

    lambda: ($) => prec.right(seq($.parameters, "=>", field("body", $._body))),
    parameters: ($) => seq("(", separated(choice(alias($._lower, $.parameter), "_")), ")"),
    _body: ($) => choice($._plain, $._condition),

    _arithmetic: ($) => choice($._operand, $.group, $.signed, $.binary),
    _operand: ($) => choice($.converter, $.float, $.integer, $.path),
    group: ($) => seq("(", $._arithmetic, ")"),
    signed: ($) => prec(3, seq(choice("+", "-"), choice($._operand, $.group))),
    binary: ($) => binary($._arithmetic, $._arithmetic),

    path: ($) => seq($._segment, repeat(seq(".", $._segment))),
    _segment: ($) => seq(field("field", alias($._lower, $.field)), repeat($.key)),
    // A string or an integer is the whole key.
    key: ($) => seq("[", choice($.string, $.integer, $._key), "]"),
    _key: ($) => choice($.converter, $.float, $.path, $.group, $.signed, alias($._key_binary, $.binary)),
    _key_binary: ($) => binary($._key, $._arithmetic),

    // Tokens

    _continuation: () => /\n[ \t\f\r\n]*[ \t\f]/,
    // A keyword that a capital follows is a part of a name.
    _glued: () => /(nil|true|false|not|and|or)[A-Z][A-Za-z0-9_]*/,
    _upper: () => /[A-Z][A-Z0-9_]*/,
    _lower: () => /[a-z][a-z0-9_]*/,
    bytes: () => /0x([0-9a-fA-F]{2})+/,
    float: () => /([0-9]+\.[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?/,
    // A leading zero makes the number octal.
    integer: () => /0[0-7]*|[1-9][0-9]*/,
    string: ($) => seq('"', repeat(choice($.escape, token.immediate(prec(1, /[^"\\]+/)))), token.immediate('"')),
    escape: () => token.immediate(seq("\\", choice(/[abfnrtv\\"]/, /x[0-9a-fA-F]{2}/, /[0-3][0-7]{2}/, seq("u", SCALAR), seq("U0000", SCALAR), HIGH))),
  },
});

function binary(left, right) {
  const operation = (level, operators) =>
    prec.left(level, seq(field("left", left), field("operator", operators), field("right", right)));
  return choice(operation(1, choice("+", "-")), operation(2, choice("*", "/")));
}
