/** A number as it was written, since 64 bits do not fit into those of JavaScript. */
class Raw {
  constructor(readonly source: string) {}
}

/** Reads JSON without changing its numbers. */
export function readJson(text: string): unknown {
  const reviver = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === "number" && context?.source !== undefined && String(value) !== context.source ? new Raw(context.source) : value;
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
}

const WIDTH = 82;

/** A value on one line. */
export function compact(value: unknown): string {
  if (value instanceof Raw) return value.source;
  if (Array.isArray(value)) return `[${value.map(compact).join(", ")}]`;
  if (value !== null && typeof value === "object") {
    const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${compact(member)}`);
    return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
  }
  return JSON.stringify(value);
}

/** JSON for people: what fits into the width stays on one line, but records have a field on each line. */
export function layout(value: unknown, indent = "", before = 0): string {
  if (value === null || typeof value !== "object" || value instanceof Raw) return compact(value);
  const line = compact(value);
  if (indent.length + before + line.length <= WIDTH && !/\[\{|\}, \{/.test(line)) return line;
  const inner = `${indent}  `;
  if (Array.isArray(value)) return `[\n${value.map((item) => inner + layout(item, inner)).join(",\n")}\n${indent}]`;
  const members = Object.entries(value).map(([key, member]) => {
    const name = `${JSON.stringify(key)}: `;
    return inner + name + layout(member, inner, name.length);
  });
  return `{\n${members.join(",\n")}\n${indent}}`;
}
