// The engine beside the page, so that typing never waits for it.

import {
  type Comparison, Document, type RecordChange, type RuleSet, type Signal, Telemetry, compileWithData, convert, dataSets, init, loadData, loadRest, messages, signalOf,
} from "../../dist/ottl.js";
import charsets from "../../dist/data/charsets.txt?url";
import grok from "../../dist/data/grok.txt?url";
import locales from "../../dist/data/locales.txt?url";
import userAgents from "../../dist/data/user-agents.txt?url";
import zones from "../../dist/data/zones.bin?url";
import restUrl from "../../dist/rest.wasm?url";
import { compared, emptyAnswer } from "./answer";
import { authorsOf } from "./authors";
import { decode, layout, readJson } from "./layout";
import { layoutWithPlaces, plain } from "./places";
import type { Authors, Kind, Note, Requests, RunAnswer } from "./protocol";
import { withWrap } from "./wrap";

const FILES: Record<string, string> = { charsets, grok, locales, "user-agents": userAgents, zones };
/** Above this the JSON of the result is shown as it comes. */
const LAID_OUT = 2_000_000;
/** Steps that are asked for where no record tells which ones are meant. */
const MOST_STEPS = 2000;

async function fetchData(name: string): Promise<ArrayBuffer> {
  const response = await fetch(new URL(FILES[name], import.meta.url));
  if (!response.ok) throw new Error(`the data set ${name} cannot be loaded: ${response.status}`);
  return response.arrayBuffer();
}

/** The telemetry as it was told last. */
let told = "";

/** What editors ask about: rules, and the telemetry whose keys it knows. */
let opened: { text: string; document: Document; samples: string | undefined } | undefined;

function documentOf(text: string): Document {
  opened ??= { text, document: new Document(text), samples: undefined };
  if (opened.text !== text) {
    opened.document.setText(text);
    opened.text = text;
  }
  return opened.document;
}

