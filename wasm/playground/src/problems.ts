import type { Diagnostic } from "../../js/ottl";
import { element } from "./element";
import { inline } from "./markdown";
import { Part } from "./part";

/** The list under the rules: what is wrong, and what mends it with one click. */
export class Problems {
  #part: Part;
  #onGo: (found: Diagnostic) => void;
  #onFix: (found: Diagnostic) => void;
  #onCode: (found: Diagnostic) => void;

  constructor(panel: HTMLElement, onGo: (found: Diagnostic) => void, onFix: (found: Diagnostic) => void, onCode: (found: Diagnostic) => void) {
    this.#part = new Part(panel);
    this.#onGo = onGo;
    this.#onFix = onFix;
    this.#onCode = onCode;
  }

  show(diagnostics: Diagnostic[]) {
    const shown = diagnostics.slice(0, 50);
    if (!this.#part.show(shown, () => (shown.length > 0 ? element("ul", {}, ...shown.map((found) => this.#row(found))) : undefined))) return;
    this.#part.place.hidden = shown.length === 0;
  }

  #row(found: Diagnostic): HTMLElement {
    return element("li", { class: found.severity },
      element("button", { type: "button", class: "place", "aria-label": `Go to line ${found.line}`, onclick: () => this.#onGo(found) }, `${found.line}:${found.column}`),
      element("div", {},
        element("button", { type: "button", class: "link code", "aria-label": `What ${found.code} means`, onclick: () => this.#onCode(found) }, found.code), " ", ...inline(found.message),
        found.help ? element("div", { class: "help" }, ...inline(found.help)) : undefined),
      found.fix ? element("button", { type: "button", class: "fix", "aria-label": `Fix ${found.code} in line ${found.line}`, onclick: () => this.#onFix(found) }, "Fix") : undefined);
  }
}
