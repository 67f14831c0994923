import { element } from "./element";

/** A view of the result. */
export interface View {
  id: string;
  title: string;
  panel: HTMLElement;
  /** Draws what is there now; called when it is seen. */
  draw(): void;
  /** Another view is chosen. */
  leave?(): void;
}

/** Tabs as the pattern for them asks: arrows move between them, Tab goes into the panel. */
export class Tabs {
  #views: View[];
  #tabs: HTMLButtonElement[];
  #chosen = 0;

  constructor(tabs: HTMLElement, panels: HTMLElement, views: View[]) {
    this.#views = views;
    this.#tabs = views.map(({ id, title, panel }, number) => {
      panel.id = `panel-${id}`;
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", `tab-${id}`);
      panel.tabIndex = 0;
      panels.append(panel);
      const tab = element("button", {
        id: `tab-${id}`, type: "button", role: "tab", "aria-controls": `panel-${id}`,
        onclick: () => this.choose(number),
        onkeydown: (event) => {
          const step = { ArrowRight: 1, ArrowLeft: -1 }[(event as KeyboardEvent).key];
          if (step === undefined) return;
          this.choose((this.#chosen + step + views.length) % views.length);
          this.#tabs[this.#chosen].focus();
        },
      }, title);
      tabs.append(tab);
      return tab;
    });
    this.choose(0);
  }

  choose(which: number | string) {
    this.#views[this.#chosen].leave?.();
    this.#chosen = typeof which === "number" ? which : this.#views.findIndex(({ id }) => id === which);
    this.#views.forEach(({ panel }, number) => {
      const isChosen = number === this.#chosen;
      panel.hidden = !isChosen;
      this.#tabs[number].setAttribute("aria-selected", String(isChosen));
      this.#tabs[number].tabIndex = isChosen ? 0 : -1;
    });
    this.draw();
  }

  draw() {
    this.#views[this.#chosen].draw();
  }

  /** A number beside a title. */
  count(id: string, count: number | undefined, look = "") {
    const tab = this.#tabs[this.#views.findIndex((view) => view.id === id)];
    const shown = tab.querySelector(".count");
    if ((shown?.textContent ?? "") === (count ? String(count) : "")) return;
    shown?.remove();
    if (count) tab.append(" ", element("span", { class: `count ${look}` }, String(count)));
  }
}