/** The same, with the keys of the telemetry. */
function informedOf(text: string): Document {
  const document = documentOf(text);
  if (opened && opened.samples !== told) {
    opened.samples = told;
    document.clearSamples();
    try {
      for (const { bytes } of messages(told)) document.addSample(bytes);
    } catch {
      // Half-written telemetry gives the keys in front of its fault.
    }
  }
  return document;
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

/** The telemetry: while rules are written, it stays the same. */
let read: { text: string; telemetry: Telemetry; areRecordsKnown: boolean } | undefined;

/** What was run last, for what is asked about it. */
let last: { rules: RuleSet; telemetry: Telemetry; comparison: Comparison } | undefined;

function forgetLast() {
  last?.comparison.free();
  last = undefined;
}

function telemetryNow(): Telemetry {
  if (read?.text !== told) {
    forgetLast();
    read?.telemetry.free();
    read = undefined;
    read = { text: told, telemetry: new Telemetry(told), areRecordsKnown: false };
  }
  return read.telemetry;
}

async function run(text: string, most: number): Promise<RunAnswer> {
  forgetLast();
  const compiled = await rulesOf(text);
  if (!compiled) return emptyAnswer();
  try {
    const telemetry = telemetryNow();
    const { answer, comparison } = compared(compiled, telemetry, most, read?.areRecordsKnown ?? false);
    last = { rules: compiled, telemetry, comparison };
    if (read) read.areRecordsKnown = true;
    return answer;
  } catch (error) {
    return { ...emptyAnswer(), isCompiled: true, records: [], fault: { message: textOf(error) } };
  }
}

/** The statements that made some of the changes: of all messages, each is traced once. */
function authors(wanted: number[]): Authors[] {
  if (!last) return [];
  const { rules, telemetry, comparison: { changes } } = last;
  const asked = wanted.map((number) => changes[number]);
  const traces = new Map([...new Set(asked.map(({ message }) => message))].map((message) => {
    const own = asked.filter((change) => change.message === message);
    // What is written to a resource or scope was written by a statement that ran for it, or for one of its records.
    const isNear = (change: RecordChange) => change.message === message && own.some(({ record, place }) => record === null && change.place.startsWith(`${place}.`));
    const near = changes.filter(isNear).slice(0, 20);
    const records = [...own, ...near].flatMap(({ record }) => record ?? []);
    const areShared = own.some(({ kind }) => kind === "resource" || kind === "scope");
    const options = records.length > 0 && (near.length > 0 || !areShared) ? { records } : { most: MOST_STEPS };
    return [message, rules.trace(telemetry, { message, ...options })];
  }));
  return asked.map((change) => {
    const trace = traces.get(change.message);
    return trace ? authorsOf(trace, change) : { fields: [], dropped: [] };
  });
}

/** The line of what lies around a place. */
function lineAround(lines: Map<string, number>, place: string): number | undefined {
  for (let around = place; around !== ""; around = around.replace(/(\[("(?:[^"\\]|\\.)*"|[^\]]*)\]|\.?[^.[\]]+)$/, "")) {
    const line = lines.get(plain(around));
    if (line !== undefined) return line;
  }
  return undefined;
}

/** The messages that came out, laid out, and which statement changed which line. */
function annotated(): { after: string; notes: Note[] } {
  const notes: Note[] = [];
  if (!last) return { after: "", notes };
  const { comparison, telemetry } = last;
  const texts: string[] = [];
  let before = 0;
  for (let message = 0; message < telemetry.count; message++) {
    const bytes = comparison.output(message);
    if (!bytes) continue;
    let text: string;
    if (bytes.length > LAID_OUT) text = decode(bytes);
    else {
      const laid = layoutWithPlaces(readJson(decode(bytes)));
      text = laid.text;
      const own = comparison.changes.flatMap((change, number) => (change.message === message && change.after !== null ? number : []));
      const byLine = new Map<number, Note>();
      authors(own).forEach(({ fields }, which) => {
        const { after, kind, fields: changed } = comparison.changes[own[which]];
        const place = kind === "resource" || kind === "scope" ? `${after}.${kind}` : after;
        fields.forEach((by, field) => {
          const { path, after: now } = changed[field];
          const line = now === null ? lineAround(laid.lines, `${place}.${path}`) : laid.lines.get(plain(`${place}.${path}`));
          if (line === undefined || by.length === 0) return;
          const note = byLine.get(line) ?? { line: line + before, by: [], gone: [] };
          if (now === null) note.gone.push({ path, by });
          else note.by.push(...by.filter((statement) => !note.by.includes(statement)));
          byLine.set(line, note);
        });
      });
      notes.push(...[...byLine.values()].sort((a, b) => a.line - b.line));
    }
    before += text.split("\n").length;
    texts.push(text);
  }
  return { after: texts.join("\n"), notes };
}

/** A message as the engine writes it: where both texts of a diff are, they differ in nothing but what the rules did. */
function plainly(bytes: Uint8Array, signal: Signal): string {
  if (bytes.length > LAID_OUT) return decode(bytes);
  return layout(readJson(decode(convert(convert(bytes, { to: "protobuf", signal }), { to: "json", from: "protobuf", signal }))));
}

/** The messages before and after. */
function diff(): { before: string; after: string } {
  if (!last || !read) return { before: "", after: "" };
  const { comparison, telemetry } = last;
  const { signals } = telemetry;
  const before = [...messages(read.text)].map(({ bytes }, message) => plainly(bytes, signals[message]));
  const after = signals.flatMap((signal, message) => {
    const bytes = comparison.output(message);
    return bytes ? plainly(bytes, signal) : [];
  });
  return { before: before.join("\n"), after: after.join("\n") };
}

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
    return { diagnostics: withWrap(text, found.diagnostics()), tokens: found.tokens(), hints: found.hints() };
  },
  complete: ({ text, at }) => informedOf(text).complete(at),
  describe: ({ text, at, label }) => informedOf(text).describe(at, label),
  hover: ({ text, at }) => documentOf(text).hover(at),
  signature: ({ text, at }) => documentOf(text).signature(at),
  format: ({ text }) => documentOf(text).format(),
  run: ({ text, most }) => run(text, most),
  // The page asks again when the second part is there: the first answers do not wait for it.
  authors: ({ changes }) => (isWhole ? authors(changes) : []),
  diff,
  annotated,
  outputs({ to }) {
    if (!last) return [];
    const { telemetry, comparison } = last;
    const signals = telemetry.signals;
    return signals.map((signal, message) => ({ signal, bytes: comparison.output(message, to) }));
  },
  async trace({ text, message, record }) {
    const compiled = await rulesOf(text);
    const from = telemetryNow();
    return compiled && { trace: compiled.trace(from, { message, records: [record] }), fields: from.fields(message, record) };
  },
  open({ bytes, wanted, signal }) {
    const found = [...messages(bytes)];
    // A file is of one signal, as a rule, and not every message of it tells.
    let told = signal;
    if (!told) {
      for (const { bytes, encoding } of found) if (encoding === "protobuf") told ??= signalOf(bytes, wanted);
      if (wanted.length === 1) told ??= wanted[0];
    }
    const texts: string[] = [];
    for (const { bytes, encoding } of found) {
      const own = encoding === "protobuf" ? (signal ?? signalOf(bytes, wanted) ?? told) : undefined;
      if (encoding === "protobuf" && !own) return undefined;
      const text = decode(own ? convert(bytes, { to: "json", signal: own }) : bytes);
      texts.push(bytes.length > LAID_OUT ? text : layout(readJson(text)));
    }
    return texts.join("\n");
  },
};

/** The module's second part comes behind the first answer, when the page has shown it. */
const REST_AFTER = 150;
let isRestAsked = false;
let isWhole = false;

function askForRest() {
  if (isRestAsked) return;
  isRestAsked = true;
  const load = async () => {
    await loadRest(new URL(restUrl, import.meta.url));
    isWhole = true;
    postMessage({ whole: true });
  };
  // Without a network it is asked for once more by what needs it.
  setTimeout(() => void load().catch(() => undefined), REST_AFTER);
}

/** A call that did not end leaves its module as it was in the middle of it. */
let isBroken = false;

/** The second part for a call that cannot go on without it. */
function restNow(): ArrayBuffer {
  try {
    const request = new XMLHttpRequest();
    request.open("GET", new URL(restUrl, import.meta.url), false);
    request.responseType = "arraybuffer";
    request.send();
    if (request.status !== 200) throw new Error(`the server says ${request.status}`);
    return request.response;
  } catch (error) {
    isBroken = true;
    throw new Error(`a part of the engine cannot be loaded: ${textOf(error)}`);
  }
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

let ready: Promise<void> | undefined;

interface Told {
  id: number;
  module?: WebAssembly.Module;
  kind?: Kind;
  ask?: never;
  telemetry?: string;
}

onmessage = async ({ data }: MessageEvent<Told>) => {
  if (data.module) {
    ready = init(data.module, restNow);
    return;
  }
  if (data.telemetry !== undefined) told = data.telemetry;
  try {
    await ready;
    const handler = handlers[data.kind as Kind] as (ask: never) => unknown;
    postMessage({ id: data.id, answer: await handler(data.ask as never) });
    askForRest();
  } catch (error) {
    postMessage({ id: data.id, error: textOf(error), isBroken: isBroken || error instanceof WebAssembly.RuntimeError });
  }
};
postMessage({ begun: true });
