// The built page in a real browser. CHROMIUM names the browser; SCREENSHOTS a folder for pictures.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { chromium } from "playwright-core";

import { serve } from "./serve.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

let browser;
let site;

before(async () => {
  site = await serve("/some/folder/");
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
});

after(async () => {
  await browser?.close();
  site?.close();
});

/** A page whose result is there. What it logs as an error fails the test. */
async function open(options = {}, fragment = "", prepare = () => undefined) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  await prepare(context);
  const page = await context.newPage();
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(error.stack));
  page.on("console", (message) => message.type() === "error" && page.faults.push(message.text()));
  page.on("request", (request) => !request.url().startsWith(new URL(site.url).origin) && !request.url().startsWith("data:") && page.faults.push(`foreign request: ${request.url()}`));
  await page.goto(site.url + fragment);
  await page.waitForSelector("[data-ready]");
  return page;
}

async function close(page) {
  assert.deepEqual(page.faults, []);
  await page.context().close();
}

async function picture(page, name) {
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}.png` });
}

async function accessible(page, what) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  const told = violations.map(({ id, nodes }) => `${what}: ${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("\n")}`);
  assert.deepEqual(told, []);
}

const rules = (page) => page.locator("#rules .cm-content");

async function write(page, editor, text) {
  await page.locator(`#${editor} .cm-content`).focus();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(text);
}

test("a fault is shown while typing, mended with one click, and the result follows", async () => {
  const page = await open();
  await write(page, "rules", 'log_statements:\n  - set(log.attributes["team"], "shop") where log.boddy == "GET /healthz 200"\n');
  const problem = page.locator("#problems li");
  await problem.filter({ hasText: "E0203" }).waitFor();
  await page.getByText("waiting for rules that compile").waitFor();
  await page.locator("#rules .cm-lintRange-error").waitFor();
  await picture(page, "fault");
  await page.getByRole("button", { name: /^Fix E0203/ }).click();
  await page.getByText("6 records · 1 changed").waitFor();
  assert.equal(await problem.count(), 0);
  await page.locator(".cm-counts", { hasText: "1/6" }).waitFor();
  const card = page.locator(".card");
  assert.match(await card.textContent(), /attributes\["team"\].*"shop"/);
  await card.getByRole("button", { name: "Changed by line 2" }).click();
  assert.ok(await rules(page).evaluate((content) => content.contains(document.activeElement)));
  await close(page);
});

test("the first part of the engine answers the first keys, and what needs the rest gets it", async () => {
  const held = [];
  let isHeld = true;
  const hold = (context) => context.route(/\/rest-[^/]*\.wasm$/, (route) => (isHeld ? held.push(route) : route.continue()));
  const page = await open({ serviceWorkers: "block" }, "", hold);
  // The example is answered in the page itself: workers start behind it.
  await page.waitForFunction(() => performance.getEntriesByType("resource").some(({ name }) => /\/worker-/.test(name)));
  assert.ok(await page.evaluate(() => {
    const [{ startTime, duration }] = performance.getEntriesByName("result");
    return performance.getEntriesByType("resource").every((entry) => !/\/worker-/.test(entry.name) || entry.startTime >= startTime + duration);
  }));
  await write(page, "rules", 'log_statements:\n  - set(log.attributes["team"], "shop") where log.severity_number >= 17');
  await page.getByText("6 records · 1 changed").waitFor();
  await page.keyboard.type(" and log.se");
  await page.locator(".cm-tooltip-autocomplete", { hasText: "severity_text" }).waitFor();
  await page.keyboard.press("Escape");
  await write(page, "rules", 'log_statements:\n  - set(log.attributes["found"], GetXML("<a><b>1</b></a>", "/a/b"))\n');
  await page.waitForFunction(() => document.getElementById("summary").textContent.startsWith("running"));
  isHeld = false;
  await Promise.all(held.map((route) => route.continue()));
  await page.getByText("6 records · 6 changed").waitFor();
  const card = page.locator(".card").first();
  assert.match(await card.textContent(), /<b>1<\/b>/);
  await card.getByRole("button", { name: "Changed by line 2" }).waitFor();
  await close(page);
});

