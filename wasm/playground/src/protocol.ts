import type { Completion, Diagnostic, Hover, Report, SemanticToken, SignatureHelp, TextEdit, Trace } from "../../js/ottl";
import type { FieldChange, RecordChange } from "./diff";

/** What a page asks of its workers, and what they answer. */
export interface Requests {
  check: { ask: { text: string }; answer: { diagnostics: Diagnostic[]; tokens: SemanticToken[]; hints: { at: number; label: string; tooltip: string }[] } };
  samples: { ask: { telemetry: string }; answer: null };
  complete: { ask: { text: string; at: number }; answer: Completion[] };
  describe: { ask: { text: string; at: number; label: string }; answer: string | undefined };
  hover: { ask: { text: string; at: number }; answer: Hover | undefined };
  signature: { ask: { text: string; at: number }; answer: SignatureHelp | undefined };
  format: { ask: { text: string }; answer: TextEdit[] };
  run: { ask: { text: string; telemetry: string }; answer: RunAnswer };
  /** Of the last run: the statements that changed each field of each change. */
  authors: { ask: null; answer: FieldChange["by"][][] };
  /** Of the last run: the messages before and after, laid out. */
  texts: { ask: null; answer: { before: string; after: string } };
  trace: { ask: { text: string; telemetry: string; message: number; record: number }; answer: Trace | undefined };
  open: { ask: { bytes: ArrayBuffer }; answer: string };
}

export type Kind = keyof Requests;

/** A record that a trace can be asked for. */
export interface RecordName {
  message: number;
  record: number;
  label: string;
  kind: string;
}

export interface RunAnswer {
  /** Why nothing ran. */
  fault?: { message: string; line?: number; place?: string };
  /** Whether the rules compile. */
  isCompiled: boolean;
  records: RecordName[];
  changes: RecordChange[];
  /** Changes behind the last one that is shown. */
  moreChanges: number;
  /** How many records; `shared` are resources and scopes that changed. */
  counts: { changed: number; dropped: number; added: number; records: number; shared: number };
  reports: Report[];
  milliseconds: number;
}
