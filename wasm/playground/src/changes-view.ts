import type { FieldChange, RecordChange } from "./diff";
import { element } from "./element";
import type { RunAnswer } from "./protocol";

const WORDS = { changed: "changed", dropped: "dropped", added: "new" };

type OnLine = (line: number, column: number) => void;

/** The statements that changed a field. */
function authors(by: FieldChange["by"], onLine: OnLine): HTMLElement | undefined {
  if (!by?.length) return undefined;
  return element("span", { class: "by" }, ...by.map(({ line, column, text }) => element("button", {
    type: "button", class: "quiet", title: text, "aria-label": `Changed by line ${line}`, onclick: () => onLine(line, column),
  }, `line ${line}`)));
}

function line(sign: "-" | "+", path: string, value: string, by?: HTMLElement): HTMLElement {
  const word = sign === "-" ? "before" : "after";
  return element("div", { class: sign === "-" ? "before" : "after" }, by,
    element("span", { class: "sign", "aria-hidden": "true" }, sign === "-" ? "−" : "+"),
    element("span", { class: "for-readers" }, `${word}: `),
    element("span", { class: "path" }, path), " ", element("span", { class: "value" }, value));
}

function fieldLines({ path, before, after, by }: FieldChange, onLine: OnLine): HTMLElement[] {
  const lines = [];
  const links = authors(by, onLine);
  if (before !== undefined) lines.push(line("-", path, before, after === undefined ? links : undefined));
  if (after !== undefined) lines.push(line("+", path, after, links));
  return lines;
}

type OnTrace = (message: number, record: number) => void;

function card(change: RecordChange, onTrace: OnTrace, onLine: OnLine): HTMLElement {
  const { kind, label, what, fields, record, message } = change;
  const head = element("div", { class: "card-head" },
    element("span", { class: `badge ${what}` }, WORDS[what]),
    element("span", { class: "kind" }, kind),
    element("span", { class: "label" }, label),
    record === undefined ? undefined : element("button", {
      type: "button", class: "quiet", "aria-label": `Why: trace of ${kind} ${record + 1}`, onclick: () => onTrace(message, record),
    }, "Why?"));
  const lines = what === "dropped" ? [] : fields.flatMap((field) => fieldLines(field, onLine));
  return element("li", { class: `card ${what}` }, head, lines.length > 0 ? element("div", { class: "lines" }, ...lines) : undefined);
}

/** The statements that failed for some records: under the error mode `ignore`, the rest goes on. */
function failures(answer: RunAnswer, onLine: OnLine): HTMLElement | undefined {
  const found = answer.reports.flatMap(({ statements }) => statements).filter(({ failed }) => failed > 0).slice(0, 20);
  if (found.length === 0) return undefined;
  return element("ul", { class: "failures", "aria-label": "Failures" }, ...found.map(({ line, column, failed, first_error }) => element("li", {},
    element("span", { class: "badge failed" }, failed === 1 ? "failed" : `failed ${failed} times`), " ",
    element("span", {}, first_error ?? ""),
    element("button", { type: "button", class: "quiet", "aria-label": `Go to line ${line} of the rules`, onclick: () => onLine(line, column) }, `line ${line}`))));
}

/** The records that changed, with their old and new values. */
export function drawChanges(panel: HTMLElement, answer: RunAnswer, onTrace: OnTrace, onLine: OnLine) {
  if (answer.fault) {
    const { message, place } = answer.fault;
    panel.replaceChildren(element("p", { class: "error" }, message, place && !message.includes(place) ? ` (${place})` : ""));
    return;
  }
  const failed = failures(answer, onLine) ?? "";
  if (answer.changes.length === 0) {
    const why = answer.isCompiled ? "Nothing changed. The trace tells what each statement did with each record." : "The rules have to compile first.";
    panel.replaceChildren(failed, element("p", { class: "empty" }, why));
    return;
  }
  const more = answer.moreChanges > 0 ? element("p", { class: "empty" }, `${answer.moreChanges} more are in the output.`) : "";
  panel.replaceChildren(failed, element("ul", { class: "cards" }, ...answer.changes.map((change) => card(change, onTrace, onLine))), more);
}