test("the trace says which operand decided, and values of expressions", async () => {
  const page = await open();
  await write(page, "rules", 'log_statements:\n  - set(log.attributes["team"], "shop") where log.severity_number == 17 and IsMatch(log.body, "^payment")\n');
  await page.getByText("6 records · 1 changed").waitFor();
  await page.getByRole("button", { name: "Why: trace of log record 2" }).click();
  await page.locator(".step .badge.changed").waitFor();
  assert.match(await page.locator(".step .lines").first().textContent(), /log\.attributes\["team"\].*"shop"/);
  assert.match(await page.locator(".values").textContent(), /log\.severity_number.*17.*int/);
  await accessible(page, "trace");
  await page.getByRole("button", { name: "Next record" }).click();
  await page.locator(".step .badge.not_matched").waitFor();
  assert.equal(await page.locator(".step mark").textContent(), "log.severity_number == 17");
  assert.equal(await page.locator(".values .decisive th").textContent(), "log.severity_number == 17");
  await close(page);
});

test("where nothing changed, the trace is one click away", async () => {
  const page = await open();
  await write(page, "rules", 'log_statements:\n  - set(log.attributes["team"], "shop") where log.body == "nothing"\n');
  await page.getByText("6 records · 0 changed").waitFor();
  await page.getByRole("button", { name: "Why? Trace the first record" }).click();
  await page.locator(".step[data-here] .badge.not_matched").waitFor();
  assert.equal(await page.locator(".values .decisive th").textContent(), 'log.body == "nothing"');
  await close(page);
});

test("a record is walked through the statements, forward and back", async () => {
  const page = await open();
  await page.getByText("6 records · 4 changed").waitFor();
  await page.getByRole("button", { name: "Why: trace of log record 2" }).click();
  const here = page.locator(".step[data-here]");
  await here.filter({ hasText: "replace_pattern" }).waitFor();
  await page.locator("#rules .cm-walked", { hasText: "replace_pattern" }).waitFor();
  await page.getByRole("button", { name: "Next step" }).click();
  await page.locator("#rules .cm-walked", { hasText: "delete_matching_keys" }).waitFor();
  // What the first statement did is what the second one meets.
  await here.getByText("The record before and after").click();
  assert.match(await here.locator(".state .same", { hasText: "body" }).textContent(), /payment of <email> failed/);
  assert.match(await here.locator(".state .before").textContent(), /attributes\["db\.password"\].*hunter2/);
  await picture(page, "trace");
  await accessible(page, "walk");
  await here.locator(".step-head").press("ArrowDown");
  await here.filter({ hasText: '"alert"' }).waitFor();
  assert.equal(await here.locator(".state .same", { hasText: "db.password" }).count(), 0);
  await page.keyboard.press("End");
  await here.locator(".badge.not_matched").waitFor();
  assert.equal(await page.locator(".trace [aria-live]").textContent(), 'Step 4 of 4: not matched: set(log.severity_text, "INFO") where log.severity_text == ""');
  assert.ok(await page.getByRole("button", { name: "Next step" }).isDisabled());
  await page.keyboard.press("Home");
  await here.filter({ hasText: "replace_pattern" }).waitFor();
  // While rules are written, the walk stays at its line.
  await write(page, "rules", 'log_statements:\n  - set(log.body, "a")\n  - set(log.severity_text, "b")\n');
  await here.filter({ hasText: 'set(log.severity_text, "b")' }).waitFor();
  await page.getByRole("tab", { name: "Statements" }).click();
  assert.equal(await page.locator("#rules .cm-walked").count(), 0);
  await close(page);
});

test("a changed field leads to its statement, and a statement to what it changed", async () => {
  const page = await open();
  const cards = page.locator(".card");
  await page.getByRole("button", { name: "Changed by line 3" }).first().waitFor();
  assert.equal(await cards.count(), 4);
  await page.locator(".cm-counts .coverage.part", { hasText: "1/6" }).click();
  await page.getByRole("button", { name: "By line 5. Show all again" }).waitFor();
  assert.equal(await cards.count(), 1);
  await picture(page, "by-line");
  await accessible(page, "by line");
  await page.getByRole("button", { name: "By line 5. Show all again" }).click();
  assert.equal(await cards.count(), 4);
  await cards.first().getByRole("button", { name: "Why: trace of log record 2" }).click();
  await page.locator(".step[data-here]").getByRole("button", { name: "all that it changed" }).click();
  await page.getByRole("button", { name: "By line 3. Show all again" }).waitFor();
  assert.equal(await cards.count(), 1);
  await page.getByRole("tab", { name: "Output" }).click();
  const note = page.locator("#panels .cm-noted .note", { hasText: "line 5" }).first();
  await note.waitFor();
  await accessible(page, "annotated output");
  await note.getByRole("button").click();
  assert.ok(await rules(page).evaluate((content) => content.contains(document.activeElement)));
  await close(page);
});

