// The interface of the module: options as objects, diagnostics and reports as values. `ottl.d.ts` says what everything is.
//
// Node, workers and pages use the same file; how the module's bytes are found is in `node.js` for Node, and `init` for the others.

import initBindings, * as bindings from "./bindings.js";
import { begin, put } from "./rest.js";

let ready = false;

/** A module, of what `init` takes. */
async function compiledOf(source) {
  if (source instanceof WebAssembly.Module) return source;
  const given = source instanceof URL || typeof source === "string" || source instanceof Request ? fetch(source) : source;
  const found = await given;
  if (!(found instanceof Response)) return WebAssembly.compile(found);
  if (!found.ok) throw new Error(`the server says ${found.status} for ${found.url}`);
  // Some servers do not name the module's type.
  return found.headers.get("content-type") === "application/wasm" ? WebAssembly.compileStreaming(found) : WebAssembly.compile(await found.arrayBuffer());
}

/** @type {typeof import("./ottl.js").init} */
export async function init(module, rest) {
  if (ready) return;
  const isLater = typeof rest === "function";
  const [first, second] = await Promise.all([
    compiledOf(module ?? new URL("./ottl.wasm", import.meta.url)),
    isLater ? undefined : compiledOf(rest ?? new URL("./rest.wasm", import.meta.url)),
  ]);
  begin(await initBindings({ module_or_path: first }), isLater ? rest : undefined);
  if (second) put(second);
  ready = true;
}

/** @type {typeof import("./ottl.js").initSync} */
export function initSync(module, rest) {
  if (ready) return;
  const isLater = typeof rest === "function";
  begin(bindings.initSync({ module }), isLater ? rest : undefined);
  if (!isLater) put(rest);
  ready = true;
}

/** @type {typeof import("./ottl.js").loadRest} */
export async function loadRest(rest) {
  put(await compiledOf(rest ?? new URL("./rest.wasm", import.meta.url)));
}

/** A message that was not transformed, and why. */
export class RunError extends Error {
  constructor(fault, report) {
    super(fault.message);
    this.name = "RunError";
    this.kind = fault.kind;
    this.statement = fault.statement ?? undefined;
    this.line = fault.line ?? undefined;
    this.column = fault.column ?? undefined;
    this.place = fault.place ?? undefined;
    if (fault.record) this.record = { message: fault.record[0], record: fault.record[1] };
    this.report = report;
  }
}

export function version() {
  return bindings.version();
}

export function dataSets() {
  return JSON.parse(bindings.dataSets());
}

export function loadData(name, bytes) {
  bindings.loadData(name, bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes);
}

/** Options that one call each sets. */
const SIMPLE = ["file", "processor", "target", "errorMode", "isolate", "expand", "pipeline", "configuration", "libraryContexts", "now"];

function compilerOf(options) {
  const compiler = new bindings.Compiler();
  try {
    for (const name of SIMPLE) {
      const values = options[name];
      for (const value of Array.isArray(values) ? values : [values]) {
        if (value !== undefined) compiler[name](value);
      }
    }
    for (const gate of options.withoutGates ?? []) compiler.withoutGate(gate);
    for (const [name, value] of Object.entries(options.variables ?? {})) compiler.variable(name, value);
  } catch (error) {
    compiler.free();
    throw error;
  }
  return compiler;
}

function compiled(text, options, how) {
  const compiler = compilerOf(options);
  const found = compiler[how](text);
  try {
    const rules = found.takeRules();
    return {
      rules: rules && new RuleSet(rules),
      diagnostics: JSON.parse(found.diagnostics()),
      missingData: JSON.parse(found.missingData()),
    };
  } finally {
    found.free();
    compiler.free();
  }
}

export function compile(text, options = {}) {
  return compiled(text, options, "compile");
}

export function check(text, options = {}) {
  const { diagnostics, missingData } = compiled(text, options, "check");
  return { diagnostics, missingData };
}

