// What the views of the result show, for all examples, too.

import assert from "node:assert/strict";

import { accessible, onPage, picture, rules, write } from "./browser.js";

onPage("the trace says which operand decided, and values of expressions", async (page) => {
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
});

onPage("where nothing changed, the trace is one click away", async (page) => {
  await write(page, "rules", 'log_statements:\n  - set(log.attributes["team"], "shop") where log.body == "nothing"\n');
  await page.getByText("6 records · 0 changed").waitFor();
  await page.getByRole("button", { name: "Why? Trace the first record" }).click();
  await page.locator(".step[data-here] .badge.not_matched").waitFor();
  assert.equal(await page.locator(".values .decisive th").textContent(), 'log.body == "nothing"');
});

onPage("a record is walked through the statements, forward and back", async (page) => {
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
});

onPage("a changed field leads to its statement, and a statement to what it changed", async (page) => {
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
});

onPage("statements that never match, always match and fail are told apart beside the rules", async (page) => {
  await write(page, "rules", `log_statements:
  - set(log.attributes["a"], 1)
  - set(log.attributes["b"], 1) where log.body == "nothing"
  - set(log.attributes["c"], ParseJSON(log.body)) where IsString(log.body)
`);
  for (const [look, counts] of [["full", "6/6"], ["cold", "0/6"], ["failed", "✗ 5/6"]]) await page.locator(`.coverage.${look}`, { hasText: counts }).waitFor();
  assert.equal(await page.locator(".coverage.cold").getAttribute("title"), "never matched, of 6. Click to see what it changed.");
  await page.getByRole("tab", { name: "Statements" }).click();
  await page.getByText("2 of 3 statements matched something; 0 were seen both to match and not to.").waitFor();
  await page.getByRole("button", { name: "6: show what line 2 changed" }).click();
  await page.getByRole("button", { name: "By line 2. Show all again" }).waitFor();
});

onPage("dropped records are told, with the condition that dropped them", async (page) => {
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
});

onPage("every example compiles and does something", async (page) => {
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
    assert.match(summary, /[1-9]\d* (changed|dropped|new|that records share)/, title);
    await page.waitForFunction(() => document.getElementById("rules-about").textContent !== "");
    assert.deepEqual([title, await page.locator("#problems li").allTextContents()], [title, []]);
  }
});

onPage("damaged telemetry is told, files are opened, and views follow", async (page) => {
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
});

onPage("what fails while the rules run is told beside what changed", async (page) => {
  await write(page, "rules", 'log_statements:\n  - set(log.attributes["n"], ParseJSON(log.body)) where IsString(log.body)\n');
  await page.getByText(/6 records · 1 changed · 5 failures/).waitFor();
  await page.locator(".failures .badge", { hasText: "failed 5 times" }).waitFor();
  await picture(page, "failures");
  await accessible(page, "failures");
  await page.getByRole("button", { name: "Why: trace of log record 4" }).click();
  await page.locator(".step .badge.changed").waitFor();
  await page.getByRole("button", { name: "Record before" }).click();
  await page.locator(".step .badge.failed").waitFor();
});

onPage("cards are drawn as they come into sight, and more are asked for", async (page) => {
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
});

onPage("what ends the run leads to its statement and record, and what is gone is marked", async (page) => {
  await write(page, "rules", 'error_mode: propagate\nlog_statements:\n  - set(log.attributes["n"], ParseJSON(log.body)) where IsMatch(log.body, "^payment")\n');
  const fault = page.locator("#panels p.error");
  await fault.waitFor();
  assert.doesNotMatch(await fault.textContent(), /rules\.yaml/);
  await picture(page, "propagate");
  await fault.getByRole("button", { name: "Go to line 3 of the rules" }).click();
  assert.ok(await page.locator("#rules .cm-content").evaluate((content) => content.contains(document.activeElement)));
  await fault.getByRole("button", { name: "Why: trace of record 2" }).click();
  await page.locator(".step[data-here] .badge.failed").waitFor();
  await write(page, "rules", 'log_statements:\n  - delete_key(log.attributes, "db.password")\n');
  await page.getByRole("tab", { name: "Output" }).click();
  const gone = page.locator(".cm-bereft .note .gone");
  assert.match(await gone.textContent(), /attributes\["db\.password"\]line 2/);
  await picture(page, "gone");
  await accessible(page, "gone");
  await gone.click();
  assert.ok(await page.locator("#rules .cm-content").evaluate((content) => content.contains(document.activeElement)));
});
