// Writing rules, and what the page does besides showing results: files, links, the tour, themes, visits without a network.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { accessible, close, onPage, open, picture, rules, site, write } from "./browser.js";

onPage("a fault is shown while typing, mended with one click, and the result follows", async (page) => {
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
  // Where the machine is slow, what was asked for between the keys may come too late to be shown.
  await page.keyboard.press("Control+Space");
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

onPage("the tour is walked, and each task is told to be solved when it is", async (page) => {
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
});

onPage("results, a test case and a Collector's configuration are given as files", async (page) => {
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
});

onPage("completion and hover know the language and the telemetry", async (page) => {
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
});

onPage("a link brings rules and telemetry back", async (page) => {
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
});

onPage("data sets are fetched when rules need them", async (page) => {
  site.asked.length = 0;
  await write(page, "rules", 'log_statements:\n  - merge_maps(log.attributes, ExtractGrokPatterns(log.body, "%{IP:client.address} - ", true), "upsert") where IsString(log.body)\n');
  await page.getByText("6 records · 1 changed").waitFor();
  assert.ok(site.asked.some((path) => /\/grok-[^/]*\.txt$/.test(path)), site.asked.join(" "));
  assert.ok(!site.asked.some((path) => /zones|charsets|locales/.test(path)));
});

onPage("the page comes back without a network", async (page) => {
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  await page.waitForSelector("[data-ready]");
  await page.context().setOffline(true);
  await page.reload();
  await page.getByText(/6 records · \d changed/).waitFor();
  await write(page, "rules", "log_statements:\n  - set(log.body, 1)\n");
  await page.getByText("6 records · 6 changed").waitFor();
});

onPage("a large message does not stop typing, and a newer edit ends an older run", async (page) => {
  const record = (number) => ({ body: { stringValue: `request ${number} of anna@example.com` }, attributes: [{ key: "n", value: { intValue: String(number) } }] });
  const large = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: Array.from({ length: 60_000 }, (_, number) => record(number)) }] }] });
  await page.setInputFiles("#file", { name: "large.json", mimeType: "application/json", buffer: Buffer.from(large) });
  await page.getByText("60000 records · 60000 changed").waitFor({ timeout: 120_000 });
  await write(page, "rules", "log_statements:\n  - set(log.body, 1");
  await page.locator("#problems li").first().waitFor();
  await page.keyboard.insertText(")\n");
  await page.keyboard.insertText('  - set(log.severity_text, "X")\n');
  await page.locator("#panels .path", { hasText: "severity_text" }).first().waitFor({ timeout: 120_000 });
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

onPage("a theme that was chosen is there again at the next visit", { colorScheme: "light" }, async (page) => {
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  await page.getByRole("button", { name: "Theme: auto" }).click();
  await page.getByRole("button", { name: "Theme: light" }).click();
  assert.equal(await theme(), "dark");
  await page.waitForFunction(async () => (await (await caches.match("theme", { cacheName: "ottl-theme" }))?.text()) === "dark");
  await page.reload();
  await page.getByRole("button", { name: "Theme: dark" }).waitFor();
  assert.equal(await theme(), "dark");
});

test("what the command was given opens in the page", async () => {
  const telemetry = '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"given"}]}]}]}\n';
  const rules = "trace_statements: ['set(span.name, \"x\")']";
  const give = (context) => context.route("**/given.json", (route) => route.fulfill({ json: { rules, telemetry, signal: "traces" } }));
  const page = await open({}, "#given", give);
  assert.match(await page.locator("#rules .cm-content").textContent(), /set\(span\.name, "x"\)/);
  assert.match(await page.locator("#telemetry .cm-content").textContent(), /"name": "given"/);
  // Without rules an example for the signal stands in.
  await page.route("**/given.json", (route) => route.fulfill({ json: { telemetry, signal: "traces" } }));
  await page.reload();
  await page.waitForSelector("[data-ready]");
  assert.match(await page.locator("#rules .cm-content").textContent(), /span|trace_/);
  assert.equal((await page.context().serviceWorkers()).length, 0);
  await close(page);
});

