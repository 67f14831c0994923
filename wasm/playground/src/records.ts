import { compact } from "./layout";

type Json = Record<string, unknown>;

/** The lists of each signal, from the outside to the records. */
const LISTS: [string, string, string, string][] = [
  ["resourceLogs", "scopeLogs", "logRecords", "log record"],
  ["resourceSpans", "scopeSpans", "spans", "span"],
  ["resourceMetrics", "scopeMetrics", "metrics", "metric"],
  ["resourceProfiles", "scopeProfiles", "profiles", "profile"],
];

/** A record, or the resource or scope that records share. */
export interface Item {
  /** `resource`, `scope`, or what the record is called. */
  kind: string;
  place: string;
  /** The record's number in its message, as traces count them. */
  record?: number;
  fields: Json;
}

/** A resource or scope with what lies in it. */
export interface Group {
  item: Item;
  groups: Group[];
  records: Item[];
}

const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);
const object = (value: unknown): Json => (value !== null && typeof value === "object" ? (value as Json) : {});

/** The records of a message, under their resources and scopes. */
export function recordsOf(message: unknown): Group[] {
  const top = object(message);
  let record = 0;
  for (const [outer, inner, records, kind] of LISTS) {
    if (!(outer in top)) continue;
    return list(top[outer]).map((resource, r) => ({
      item: { kind: "resource", place: `${outer}[${r}]`, fields: object(resource.resource) },
      records: [],
      groups: list(resource[inner]).map((scope, s) => ({
        item: { kind: "scope", place: `${outer}[${r}].${inner}[${s}]`, fields: object(scope.scope) },
        groups: [],
        records: list(scope[records]).map((fields, n) => ({
          kind,
          place: `${outer}[${r}].${inner}[${s}].${records}[${n}]`,
          record: record++,
          fields: object(fields),
        })),
      })),
    }));
  }
  return [];
}

/** The values of a record by their paths, attributes by their keys, as `ottl run --diff` shows them. */
export function fieldsOf(value: unknown, path = "", out = new Map<string, string>()): Map<string, string> {
  if (Array.isArray(value)) {
    const keyed = value.length > 0 && value.every((item) => item !== null && typeof item === "object" && "key" in item);
    value.forEach((item, index) => {
      if (keyed) fieldsOf(item.value ?? null, `${path}[${JSON.stringify(item.key)}]`, out);
      else fieldsOf(item, `${path}[${index}]`, out);
    });
    return out;
  }
  if (value !== null && typeof value === "object" && value.constructor === Object) {
    const members = Object.entries(value);
    const [only] = members;
    // What is around a value, such as `stringValue`, says no more than the value.
    if (members.length === 1 && /^(string|bool|int|double|bytes)Value$/.test(only[0])) {
      const text = only[0] === "intValue" && typeof only[1] === "string" ? only[1] : compact(only[1]);
      out.set(path, text);
      return out;
    }
    if (members.length === 1 && only[0] === "kvlistValue") return fieldsOf(object(only[1]).values, path, out);
    if (members.length === 1 && only[0] === "arrayValue") return fieldsOf(object(only[1]).values, path, out);
    for (const [key, member] of members) fieldsOf(member, path ? `${path}.${key}` : key, out);
    return out;
  }
  out.set(path, compact(value));
  return out;
}

/** A line that tells a record from others. */
export function labelOf(item: Item): string {
  const fields = fieldsOf(item.fields);
  const first = ["name", "body", 'attributes["service.name"]', "profileId"].map((name) => fields.get(name)).find((text) => text !== undefined);
  const text = first ?? [...fields.values()][0] ?? "";
  const plain = text.startsWith('"') ? (JSON.parse(text) as string) : text;
  return plain.length > 72 ? `${plain.slice(0, 71)}…` : plain;
}
