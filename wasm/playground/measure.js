// How long the page takes: from its start to the first result, and from a key to the result of the rules that it changed.
// Usage: node wasm/playground/measure.js, after wasm/playground/test. CHROMIUM names the browser.
//
// On a machine with other work the times are those of waiting for it. Beside them stands the work of processors: of the page's thread, which also paints, and of the two workers.

import { readFileSync } from "node:fs";

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

const starts = [];
for (let visit = 0; visit < 8; visit++) {
  await page.goto(site.url);
  await page.waitForSelector("[data-ready]");
  // The first visits fill the caches of the browser.
  if (visit >= 3) starts.push(await page.evaluate(() => { const [first] = performance.getEntriesByName("result"); return first.startTime + first.duration; }));
  if (visit === 0) await page.evaluate(() => navigator.serviceWorker.ready);
}
console.log(`start to the first result, warm: ${median(starts).toFixed(0)} ms (${starts.map((ms) => ms.toFixed(0)).join(" ")}); load ${load()}`);

/** Milliseconds of processors for each key. */
function workOf(trace) {
  const { traceEvents } = JSON.parse(String(trace));
  const threads = new Map(traceEvents.filter(({ name }) => name === "thread_name").map(({ pid, tid, args }) => [`${pid} ${tid}`, args.name]));
  const sum = (thread, task) => traceEvents
    .filter(({ pid, tid, name, tdur }) => tdur !== undefined && name === task && threads.get(`${pid} ${tid}`)?.startsWith(thread))
    .reduce((sum, { tdur }) => sum + tdur / 1000 / KEYS, 0).toFixed(1);
  return `page ${sum("CrRendererMain", "ThreadControllerImpl::RunTask")}, workers ${sum("DedicatedWorker", "HandlePostMessage")}`;
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
  await browser.startTracing(page, { categories: ["devtools.timeline", "toplevel"] });
  for (let key = 0; key < KEYS; key++) {
    await page.keyboard.type("x");
    // Asking whether it is done would be work of the page.
    await page.waitForTimeout(200);
  }
  const work = workOf(await browser.stopTracing());
  const took = await page.evaluate(() => performance.getEntriesByName("result").map(({ duration }) => duration));
  const sorted = [...took].sort((a, b) => a - b);
  console.log(`a key at ${count} logs x 5 statements: median ${median(took).toFixed(1)} ms, fastest ${sorted[0].toFixed(1)}, slowest ${sorted.at(-1).toFixed(1)}; work ${work}; load ${load()}`);
}
await browser.close();
site.close();
