// The interface for Node: the module and the data sets are read from the package's folder.

import { readFileSync } from "node:fs";

import { dataSets, initSync, loadData } from "./ottl.js";

const read = (file) => readFileSync(new URL(file, import.meta.url));

initSync(read("./ottl.wasm"), () => read("./rest.wasm"));

/** @type {typeof import("./node.js").loadAllData} */
export function loadAllData() {
  for (const { name, file, loaded } of dataSets()) {
    if (!loaded) loadData(name, read(`./data/${file}`));
  }
}

export * from "./ottl.js";
