import { element } from "./element";
import { inline } from "./markdown";
import type { RunAnswer } from "./protocol";

/** What the view asks of the page. */
export interface StatementsPage {
  goTo(line: number, column: number): void;
  /** Shows what the statement on a line changed. */
  changesOf(line: number): void;
}

/** Counts of each statement over all messages, and what failed. */
export function drawStatements(panel: HTMLElement, answer: RunAnswer, page: StatementsPage) {
  const statements = answer.report?.statements ?? [];
  const fault = answer.fault ? element("p", { class: "error" }, answer.fault.message) : "";
  if (statements.length === 0) {
    panel.replaceChildren(fault || element("p", { class: "empty" }, "Nothing ran."));
    return;
  }
  const covered = statements.filter(({ matched }) => matched > 0).length;
  const both = statements.filter(({ matched, evaluated }) => matched > 0 && matched < evaluated).length;
  const summary = element("p", { class: "coverage-summary" }, `${covered} of ${statements.length} statements matched something; ${both} were seen both to match and not to.`);
  const head = ["Statement", "Ran", "Matched", "Changed", "Failed"].map((title) => element("th", { scope: "col" }, title));
  const body = statements.map(({ statement, line, column, evaluated, matched, changed, failed, first_error }) => {
    const share = evaluated === 0 ? 0 : Math.round((matched / evaluated) * 100);
    const number = (count: number, look = "") => element("td", { class: `number ${look}` }, String(count));
    return element("tr", { class: matched === 0 ? "cold" : "" },
      element("td", {},
        element("button", { type: "button", class: "link", onclick: () => page.goTo(line, column) }, element("code", {}, statement)),
        element("div", { class: "share", style: `--share: ${share}%`, title: `matched ${share} %` }),
        first_error ? element("div", { class: "error" }, ...inline(first_error)) : undefined),
      number(evaluated), number(matched),
      changed === 0 ? number(0) : element("td", { class: "number" },
        element("button", { type: "button", class: "link", "aria-label": `${changed}: show what line ${line} changed`, onclick: () => page.changesOf(line) }, String(changed))),
      number(failed, failed > 0 ? "error" : ""));
  });
  panel.replaceChildren(fault, summary, element("table", { class: "counts" }, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...body)));
}