test("statements that never match, always match and fail are told apart beside the rules", async () => {
  const page = await open();
  await write(page, "rules", `log_statements:
  - set(log.attributes["a"], 1)
  - set(log.attributes["b"], 1) where log.body == "nothing"
  - set(log.attributes["c"], ParseJSON(log.body)) where IsString(log.body)
`);
  for (const [look, counts] of [["full", "6/6"], ["cold", "0/6"], ["failed", "6/6"]]) await page.locator(`.coverage.${look}`, { hasText: counts }).waitFor();
  assert.equal(await page.locator(".coverage.cold").getAttribute("title"), "never matched, of 6. Click to see what it changed.");
  await page.getByRole("tab", { name: "Statements" }).click();
  await page.getByText("2 of 3 statements matched something; 0 were seen both to match and not to.").waitFor();
  await page.getByRole("button", { name: "6: show what line 2 changed" }).click();
  await page.getByRole("button", { name: "By line 2. Show all again" }).waitFor();
  await close(page);
});

test("dropped records are told, with the condition that dropped them", async () => {
  const page = await open();
  await write(page, "rules", 'log_conditions:\n  - log.severity_number == 17\n  - IsMatch(log.body, "^GET /healthz")\n');
  await page.getByText(/6 records · 0 changed · \d dropped/).waitFor();
  await page.getByRole("button", { name: "Dropped by line 3" }).waitFor();
  assert.equal(await page.getByRole("button", { name: /^Dropped \d/ }).count(), 0);
  assert.equal(await page.locator(".card.dropped").count(), await page.locator(".card").count());
  await picture(page, "dropped");
  await page.getByRole("button", { name: "Why: trace of log record 1" }).click();
  await page.locator(".step[data-here] .badge.dropped").waitFor();
  // Where some are dropped and some change, each kind can be shown alone.
  await page.getByRole("button", { name: "Examples" }).click();
  await page.getByRole("button", { name: /^A Collector's configuration with two processors/ }).click();
  await page.getByText(/6 records · [1-9] changed · [1-9] dropped/).waitFor();
  await page.getByRole("button", { name: /^Dropped [1-9]/ }).click();
  assert.equal(await page.locator(".card:not(.dropped)").count(), 0);
  await page.getByRole("button", { name: /^Changed [1-9]/ }).click();
  assert.equal(await page.locator(".card:not(.changed)").count(), 0);
  await close(page);
});

test("the tour is walked, and each task is told to be solved when it is", async () => {
  const page = await open();
  const tour = page.getByRole("region", { name: /^\d+\/10/ });
  assert.equal(await tour.count(), 0);
  await page.getByRole("button", { name: "Tour" }).click();
  await tour.getByRole("heading", { name: "A statement changes records" }).waitFor();
  assert.ok(await tour.getByRole("button", { name: "Back" }).isDisabled());
  await page.getByText("6 records · 6 changed").waitFor();
  await tour.getByRole("button", { name: "Hint" }).click();
  await tour.getByText("Change the text in the second pair of quotes.").waitFor();
  await picture(page, "tour");
  await accessible(page, "tour");
  for (let step = 1; step <= 10; step++) {
    await tour.getByRole("heading", { name: `${step}/10` }).waitFor();
    // The rules that a step begins with do not solve it.
    await page.waitForFunction((step) => {
      const text = document.getElementById("summary").textContent;
      return step === 2 ? text === "waiting for rules that compile" : /^6 records/.test(text);
    }, step);
    await page.waitForTimeout(150);
    assert.equal(await tour.getByRole("status").textContent(), "", `step ${step}`);
    if (step === 2) await page.getByRole("button", { name: /^Fix / }).click();
    else await tour.getByRole("button", { name: "Show me" }).click();
    if (step === 10) {
      await page.getByText("6 records · 0 changed · 1 dropped").waitFor();
      await page.getByRole("button", { name: "Download" }).click();
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("dialog", { name: "Download" }).getByRole("button", { name: "Download" }).click()]);
      assert.equal(download.suggestedFilename(), "rules.test.yaml");
      await page.keyboard.press("Escape");
    }
    await tour.getByText("✓ Solved").waitFor();
    assert.equal(await page.locator("#problems li.error").count(), 0);
    if (step < 10) await tour.getByRole("button", { name: "Next" }).click();
  }
  await picture(page, "tour-end");
  await tour.getByRole("button", { name: "Step 5: Why did it not match?, solved" }).click();
  await tour.getByRole("heading", { name: "5/10" }).waitFor();
  await tour.getByRole("button", { name: "End the tour" }).click();
  await close(page);
});