export async function compileWithData(text, fetchData, options = {}) {
  for (;;) {
    const result = compile(text, options);
    if (result.missingData.length === 0) return result;
    const files = new Map(dataSets().map((set) => [set.name, set.file]));
    for (const name of result.missingData) loadData(name, await fetchData(files.get(name), name));
  }
}

function bytesOf(message) {
  if (typeof message === "string") return new TextEncoder().encode(message);
  return message instanceof ArrayBuffer ? new Uint8Array(message) : message;
}

export class RuleSet {
  #rules;

  /** @hidden */
  constructor(rules) {
    this.#rules = rules;
  }

  get signals() {
    return JSON.parse(this.#rules.signals());
  }

  statements(signal) {
    return JSON.parse(this.#rules.statements(signal));
  }

  explain() {
    return this.#rules.explain();
  }

  metadata(key, value) {
    this.#rules.metadata(key, value);
  }

  run(message, options = {}) {
    const bytes = bytesOf(message);
    const run = this.#rules.run(bytes, options.signal, options.from, options.to);
    try {
      const report = JSON.parse(run.report);
      if (run.fault !== undefined) throw new RunError(JSON.parse(run.fault), report);
      const { status } = run;
      return { status, signal: run.signal, output: status === "dropped" ? undefined : (run.takeOutput() ?? bytes), report };
    } finally {
      run.free();
    }
  }

  compare(telemetry, options = {}) {
    return new Comparison(this.#rules.compare(telemetry[INNER], options.most ?? 100), telemetry);
  }

  trace(message, options = {}) {
    const { signal, from, records, statement, most } = options;
    const numbers = records && Uint32Array.from(records);
    const trace = JSON.parse(message instanceof Telemetry
      ? this.#rules.traceOf(message[INNER], options.message ?? 0, numbers, statement, most)
      : this.#rules.trace(bytesOf(message), signal, from, numbers, statement, most));
    const places = trace.statements.map(({ text }) => new Places(text));
    for (const step of trace.steps) {
      const turn = (part) => part && places[step.statement].turn(part);
      step.decided = turn(step.decided);
      for (const value of step.values) value.part = turn(value.part);
    }
    return trace;
  }

  free() {
    this.#rules.free();
  }

  [Symbol.dispose ?? Symbol.for("dispose")]() {
    this.free();
  }
}

/** What the module has of an object, for other objects of this file. */
const INNER = Symbol("inner");

export class Telemetry {
  constructor(file, options = {}) {
    this[INNER] = new bindings.Telemetry(bytesOf(file), options.signal);
  }

  get count() {
    return this[INNER].count;
  }

  get signals() {
    return JSON.parse(this[INNER].signals());
  }

  records(most = 1000) {
    return JSON.parse(this[INNER].records(most));
  }

  fields(message, record) {
    return JSON.parse(this[INNER].fields(message, record));
  }

  free() {
    this[INNER].free();
  }

  [Symbol.dispose ?? Symbol.for("dispose")]() {
    this.free();
  }
}

export class Comparison {
  #comparison;
  #telemetry;

  /** @hidden */
  constructor(comparison, telemetry) {
    this.#comparison = comparison;
    this.#telemetry = telemetry;
    Object.assign(this, JSON.parse(comparison.found()));
    this.report = JSON.parse(comparison.report);
    if (comparison.fault !== undefined) this.fault = new RunError(JSON.parse(comparison.fault), this.report);
  }

  output(message, to = "json") {
    return this.#comparison.output(this.#telemetry[INNER], message, to);
  }

  free() {
    this.#comparison.free();
  }

  [Symbol.dispose ?? Symbol.for("dispose")]() {
    this.free();
  }
}

/** Bytes of a text in UTF-8, which the module counts, and units of UTF-16, which JavaScript counts. */
class Places {
  /** The units in front of each byte; none where they are the same. */
  #units;
  #bytes;

  constructor(text) {
    const length = new TextEncoder().encode(text).length;
    if (length === text.length) return;
    this.#units = new Uint32Array(length + 1);
    this.#bytes = new Uint32Array(text.length + 1);
    let byte = 0;
    let unit = 0;
    for (const character of text) {
      const code = character.codePointAt(0);
      const bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
      this.#units.fill(unit, byte, byte + bytes);
      this.#bytes.fill(byte, unit, unit + character.length);
      byte += bytes;
      unit += character.length;
    }
    this.#units[byte] = unit;
    this.#bytes[unit] = byte;
  }

  byte(unit) {
    return this.#bytes ? this.#bytes[Math.min(unit, this.#bytes.length - 1)] : unit;
  }

  unit(byte) {
    return this.#units ? this.#units[Math.min(byte, this.#units.length - 1)] : byte;
  }

  /** The same with `start` and `end` in units. */
  turn(range) {
    return { ...range, start: this.unit(range.start), end: this.unit(range.end) };
  }
}

/** Members of answers that are ranges of the document. */
const RANGES = ["range", "diagnostic", "selection"];

export class Document {
  #document;
  #places;

  constructor(text, options = {}) {
    const compiler = compilerOf(options);
    try {
      this.#document = new bindings.Document(compiler, options.kind ?? "configuration", text);
    } finally {
      compiler.free();
    }
    this.#places = new Places(text);
  }

  setText(text) {
    this.#document.setText(text);
    this.#places = new Places(text);
  }

  addSample(message, signal) {
    this.#document.addSample(bytesOf(message), signal);
  }

  clearSamples() {
    this.#document.clearSamples();
  }

  /** An answer with places as JavaScript counts them. */
  #answer(json) {
    const turned = (value) => {
      if (Array.isArray(value)) return value.map(turned);
      if (value === null || typeof value !== "object") return value;
      for (const [name, member] of Object.entries(value)) {
        if (RANGES.includes(name)) value[name] = this.#places.turn(member);
        else if (name === "at") value[name] = this.#places.unit(member);
        else if (["fix", "edits", "children"].includes(name)) value[name] = turned(member);
      }
      return value;
    };
    return turned(JSON.parse(json));
  }

  diagnostics() {
    return this.#answer(this.#document.diagnostics());
  }

  complete(at) {
    return this.#answer(this.#document.complete(this.#places.byte(at)));
  }

  describe(at, label) {
    return this.#document.describe(this.#places.byte(at), label);
  }

  hover(at) {
    return this.#answer(this.#document.hover(this.#places.byte(at))) ?? undefined;
  }

  signature(at) {
    return JSON.parse(this.#document.signature(this.#places.byte(at))) ?? undefined;
  }

  actions(start, end = start) {
    return this.#answer(this.#document.actions(this.#places.byte(start), this.#places.byte(end)));
  }

  mend() {
    return this.#answer(this.#document.mend());
  }

  format(width) {
    return this.#answer(this.#document.format(width));
  }

  symbols() {
    return this.#answer(this.#document.symbols());
  }

  tokens() {
    return this.#answer(this.#document.tokens());
  }

  hints() {
    return this.#answer(this.#document.hints());
  }

  free() {
    this.#document.free();
  }

  [Symbol.dispose ?? Symbol.for("dispose")]() {
    this.free();
  }
}

export function convert(message, options) {
  return bindings.convert(bytesOf(message), options.to, options.signal, options.from);
}

export function fromPprof(file) {
  return bindings.fromPprof(bytesOf(file));
}

export function signalOf(message, wanted = []) {
  return bindings.signalOf(bytesOf(message), wanted);
}

export function* messages(file) {
  const reader = new bindings.Messages(bytesOf(file));
  try {
    for (let bytes = reader.next(); bytes !== undefined; bytes = reader.next()) yield { bytes, encoding: reader.encoding };
  } finally {
    reader.free();
  }
}
