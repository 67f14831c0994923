import type { RecordName, Trace, TraceStep, TracedStatement } from "../../js/ottl";
import { element } from "./element";
import { fieldLines } from "./field-lines";
import type { TraceAnswer } from "./protocol";
import { RecordStates } from "./record-state";

const WORDS: Record<TraceStep["result"] | "not_reached", string> = {
  not_matched: "not matched", dropped: "dropped", held: "condition holds", changed: "changed", unchanged: "matched, no change", failed: "failed",
  not_reached: "not reached",
};

/** A stop of the walk: a statement, and what it did, if it was reached. */
interface Stop {
  statement: TracedStatement;
  /** The number of the step in the trace. */
  number?: number;
  step?: TraceStep;
}

/** A statement with the operand that decided marked. */
function statementText(text: string, step: TraceStep | undefined): HTMLElement {
  const code = element("code", { class: "statement" });
  const decided = step?.decided;
  if (!decided) code.append(text);
  else code.append(text.slice(0, decided.start), element("mark", { title: "This decided" }, text.slice(decided.start, decided.end)), text.slice(decided.end));
  return code;
}

function valueTable(step: TraceStep): HTMLElement | undefined {
  if (step.values.length === 0) return undefined;
  // A call and the condition that it is have the same text and value.
  const values = step.values.filter(({ part, value }, number, all) => {
    const before = all[number - 1];
    return before?.part.start !== part.start || before.part.end !== part.end || before.value !== value;
  });
  const { decided } = step;
  const rows = values.map(({ part, depth, value, type, error }) => element("tr", { class: decided && part.start === decided.start && part.end === decided.end ? "decisive" : "" },
    element("th", { scope: "row", style: `padding-left: ${0.6 + Math.min(depth, 8) * 0.9}rem` }, element("code", {}, part.text)),
    element("td", { class: error ? "error" : "value" }, element("code", {}, error ?? value ?? "")),
    element("td", { class: "type" }, type ?? "")));
  const head = element("tr", {}, ...["Expression", "Value", "Type"].map((title) => element("th", { scope: "col" }, title)));
  return element("table", { class: "values" }, element("thead", {}, head), element("tbody", {}, ...rows));
}

/** The walk through the statements of a trace. */
function stopsOf(trace: Trace): Stop[] {
  // Conditions and statements of what lies in a record take several steps.
  return trace.statements.flatMap((statement, which) => {
    const steps = trace.steps.flatMap((step, number) => (step.statement === which ? { statement, step, number } : []));
    return steps.length > 0 ? steps : [{ statement }];
  });
}

/** What the view asks of the page. */
export interface TracePage {
  /** Another record was chosen. */
  choose(): void;
  goTo(line: number, column: number): void;
  /** Shows in the rules which statement the walk is at; none without a line. */
  mark(line: number | undefined): void;
  /** Shows what the statement on a line changed. */
  changesOf(line: number): void;
}

/** Picks a record and walks it through the statements. */
export class TraceView {
  readonly panel: HTMLElement;
  #page: TracePage;
  #select = element("select", { "aria-label": "Record" });
  #steps = element("div", { class: "walk" });
  #said = element("div", { class: "for-readers", "aria-live": "polite" });
  #counter = element("span", { class: "counter" });
  #buttons: HTMLButtonElement[];
  #records: RecordName[] = [];
  #stops: Stop[] = [];
  #states: RecordStates | undefined;
  #at = 0;
  /** The line that the walk shall begin at, or nothing: at what changed something. */
  #wanted: number | undefined;
  #isStateOpen = false;

