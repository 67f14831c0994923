import type { Diagnostic } from "../../js/ottl";
import { ChangesView } from "./changes-view";
import { goToPlace, replaceText } from "./editor";
import { byCount, byId, element } from "./element";
import { Superseded } from "./engine";
import { runner, service } from "./engines";
import type { Example } from "./examples";
import { exportDialog } from "./export-dialog";
import { gallery } from "./gallery";
import { CHANGES, firstRun, initial, isGiven, own } from "./initial";
import { setText } from "./part";
import { Problems } from "./problems";
import type { Requests, RunAnswer } from "./protocol";
import { RulesEditor } from "./rules-editor";
import { telemetryOf } from "./samples";
import { fromFragment, toFragment } from "./share";
import { drawStatements } from "./statements-view";
import { telemetryEditor } from "./telemetry-editor";
import { faultIn } from "./telemetry-fault";
import { textOf } from "./text";
import { themeButton } from "./theme";
import { Tour } from "./tour";
import { TraceView } from "./trace-view";
import { Tabs } from "./views";

const opened = await initial;
themeButton(byId("theme"));

let answer: RunAnswer | undefined;
let drawn: { destroy(): void } | undefined;
let most = CHANGES;
let areWorkersAsked = opened !== own;
let tour: Tour | undefined;
let openExports: (() => void) | undefined;
/** For how many milliseconds the editors wait for the first result. */
const PATIENCE = 50;
/** When the texts changed last. */
let edited = performance.now();

const rules = new RulesEditor(service, opened.rules, () => changed("rules"), (line) => changesOf(line));
const telemetry = telemetryEditor(opened.telemetry, () => changed("telemetry"), (file) => void open(file));

/** Puts the editors into the page. */
function mount() {
  if (rules.view.dom.isConnected) return;
  byId("rules").append(rules.view.dom);
  byId("telemetry").append(telemetry.dom);
}

const toast = byId("toast");
let toasted: ReturnType<typeof setTimeout>;
function say(text: string) {
  toast.textContent = text;
  toast.dataset.shown = "";
  clearTimeout(toasted);
  toasted = setTimeout(() => delete toast.dataset.shown, 4000);
}

/** Failures are shown; that something newer was asked is none. */
function failed(error: unknown) {
  if (!(error instanceof Superseded)) say(error instanceof Error ? error.message : String(error));
}

const goTo = (line: number, column: number) => rules.goTo(line, column);

const changes = new ChangesView({
  goTo,
  damage() {
    const found = faultIn(textOf(telemetry));
    return found && { line: found.line, go: () => goToPlace(telemetry, found.line, found.column) };
  },
  walk(message, record, line) {
    trace.choose(message, record, line);
    tabs.choose("trace");
    byId("tab-trace").focus();
  },
  // What ran in the page left nothing behind to ask about.
  authors: async (changes) => (areWorkersAsked ? runner.ask("authors", { changes }) : []),
  more() {
    most += CHANGES;
    void run();
  },
});
const trace = new TraceView({ choose: () => void drawTrace(), goTo, mark: (line) => rules.mark(line), changesOf });
const comparePanel = element("div");
const outputPanel = element("div");
const statementsPanel = element("div");

const tabs = new Tabs(byId("tabs"), byId("panels"), [
  { id: "changes", title: "Changes", panel: changes.panel, draw: () => answer && changes.show(answer) },
  { id: "trace", title: "Trace", panel: trace.panel, draw: () => void drawTrace(), leave: () => rules.mark(undefined) },
  { id: "diff", title: "Diff", panel: comparePanel, draw: () => void redraw("diff", ({ drawCompared }, { before, after }) => drawCompared(comparePanel, before, after)) },
  { id: "output", title: "Output", panel: outputPanel, draw: () => void redraw("annotated", ({ drawOutput }, { after, notes }) => drawOutput(outputPanel, after, notes, goTo)) },
  { id: "statements", title: "Statements", panel: statementsPanel, draw: () => answer && drawStatements(statementsPanel, answer, { goTo, changesOf }) },
]);

type CompareView = typeof import("./compare-view");

/** Draws texts; the code that compares them is loaded when it is needed. */
async function redraw<K extends "diff" | "annotated">(kind: K, draw: (view: CompareView, texts: Requests[K]["answer"]) => { destroy(): void }) {
  try {
    const [view, texts] = await Promise.all([import("./compare-view"), runner.ask(kind, {} as Requests[K]["ask"])]);
    drawn?.destroy();
    drawn = draw(view, texts);
  } catch (error) {
    failed(error);
  }
}

/** Shows what the statement on a line changed. */
function changesOf(line: number) {
  tabs.choose("changes");
  void changes.only(line);
}

async function drawTrace() {
  const chosen = trace.chosen;
  if (!chosen) return answer?.isCompiled ? trace.fail(answer.fault?.message ?? "There are no records.") : trace.show(undefined);
  const ask = { text: rules.text, message: chosen.message, record: chosen.record };
  try {
    trace.show(await runner.ask("trace", ask));
  } catch (error) {
    if (!(error instanceof Superseded)) trace.fail(error instanceof Error ? error.message : String(error));
  }
}

const problems = new Problems(byId("problems"), (found: Diagnostic) => rules.goTo(found.line, found.column), (found) => {
  rules.fix(found);
  rules.view.focus();
});

