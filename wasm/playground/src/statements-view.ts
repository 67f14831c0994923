import { element } from "./element";
import type { RunAnswer } from "./protocol";

/** Counts of each statement over all messages, and what failed. */
export function drawStatements(panel: HTMLElement, answer: RunAnswer, onLine: (line: number, column: number) => void) {
  const rows = new Map<string, { statement: string; line: number; column: number; counts: number[]; error?: string }>();
  for (const report of answer.reports) {
    for (const { signal, statement, line, column, evaluated, matched, changed, failed, first_error } of report.statements) {
      const key = `${signal} ${line}:${column} ${statement}`;
      const row = rows.get(key) ?? { statement, line, column, counts: [0, 0, 0, 0] };
      [evaluated, matched, changed, failed].forEach((count, number) => { row.counts[number] += count; });
      row.error ??= first_error ?? undefined;
      rows.set(key, row);
    }
  }
  const fault = answer.fault ? element("p", { class: "error" }, answer.fault.message) : "";
  if (rows.size === 0) {
    panel.replaceChildren(fault || element("p", { class: "empty" }, "Nothing ran."));
    return;
  }
  const head = ["Statement", "Ran", "Matched", "Changed", "Failed"].map((title) => element("th", { scope: "col" }, title));
  const body = [...rows.values()].map(({ statement, line, column, counts, error }) => element("tr", { class: counts[1] === 0 ? "cold" : "" },
    element("td", {},
      element("button", { type: "button", class: "link", onclick: () => onLine(line, column) }, element("code", {}, statement)),
      error ? element("div", { class: "error" }, error) : undefined),
    ...counts.map((count, number) => element("td", { class: number === 3 && count > 0 ? "number error" : "number" }, String(count)))));
  panel.replaceChildren(fault, element("table", { class: "counts" }, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...body)));
}