  constructor(page: TracePage) {
    this.#page = page;
    const choose = (by: number) => {
      const index = this.#select.selectedIndex + by;
      if (index < 0 || index >= this.#records.length) return;
      this.#select.selectedIndex = index;
      this.#page.choose();
    };
    this.#select.addEventListener("change", () => this.#page.choose());
    const record = (label: string, sign: string, by: number) => element("button", { type: "button", "aria-label": label, title: label, onclick: () => choose(by) }, sign);
    const step = (label: string, sign: string, to: () => number) => element("button", {
      type: "button", "aria-label": label, title: label, onclick: () => this.#goTo(to()),
    }, sign);
    this.#buttons = [
      step("First step", "⇤", () => 0),
      step("Step back", "↑ Back", () => this.#at - 1),
      step("Next step", "↓ Next", () => this.#at + 1),
      step("Last step", "⇥", () => this.#stops.length - 1),
    ];
    const [first, back, next, last] = this.#buttons;
    next.classList.add("primary");
    this.panel = element("div", { class: "trace" },
      element("div", { class: "chooser" },
        record("Record before", "←", -1), this.#select, record("Next record", "→", 1),
        element("div", { class: "stepper", role: "group", "aria-label": "Walk through the statements" }, first, back, this.#counter, next, last)),
      this.#steps, this.#said);
    this.panel.addEventListener("keydown", (event) => this.#key(event));
  }

  #key(event: KeyboardEvent) {
    if (event.target === this.#select || event.altKey || event.ctrlKey || event.metaKey) return;
    const to = { ArrowDown: this.#at + 1, ArrowUp: this.#at - 1, Home: 0, End: this.#stops.length - 1 }[event.key];
    if (to === undefined || this.#stops.length === 0) return;
    event.preventDefault();
    this.#goTo(to);
    this.#steps.querySelector<HTMLElement>("[aria-current]")?.focus();
  }

  /** The records to choose from. */
  setRecords(records: RecordName[]) {
    const before = this.#records[this.#select.selectedIndex];
    this.#records = records;
    this.#select.replaceChildren(...this.#records.map(({ record, label, kind }) => element("option", {}, `${kind} ${record + 1}: ${label}`)));
    if (before) this.#find(before.message, before.record);
  }

  #find(message: number, record: number) {
    const index = this.#records.findIndex((known) => known.message === message && known.record === record);
    if (this.#records.length > 0) this.#select.selectedIndex = Math.max(0, index);
  }

  /** Chooses a record, and the statement that the walk begins at. */
  choose(message: number, record: number, line?: number) {
    this.#find(message, record);
    this.#wanted = line;
    this.#stops = [];
  }

  get chosen(): RecordName | undefined {
    return this.#records[this.#select.selectedIndex];
  }

  #nothing(message: HTMLElement) {
    this.#stops = [];
    this.#steps.replaceChildren(message);
    this.#counter.textContent = "";
    for (const button of this.#buttons) button.disabled = true;
    this.#page.mark(undefined);
  }

  /** Shows why there is no trace. */
  fail(message: string) {
    this.#nothing(element("p", { class: "error" }, message));
  }

  /** Shows that there is nothing to trace. */
  pass(message: string) {
    this.#nothing(element("p", { class: "empty" }, message));
  }

  show(answer: TraceAnswer | undefined) {
    if (!answer) return this.pass("The rules have to compile first.");
    const { trace } = answer;
    if (trace.statements.length === 0) return this.pass("No statement is for records of this signal.");
    // While rules are written, the walk stays at its statement.
    const line = this.#wanted ?? this.#stops[this.#at]?.statement.line;
    this.#stops = stopsOf(trace);
    this.#states = new RecordStates(answer);
    const counts = (test: (stop: Stop) => boolean) => this.#stops.findIndex(test);
    const did = ({ step }: Stop) => step !== undefined && ["changed", "dropped", "failed"].includes(step.result);
    const found = [counts((stop) => stop.statement.line === line && did(stop)), counts(({ statement }) => statement.line === line), counts(did)].find((at) => at >= 0);
    this.#wanted = undefined;
    const fault = trace.error ? element("p", { class: "error" }, trace.error) : "";
    const list = element("ol", { class: "steps" }, ...this.#stops.map((stop, number) => this.#item(stop, number)));
    this.#steps.replaceChildren(fault, list);
    this.#goTo(found ?? 0, false);
  }

  #item({ statement, step }: Stop, number: number): HTMLElement {
    const result = step?.result ?? "not_reached";
    const head = element("button", { type: "button", class: "step-head", onclick: () => this.#goTo(number) },
      element("span", { class: `badge ${result}` }, WORDS[result]), statementText(statement.text, step));
    return element("li", { class: `step ${result}` }, head);
  }

  /** Goes to a stop: its item opens, the one before closes. */
  #goTo(to: number, isSaid = true) {
    this.#at = Math.max(0, Math.min(to, this.#stops.length - 1));
    const stop = this.#stops[this.#at];
    this.#steps.querySelectorAll(".step").forEach((item, number) => {
      const isHere = number === this.#at;
      const head = item.querySelector(".step-head") as HTMLElement;
      item.toggleAttribute("data-here", isHere);
      head.setAttribute("aria-expanded", String(isHere));
      if (isHere) head.setAttribute("aria-current", "step");
      else head.removeAttribute("aria-current");
      item.querySelector(".step-body")?.remove();
      if (isHere) {
        item.append(this.#body(stop));
        if (isSaid) item.scrollIntoView({ block: "nearest" });
      }
    });
    const count = `Step ${this.#at + 1} of ${this.#stops.length}`;
    this.#counter.textContent = `${this.#at + 1} / ${this.#stops.length}`;
    this.#counter.setAttribute("aria-label", count);
    const isFirst = this.#at === 0;
    const isLast = this.#at === this.#stops.length - 1;
    this.#buttons.forEach((button, number) => { button.disabled = number < 2 ? isFirst : isLast; });
    if (isSaid) this.#said.textContent = `${count}: ${WORDS[stop.step?.result ?? "not_reached"]}: ${stop.statement.text}`;
    this.#page.mark(this.panel.hidden ? undefined : stop.statement.line);
  }

  #body({ statement: { line, column }, step, number }: Stop): HTMLElement {
    const body = element("div", { class: "step-body" });
    const about = !step ? "Nothing led here: the record was gone, or conditions in front of it did not hold."
      : step.decided && step.result === "not_matched" ? element("span", {}, "Decided by ", element("code", {}, step.decided.text)) : undefined;
    const links = element("span", { class: "links" },
      element("button", { type: "button", class: "quiet", "aria-label": `Go to line ${line} of the rules`, onclick: () => this.#page.goTo(line, column) }, `line ${line}`),
      step?.changes.length ? element("button", { type: "button", class: "quiet", onclick: () => this.#page.changesOf(line) }, "all that it changed") : undefined);
    body.append(element("div", { class: "decided" }, about, links));
    if (step?.error) body.append(element("p", { class: "error" }, step.error));
    const lines = step?.changes.flatMap(({ path, before, after }) => fieldLines(path, before, after).map(({ line }) => line)) ?? [];
    if (lines.length > 0) body.append(element("div", { class: "lines" }, ...lines));
    if (step) body.append(valueTable(step) ?? "");
    if (number !== undefined && this.#states) body.append(this.#state(this.#states.around(number)));
    return body;
  }

  /** The whole record around a step: what was left alone, and what was there before and after. */
  #state(levels: ReturnType<RecordStates["around"]>): HTMLElement {
    const parts = levels.filter(({ lines }) => lines.length > 0).map(({ level, lines }) => element("div", { class: "level" },
      element("h3", {}, level),
      ...lines.flatMap(({ path, before, after }) => (before === after
        ? [element("div", { class: "same" }, element("span", { class: "path" }, path), " ", element("span", { class: "value" }, after ?? ""))]
        : fieldLines(path, before, after).map(({ line }) => line)))));
    const details = element("details", { class: "state", open: this.#isStateOpen }, element("summary", {}, "The record before and after"), element("div", { class: "lines" }, ...parts));
    details.addEventListener("toggle", () => { this.#isStateOpen = details.open; });
    return details;
  }
}
