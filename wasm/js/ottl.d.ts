/** Compile OTTL rules and run them over OTLP messages. */

/** What the module's bytes come from: a URL or response to fetch, bytes, or a module that was compiled. */
export type ModuleSource = URL | string | Request | Response | BufferSource | WebAssembly.Module | Promise<Response>;

/** The second part of the module, for who cannot wait for it. */
export type RestNow = () => BufferSource | WebAssembly.Module;

/**
 * Makes everything else usable. The module has two parts: what most rules need, and the rest. By default `ottl.wasm` and `rest.wasm` are fetched from
 * beside this file. With a function in place of the second one it is not waited for: the function is called when a call needs it, unless
 * {@link loadRest} was faster.
 */
export function init(module?: ModuleSource, rest?: ModuleSource | RestNow): Promise<void>;

/** The same with bytes that are there, or compiled modules. */
export function initSync(module: BufferSource | WebAssembly.Module, rest: BufferSource | WebAssembly.Module | RestNow): void;

/** Loads the second part after an `init` that did not wait for it. */
export function loadRest(rest?: ModuleSource): Promise<void>;

/** The version of the library. */
export function version(): string;

export type Signal = "traces" | "metrics" | "logs" | "profiles";
export type Encoding = "json" | "json-pretty" | "protobuf";
export type DataSetName = "charsets" | "grok" | "locales" | "user-agents" | "zones";

/** A table that some functions cannot do without; it is a file of this package, to be loaded when rules need it. */
export interface DataSet {
  name: DataSetName;
  /** The name of its file in the folder `data`. */
  file: string;
  /** What it holds. */
  about: string;
  loaded: boolean;
}

/** All data sets. */
export function dataSets(): DataSet[];

/** Takes the bytes of a data set's file. Throws where they are not those that this version was made with. */
export function loadData(name: DataSetName, bytes: Uint8Array | ArrayBuffer): void;

export interface CompileOptions {
  /** The name of the file in diagnostics; default `rules.yaml`. */
  file?: string;
  /** The processor whose body the text is, where its keys do not tell. */
  processor?: "transform" | "filter";
  /** The version of the reference that the rules are for; default the newest. */
  target?: string;
  /** Gates of the reference that are off. */
  withoutGates?: string[];
  /** The error mode of processors that configure none; default `ignore`. */
  errorMode?: "ignore" | "silent" | "propagate";
  /** Whether each record's writes to what it shares stay its own; default false. */
  isolate?: boolean;
  /** Whether `${env:NAME}` and `$$` in a processor's body are expanded. */
  expand?: boolean;
  /** The values of environment variables. */
  variables?: Record<string, string>;
  /** The pipelines of a Collector's configuration that run, where a signal has several. */
  pipeline?: string | string[];
  /** The configuration of a file that holds several. */
  configuration?: string;
  /** Whether statements may run in contexts that no processor of the Collector takes. */
  libraryContexts?: boolean;
  /** The time that `Now` gives, in nanoseconds since 1970, in place of the clock's. */
  now?: bigint;
}

/** What is wrong with rules. Ranges are in bytes of the text as UTF-8; lines and columns count from 1, columns in characters. */
export interface Diagnostic {
  file: string;
  /** For instance `E0201`. */
  code: string;
  /** For instance `unknown-function`. */
  name: string;
  severity: "error" | "warning" | "hint";
  /** Whether the reference takes this and only this implementation does not. */
  unsupported: boolean;
  range: { start: number; end: number };
  line: number;
  column: number;
  end_line: number;
  end_column: number;
  message: string;
  label: string | null;
  help: string | null;
  /** A replacement of a range that mends it. */
  fix: { range: { start: number; end: number }; replacement: string } | null;
  /** The data set that is missing, if that is the fault. */
  data?: DataSetName;
  /** A link to the page of the code, or the command that prints it. */
  page: string;
}

export interface Checked {
  diagnostics: Diagnostic[];
  /** The data sets that calls need and that were not loaded: load them and compile again. */
  missingData: DataSetName[];
}

export interface Compiled extends Checked {
  /** The rules, if there is no error. */
  rules?: RuleSet;
}

