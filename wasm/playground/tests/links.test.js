// Links that the book has are read by the page: `cargo test -p xtask` holds links.json to what the book writes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import typescript from "typescript";

const here = (name) => readFileSync(new URL(name, import.meta.url), "utf8");

/** A module of the page, without its types. */
function moduleOf(source) {
  const { outputText } = typescript.transpileModule(source, { compilerOptions: { module: "esnext", target: "es2022" } });
  return import(`data:text/javascript,${encodeURIComponent(outputText)}`);
}

test("links of the book open with their rules and telemetry", async () => {
  const { fromFragment, toFragment } = await moduleOf(here("../src/share.ts"));
  const links = JSON.parse(here("links.json"));
  assert.ok(links.length >= 3);
  for (const { fragment, rules, telemetry } of links) {
    assert.deepEqual(await fromFragment(fragment), { rules, telemetry });
    assert.deepEqual(await fromFragment(await toFragment({ rules, telemetry })), { rules, telemetry });
  }
  assert.equal(await fromFragment("#tabs"), undefined);
});
