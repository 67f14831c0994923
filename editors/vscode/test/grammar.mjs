// Tokenizes all texts that the reference accepts, and the rules of all golden vectors, and compares what the grammar makes of each
// word with what a list of the language's own tokens says.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

// The folder whose `node_modules` are meant, if they are not the extension's own.
const require = createRequire(process.argv[2] ? resolve(process.argv[2], "package.json") : import.meta.url);
const oniguruma = require("vscode-oniguruma");
const textmate = require("vscode-textmate");

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
const wasm = readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm"));
await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));

const files = { "source.ottl": "ottl.tmLanguage.json", "ottl.injection.yaml": "yaml.injection.tmLanguage.json" };
// As much of a YAML grammar as the injection needs: comments, quotes, and the rest.
const yaml = {
  scopeName: "source.yaml",
  patterns: [
    { match: "(?:^|\\s)#.*$", name: "comment.line.yaml" },
    { begin: "'", end: "'(?!')", name: "string.quoted.single.yaml", patterns: [{ match: "''" }] },
    { begin: '"', end: '"', name: "string.quoted.double.yaml", patterns: [{ match: "\\\\." }] },
    { match: "[^#\\s'\"]", name: "string.unquoted.yaml" },
  ],
  repository: {},
};
const registry = new textmate.Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
    createOnigString: (text) => new oniguruma.OnigString(text),
  }),
  loadGrammar: async (scope) => {
    if (scope === "source.yaml") return yaml;
    const path = join(here, "../syntaxes", files[scope]);
    return textmate.parseRawGrammar(readFileSync(path, "utf8"), path);
  },
  getInjections: (scope) => (scope === "source.yaml" ? ["ottl.injection.yaml"] : undefined),
});
const grammar = await registry.loadGrammar("source.ottl");
const inYaml = await registry.loadGrammar("source.yaml");

function* scopesOf(tokenizer, text) {
  let stack = textmate.INITIAL;
  let offset = 0;
  for (const line of text.split("\n")) {
    const { tokens, ruleStack } = tokenizer.tokenizeLine(line, stack);
    for (const { startIndex, endIndex, scopes } of tokens) {
      yield { start: offset + startIndex, end: offset + Math.min(endIndex, line.length), scopes: scopes.join(" ") };
    }
    stack = ruleStack;
    offset += line.length + 1;
  }
}

// The language's tokens, in the order in which they are tried.
const TOKENS = [
  ["string", /"(?:\\[^\n]|[^\\"])*"/y],
  ["bytes", /0x[0-9a-fA-F]+/y],
  ["float", /(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?/y],
  ["integer", /[0-9]+/y],
  ["name", /(?:[A-Za-z][A-Za-z0-9_]*|_)/y],
  ["comparison", /==|!=|>=|<=|>|</y],
  ["arrow", /=>/y],
  ["sign", /[-+*/=()[\]{}:,.]/y],
  ["blank", /\s+/y],
];
const WANTED = {
  string: "string.quoted.double.ottl",
  bytes: "constant.numeric.bytes.ottl",
  float: "constant.numeric.float.ottl",
  integer: "constant.numeric.integer.ottl",
  comparison: "keyword.operator.comparison.ottl",
  arrow: "storage.type.function.arrow.ottl",
};

function* tokensOf(text) {
  for (let at = 0; at < text.length; ) {
    let found;
    for (const [kind, pattern] of TOKENS) {
      pattern.lastIndex = at;
      const match = pattern.exec(text);
      if (match && (kind !== "comparison" || !text.startsWith("=>", at))) {
        found = { kind, start: at, text: match[0] };
        break;
      }
    }
    if (!found) return;
    at += found.text.length;
    yield found;
  }
}

function wantedOfName(name, before, after) {
  if (before === ".") return "variable.other.property.ottl";
  if (/^(?:and|or|not)$/.test(name)) return "keyword.operator.logical.ottl";
  if (name === "where") return "keyword.control.where.ottl";
  if (after.trimStart().startsWith("(")) {
    return /^[A-Z]/.test(name) ? "support.function.converter.ottl" : "entity.name.function.editor.ottl";
  }
  if (/^(?:true|false)$/.test(name)) return "constant.language.boolean.ottl";
  if (name === "nil") return "constant.language.nil.ottl";
  if (/^[A-Z][A-Z0-9_]*$/.test(name)) return "constant.other.enum.ottl";
  return undefined;
}