const file = (path) => readFileSync(new URL(`../../../tests/samples/${path}`, import.meta.url));
const telemetry = (page) => page.locator("#telemetry .cm-content");

/** Drops a file on an element of the page. */
async function drop(page, selector, name, bytes) {
  const transfer = await page.evaluateHandle(([name, bytes]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(bytes)], name));
    return transfer;
  }, [name, [...Buffer.from(bytes)]]);
  await page.dispatchEvent(selector, "dragover", { dataTransfer: transfer });
  await page.locator(`[data-drop]`).waitFor();
  await page.dispatchEvent(selector, "drop", { dataTransfer: transfer });
  assert.equal(await page.locator("[data-drop]").count(), 0);
}

onPage("files of any format are opened, and the signal is told by what is in them", async (page) => {
  const opened = [
    ["sdk/node-traces.pb", /"resourceSpans"/], ["fileexporter/logs.framed", /"resourceLogs"/], ["sdk/python-metrics.pb", /"resourceMetrics"/],
    ["fileexporter/logs.gzip", /"resourceLogs"/], ["sdk/python-traces.pb", /"resourceSpans"/], ["fileexporter/logs.zstd", /"resourceLogs"/],
    ["pprof/heap.pb.gz", /"resourceProfiles"/],
  ];
  for (const [path, seen] of opened) {
    await page.setInputFiles("#file", { name: path, mimeType: "application/octet-stream", buffer: file(path) });
    await telemetry(page).filter({ hasText: seen }).waitFor();
  }
  await write(page, "rules", 'profile_statements:\n  - set(profile.attributes["team"], "shop")\n');
  const label = page.locator(".card .label");
  await label.first().waitFor();
  assert.deepEqual((await label.allTextContents()).slice(0, 2), ["alloc_objects (count)", "alloc_space (bytes)"]);
  await picture(page, "profiles");
  // A record without a field could be of any signal: the rules tell, and where they do not, somebody does.
  const anything = { name: "any.pb", mimeType: "application/octet-stream", buffer: Buffer.from([0x0a, 4, 0x12, 2, 0x12, 0]) };
  await page.setInputFiles("#file", anything);
  await page.getByText("1 record · 1 changed").waitFor();
  await write(page, "rules", "log_statements:\n  - set(log.body, 1)\ntrace_statements:\n  - set(span.name, \"a\")\n");
  await page.locator("#summary", { hasText: "the rules are for traces and logs, the telemetry is profiles" }).waitFor();
  await page.setInputFiles("#file", anything);
  await page.getByRole("heading", { name: "What is in any.pb?" }).waitFor();
  await accessible(page, "signal");
  await picture(page, "signal");
  await page.getByRole("button", { name: "traces", exact: true }).click();
  await telemetry(page).filter({ hasText: "resourceSpans" }).waitFor();
});

onPage("files may be dropped anywhere: rules take the place of rules, all else is telemetry", async (page) => {
  const said = page.locator("#toast");
  const record = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: "dropped" } }] }] }] });
  await drop(page, "#panels", "logs.json", record);
  await telemetry(page).filter({ hasText: "dropped" }).waitFor();
  const before = await rules(page).innerText();
  for (const where of ["#rules .cm-content", "header"]) {
    await drop(page, where, "mine.yaml", 'log_statements:\n  - set(log.severity_text, "INFO")\n');
    await page.waitForFunction(() => document.querySelectorAll("#rules .cm-line").length === 3);
    await page.getByText("1 record · 1 changed").waitFor();
    await said.filter({ hasText: "mine.yaml took the place of the rules" }).waitFor();
    await page.keyboard.press("Control+Z");
    await page.waitForFunction((before) => document.querySelector("#rules .cm-content").innerText === before, before);
  }
  await drop(page, "#telemetry .cm-content", "README.md", "# Notes\n");
  await said.filter({ hasText: "README.md: this is text" }).waitFor();
  await drop(page, "#rules .cm-content", "README.md", "# Notes\n");
  assert.equal(await rules(page).innerText(), before);
  await write(page, "telemetry", "hello");
  await page.locator("#panels p.error", { hasText: "this is text, and OTLP/JSON begins with {" }).waitFor();
});

