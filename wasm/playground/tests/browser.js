// A browser with the built page, for the tests of a file. CHROMIUM names the browser; SCREENSHOTS a folder for pictures.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { chromium } from "playwright-core";

import { serve } from "./serve.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

let browser;
export let site;

before(async () => {
  site = await serve("/some/folder/");
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
});

after(async () => {
  await browser?.close();
  site?.close();
});

/** A page whose result is there. What it logs as an error fails the test. */
export async function open(options = {}, fragment = "", prepare = () => undefined) {
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

export async function close(page) {
  assert.deepEqual(page.faults, []);
  await page.context().close();
}

/** A test of a page, which is opened for it (`how` is what `open` takes) and closed behind it. */
export function onPage(name, ...how) {
  const use = how.pop();
  test(name, async () => {
    const page = await open(...how);
    await use(page);
    await close(page);
  });
}

export async function picture(page, name) {
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}.png` });
}

export async function accessible(page, what) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  const told = violations.map(({ id, nodes }) => `${what}: ${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("\n")}`);
  assert.deepEqual(told, []);
}

export const rules = (page) => page.locator("#rules .cm-content");

export async function write(page, editor, text) {
  await page.locator(`#${editor} .cm-content`).focus();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(text);
}
