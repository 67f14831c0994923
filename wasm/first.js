// Finds out which functions of the module a page needs before anyone asks for more: those that run while somebody types the rules that the
// playground opens with, and looks at what they do. `wasm/build` puts them into the first part of the module.
// Usage: node wasm/first.js FOLDER MODULE SEEN; the module is one of `split watch`, and what belongs to it is in the folder.

import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, module, seen] = process.argv.slice(2);
const load = (file) => import(pathToFileURL(resolve(folder, file)));
const repository = (path) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

const { initSync } = await load("bindings.js");
const exports = initSync({ module: readFileSync(module) });
const { Document, Telemetry, compile, messages } = await load("ottl.js");

const rules = repository("wasm/playground/src/examples/start.yaml");
const logs = repository("docs/cookbook/logs.json");
/** What people write first in place of it, right and wrong. */
const OTHERS = [
  "log_statements:\n",
  'log_statements:\n  - set(log.boddy, "hidden")\n',
  'log_statements:\n  - set(log.attributes["team"], "shop") where log.severity_number >= 17\n  - set(log.body, "hidden")\n',
  'log_statements:\n  - set(log.attributes["team"], "shop") where log.severity_number >= 17 and log.severity_text == "FATAL"\n',
  'log_statements:\n  - set(log.attributes["alert"], true) where log.severity_number >= SEVERITY_NUMBER_ERROR or not IsMatch(log.body, "^cache")\n',
];

// How memory is given out depends on what was given back before, so both happen in many orders.
const early = new Document("");
for (const times of [1, 3, 20, 200]) {
  const other = new Telemetry(`${logs}\n`.repeat(times));
  const text = new Document(rules.repeat(times));
  new Document("").free();
  other.free();
  new Document(rules).free();
  text.free();
}
early.free();

const telemetry = new Telemetry(logs);
telemetry.records(2000);
telemetry.fields(0, 0);
const document = new Document(rules);

/** What the page does when a text is there. */
function see(text) {
  document.setText(text);
  document.diagnostics();
  document.tokens();
  document.hints();
  const compiled = compile(text);
  if (!compiled.rules) return;
  JSON.stringify([compiled.rules.signals, telemetry.signals]);
  const comparison = compiled.rules.compare(telemetry, { most: 100 });
  comparison.output(0);
  comparison.free();
  compiled.rules.free();
}

// Who opens the page for a text of their own begins with nothing.
see("");
see(rules);
document.clearSamples();
for (const { bytes } of messages(logs)) document.addSample(bytes);
for (const text of [rules, ...OTHERS]) {
  for (let end = text.indexOf("\n"); end <= text.length; end++) {
    see(text.slice(0, end));
    document.complete(end);
    document.signature(end);
  }
}

let lines = "";
for (let number = 0; `seen${number}` in exports; number++) lines += `${exports[`seen${number}`].value}\n`;
writeFileSync(seen, lines);
