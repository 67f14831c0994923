/** Compile OTTL rules and run them over OTLP messages. */

/** What the module's bytes come from: a URL or response to fetch, bytes, or a module that was compiled. */
export type ModuleSource = URL | string | Request | Response | BufferSource | WebAssembly.Module | Promise<Response>;

/** Makes everything else usable. By default `ottl.wasm` is fetched from beside this file. */
export function init(module?: ModuleSource): Promise<void>;

/** The same with bytes that are there, or a compiled module. */
export function initSync(module: BufferSource | WebAssembly.Module): void;

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
  report: Report;
}

/** Compiled rules. They hold memory of the module until `free` is called or they are collected. */
export class RuleSet {
  private constructor();
  /** The signals that have rules. */
  readonly signals: Signal[];
  /** The statements and conditions that messages of a signal meet. */
  statements(signal: Signal): { text: string; processor: string; line: number; column: number }[];
  /** What the engine made of the rules, as text for people. */
  explain(): string;
  /** Adds a value of the calling client's metadata, for `otelcol.client.metadata`. */
  metadata(key: string, value: string): void;
  /** Runs the rules over one OTLP message. Throws `RunError`. */
  run(message: Uint8Array | ArrayBuffer | string, options?: RunOptions): RunResult;
  free(): void;
}

/** A message in another encoding. */
export function convert(
  message: Uint8Array | ArrayBuffer | string,
  options: { to: Encoding; signal?: Signal; from?: Encoding },
): Uint8Array;

/** A profile of pprof, compressed or not, as an OTLP message in protobuf. */
export function fromPprof(file: Uint8Array | ArrayBuffer): Uint8Array;

/** The messages of a file: JSON, JSON lines, protobuf, what the Collector's file exporter writes, each with gzip or Zstandard or without. */
export function messages(
  file: Uint8Array | ArrayBuffer | string,
): Generator<{ bytes: Uint8Array; encoding: "json" | "protobuf" }>;