test("results, a test case and a Collector's configuration are given as files", async () => {
  const page = await open();
  await write(page, "rules", 'log_statements:\n  - replace_pattern(log.body, "(\\\\d{4})\\\\d{8}", "$1********")\n');
  await page.getByText("6 records · 1 changed").waitFor();
  await page.getByRole("button", { name: "Download" }).click();
  const dialog = page.getByRole("dialog", { name: "Download" });
  const file = async (title) => {
    await dialog.getByRole("radio", { name: title, exact: true }).check();
    await dialog.getByRole("button", { name: "Download" }).and(page.locator(":enabled")).waitFor();
    await dialog.getByText(/File: /).waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), dialog.getByRole("button", { name: "Download" }).click()]);
    return [download.suggestedFilename(), readFileSync(await download.path())];
  };
  const [caseName, testCase] = await file("Test case");
  await picture(page, "download");
  await accessible(page, "download");
  assert.equal(caseName, "rules.test.yaml");
  assert.match(String(testCase), /^rules: \|\n {2}log_statements:[^]*^ {2}- name: 6 records, 1 changed\n {4}input: \|\n {6}\{\n[^]*4111111111111111[^]* {4}expect:\n {6}output: \|\n {8}\{\n[^]*4111\*{8}1111/m);
  const [, json] = await file("Result as JSON");
  assert.match(String(json), /4111\*{8}1111/);
  JSON.parse(String(json));
  const [name, protobuf] = await file("Result as protobuf");
  assert.equal(name, "result.pb");
  assert.ok(protobuf.includes("4111********1111") && protobuf[0] === 0x0a);
  const [, collector] = await file("Collector");
  assert.match(String(collector), /transform\/playground:\n {4}error_mode: ignore\n {4}log_statements:/);
  await page.keyboard.press("Escape");
  // A Collector takes it, and does the same.
  await write(page, "rules", String(collector));
  await page.getByText("6 records · 1 changed").waitFor();
  await page.locator(".after .value", { hasText: "4111********1111" }).waitFor();
  assert.equal(await page.locator("#problems li.error").count(), 0);
  await close(page);
});

