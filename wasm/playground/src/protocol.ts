import type {
  Completion, Diagnostic, Hover, RecordChange, RecordName, Report, SemanticToken, SignatureHelp, Signal, TextEdit, Trace, TracedStatement,
} from "../../js/ottl";

/** What a page asks of its workers, and what they answer. */
export interface Requests {
  check: { ask: { text: string }; answer: { diagnostics: Diagnostic[]; tokens: SemanticToken[]; hints: { at: number; label: string; tooltip: string }[] } };
  complete: { ask: { text: string; at: number }; answer: Completion[] };
  describe: { ask: { text: string; at: number; label: string }; answer: string | undefined };
  hover: { ask: { text: string; at: number }; answer: Hover | undefined };
  signature: { ask: { text: string; at: number }; answer: SignatureHelp | undefined };
  format: { ask: { text: string }; answer: TextEdit[] };
  run: { ask: { text: string; most: number }; answer: RunAnswer };
  /** Of the last run: the statements that changed each field of some changes, and those that dropped records. */
  authors: { ask: { changes: number[] }; answer: Authors[] };
  /** Of the last run: the messages before and after, laid out. */
  diff: { ask: Nothing; answer: { before: string; after: string } };
  /** Of the last run: the messages that came out, laid out, and the statements that changed their lines. */
  annotated: { ask: Nothing; answer: { after: string; notes: Note[] } };
  /** Of the last run: the messages that came out. */
  outputs: { ask: { to: "json-pretty" | "protobuf" }; answer: Output[] };
  trace: { ask: { text: string; message: number; record: number }; answer: TraceAnswer | undefined };
  /** A file as text; nothing where its signal cannot be told. `wanted` are the signals of the rules. */
  open: { ask: { bytes: ArrayBuffer; wanted: Signal[]; signal?: Signal }; answer: string | undefined };
}

type Nothing = Record<string, never>;

export type Kind = keyof Requests;

/** The statements that changed each field of a change, or dropped the record. */
export interface Authors {
  fields: TracedStatement[][];
  dropped: TracedStatement[];
}

/** Statements that changed what stands on a line, from 1. */
export interface Note {
  line: number;
  by: TracedStatement[];
  /** What is no longer there, of which the line is what lay around it. */
  gone: { path: string; by: TracedStatement[] }[];
}

export interface Output {
  signal: Signal;
  bytes: Uint8Array | undefined;
}

export interface TraceAnswer {
  trace: Trace;
  /** What the record, its scope and its resource were before all statements. */
  fields: { level: string; fields: [path: string, value: string][] }[];
}

export interface RunAnswer {
  /** Why nothing ran. */
  fault?: { message: string; line?: number; column?: number; place?: string; record?: { message: number; record: number } };
  /** Whether the rules compile. */
  isCompiled: boolean;
  /** The records, where they are others than those of the run before. */
  records?: RecordName[];
  changes: RecordChange[];
  /** Changes behind the last one that is shown. */
  more: number;
  /** How many records; `shared` are resources, scopes and metrics that changed. */
  counts: { changed: number; dropped: number; added: number; records: number; shared: number };
  report?: Report;
  /** The signals that have rules, and those of the telemetry. */
  signals: { rules: Signal[]; telemetry: Signal[] };
}
