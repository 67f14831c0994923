// Names the functions of a module by an order in which those that are alike stand beside each other: what gzip looks back to is 32 KiB.
// `wasm-opt --reorder-functions-by-name` puts them into it. Usage: node wasm/order.js MODULE NEW

import { readFileSync, writeFileSync } from "node:fs";

/** Functions are alike by the runs of so many bytes that they share. */
const RUN = 6;
/** Runs that more functions have say nothing. */
const MOST = 100;
const TABLE = 1 << 24;

const [from, to] = process.argv.slice(2);
const bytes = readFileSync(from);

let at = 8;
function number() {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return value;
  }
}
function skipText() {
  const length = number();
  at += length;
}
function skipLimits() {
  const flags = bytes[at++];
  number();
  if (flags & 1) number();
}
/** What an import of each kind says of itself: function, table, memory, global. */
const skipImport = [number, () => { at++; skipLimits(); }, skipLimits, () => { at += 2; }];

let imported = 0;
const bodies = [];
while (at < bytes.length) {
  const kind = bytes[at++];
  const end = number() + at;
  if (kind === 2) {
    for (let count = number(); count > 0; count--) {
      skipText();
      skipText();
      const what = bytes[at++];
      if (what === 0) imported++;
      skipImport[what]();
    }
  } else if (kind === 10) {
    for (let count = number(); count > 0; count--) {
      const length = number();
      bodies.push(bytes.subarray(at, at + length));
      at += length;
    }
  }
  at = end;
}

/** The runs of each function, each once. */
const seen = new Int32Array(TABLE).fill(-1);
const runs = bodies.map((body, which) => {
  const found = [];
  for (let start = 0; start + RUN <= body.length; start++) {
    let hash = 0;
    for (let offset = 0; offset < RUN; offset++) hash = Math.imul(hash, 0x01000193) ^ body[start + offset];
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 8;
    if (seen[hash] === which) continue;
    seen[hash] = which;
    found.push(hash);
  }
  return Uint32Array.from(found);
});
const holders = new Map();
for (const [which, found] of runs.entries()) {
  for (const run of found) {
    const list = holders.get(run);
    if (list) list.push(which);
    else holders.set(run, [which]);
  }
}

const isPlaced = new Uint8Array(bodies.length);
const scores = new Float64Array(bodies.length);
/** The function that is most like the last two; where none is, the next one. */
function next(order) {
  const touched = [];
  for (const [weight, which] of [[1, order.at(-1)], [0.5, order.at(-2)]]) {
    for (const run of which === undefined ? [] : runs[which]) {
      const list = holders.get(run);
      if (list.length > MOST) continue;
      for (const other of list) {
        if (isPlaced[other]) continue;
        if (scores[other] === 0) touched.push(other);
        scores[other] += weight;
      }
    }
  }
  let [best, most] = [-1, 0];
  for (const other of touched) {
    const score = scores[other] / (runs[other].length + 30);
    scores[other] = 0;
    if (score > most || (score === most && other < best)) [best, most] = [other, score];
  }
  return best >= 0 ? best : isPlaced.indexOf(0);
}

const order = [];
while (order.length < bodies.length) {
  const which = next(order);
  isPlaced[which] = 1;
  order.push(which);
}

function leb(value) {
  const out = [];
  do {
    out.push((value & 127) | (value > 127 ? 128 : 0));
    value = Math.floor(value / 128);
  } while (value > 0);
  return out;
}
const text = (value) => [...leb(value.length), ...Buffer.from(value)];
const names = [...leb(bodies.length)];
const places = new Map(order.map((which, place) => [which, place]));
for (let which = 0; which < bodies.length; which++) names.push(...leb(imported + which), ...text(String(places.get(which)).padStart(6, "0")));
const section = [...text("name"), 1, ...leb(names.length), ...names];
writeFileSync(to, Buffer.concat([bytes, Buffer.from([0, ...leb(section.length), ...section])]));
