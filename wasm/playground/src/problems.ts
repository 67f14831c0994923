import type { Diagnostic } from "../../js/ottl";
import { element } from "./element";

/** The list under the rules: what is wrong, and what mends it with one click. */
export function drawProblems(panel: HTMLElement, diagnostics: Diagnostic[], onGo: (found: Diagnostic) => void, onFix: (found: Diagnostic) => void) {
  const rows = diagnostics.slice(0, 50).map((found) => element("li", { class: found.severity },
    element("button", { type: "button", class: "place", "aria-label": `Go to line ${found.line}`, onclick: () => onGo(found) }, `${found.line}:${found.column}`),
    element("div", {},
      element("span", { class: "code" }, found.code), " ", found.message,
      found.help ? element("div", { class: "help" }, found.help) : undefined),
    found.fix ? element("button", { type: "button", class: "fix", "aria-label": `Fix ${found.code} in line ${found.line}`, onclick: () => onFix(found) }, "Fix") : undefined));
  panel.replaceChildren(rows.length > 0 ? element("ul", {}, ...rows) : "");
  panel.hidden = rows.length === 0;
}