test("completion and hover know the language and the telemetry", async () => {
  const page = await open();
  await write(page, "rules", "log_statements:\n  - set(log.attributes[\"");
  await page.keyboard.type("ur");
  const proposed = page.locator(".cm-tooltip-autocomplete li", { hasText: "url.path" });
  await proposed.waitFor();
  await picture(page, "completion");
  await proposed.click();
  assert.match(await rules(page).textContent(), /attributes\["url\.path"/);
  await write(page, "rules", 'log_statements:\n  - set(log.body, ToUpperCase("a"))\n');
  await page.locator("#rules .tok-method", { hasText: "ToUpperCase" }).hover();
  await page.locator(".cm-tooltip-hover .markdown", { hasText: "ToUpperCase" }).waitFor();
  await picture(page, "hover");
  await close(page);
});

test("a link brings rules and telemetry back", async () => {
  const page = await open();
  const text = 'log_statements:\n  - set(log.body, "für später")\n';
  await write(page, "rules", text);
  await page.getByText("6 records · 6 changed").waitFor();
  await page.getByRole("button", { name: "Share" }).click();
  await page.waitForFunction(() => location.hash.startsWith("#1."));
  await page.reload();
  await page.getByText("6 records · 6 changed").waitFor();
  assert.match(await rules(page).textContent(), /für später/);
  const other = await open({}, new URL(page.url()).hash);
  await other.getByText("6 records · 6 changed").waitFor();
  await close(other);
  await close(page);
});

test("data sets are fetched when rules need them", async () => {
  const page = await open();
  site.asked.length = 0;
  await write(page, "rules", 'log_statements:\n  - merge_maps(log.attributes, ExtractGrokPatterns(log.body, "%{IP:client.address} - ", true), "upsert") where IsString(log.body)\n');
  await page.getByText("6 records · 1 changed").waitFor();
  assert.ok(site.asked.some((path) => /\/grok-[^/]*\.txt$/.test(path)), site.asked.join(" "));
  assert.ok(!site.asked.some((path) => /zones|charsets|locales/.test(path)));
  await close(page);
});

test("the page comes back without a network", async () => {
  const page = await open();
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  await page.waitForSelector("[data-ready]");
  await page.context().setOffline(true);
  await page.reload();
  await page.getByText(/6 records · \d changed/).waitFor();
  await write(page, "rules", "log_statements:\n  - set(log.body, 1)\n");
  await page.getByText("6 records · 6 changed").waitFor();
  await close(page);
});

test("every example compiles and does something", async () => {
  const page = await open();
  await write(page, "rules", "log_statements: []\n");
  await page.getByText("6 records · 0 changed").waitFor();
  await page.getByRole("button", { name: "Examples" }).click();
  await page.getByRole("dialog", { name: "Examples" }).waitFor();
  await accessible(page, "gallery");
  await picture(page, "gallery");
  const count = await page.locator("#gallery li button").count();
  assert.ok(count >= 30, String(count));
  await page.keyboard.press("Escape");
  for (let number = 0; number < count; number++) {
    await page.evaluate((number) => {
      delete document.documentElement.dataset.ready;
      document.querySelectorAll("#gallery li button")[number].click();
    }, number);
    await page.waitForSelector("[data-ready]");
    await page.waitForFunction(() => /\d (changed|dropped|new)| changed$/.test(document.getElementById("summary").textContent));
    const [title, summary] = await page.evaluate((number) => [
      document.querySelectorAll("#gallery li button")[number].textContent, document.getElementById("summary").textContent,
    ], number);
    assert.match(summary, /[1-9]\d* (changed|dropped|new|resource)/, title);
    await page.waitForFunction(() => document.getElementById("rules-about").textContent !== "");
    assert.deepEqual([title, await page.locator("#problems li").allTextContents()], [title, []]);
  }
  await close(page);
});

test("damaged telemetry is told, files are opened, and views follow", async () => {
  const page = await open();
  await write(page, "telemetry", '{"resourceLogs": [{]}');
  await page.locator("#summary.error").waitFor();
  await page.locator("#panels p.error").waitFor();
  await picture(page, "damaged");
  await page.getByRole("button", { name: "Go to line 1 of the telemetry" }).click();
  assert.ok(await page.locator("#telemetry .cm-content").evaluate((content) => content.contains(document.activeElement)));
  const records = ["a", "b"].map((body) => JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: body } }] }] }] }));
  await page.setInputFiles("#file", { name: "logs.jsonl", mimeType: "application/json", buffer: Buffer.from(`${records.join("\n")}\n`) });
  await page.getByText("2 records · 2 changed").waitFor();
  for (const [tab, seen] of [["Output", "severityText"], ["Diff", "severityText"], ["Statements", "replace_pattern"]]) {
    await page.getByRole("tab", { name: tab }).click();
    await page.locator("#panels > :not([hidden])", { hasText: seen }).waitFor();
    // What JSON may leave out is no difference.
    if (tab === "Diff") assert.doesNotMatch(await page.locator("#panel-diff .cm-changedText").allTextContents().then((texts) => texts.join()), /resource|scope/);
    await picture(page, tab.toLowerCase());
    await accessible(page, tab);
  }
  await page.getByRole("tab", { name: "Statements" }).press("ArrowLeft");
  assert.equal(await page.getByRole("tab", { name: "Output" }).getAttribute("aria-selected"), "true");
  await close(page);
});

test("what fails while the rules run is told beside what changed", async () => {
  const page = await open();
  await write(page, "rules", 'log_statements:\n  - set(log.attributes["n"], ParseJSON(log.body)) where IsString(log.body)\n');
  await page.getByText(/6 records · 1 changed · 5 failures/).waitFor();
  await page.locator(".failures .badge", { hasText: "failed 5 times" }).waitFor();
  await picture(page, "failures");
  await accessible(page, "failures");
  await page.getByRole("button", { name: "Why: trace of log record 4" }).click();
  await page.locator(".step .badge.changed").waitFor();
  await page.getByRole("button", { name: "Record before" }).click();
  await page.locator(".step .badge.failed").waitFor();
  await close(page);
});

