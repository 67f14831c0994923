import type { Diagnostic } from "../../js/ottl";

/** A call: a statement, as an item of a list or alone. */
const STATEMENT = /^\s*(-\s+)?(["']?)[a-z]\w*\s*\(/;
const CONTEXTS: [RegExp, string][] = [
  [/\b(span|spanevent)\./, "trace_statements"], [/\b(metric|datapoint)\./, "metric_statements"], [/\b(profile|profilestack)\./, "profile_statements"],
];

/** The same statements as the body of a processor; nothing where they are none. */
export function wrapped(text: string): string | undefined {
  const lines = text.split("\n").map((line) => line.trimEnd()).filter((line) => line.trim() !== "");
  const first = lines.find((line) => !/^\s*#/.test(line));
  if (first === undefined || !STATEMENT.test(first)) return undefined;
  const key = CONTEXTS.find(([context]) => context.test(text))?.[1] ?? "log_statements";
  if (lines.some((line) => /^\s*-\s/.test(line))) return `${key}:\n${lines.map((line) => `  ${line}`).join("\n")}\n`;
  const statements: string[] = [];
  for (const line of lines) {
    // What begins with no call goes on with the statement above it.
    if (statements.length === 0 || STATEMENT.test(line) || /^\s*#/.test(line)) statements.push(line.trim());
    else statements[statements.length - 1] += ` ${line.trim()}`;
  }
  return `${key}:\n${statements.map((text) => (text.startsWith("#") ? `  ${text}\n` : `  - ${scalar(text)}\n`)).join("")}`;
}

/** A text as YAML takes it: what would be a key or a comment stands in quotes. */
const scalar = (text: string) => (/:(\s|$)|\s#/.test(text) ? `'${text.replaceAll("'", "''")}'` : text);

/** Offers to put statements that stand alone where they belong. */
export function withWrap(text: string, diagnostics: Diagnostic[]): Diagnostic[] {
  // Which fault such a text is depends on what YAML makes of it.
  const at = diagnostics.findIndex(({ severity, code }) => severity === "error" && code.startsWith("E06"));
  const replacement = at < 0 ? undefined : wrapped(text);
  if (replacement === undefined) return diagnostics;
  return diagnostics.map((found, number) => (number === at ? { ...found, fix: { range: { start: 0, end: text.length }, replacement } } : found));
}