let words = 0;
const faults = [];
function check(text) {
  const scopes = [...scopesOf(grammar, text)];
  let at = 0;
  let before = "";
  for (const token of tokensOf(text)) {
    if (token.kind === "blank") continue;
    const end = token.start + token.text.length;
    while (at < scopes.length && scopes[at].end <= token.start) at += 1;
    // Names of several words, numbers that begin words, and `where` as a field: what the language takes and nobody writes.
    const wanted = token.kind === "name" ? wantedOfName(token.text, before, text.slice(end)) : WANTED[token.kind];
    const found = scopes[at]?.scopes ?? "";
    if (wanted && !found.includes(wanted)) faults.push(`${JSON.stringify(text)}: ${token.text}: ${found}, not ${wanted}`);
    if (found.includes("invalid")) faults.push(`${JSON.stringify(text)}: ${token.text}: ${found}`);
    words += 1;
    before = token.text;
  }
}

const texts = new Set();
for (const line of readFileSync(join(root, "crates/ottl-syntax/tests/reference.txt"), "utf8").split("\n")) {
  if (/^[SCV]\+ /.test(line)) texts.add(line.slice(3).replaceAll("\u2424", "\n").replaceAll("\u2409", "\t"));
}
const vectors = join(root, "tests/golden/vectors");
for (const name of readdirSync(vectors).filter((name) => name.endsWith(".jsonl"))) {
  for (const line of readFileSync(join(vectors, name), "utf8").split("\n").filter(Boolean)) {
    const { config, config_error: refused } = JSON.parse(line);
    if (refused || typeof config !== "string") continue;
    for (const [, quoted] of config.matchAll(/^\s*- '((?:[^'\n]|'')*)'\s*$/gm)) texts.add(quoted.replaceAll("''", "'"));
  }
}
// What glues words together that the language splits: the grammar colours what people write.
const glued = (text) => /[0-9][A-Za-z_]|[A-Za-z_] [A-Za-z_0-9]*\(|\b(?:nil|and|or|not|true|false)[A-Z]/.test(text.replace(/"(?:\\.|[^"\\])*"/g, '""').replace(/0x[0-9a-fA-F]+|[0-9.]+[eE][-+]?[0-9]+/g, "1").replace(/\b[A-Za-z_][A-Za-z0-9_]*/g, (name) => (/^(?:nil|and|or|not|true|false)[A-Z]/.test(name) ? name : "a")).replace(/\ba (?=a\()/g, ""));
const checked = [...texts].filter((text) => !glued(text));
checked.forEach(check);

// Rules in YAML, and what is none.
for (const [text, part, isRule] of [
  ["log_statements:\n  - set(log.body, 1) where true # why", "set", true],
  ["  - set(log.body, 1) where true # why", "where", true],
  ["  - set(log.body, 1) where true # why", "why", false],
  ["  - 'set(log.attributes[\"a\"], \"it''s\")'", "attributes", true],
  ['  - "set(log.attributes[\\"a\\"], 1) where IsString(log.body)"', "IsString", true],
  ["conditions: ['log.body == nil', 'IsMatch(log.body, \"x\")']", "IsMatch", true],
  ["      - |\n        set(log.body, 1)\n        where log.body == nil", "where", true],
  ["  - statement: route() where attributes[\"a\"] == 1", "route", true],
  ["image: registry.example.com/log.body:1", "log", false],
  ["# set(log.body, 1)", "set", false],
  ["command: echo(1)", "echo", false],
]) {
  const at = text.indexOf(part);
  const scope = [...scopesOf(inYaml, text)].find(({ start, end }) => start <= at && at < end)?.scopes ?? "";
  if (scope.includes("meta.embedded.inline.ottl") !== isRule) faults.push(`${JSON.stringify(text)}: ${part}: ${scope}`);
}

console.log(`${checked.length} of ${texts.size} texts, ${words} words, ${faults.length} faults`);
for (const fault of faults.slice(0, 20)) console.error(fault);
if (faults.length > 0 || checked.length < 1000) process.exit(1);
