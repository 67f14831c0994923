import { compact } from "./layout";
import { type Group, type Item, fieldsOf, labelOf, recordsOf } from "./records";

export interface FieldChange {
  path: string;
  before?: string;
  after?: string;
  /** The statements that changed it. */
  by?: { line: number; column: number; text: string }[];
}

/** What became of a record, resource or scope. */
export interface RecordChange {
  kind: string;
  label: string;
  place: string;
  message: number;
  record?: number;
  what: "changed" | "dropped" | "added";
  fields: FieldChange[];
}

/** How alike two records are: the members that they share. */
function likeness(a: Item, b: Item): number {
  let score = 1;
  for (const [key, value] of Object.entries(a.fields)) {
    if (key in b.fields && compact(value) === compact(b.fields[key])) score += key === "spanId" || key === "timeUnixNano" ? 3 : 2;
  }
  return score;
}

/** Above so many pairs, records are held to be those that come in the same order. */
const MOST_PAIRS = 40_000;

/** Pairs the items of two lists in their order; what has no partner comes alone. */
function aligned<T>(before: T[], after: T[], like: (a: T, b: T) => number): [T | undefined, T | undefined][] {
  if (before.length === after.length || before.length * after.length > MOST_PAIRS) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, index) => [before[index], after[index]]);
  }
  const best = Array.from({ length: before.length + 1 }, () => new Float64Array(after.length + 1));
  const score = before.map((a) => after.map((b) => like(a, b)));
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      best[i][j] = Math.max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + score[i][j]);
    }
  }
  const pairs: [T | undefined, T | undefined][] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && best[i][j] === best[i + 1][j + 1] + score[i][j]) pairs.push([before[i++], after[j++]]);
    else if (i < before.length && best[i][j] === best[i + 1][j]) pairs.push([before[i++], undefined]);
    else if (j < after.length) pairs.push([undefined, after[j++]]);
    else pairs.push([before[i++], undefined]);
  }
  return pairs;
}

function fieldChanges(before: Item | undefined, after: Item | undefined): FieldChange[] {
  const old = before ? fieldsOf(before.fields) : new Map<string, string>();
  const now = after ? fieldsOf(after.fields) : new Map<string, string>();
  const changes: FieldChange[] = [];
  for (const [path, text] of old) if (now.get(path) !== text) changes.push({ path, before: text, after: now.get(path) });
  for (const [path, text] of now) if (!old.has(path)) changes.push({ path, after: text });
  return changes;
}

const likeGroups = (a: Group, b: Group) => likeness(a.item, b.item) + (a.records[0] && b.records[0] ? likeness(a.records[0], b.records[0]) : 0);

/** What is different between two messages, in the order of the records. */
export function changesOf(before: unknown, after: unknown, message: number): RecordChange[] {
  const out: RecordChange[] = [];
  const push = (old: Item | undefined, now: Item | undefined) => {
    const item = old ?? now;
    if (!item) return;
    const fields = fieldChanges(old, now);
    const what = !now ? "dropped" : !old ? "added" : "changed";
    if (what === "changed" && fields.length === 0) return;
    out.push({ kind: item.kind, label: labelOf(item), place: item.place, message, record: old?.record, what, fields });
  };
  const walk = (old: Group | undefined, now: Group | undefined) => {
    // Resources and scopes go when nothing is left in them; the records say that.
    if (old && now) push(old.item, now.item);
    for (const [a, b] of aligned(old?.groups ?? [], now?.groups ?? [], likeGroups)) walk(a, b);
    for (const [a, b] of aligned(old?.records ?? [], now?.records ?? [], likeness)) push(a, b);
  };
  for (const [a, b] of aligned(recordsOf(before), recordsOf(after), likeGroups)) walk(a, b);
  return out;
}