/** Compiles the body of a transform or filter processor, or a Collector's configuration; the keys tell which. */
export function compile(text: string, options?: CompileOptions): Compiled;

/** Only what is wrong with it. Unlike `compile` it does not need to know which of several pipelines shall run. */
export function check(text: string, options?: CompileOptions): Checked;

/** Compiles, and loads the data sets that are missing: `fetchData` is asked for the bytes of a file of the folder `data`. */
export function compileWithData(
  text: string,
  fetchData: (file: string, name: DataSetName) => Promise<Uint8Array | ArrayBuffer> | Uint8Array | ArrayBuffer,
  options?: CompileOptions,
): Promise<Compiled>;

export interface RunOptions {
  /** The message's signal. JSON tells it; protobuf does not. */
  signal?: Signal;
  /** How the message is encoded; its bytes tell. */
  from?: Encoding;
  /** How the result shall be encoded; default as the message. */
  to?: Encoding;
}

/** What a statement or condition did. */
export interface StatementReport {
  signal: Signal;
  processor: string;
  statement: string;
  file: string;
  line: number;
  column: number;
  evaluated: number;
  matched: number;
  changed: number;
  failed: number;
  conflicting: number;
  first_error: string | null;
  errors: { error: string; [member: string]: unknown }[];
}

export interface Report {
  messages: number;
  failed_messages: number;
  dropped: { messages: number; spans: number; data_points: number; log_records: number; samples: number };
  conflicting_writes: number;
  statements: StatementReport[];
}

export interface RunResult {
  status: "unchanged" | "changed" | "dropped";
  signal: Signal;
  /** The message after the rules; the one that came in where nothing changed; none where it was dropped. */
  output?: Uint8Array;
  report: Report;
}

/** A message that was not transformed: it is damaged, passed a limit, or a statement failed under `propagate`. */
export class RunError extends Error {
  kind: "damaged" | "statement" | "limit" | "other";
  statement?: string;
  line?: number;
  column?: number;
  /** The record, such as `resourceLogs[0].scopeLogs[0].logRecords[0]`. */
  place?: string;
  /** The same as numbers of the message and of the record in it, where telemetry was compared. */
  record?: { message: number; record: number };
  report: Report;
}

/** Compiled rules. They hold memory of the module until `free` is called or they are collected. */
export class RuleSet {
  private constructor();
  /** The signals that have rules. */
  readonly signals: Signal[];
  /** The statements and conditions that messages of a signal meet. */
  statements(signal: Signal): TracedStatement[];
  /** What the engine made of the rules, as text for people. */
  explain(): string;
  /** Adds a value of the calling client's metadata, for `otelcol.client.metadata`. */
  metadata(key: string, value: string): void;
  /** Runs the rules over one OTLP message. Throws `RunError`. */
  run(message: Uint8Array | ArrayBuffer | string, options?: RunOptions): RunResult;
  /** Runs the rules over telemetry, and tells what became of each record. A message that fails ends it, and is its `fault`. */
  compare(telemetry: Telemetry, options?: { /** Changes that are listed; default 100. */ most?: number }): Comparison;
  /** What each statement did with each record of a message, and why. It takes about a hundred times as long as `run`. */
  trace(message: Uint8Array | ArrayBuffer | string, options?: TraceOptions): Trace;
  /** The same for a message of telemetry; its signal and encoding are known. */
  trace(telemetry: Telemetry, options?: TraceOptions & { /** The message's number; default 0. */ message?: number }): Trace;
  free(): void;
}

/** Telemetry that rules are tried on again and again: it is read once. It holds memory of the module until `free` is called. */
export class Telemetry {
  /** Reads what `messages` reads. Protobuf needs the signal. Throws where it is damaged. */
  constructor(file: Uint8Array | ArrayBuffer | string, options?: { signal?: Signal });
  /** How many messages there are. */
  readonly count: number;
  /** The signal of each message. */
  readonly signals: Signal[];
  /** How many records there are, and the names of the first ones; default 1 000. */
  records(most?: number): { count: number; records: RecordName[] };
  /** All values of a resource, its scope and the record in it, by their paths, as traces write them. */
  fields(message: number, record: number): { level: string; fields: [path: string, value: string][] }[];
  free(): void;
}

