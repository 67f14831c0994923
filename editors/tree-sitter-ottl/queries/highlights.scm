; Names are Helix'; Neovim knows them, or what they begin with.

(comment) @comment

["where"] @keyword
["and" "or" "not"] @keyword.operator
(nil) @constant.builtin
(boolean) @constant.builtin.boolean
(enum_symbol) @constant

(editor_name) @function
(converter_name) @function.builtin
(function_reference) @function.builtin
(argument_name) @variable.parameter
(parameter) @variable.parameter

(field) @variable.other.member
; What a path begins with is its context.
(path . field: (field) @namespace
  (#any-of? @namespace
    "resource" "scope" "instrumentation_scope" "span" "spanevent" "metric" "datapoint" "exemplar" "log" "profile" "profilesample" "otelcol"))

(string) @string
(escape) @string.escape
(integer) @constant.numeric.integer
(float) @constant.numeric.float
(bytes) @constant.numeric

(comparison_operator) @operator
["+" "-" "*" "/" "=" "=>"] @operator
["(" ")" "[" "]" "{" "}"] @punctuation.bracket
["," "." ":"] @punctuation.delimiter
