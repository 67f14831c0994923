import type { RecordChange, Trace, TraceStep, TracedStatement } from "../../js/ottl";
import type { Authors } from "./protocol";

/** What OTTL calls what `RecordChange.kind` names. */
const LEVELS: Record<string, string> = { "log record": "log", "data point": "datapoint" };

/** `dataPoints` as protobuf writes it: `data_points`. */
const snake = (path: string) => path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A path of a trace, such as `datapoint.attributes["a"]`, as one inside what is at a place: in its metric, `gauge.data_points[0].attributes["a"]`. */
export function pathInRecord(path: string, step: TraceStep, place: string, level: string): string | undefined {
  const [, of, rest] = /^(\w+)\.?(.*)$/s.exec(path) ?? ["", "", path];
  if (of === level && (level !== "datapoint" || step.place === place)) return rest;
  if (of === "resource" || of === "scope" || of === "cache") return undefined;
  if (step.place.startsWith(`${place}.`)) return `${snake(step.place.slice(place.length + 1))}.${rest}`;
  // What a statement of the metric changed in a point.
  const metric = /^(.*\.metrics\[\d+\])\.(.*)$/.exec(place);
  if (of !== "metric" || !metric) return undefined;
  const point = `${snake(metric[2])}.`;
  return rest.startsWith(point) ? rest.slice(point.length) : undefined;
}

/** The statements that changed each field of a change of one message. */
export function authorsOf(trace: Trace, { kind, place, record, fields }: RecordChange): Authors {
  const isShared = kind === "resource" || kind === "scope";
  const own = trace.steps.filter((step) => (isShared ? step.place === place || step.place.startsWith(`${place}.`) : step.record === record));
  const statements = (numbers: number[]): TracedStatement[] => [...new Set(numbers)].map((number) => trace.statements[number]);
  const byPath = new Map<string, number[]>();
  for (const step of own) {
    for (const { path } of step.changes) {
      const found = pathInRecord(path, step, place, LEVELS[kind] ?? kind);
      if (found !== undefined) byPath.set(found, [...(byPath.get(found) ?? []), step.statement]);
    }
  }
  return {
    fields: fields.map(({ path }) => statements(byPath.get(path) ?? [])),
    dropped: statements(own.filter(({ result }) => result === "dropped").map(({ statement }) => statement)),
  };
}
