import type { Trace } from "../../js/ottl";
import { pathInRecord } from "./authors";
import type { TraceAnswer } from "./protocol";

/** A value of a record before and after a step; where both are the same the step left it alone. */
export interface StateLine {
  path: string;
  before: string | null;
  after: string | null;
}

/** What a record, its scope, its resource and the cache of its statements were around each step. */
export class RecordStates {
  #levels: string[];
  #start: Map<string, Map<string, string>>;
  #trace: Trace;
  #place: string;

  constructor({ trace, fields }: TraceAnswer) {
    this.#trace = trace;
    this.#levels = [...fields.map(({ level }) => level).reverse(), "cache"];
    this.#start = new Map(fields.map(({ level, fields }) => [level, new Map(fields)]));
    const place = trace.steps.find(({ record }) => record !== null)?.place ?? "";
    // Places of what lies in the record go on behind the record's.
    this.#place = place.split(".").slice(0, 3).join(".");
  }

  /** The levels, and the values of each, around a step. */
  around(step: number): { level: string; lines: StateLine[] }[] {
    const record = this.#levels[0];
    const now = new Map(this.#levels.map((level) => [level, new Map(this.#start.get(level))]));
    const changed = new Map<string, StateLine>();
    this.#trace.steps.slice(0, step + 1).forEach((done, number) => {
      for (const { path, before, after } of done.changes) {
        const [, of, rest] = /^(\w+)\.?(.*)$/s.exec(path) ?? ["", "", path];
        const level = this.#levels.includes(of) ? of : record;
        const inner = level === of ? rest : pathInRecord(path, done, this.#place, record);
        const values = now.get(level);
        if (inner === undefined || !values) continue;
        if (number === step) changed.set(`${level} ${inner}`, { path: inner, before, after });
        else if (after === null) values.delete(inner);
        else values.set(inner, after);
      }
    });
    return this.#levels.map((level) => {
      const lines = [...(now.get(level) ?? [])].map(([path, value]): StateLine => changed.get(`${level} ${path}`) ?? { path, before: value, after: value });
      for (const [key, line] of changed) {
        if (key.startsWith(`${level} `) && !lines.includes(line)) lines.push(line);
      }
      return { level, lines };
    });
  }
}