/** A record: the message and its number in it, both from 0. */
export interface RecordName {
  message: number;
  record: number;
  /** `log record`, `span`, `metric` or `profile`. */
  kind: string;
  /** A line that tells it from others. */
  label: string;
}

/** What rules did to telemetry. It holds memory of the module until `free` is called. */
export class Comparison {
  private constructor();
  /** `records` are log records, spans, data points (a metric without any is one) and profiles; `shared` are resources, scopes and metrics that changed. */
  readonly counts: { records: number; changed: number; dropped: number; added: number; shared: number };
  /** The first of what changed, in the order of the messages that came in. */
  readonly changes: RecordChange[];
  /** Changes behind the last one of the list. */
  readonly more: number;
  /** What all statements did over all messages. */
  readonly report: Report;
  /** Why a message failed; what is behind it did not run. */
  readonly fault?: RunError;
  /** What became of a message, by default as JSON; nothing if it was dropped. */
  output(message: number, to?: Encoding): Uint8Array | undefined;
  free(): void;
}

/** What became of a record, or of a resource, scope or metric, which records share. */
export interface RecordChange {
  /** `resource`, `scope`, `metric`, or what the record is called: `log record`, `span`, `data point`, `profile`. */
  kind: string;
  label: string;
  message: number;
  /** The record's number in its message, as traces take it: of a data point, that of its metric; none for resources, scopes and what rules made. */
  record: number | null;
  what: "changed" | "dropped" | "added";
  /** The place in the message that came in, such as `resourceLogs[0].scopeLogs[0].logRecords[0]`; of what is new, in the one that comes out. */
  place: string;
  /** The place in the message that comes out. */
  after: string | null;
  /** What is different in it, with the names of OTLP; values as JSON, none where there was or is none. */
  fields: { path: string; before: string | null; after: string | null }[];
}

export interface TraceOptions {
  /** The message's signal. JSON tells it; protobuf does not. */
  signal?: Signal;
  /** How the message is encoded; its bytes tell. */
  from?: Encoding;
  /** The records by their numbers in the message from 0; all by default. */
  records?: number[];
  /** The number of the statement among those of the trace; all by default. */
  statement?: number;
  /** At most so many steps are kept; default 10 000. */
  most?: number;
}

export interface Trace {
  /** The statements and conditions that messages of the signal meet, in their order. */
  statements: TracedStatement[];
  /** What they did, in the order in which it happened. */
  steps: TraceStep[];
  /** Whether there was more than the options let through. */
  is_cut: boolean;
  /** How many records the message has. */
  records: number;
  /** The error that ended the run, if one did. */
  error: string | null;
}

/** A statement or condition, and where it stands. */
export interface TracedStatement {
  processor: string;
  text: string;
  /** Its file, in traces. */
  file?: string;
  line: number;
  column: number;
}

/** A part of the text of a statement, whose places are indexes of the string. */
export interface TextPart {
  text: string;
  start: number;
  end: number;
}

export interface TraceStep {
  /** The number of the statement. */
  statement: number;
  /** The record's number; none for resources, scopes, and what statements made. */
  record: number | null;
  /** The record as a path into the message, such as `resourceLogs[0].scopeLogs[0].logRecords[0]`. */
  place: string;
  result: "not_matched" | "dropped" | "held" | "changed" | "unchanged" | "failed";
  error: string | null;
  /** The operand that decided whether the condition holds; none where all did. */
  decided: TextPart | null;
  /** The values of expressions, outer ones first; as JSON, or as OTTL writes them. */
  values: { part: TextPart; depth: number; value: string | null; type: string | null; error: string | null }[];
  /** Values that were left out, since there are too many. */
  more_values: number;
  /** What was written; values as JSON, none where there was or is none. */
  changes: { path: string; before: string | null; after: string | null }[];
}

/** A range of a document: indexes of its string. */
export interface TextRange {
  start: number;
  end: number;
}

export interface TextEdit {
  range: TextRange;
  replacement: string;
}

