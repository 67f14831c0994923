// All golden vectors through the module: what the reference recorded has to come out, as `tests/golden/README.md` says.
//
// Left out are vectors of whole Collector configurations with variables, which differ in nothing that the module does, and the few that
// `tests/golden/different.json` lists.

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { RunError, compile, convert, loadAllData } from "../dist/node.js";
import { same } from "./same.js";

const golden = new URL("../../tests/golden/", import.meta.url);
const samples = new URL("../../tests/samples/", import.meta.url);
const read = (folder, name) => readFileSync(new URL(name, folder));

/** When the reference was asked: see `ASKED` in tests/src/golden.rs. */
const ASKED = 1_795_392_000_000_000_000n;

/** Vectors that are not answered as recorded: those of every engine, and below those of which this module, or JSON, is the reason. */
const KNOWN = new Set(Object.values(JSON.parse(read(golden, "different.json"))).flat());
// Lists of which some elements are packed and some are not: the reference forgets what comes before the packed ones, JSON has them all.
for (let number = 4; number < 90; number += 10) KNOWN.add(`wire/metrics/${number}`);
for (let number = 0; number < 17; number += 4) KNOWN.add(`profilesample/wire/${number}`).add(`profilesample/wire/${number + 1}`);
// Attributes that the reference leaves behind in lists and tables: `references::trim` in tests/src takes them out, which JSON cannot.
for (const number of [0, 1, 3, 4, 6, 7]) KNOWN.add(`forms/profile_groups/${number}`);
for (const id of ["forms/profile_filters/0", "forms/profile_filters/1", "forms/profile_parents/0", "forms/profile_parents/1"]) KNOWN.add(id);
KNOWN.add("bodies/cpu_profiles/0");

/** Names of contexts: the reference inserts those that were left out, in the texts of statements. */
const CONTEXTS = /\b(?:otelcol|resource|scope|instrumentation_scope|spanevent|span|metric|datapoint|exemplar|log|profilesample|profile)\./g;
const bare = (statement) => statement.replaceAll(CONTEXTS, "");

loadAllData();

function message(vector) {
  if (vector.input_pb !== undefined) return [Buffer.from(vector.input_pb, "base64"), "protobuf"];
  if (vector.input_file !== undefined) {
    return [read(samples, vector.input_file), vector.input_file.endsWith(".json") ? "json" : "protobuf"];
  }
  return vector.input === undefined ? [new Uint8Array(), "protobuf"] : [read(golden, `inputs/${vector.input}.json`), "json"];
}

/** The statements that failed, as often as they did. Their order is not in the report. */
function failures(report) {
  return report.statements.flatMap((row) => Array(row.failed).fill(bare(row.statement))).sort();
}

/** Why one message of a vector did not come out as recorded; nothing if it did. */
function judge(rules, text, vector, [bytes, from], answer) {
  const { signal } = vector;
  let protobuf, result;
  try {
    protobuf = from === "json" ? convert(bytes, { to: "protobuf", signal, from }) : bytes;
    result = rules.run(protobuf, { signal, from: "protobuf", to: "protobuf" });
  } catch (error) {
    if (answer.error) return undefined;
    return `failed: ${error.message}`;
  }
  if (answer.error) {
    try {
      // Bytes that nobody reads may be damaged.
      convert(protobuf, { to: "json", signal, from: "protobuf" });
    } catch {
      return undefined;
    }
    // Nor are values refused here that nest deeper than the reference reads.
    return /recursion depth|nesting/.test(answer.error) ? undefined : `did not fail, but: ${answer.error}`;
  }
  if (answer.failed) {
    const [got, want] = [failures(result.report), answer.failed.map(bare).sort()];
    // What fails silently is counted, but was not recorded.
    const isSilent = text.includes("silent");
    if (isSilent ? !want.every((text) => got.includes(text)) : got.join("\n") !== want.join("\n")) return `failed ${JSON.stringify(got)}, not ${JSON.stringify(want)}`;
  }
  if ((result.status === "dropped") !== Boolean(answer.dropped)) return answer.dropped ? "not dropped" : "dropped";
  if (answer.dropped) return undefined;
  let expected;
  if (answer.unchanged) expected = protobuf;
  else if (answer.output) expected = convert(JSON.stringify(answer.output), { to: "protobuf", signal, from: "json" });
  else expected = Buffer.from(answer.output_pb ?? "", "base64");
  return same(signal, expected, result.output, vector.unordered === true);
}

function run(vector) {
  const text = vector.config ?? read(samples, `rules/${vector.config_file}`).toString();
  const { rules, diagnostics } = compile(text, {
    processor: vector.processor === "filter" ? "filter" : "transform",
    libraryContexts: vector.processor === "library",
    target: vector.target,
    withoutGates: vector.without,
    // Identifiers in the order of time need a clock that goes on.
    now: text.includes("UUIDv7") ? undefined : ASKED,
  });
  if (vector.config_error !== undefined) return rules ? `accepted, but: ${vector.config_error}` : undefined;
  if (!rules) return `rejected: ${diagnostics.find((found) => found.severity === "error").message}`;
  try {
    for (const [key, values] of Object.entries(vector.metadata ?? {})) values.forEach((value) => rules.metadata(key, value));
    if (vector.inputs === undefined) return judge(rules, text, vector, message(vector), { failed: [], ...vector });
    for (const [idx, name] of vector.inputs.entries()) {
      const [output, error] = [vector.outputs[idx], vector.errors?.[idx] ?? ""];
      const answer = { output: output ?? undefined, error, dropped: error === "" && output === null };
      const found = judge(rules, text, vector, [read(golden, `inputs/${name}.json`), "json"], answer);
      if (found) return `${name}: ${found}`;
    }
    return undefined;
  } finally {
    rules.free();
  }
}

const only = process.env.GOLDEN ?? "";
assert.ok(existsSync(golden), "the corpus is part of the checkout");
for (const file of readdirSync(new URL("vectors/", golden)).sort()) {
  const family = file.replace(".jsonl", "");
  if (!only.startsWith(family) && only !== "") continue;
  test(`vectors of ${family}`, () => {
    const different = [];
    let count = 0;
    for (const line of read(golden, `vectors/${file}`).toString().trimEnd().split("\n").slice(1)) {
      const vector = JSON.parse(line);
      if (vector.processor === undefined || KNOWN.has(vector.id) || !vector.id.includes(only)) continue;
      count += 1;
      let found;
      try {
        found = run(vector);
      } catch (error) {
        found = error instanceof RunError ? error.message : error.stack;
      }
      if (found) different.push(`${vector.id}: ${found}`);
    }
    assert.deepEqual(different.slice(0, 20), [], `${different.length} of ${count} vectors differ`);
    console.log(`${family}: ${count} as recorded`);
  });
}