async function check() {
  const text = rules.text;
  try {
    const checked = await service.ask("check", { text });
    rules.show(text, checked);
    problems.show(checked.diagnostics);
    const errors = checked.diagnostics.filter(({ severity }) => severity === "error").length;
    const others = checked.diagnostics.length - errors;
    const counted = [errors && `${errors} error${errors > 1 ? "s" : ""}`, others && `${others} remark${others > 1 ? "s" : ""}`].filter(Boolean);
    setText(byId("rules-about"), counted.join(", ") || "no problems");
  } catch (error) {
    failed(error);
  }
}

function failuresOf({ report }: RunAnswer): number {
  return (report?.statements ?? []).reduce((sum, { failed }) => sum + failed, 0);
}

function summaryOf(found: RunAnswer): string {
  const { isCompiled, fault, counts } = found;
  if (fault) return "nothing came out";
  if (!isCompiled) return "waiting for rules that compile";
  const parts = [byCount(counts.records, "record"), `${counts.changed} changed`];
  if (counts.dropped) parts.push(`${counts.dropped} dropped`);
  if (counts.shared) parts.push(`${counts.shared} that records share changed`);
  if (counts.added) parts.push(`${counts.added} new`);
  const failures = failuresOf(found);
  if (failures) parts.push(byCount(failures, "failure"));
  return parts.join(" · ");
}

async function run(asked = askToRun()) {
  const slow = setTimeout(() => {
    byId("stop").hidden = false;
    byId("summary").textContent = "running …";
  }, 400);
  try {
    const found = await asked;
    const summary = byId("summary");
    setText(summary, summaryOf(found));
    summary.classList.toggle("error", found.fault !== undefined);
    // While a statement is half-written, the last result stays in sight.
    const isStale = answer?.isCompiled === true && !found.isCompiled && found.fault === undefined;
    byId("panels").toggleAttribute("data-stale", isStale);
    if (isStale) return;
    answer = found;
    tour?.update(found);
    rules.showCounts(found.isCompiled ? found.report : undefined);
    const { changed, dropped, added, shared } = answer.counts;
    tabs.count("changes", changed + dropped + added + shared);
    tabs.count("statements", failuresOf(answer), "failed");
    if (answer.records) trace.setRecords(answer.records);
    tabs.draw();
    mount();
    document.documentElement.dataset.ready = "";
    performance.measure("result", { start: edited });
  } catch (error) {
    failed(error);
  } finally {
    clearTimeout(slow);
    if (!byId("stop").hidden) byId("stop").hidden = true;
  }
}

function askToRun() {
  areWorkersAsked = true;
  return runner.ask("run", { text: rules.text, most });
}

let waiting: ReturnType<typeof setTimeout>;
function changed(what: "rules" | "telemetry") {
  edited = performance.now();
  clearTimeout(waiting);
  // The text of a large message is copied for each run: not at every key.
  if (telemetry.state.doc.length > 1_000_000) waiting = setTimeout(tryOut, 250);
  else tryOut();
  if (what === "rules") void check();
}

function tryOut() {
  tell(textOf(telemetry));
  void run();
}

function tell(text: string) {
  service.telemetry = text;
  runner.telemetry = text;
}

async function open(file: File) {
  try {
    replaceText(telemetry, await service.ask("open", { bytes: await file.arrayBuffer() }));
  } catch (error) {
    failed(error);
  }
}

function choose(example: Example) {
  replaceText(telemetry, telemetryOf(example.signal));
  replaceText(rules.view, example.rules);
  history.replaceState(null, "", location.pathname + location.search);
  tabs.choose("changes");
}

const openGallery = gallery(byId<HTMLDialogElement>("gallery"), choose);
byId("examples").addEventListener("click", () => openGallery().catch(failed));
byId("download").addEventListener("click", () => {
  openExports ??= exportDialog(byId<HTMLDialogElement>("export"), () => ({
    rules: rules.text, telemetry: textOf(telemetry), answer, outputs: (to) => runner.ask("outputs", { to }),
  }), say, (id) => tour?.saved(id));
  openExports();
});
byId("take-tour").addEventListener("click", () => {
  tour ??= new Tour(byId("tour"), (text) => {
    replaceText(telemetry, telemetryOf("logs"));
    replaceText(rules.view, text);
    tabs.choose("changes");
  });
  tour.start();
});
byId("format").addEventListener("click", () => rules.format().catch(failed));
byId("stop").addEventListener("click", () => runner.stop());
byId<HTMLInputElement>("file").addEventListener("change", ({ target }) => {
  const [file] = (target as HTMLInputElement).files ?? [];
  if (file) void open(file);
});
byId("share").addEventListener("click", async () => {
  history.replaceState(null, "", await toFragment({ rules: rules.text, telemetry: textOf(telemetry) }));
  try {
    await navigator.clipboard.writeText(location.href);
    say("The link is copied. It holds rules and telemetry, and nothing was sent.");
  } catch {
    say("The link is in the address bar. It holds rules and telemetry.");
  }
});
addEventListener("hashchange", async () => {
  const shared = await fromFragment(location.hash).catch(() => undefined);
  if (!shared) return;
  replaceText(rules.view, shared.rules);
  replaceText(telemetry, shared.telemetry);
});

runner.onWhole = () => changes.learn();
tell(opened.telemetry);
const shown = run(firstRun);
// Where the first result is there at once, editors and result are laid out together; otherwise nobody waits for it.
await Promise.race([shown, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
mount();
await shown;
// What is not needed to see the result and to type comes when it is painted.
await new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
if (!areWorkersAsked) void run();
void check();
void import("./languages").then(({ addLanguages }) => addLanguages(rules.view, telemetry)).catch(failed);

// Not every place that serves files allows it; then the page needs the network.
if (import.meta.env.PROD && !isGiven) navigator.serviceWorker?.register("offline.js").catch(() => undefined);
