// The engine beside the page, so that typing never waits for it.

import { Document, RunError, type RuleSet, compileWithData, convert, dataSets, init, loadData, messages } from "../../dist/ottl.js";
import charsets from "../../dist/data/charsets.txt?url";
import grok from "../../dist/data/grok.txt?url";
import locales from "../../dist/data/locales.txt?url";
import userAgents from "../../dist/data/user-agents.txt?url";
import zones from "../../dist/data/zones.bin?url";
import { isField } from "./authors";
import { type FieldChange, type RecordChange, changesOf } from "./diff";
import { layout, readJson } from "./layout";
import type { Kind, RecordName, Requests, RunAnswer } from "./protocol";
import { type Group, labelOf, recordsOf } from "./records";

const FILES: Record<string, string> = { charsets, grok, locales, "user-agents": userAgents, zones };
const MOST_CHANGES = 100;
/** Above this the JSON of the result is shown as it comes. */
const LAID_OUT = 2_000_000;

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

async function fetchData(name: string): Promise<ArrayBuffer> {
  const response = await fetch(new URL(FILES[name], import.meta.url));
  if (!response.ok) throw new Error(`the data set ${name} cannot be loaded: ${response.status}`);
  return response.arrayBuffer();
}

let opened: { text: string; document: Document } | undefined;
let samples = "";

function documentOf(text: string): Document {
  if (opened === undefined) {
    opened = { text, document: new Document(text) };
    addSamples();
  } else if (opened.text !== text) {
    opened.document.setText(text);
    opened.text = text;
  }
  return opened.document;
}

function addSamples() {
  opened?.document.clearSamples();
  try {
    for (const { bytes } of messages(samples)) opened?.document.addSample(bytes);
  } catch {
    // Half-written telemetry gives the keys in front of its fault.
  }
}

let rules: { text: string; rules: RuleSet | undefined } | undefined;

async function rulesOf(text: string): Promise<RuleSet | undefined> {
  if (rules?.text !== text) {
    rules?.rules?.free();
    rules = undefined;
    const compiled = await compileWithData(text, (_file, name) => fetchData(name));
    rules = { text, rules: compiled.rules };
  }
  return rules.rules;
}

function namesOf(groups: Group[], message: number): RecordName[] {
  return groups.flatMap((group) => [
    ...namesOf(group.groups, message),
    ...group.records.map((item) => ({ message, record: item.record ?? 0, label: labelOf(item), kind: item.kind })),
  ]);
}

/** The statements that changed each field of the changes of one message. */
function authorsOf(compiled: RuleSet, bytes: Uint8Array, changes: RecordChange[]): FieldChange["by"][][] {
  const isOfRecords = changes.every(({ record }) => record !== undefined);
  const trace = compiled.trace(bytes, isOfRecords ? { records: changes.flatMap(({ record }) => record ?? []) } : {});
  const steps = trace.steps.filter(({ changes }) => changes.length > 0);
  return changes.map(({ kind, place, record, fields }) => {
    const isShared = kind === "resource" || kind === "scope";
    const own = steps.filter((step) => (isShared ? step.place.startsWith(place) : step.record === record));
    return fields.map((field) => {
      const by = own.filter((step) => step.changes.some(({ path }) => isField(path, field.path, isShared ? kind : undefined)));
      return [...new Set(by.map(({ statement }) => statement))].map((number) => trace.statements[number]);
    });
  });
}

interface Message {
  bytes: Uint8Array;
  value: unknown;
}

/** The messages of the telemetry: while rules are written, they stay the same. */
let read: { telemetry: string; messages: Message[]; records: RecordName[] } | undefined;

/** What was run last, for what is asked about it. */
let last: { rules: RuleSet; inputs: Message[]; outputs: Message[]; changes: RecordChange[] } | undefined;

function readTelemetry(telemetry: string, compiled: RuleSet) {
  if (read?.telemetry === telemetry) return read;
  const found: Message[] = [];
  for (const { bytes } of messages(telemetry)) {
    try {
      found.push({ bytes, value: readJson(decode(bytes)) });
    } catch (error) {
      // The engine says better than the browser what is wrong with a message.
      compiled.run(bytes);
      throw error;
    }
  }
  const records = found.flatMap(({ value }, message) => namesOf(recordsOf(value), message));
  read = { telemetry, messages: found, records };
  return read;
}

