// Whether two messages are the same output, in the sense of `tests/golden/README.md`.
//
// They are compared as the module's own JSON, which has defaults left out and unknown fields dropped; the module's reader and writer are
// held against other decoders by the tests of `ottl-otlp`. Texts that are no UTF-8 have to be equal as bytes, which JSON does not carry:
// where it differs in nothing, lengths have to be equal, too.

import { convert } from "../dist/node.js";

/** Why two messages are not the same; nothing if they are. */
export function same(signal, expected, got, unordered) {
  if (Buffer.compare(expected, got) === 0) return undefined;
  const [a, b] = [expected, got].map((bytes) => plain(signal, bytes, unordered));
  return a === b ? undefined : difference(a, b);
}

function difference(a, b) {
  let at = 0;
  while (a[at] === b[at]) at += 1;
  const around = (text) => text.slice(Math.max(0, at - 60), at + 100);
  return `expected ...${around(a)}..., got ...${around(b)}...`;
}

function plain(signal, bytes, unordered) {
  const message = JSON.parse(Buffer.from(convert(bytes, { to: "json", signal, from: "protobuf" })).toString("latin1"), (_, value, context) =>
    // Numbers as they are written: integers may have more digits than a double.
    typeof value === "number" && context ? context.source : value,
  );
  const whole = signal === "profiles" ? resolved(message) : message;
  return JSON.stringify(normal(whole, unordered));
}

const isNothing = (value) =>
  value === undefined || value === "" || value === "0" || value === 0 || value === false || value === null ||
  (typeof value === "object" && Object.keys(value).length === 0);

/** Members by name; an absent message is an empty one, an absent scalar its default. */
function normal(value, unordered) {
  if (Array.isArray(value)) {
    const items = value.map((item) => normal(item, unordered));
    const isOfObjects = items.some((item) => typeof item === "object" && item !== null);
    return unordered && isOfObjects ? items.map((item) => JSON.stringify(item)).sort() : items;
  }
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, normal(member, unordered)]);
  // Which value of an AnyValue or a point is set counts, and so does the presence of a histogram's sum, min and max.
  const counts = ([name, member]) => /Value$|^as(Int|Double)$|^(sum|min|max|quantileValues)$/.test(name) || !isNothing(member);
  return Object.fromEntries(members.filter(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The members of messages of profiles that are places in a table of the dictionary. */
const TABLES = {
  mappingIndex: "mappingTable",
  functionIndex: "functionTable",
  linkIndex: "linkTable",
  stackIndex: "stackTable",
  locationIndices: "locationTable",
  attributeIndices: "attributeTable",
};

/** A message of profiles with what its references stand for in their place; the dictionary itself does not count. */
function resolved({ dictionary = {}, ...message }) {
  const walk = (value, depth) => {
    if (Array.isArray(value)) return value.map((item) => walk(item, depth));
    if (typeof value !== "object" || value === null || depth > 40) return value;
    const member = ([name, inner]) => {
      // A key or value may stand in the table of texts or where it is used.
      if (name.endsWith("Strindex")) return [name.replace("Strindex", ""), dictionary.stringTable?.[Number(inner)] ?? ""];
      const table = TABLES[name];
      const look = (at) => walk(dictionary[table]?.[Number(at)] ?? `${table} ${at}`, depth + 1);
      if (table === undefined) return [name, walk(inner, depth)];
      return [name, Array.isArray(inner) ? inner.map(look) : Number(inner) === 0 ? "" : look(inner)];
    };
    return Object.fromEntries(Object.entries(value).map(member));
  };
  return walk(message, 0);
}
