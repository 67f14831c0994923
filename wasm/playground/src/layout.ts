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

/** The text of bytes in UTF-8. */
export const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

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

type OnPlace = (path: string, line: number) => void;

const isObject = (value: unknown): value is object => value !== null && typeof value === "object" && !(value instanceof Raw);

/** What is around values of attributes says nothing of where they are. */
const AROUND = /^(string|bool|int|double|bytes|array|kvlist)Value$/;

function inside(path: string, name: string, value: unknown): string {
  if (AROUND.test(name) || (name === "values" && Array.isArray(value))) return path;
  return path ? `${path}.${name}` : name;
}

function element(path: string, value: unknown, index: number): string {
  const key = isObject(value) && "key" in value ? value.key : undefined;
  return `${path}[${typeof key === "string" ? JSON.stringify(key) : index}]`;
}

/** JSON for people: what fits into the width stays on one line, but records have a field on each line. */
export function layout(value: unknown, onPlace?: OnPlace): string {
  let line = 1;
  /** All that lies in a value that stands on one line. */
  const told = (within: unknown, path: string) => {
    if (!onPlace) return;
    onPlace(path, line);
    if (Array.isArray(within)) within.forEach((item, index) => told(item, element(path, item, index)));
    else if (isObject(within)) {
      for (const [key, member] of Object.entries(within)) {
        if (key !== "key") told(member, key === "value" && "key" in within ? path : inside(path, key, member));
      }
    }
  };
  const laid = (within: unknown, path: string, indent: string, before: number): string => {
    if (!isObject(within)) {
      told(within, path);
      return compact(within);
    }
    const short = compact(within);
    if (indent.length + before + short.length <= WIDTH && !/\[\{|\}, \{/.test(short)) {
      told(within, path);
      return short;
    }
    onPlace?.(path, line);
    const inner = `${indent}  `;
    line++;
    const parts = Array.isArray(within)
      ? within.map((item, index) => {
        const text = inner + laid(item, element(path, item, index), inner, 0);
        line++;
        return text;
      })
      : Object.entries(within).map(([key, member]) => {
        const name = `${JSON.stringify(key)}: `;
        const at = key === "value" && "key" in within ? path : inside(path, key, member);
        const text = inner + name + (key === "key" ? compact(member) : laid(member, at, inner, name.length));
        line++;
        return text;
      });
    const [open, close] = Array.isArray(within) ? "[]" : "{}";
    return `${open}\n${parts.join(",\n")}\n${indent}${close}`;
  };
  return laid(value, "", "", 0);
}
