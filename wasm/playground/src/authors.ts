/** `log.severity_text` as JSON writes it: `severityText`. Names in brackets stay. */
function jsonPath(path: string): string {
  const parts = path.split(/(\["(?:[^"\\]|\\.)*"\])/);
  return parts.map((part, number) => (number % 2 === 1 ? part : part.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()))).join("");
}

/** Whether a change at a path of the trace, such as `log.attributes["a"]`, is one of a field of the record, such as `attributes["a"]`. */
export function isField(traced: string, field: string, kind?: string): boolean {
  const [, level, rest] = /^(\w+)\.?(.*)$/s.exec(traced) ?? ["", "", traced];
  if (kind !== undefined ? level !== kind : level === "resource" || level === "scope" || level === "cache") return false;
  const path = jsonPath(rest);
  // The change may be one of all of a map, of a part of the field, or of something that lies in the record.
  return path === "" || field === path || field.startsWith(`${path}.`) || field.startsWith(`${path}[`) || path.startsWith(`${field}.`)
    || path.startsWith(`${field}[`) || field.endsWith(`.${path}`);
}
