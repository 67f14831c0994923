import type { Trace, TraceStep } from "../../js/ottl";
import { element } from "./element";
import type { RecordName } from "./protocol";

const WORDS: Record<TraceStep["result"], string> = {
  not_matched: "not matched", dropped: "dropped", held: "condition holds", changed: "changed", unchanged: "matched, no change", failed: "failed",
};

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
  const rows = values.map(({ part, depth, value, type, error }) => element("tr", {},
    element("th", { scope: "row", style: `padding-left: ${0.6 + Math.min(depth, 8) * 0.9}rem` }, element("code", {}, part.text)),
    element("td", { class: error ? "error" : "value" }, element("code", {}, error ?? value ?? "")),
    element("td", { class: "type" }, type ?? "")));
  const head = element("tr", {}, ...["Expression", "Value", "Type"].map((title) => element("th", { scope: "col" }, title)));
  return element("table", { class: "values" }, element("thead", {}, head), element("tbody", {}, ...rows));
}

function changeLines(step: TraceStep): HTMLElement[] {
  return step.changes.flatMap(({ path, before, after }) => [["-", before], ["+", after]].flatMap(([sign, value]) =>
    value === null ? [] : [element("div", { class: sign === "-" ? "before" : "after" },
      element("span", { class: "sign", "aria-hidden": "true" }, sign === "-" ? "−" : "+"),
      element("span", { class: "for-readers" }, sign === "-" ? "before: " : "after: "),
      element("span", { class: "path" }, path), " ", element("span", { class: "value" }, value ?? ""))]));
}

function stepItem(statement: Trace["statements"][number], step: TraceStep | undefined, onLine: (line: number, column: number) => void): HTMLElement {
  const result = step?.result ?? "not_reached";
  const word = step ? WORDS[step.result] : "not reached";
  const decided = step?.decided && step.result === "not_matched" ? element("p", { class: "decided" }, "Decided by ", element("code", {}, step.decided.text)) : undefined;
  const fault = step?.error ? element("p", { class: "error" }, step.error) : undefined;
  const lines = step ? changeLines(step) : [];
  const inner = step ? [decided, fault, lines.length > 0 ? element("div", { class: "lines" }, ...lines) : undefined, valueTable(step)] : [];
  const head = element("summary", {}, element("span", { class: `badge ${result}` }, word), statementText(statement.text, step));
  const { line, column } = statement;
  const go = element("button", { type: "button", class: "quiet", "aria-label": `Go to line ${line} of the rules`, onclick: () => onLine(line, column) }, `line ${line}`);
  return element("li", { class: "step" }, element("details", { open: step !== undefined && result !== "not_matched" }, head, ...inner), go);
}

/** Picks a record and shows what each statement did with it. */
export class TraceView {
  readonly panel: HTMLElement;
  #select = element("select", { "aria-label": "Record" });
  #steps = element("div", { "aria-live": "polite" });
  #records: RecordName[] = [];

  constructor(onChoose: (message: number, record: number) => void, private onLine: (line: number, column: number) => void) {
    const choose = (by: number) => {
      const index = this.#select.selectedIndex + by;
      if (index < 0 || index >= this.#records.length) return;
      this.#select.selectedIndex = index;
      this.#select.dispatchEvent(new Event("change"));
    };
    this.#select.addEventListener("change", () => {
      const { message, record } = this.#records[this.#select.selectedIndex];
      onChoose(message, record);
    });
    const back = element("button", { type: "button", "aria-label": "Record before", onclick: () => choose(-1) }, "←");
    const forth = element("button", { type: "button", "aria-label": "Next record", onclick: () => choose(1) }, "→");
    this.panel = element("div", { class: "trace" }, element("div", { class: "chooser" }, back, this.#select, forth), this.#steps);
  }

  /** The records to choose from. */
  setRecords(records: RecordName[]) {
    const before = this.#records[this.#select.selectedIndex];
    this.#records = records.slice(0, 2000);
    this.#select.replaceChildren(...this.#records.map(({ record, label, kind }) => element("option", {}, `${kind} ${record + 1}: ${label}`)));
    if (before) this.choose(before.message, before.record);
  }

  choose(message: number, record: number) {
    const index = this.#records.findIndex((known) => known.message === message && known.record === record);
    if (this.#records.length > 0) this.#select.selectedIndex = Math.max(0, index);
  }

  get chosen(): RecordName | undefined {
    return this.#records[this.#select.selectedIndex];
  }

  /** Shows why there is no trace. */
  fail(message: string) {
    this.#steps.replaceChildren(element("p", { class: "error" }, message));
  }

  show(trace: Trace | undefined) {
    if (!trace) {
      this.#steps.replaceChildren(element("p", { class: "empty" }, "The rules have to compile first."));
      return;
    }
    if (trace.statements.length === 0) {
      this.#steps.replaceChildren(element("p", { class: "empty" }, "No statement is for records of this signal."));
      return;
    }
    // Conditions and statements of what lies in a record take several steps.
    const items = trace.statements.flatMap((statement, number) => {
      const steps = trace.steps.filter((step) => step.statement === number);
      return (steps.length > 0 ? steps : [undefined]).map((step) => stepItem(statement, step, this.onLine));
    });
    const fault = trace.error ? element("p", { class: "error" }, trace.error) : "";
    this.#steps.replaceChildren(fault, element("ol", { class: "steps" }, ...items));
  }
}