async function run(text: string, telemetry: string): Promise<RunAnswer> {
  const answer: RunAnswer = {
    isCompiled: false, records: [], changes: [], moreChanges: 0,
    counts: { changed: 0, dropped: 0, added: 0, records: 0, shared: 0 }, reports: [], milliseconds: 0,
  };
  const compiled = await rulesOf(text);
  answer.isCompiled = compiled !== undefined;
  if (!compiled) return answer;
  last = undefined;
  const outputs: Message[] = [];
  try {
    const { messages: inputs, records } = readTelemetry(telemetry, compiled);
    answer.records = records;
    for (const [message, { bytes, value }] of inputs.entries()) {
      const start = performance.now();
      const result = compiled.run(bytes, { to: "json" });
      answer.milliseconds += performance.now() - start;
      answer.reports.push(result.report);
      const after = result.status === "unchanged" ? value : result.output ? readJson(decode(result.output)) : {};
      if (result.output) outputs.push({ bytes: result.output, value: after });
      if (result.status !== "unchanged") answer.changes.push(...changesOf(value, after, message));
    }
    last = { rules: compiled, inputs, outputs, changes: answer.changes.slice(0, MOST_CHANGES) };
  } catch (error) {
    if (error instanceof RunError) answer.reports.push(error.report);
    const { line, place } = error as RunError;
    answer.fault = { message: error instanceof Error ? error.message : String(error), line, place };
  }
  answer.counts.records = answer.records.length;
  for (const change of answer.changes) {
    answer.counts[change.kind === "resource" || change.kind === "scope" ? "shared" : change.what]++;
  }
  answer.moreChanges = Math.max(0, answer.changes.length - MOST_CHANGES);
  answer.changes.length = Math.min(answer.changes.length, MOST_CHANGES);
  return answer;
}

const layoutOf = ({ bytes, value }: Message) => (bytes.length > LAID_OUT ? decode(bytes) : layout(value));

const handlers: { [K in Kind]: (ask: Requests[K]["ask"]) => Promise<Requests[K]["answer"]> | Requests[K]["answer"] } = {
  async check({ text }) {
    const found = documentOf(text);
    for (;;) {
      const missing = new Set(found.diagnostics().flatMap(({ data }) => data ?? []));
      if (missing.size === 0) break;
      const loaded = new Set(dataSets().filter((set) => set.loaded).map(({ name }) => name));
      try {
        for (const name of missing) if (!loaded.has(name)) loadData(name, await fetchData(name));
      } catch {
        // The diagnostic says which data set is missing.
        break;
      }
      found.setText(text);
    }
    return { diagnostics: found.diagnostics(), tokens: found.tokens(), hints: found.hints() };
  },
  samples({ telemetry }) {
    samples = telemetry;
    addSamples();
    return null;
  },
  complete: ({ text, at }) => documentOf(text).complete(at),
  describe: ({ text, at, label }) => documentOf(text).describe(at, label),
  hover: ({ text, at }) => documentOf(text).hover(at),
  signature: ({ text, at }) => documentOf(text).signature(at),
  format: ({ text }) => documentOf(text).format(),
  run: ({ text, telemetry }) => run(text, telemetry),
  authors() {
    const { rules, inputs, changes } = last ?? { rules: undefined, inputs: [], changes: [] };
    return inputs.flatMap(({ bytes }, message) => {
      const own = changes.filter((change) => change.message === message);
      return rules && own.length > 0 ? authorsOf(rules, bytes, own) : [];
    });
  },
  texts: () => ({
    before: (last?.inputs ?? []).map(layoutOf).join("\n"),
    after: (last?.outputs ?? []).map(layoutOf).join("\n"),
  }),
  async trace({ text, telemetry, message, record }) {
    const compiled = await rulesOf(text);
    let number = 0;
    for (const { bytes } of messages(telemetry)) if (number++ === message) return compiled?.trace(bytes, { records: [record] });
    return undefined;
  },
  open({ bytes }) {
    const texts = [...messages(bytes)].map(({ bytes, encoding }) => {
      if (encoding === "protobuf") return layout(readJson(decode(convert(bytes, { to: "json" }))));
      return layoutOf({ bytes, value: readJson(decode(bytes)) });
    });
    return texts.join("\n");
  },
};

let ready: Promise<void> | undefined;

onmessage = async ({ data }: MessageEvent<{ id: number; module?: WebAssembly.Module; kind?: Kind; ask?: never }>) => {
  if (data.module) {
    ready = init(data.module);
    return;
  }
  try {
    await ready;
    const handler = handlers[data.kind as Kind] as (ask: never) => unknown;
    postMessage({ id: data.id, answer: await handler(data.ask as never) });
  } catch (error) {
    postMessage({ id: data.id, error: error instanceof Error ? error.message : String(error) });
  }
};