export interface Completion {
  label: string;
  kind: "editor" | "converter" | "path" | "variable" | "enum" | "key" | "argument" | "keyword" | "configuration" | "snippet";
  /** Its signature, type or value, in a few words. */
  detail: string;
  /** What it takes the place of. */
  range: TextRange;
  /** What is written there. */
  insert: string;
  /** The same with places to fill in (`${1:name}`, `$0`), where there are some. */
  snippet: string | null;
}

export interface Hover {
  range: TextRange;
  /** The text, in Markdown. */
  markdown: string;
  /** The codes of the diagnostics there. */
  codes: string[];
}

export interface SignatureHelp {
  /** The signature as it is shown: `limit(target, limit, priority_keys)`. */
  label: string;
  summary: string;
  parameters: { name: string; label: TextRange; takes: string; optional: boolean; given: boolean; doc: string }[];
  /** The number of the parameter that the place is for; none behind the last one. */
  active: number | null;
}

export interface Action {
  title: string;
  /** The diagnostic that it is for, and its place. */
  code: string;
  diagnostic: TextRange;
  /** Whether it is a fix, and not a comment that allows the warning. */
  is_fix: boolean;
  edits: TextEdit[];
}

export interface DocumentSymbol {
  name: string;
  detail: string;
  kind: string;
  range: TextRange;
  selection: TextRange;
  children: DocumentSymbol[];
}

export interface SemanticToken {
  range: TextRange;
  type:
    | "keyword" | "function" | "method" | "namespace" | "property" | "parameter" | "enum-member" | "string" | "number" | "operator";
}

export interface DocumentOptions extends CompileOptions {
  /** YAML, with the processor where its keys do not tell it, or `rules`: statements and conditions alone, one a line. */
  kind?: "configuration" | "transform" | "filter" | "rules";
}

/**
 * A text that is being written, and everything that editors ask about it. Unlike those of `compile`, its ranges are indexes of
 * the string. It holds memory of the module until `free` is called.
 */
export class Document {
  constructor(text: string, options?: DocumentOptions);
  setText(text: string): void;
  /** Tells what telemetry looks like: keys of attributes are completed. */
  addSample(message: Uint8Array | ArrayBuffer | string, signal?: Signal): void;
  clearSamples(): void;
  diagnostics(): Diagnostic[];
  /** What may be written at a place. */
  complete(at: number): Completion[];
  /** What there is to say about one of these, in Markdown. */
  describe(at: number, label: string): string | undefined;
  hover(at: number): Hover | undefined;
  /** The call that a place is in. */
  signature(at: number): SignatureHelp | undefined;
  /** What is offered for the diagnostics that touch a range. */
  actions(start: number, end?: number): Action[];
  /** The edits that apply all fixes. */
  mend(): TextEdit[];
  /** The edits that put the rules into the standard form, with long ones in lines of a width. Throws where the text stays as it is. */
  format(width?: number): TextEdit[];
  symbols(): DocumentSymbol[];
  /** The words of all rules, for colours. */
  tokens(): SemanticToken[];
  /** Remarks on contexts and how often statements run, in front of `at`. */
  hints(): { at: number; label: string; tooltip: string }[];
  free(): void;
}

/** A message in another encoding. */
export function convert(
  message: Uint8Array | ArrayBuffer | string,
  options: { to: Encoding; signal?: Signal; from?: Encoding },
): Uint8Array;

/** A profile of pprof, compressed or not, as an OTLP message in protobuf. */
export function fromPprof(file: Uint8Array | ArrayBuffer): Uint8Array;

/**
 * The signal of a message: JSON names it, protobuf is told by its content, as far as that goes. `wanted` are the signals in question, such as those of
 * rules, where it could be of several.
 */
export function signalOf(message: Uint8Array | ArrayBuffer | string, wanted?: Signal[]): Signal | undefined;

/**
 * The messages of a file: JSON, JSON lines, protobuf, what the Collector's file exporter writes, each with gzip or Zstandard or without; a file of
 * pprof is a message of profiles. Throws where it is damaged or something else.
 */
export function messages(
  file: Uint8Array | ArrayBuffer | string,
): Generator<{ bytes: Uint8Array; encoding: "json" | "protobuf" }>;