test("a large message does not stop typing, and a newer edit ends an older run", async () => {
  const page = await open();
  const record = (number) => ({ body: { stringValue: `request ${number} of anna@example.com` }, attributes: [{ key: "n", value: { intValue: String(number) } }] });
  const large = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: Array.from({ length: 60_000 }, (_, number) => record(number)) }] }] });
  await page.setInputFiles("#file", { name: "large.json", mimeType: "application/json", buffer: Buffer.from(large) });
  await page.getByText("60000 records · 60000 changed").waitFor({ timeout: 120_000 });
  await write(page, "rules", "log_statements:\n  - set(log.body, 1");
  await page.locator("#problems li").first().waitFor();
  await page.keyboard.insertText(")\n");
  await page.keyboard.insertText('  - set(log.severity_text, "X")\n');
  await page.locator("#panels .path", { hasText: "severity_text" }).first().waitFor({ timeout: 120_000 });
  await close(page);
});

test("cards are drawn as they come into sight, and more are asked for", async () => {
  const page = await open();
  await write(page, "rules", 'log_conditions:\n  - log.severity_number == 1\n');
  const logRecords = Array.from({ length: 250 }, (_, number) => ({ severityNumber: 1, body: { stringValue: `record ${number}` } }));
  await page.setInputFiles("#file", { name: "many.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })) });
  await page.getByText("250 records · 0 changed · 250 dropped").waitFor();
  const cards = page.locator(".card");
  await cards.nth(11).waitFor();
  assert.ok(await cards.count() < 60, String(await cards.count()));
  const more = page.getByRole("button", { name: "Show more of 150 other changes" });
  for (let scroll = 0; scroll < 60 && await more.count() === 0; scroll++) {
    await page.locator("#panel-changes").evaluate((panel) => panel.scrollTo(0, panel.scrollHeight));
    await page.waitForTimeout(50);
  }
  assert.equal(await cards.count(), 100);
  await more.click();
  await page.getByRole("button", { name: "Dropped by line 2" }).nth(100).waitFor({ state: "attached" });
  await close(page);
});

test("light, dark and narrow pages are accessible", async () => {
  for (const [name, options] of [
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["narrow", { colorScheme: "light", viewport: { width: 390, height: 844 } }],
  ]) {
    const page = await open(options);
    await picture(page, name);
    await accessible(page, name);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${name} scrolls sideways`);
    const [card, panel] = await Promise.all([".card", "#panel-changes"].map((place) => page.locator(place).first().boundingBox()));
    assert.ok(card.x + card.width < panel.x + panel.width, `${name}: cards are cut off`);
    await close(page);
  }
});

test("a theme that was chosen is there again at the next visit", async () => {
  const page = await open({ colorScheme: "light" });
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  await page.getByRole("button", { name: "Theme: auto" }).click();
  await page.getByRole("button", { name: "Theme: light" }).click();
  assert.equal(await theme(), "dark");
  await page.waitForFunction(async () => (await (await caches.match("theme", { cacheName: "ottl-theme" }))?.text()) === "dark");
  await page.reload();
  await page.getByRole("button", { name: "Theme: dark" }).waitFor();
  assert.equal(await theme(), "dark");
  await close(page);
});

test("what the command was given opens in the page", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(error.stack));
  page.on("console", (message) => message.type() === "error" && page.faults.push(message.text()));
  const telemetry = '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"given"}]}]}]}\n';
  await page.route("**/given.json", (route) => route.fulfill({ json: { rules: "trace_statements: ['set(span.name, \"x\")']", telemetry, signal: "traces" } }));
  await page.goto(`${site.url}#given`);
  await page.waitForSelector("[data-ready]");
  assert.match(await page.locator("#rules .cm-content").textContent(), /set\(span\.name, "x"\)/);
  assert.match(await page.locator("#telemetry .cm-content").textContent(), /"name": "given"/);
  // Without rules an example for the signal stands in.
  await page.unroute("**/given.json");
  await page.route("**/given.json", (route) => route.fulfill({ json: { telemetry, signal: "traces" } }));
  await page.reload();
  await page.waitForSelector("[data-ready]");
  assert.match(await page.locator("#rules .cm-content").textContent(), /span|trace_/);
  assert.equal((await context.serviceWorkers()).length, 0);
  await close(page);
});
