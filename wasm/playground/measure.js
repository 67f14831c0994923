// How long the page takes: from its start to the first result, and from a key to the result of the rules that it changed.
// Usage: node wasm/playground/measure.js, after wasm/playground/test. CHROMIUM names the browser.
//
// On a machine with other work the times are those of waiting for it: `chrt -r 5 node wasm/playground/measure.js` goes first, where one may do that. Beside
// them stands the work of processors, as Linux counts it: of the page's thread, which also paints, of the two workers, and of the rest of the browser.

import { readFileSync, readdirSync } from "node:fs";

import { chromium } from "playwright-core";

import { serve } from "./tests/serve.js";

const KEYS = 30;
// The keys are pressed in the last text: each changes all records.
const RULES = `log_statements:
  - replace_pattern(log.body, "[\\\\w.]+@[\\\\w.]+", "<email>")
  - delete_matching_keys(log.attributes, "(?i)password$")
  - set(log.severity_text, "ERROR") where log.severity_number >= 17
  - set(log.attributes["alert"], true) where IsMatch(log.body, "^payment") and log.severity_number > 1
  - set(log.attributes["team"], "shop")`;

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

function logs(count) {
  const logRecords = Array.from({ length: count }, (_, number) => ({
    timeUnixNano: `17959284010000${String(number).padStart(5, "0")}`,
    severityNumber: 1 + (number % 20),
    body: { stringValue: `payment ${number} of anna@example.com failed: card declined` },
    attributes: [["http.route", "/pay"], ["db.password", "hunter2"], ["retry.count", String(number % 4)]].map(([key, stringValue]) => ({ key, value: { stringValue } })),
  }));
  return JSON.stringify({ resourceLogs: [{ resource: { attributes: [{ key: "service.name", value: { stringValue: "cart" } }] }, scopeLogs: [{ logRecords }] }] });
}

const site = await serve("/");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
const load = () => readFileSync("/proc/loadavg", "utf8").split(" ").slice(0, 2).join(" ");
const devtools = await browser.newBrowserCDPSession();

/** Milliseconds of processors so far, of each thread of the browser. */
async function worked() {
  const found = new Map();
  const { processInfo } = await devtools.send("SystemInfo.getProcessInfo");
  for (const { id, type } of processInfo) {
    for (const thread of readdirSync(`/proc/${id}/task`)) {
      try {
        const of = `/proc/${id}/task/${thread}`;
        const ms = Number(readFileSync(`${of}/schedstat`, "utf8").split(" ")[0]) / 1e6;
        const isWorker = readFileSync(`${of}/comm`, "utf8").startsWith("DedicatedWorker");
        found.set(of, [type !== "renderer" ? "others" : thread === String(id) ? "page" : isWorker ? "workers" : "others", ms]);
      } catch {
        // The thread has just ended.
      }
    }
  }
  return found;
}

/** What the page, its workers and others worked since. */
async function workSince(before) {
  const sums = { page: 0, workers: 0, others: 0 };
  for (const [of, [whose, ms]] of await worked()) sums[whose] += ms - (before.get(of)?.[1] ?? 0);
  return sums;
}

const said = (sums) => Object.entries(sums).map(([whose, ms]) => `${whose} ${ms.toFixed(1)}`).join(", ");

/** The page is opened from another one, or from itself: then the browser ends the workers of the visit before first. */
const FROM = { "another page": "about:blank", itself: site.url };
const WARM = 3;
const visits = Object.fromEntries(Object.keys(FROM).map((from) => [from, []]));
for (let visit = 0; visit < WARM + 10; visit++) {
  for (const [from, address] of Object.entries(FROM)) {
    await page.goto(address, { waitUntil: "commit" });
    await page.waitForTimeout(1000);
    const before = await worked();
    await page.goto(site.url, { waitUntil: "commit" });
    // Asking whether it is done would be work of the page.
    await page.waitForTimeout(1000);
    const work = await workSince(before);
    await page.waitForSelector("[data-ready]");
    // The first result, and the one of the worker, which answers each key from then on.
    const [first, second] = await page.evaluate(() => performance.getEntriesByName("result").map(({ startTime, duration }) => startTime + duration));
    // The first visits fill the caches of the browser.
    if (visit >= WARM) visits[from].push({ first, second, work });
  }
  if (visit === 0) await page.evaluate(() => navigator.serviceWorker.ready);
}
for (const [from, all] of Object.entries(visits)) {
  const of = (what) => median(all.map(what)).toFixed(0);
  const work = Object.fromEntries(["page", "workers", "others"].map((whose) => [whose, median(all.map(({ work }) => work[whose]))]));
  const each = all.map(({ first }) => first.toFixed(0)).join(" ");
  console.log(`start to the first result, warm, from ${from}: median ${of(({ first }) => first)} ms (${each}); workers are there at ${of(({ second }) => second)} ms; work of the first second: ${said(work)}; load ${load()}`);
}

const ready = (count) => page.waitForFunction((count) => document.getElementById("summary").textContent.startsWith(`${count} record`), count, { timeout: 60_000 });
for (const count of [1, 100, 1000]) {
  await page.setInputFiles("#file", { name: "logs.json", mimeType: "application/json", buffer: Buffer.from(logs(count)) });
  await ready(count);
  await page.locator("#rules .cm-content").focus();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(RULES);
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await page.waitForTimeout(1500);
  await page.evaluate(() => performance.clearMeasures());
  const before = await worked();
  for (let key = 0; key < KEYS; key++) {
    await page.keyboard.type("x");
    // Asking whether it is done would be work of the page.
    await page.waitForTimeout(200);
  }
  const work = Object.fromEntries(Object.entries(await workSince(before)).map(([whose, ms]) => [whose, ms / KEYS]));
  const took = await page.evaluate(() => performance.getEntriesByName("result").map(({ duration }) => duration));
  const sorted = [...took].sort((a, b) => a - b);
  console.log(`a key at ${count} logs x 5 statements: median ${median(took).toFixed(1)} ms, fastest ${sorted[0].toFixed(1)}, slowest ${sorted.at(-1).toFixed(1)}; work ${said(work)}; load ${load()}`);
}
await browser.close();
site.close();