onPage("what was written is there again when the page is loaded again", async (page) => {
  await write(page, "rules", 'log_statements:\n  - set(log.attributes["kept"], true)\n');
  await page.getByText("6 records · 6 changed").waitFor();
  await page.reload();
  await page.waitForSelector("[data-ready]");
  assert.match(await rules(page).innerText(), /kept/);
  await page.reload();
  await page.waitForSelector("[data-ready]");
  assert.match(await rules(page).innerText(), /kept/);
  // Another visit begins anew.
  await page.goto("about:blank");
  await page.goto(site.url);
  await page.waitForSelector("[data-ready]");
  assert.doesNotMatch(await rules(page).innerText(), /kept/);
});

onPage("rules of another signal than the telemetry say so, and lead on", async (page) => {
  await write(page, "rules", 'metric_statements:\n  - set(metric.unit, "By")\n');
  const said = "the rules are for metrics, the telemetry is logs";
  await page.locator("#summary", { hasText: `6 records · ${said}` }).waitFor();
  await page.locator("#rules-about", { hasText: `no problems, but ${said}` }).waitFor();
  await page.getByRole("tab", { name: "Trace" }).click();
  await page.locator("#panel-trace", { hasText: said }).waitFor();
  await page.getByRole("tab", { name: "Changes" }).click();
  await picture(page, "stranger");
  await accessible(page, "stranger");
  await page.getByRole("button", { name: "Examples for logs" }).click();
  await page.locator("#gallery .groups button").first().waitFor();
  assert.deepEqual([...new Set(await page.locator("#gallery .groups small").allTextContents())], ["logs"]);
  await page.getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: "Try them on metrics" }).click();
  await page.locator("#summary", { hasText: /[1-9]\d* that records share changed/ }).waitFor();
  assert.equal(await page.locator("#rules-about").textContent(), "no problems");
  // The first example that is found is taken with Enter.
  await page.getByRole("button", { name: "Examples" }).click();
  await page.getByRole("searchbox").fill("span");
  await page.getByRole("searchbox").press("Enter");
  await rules(page).filter({ hasText: "span" }).waitFor();
  assert.equal(await page.locator("dialog[open]").count(), 0);
});

onPage("statements alone are put where they belong, and a code leads to its page", async (page) => {
  await write(page, "rules", '- set(span.name, "x")\n');
  await page.getByRole("button", { name: "What E0614 means" }).click();
  await page.getByRole("heading", { name: "E0614: unrecognized-configuration" }).waitFor();
  await picture(page, "explained");
  await accessible(page, "explained");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^Fix E0614/ }).click();
  await page.locator("#summary", { hasText: "the rules are for traces" }).waitFor();
  await write(page, "rules", 'set(log.attributes["team"], "a: b")\nset(log.severity_text, "x")\n  where log.severity_number > 0\n');
  await page.getByRole("button", { name: /^Fix E06/ }).click();
  await page.getByText("6 records · 6 changed").waitFor();
  assert.match(await rules(page).innerText(), /^log_statements:\n+ {2}- 'set\(log.attributes\["team"\], "a: b"\)'\n+ {2}- set\(log.severity_text, "x"\) where/);
});

onPage("keys are told to those who have no mouse, and a narrow page has all buttons in sight", { viewport: { width: 375, height: 740 } }, async (page) => {
  const keys = page.locator("#rules .keys");
  await rules(page).click();
  assert.equal(await keys.isVisible(), false);
  await page.locator("#format").focus();
  await page.keyboard.press("Tab");
  await keys.waitFor();
  assert.match(await keys.textContent(), /Esc, Tab leaves.*Ctrl\+Space completes.*F8/);
  await picture(page, "keys");
  await accessible(page, "keys");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await keys.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Download" }).click();
  await page.locator(".preview", { hasText: "cases:" }).waitFor();
  await picture(page, "narrow-download");
  for (const name of ["Copy", "Download"]) {
    const { x, width } = await page.locator("#export").getByRole("button", { name, exact: true }).boundingBox();
    assert.ok(x >= 0 && x + width <= 375, `${name} at ${x}`);
  }
});
