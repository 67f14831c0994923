import type { Diagnostic } from "../../js/ottl";
import { ChangesView } from "./changes-view";
import { rulesIn, takeDrops } from "./dropped";
import { goToPlace, replaceText } from "./editor";
import { byCount, byId, element } from "./element";
import { Superseded } from "./engine";
import { runner, service } from "./engines";
import type { Example } from "./examples";
import { explain } from "./explain-dialog";
import { exportDialog } from "./export-dialog";
import { gallery } from "./gallery";
import { CHANGES, firstRun, initial, isGiven, own } from "./initial";
import { keep } from "./kept";
import { keysHint } from "./keys-hint";
import { inline } from "./markdown";
import { setText } from "./part";
import { Problems } from "./problems";
import type { Requests, RunAnswer } from "./protocol";
import { RulesEditor } from "./rules-editor";
import { telemetryOf } from "./samples";
import { fromFragment, toFragment } from "./share";
import { askSignal } from "./signal-dialog";
import { mismatch } from "./signals";
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
let areEdited = false;
let tour: Tour | undefined;
let openExports: (() => void) | undefined;
/** For how many milliseconds the editors wait for the first result. */
const PATIENCE = 50;
/** When the texts changed last. */
let edited = performance.now();

const rules = new RulesEditor(service, opened.rules, () => changed("rules"), (line) => changesOf(line));
const telemetry = telemetryEditor(opened.telemetry, () => changed("telemetry"));

/** Puts the editors into the page. */
function mount() {
  if (rules.view.dom.isConnected) return;
  byId("rules").append(rules.view.dom);
  byId("telemetry").append(telemetry.dom);
}

const toast = byId("toast");
let toasted: ReturnType<typeof setTimeout>;
function say(text: string) {
  toast.replaceChildren(...inline(text));
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
  telemetryFor: (signal) => replaceText(telemetry, telemetryOf(signal)),
  examplesFor: (signal) => openGallery(signal).catch(failed),
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
  const stranger = answer && mismatch(answer);
  if (stranger) return trace.pass(`Nothing runs here: ${stranger.text}.`);
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
}, ({ code }) => explain(byId<HTMLDialogElement>("explain"), code).catch(failed));

/** What was found in the rules. */
let problemsFound = "";
function drawAbout() {
  const stranger = answer && mismatch(answer);
  const about = byId("rules-about");
  setText(about, stranger && problemsFound ? `${problemsFound}, but ${stranger.text}` : problemsFound);
  about.title = stranger?.text ?? "";
  about.classList.toggle("warning", stranger !== undefined);
}

async function check() {
  const text = rules.text;
  try {
    const checked = await service.ask("check", { text });
    rules.show(text, checked);
    problems.show(checked.diagnostics);
    const errors = checked.diagnostics.filter(({ severity }) => severity === "error").length;
    const others = checked.diagnostics.length - errors;
    const counted = [errors && `${errors} error${errors > 1 ? "s" : ""}`, others && `${others} remark${others > 1 ? "s" : ""}`].filter(Boolean);
    problemsFound = counted.join(", ") || "no problems";
    drawAbout();
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
  const stranger = mismatch(found);
  if (stranger) return `${byCount(counts.records, "record")} · ${stranger.text}`;
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
    drawAbout();
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
  areEdited = true;
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

/** Takes a file: of rules or, where it is none, of telemetry. */
async function take(file: File, isOnRules: boolean) {
  try {
    const bytes = await file.arrayBuffer();
    const text = rulesIn(file.name, bytes, isOnRules);
    if (text === undefined) return await open(file.name, bytes);
    replaceText(rules.view, text);
    rules.view.focus();
    say(`${file.name} took the place of the rules. Undo (Ctrl+Z) brings them back.`);
  } catch (error) {
    say(`${file.name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function open(name: string, bytes: ArrayBuffer) {
  const wanted = answer?.signals.rules ?? [];
  let text = await service.ask("open", { bytes, wanted });
  if (text === undefined) {
    const signal = await askSignal(byId<HTMLDialogElement>("signal"), name);
    if (signal) text = await service.ask("open", { bytes, wanted, signal });
  }
  if (text !== undefined) replaceText(telemetry, text);
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
  (target as HTMLInputElement).value = "";
  if (file) void take(file, false);
});
keysHint(byId("rules"), [["Esc, Tab", "leaves"], ["Ctrl+Space", "completes"], ["F8", "next problem"], ["Ctrl+Z", "undoes"]]);
keysHint(byId("telemetry"), [["Esc, Tab", "leaves"], ["Ctrl+Z", "undoes"]]);
takeDrops((file, isOnRules) => void take(file, isOnRules));
addEventListener("pagehide", () => {
  if (areEdited) keep({ rules: rules.text, telemetry: textOf(telemetry) });
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
