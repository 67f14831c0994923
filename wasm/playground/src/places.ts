import { layout } from "./layout";

/** A path without what JSON and protobuf write in different ways: `severityText` and `severity_text` are one. */
export function plain(path: string): string {
  const parts = path.split(/(\["(?:[^"\\]|\\.)*"\])/);
  return parts.map((part, number) => (number % 2 === 1 ? part : part.replaceAll("_", "").toLowerCase())).join("");
}

/** Lays a message out, and says on which line, from 1, each path stands; attributes and values by their keys. */
export function layoutWithPlaces(value: unknown): { text: string; lines: Map<string, number> } {
  const lines = new Map<string, number>();
  const text = layout(value, (path, line) => lines.set(plain(path), line));
  return { text, lines };
}
