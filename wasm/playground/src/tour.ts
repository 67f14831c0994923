import { element } from "./element";
import { inline } from "./markdown";
import type { RunAnswer } from "./protocol";
import { type TourStep, tourSteps } from "./tour-steps";

/** The tour: a step after the other, each with a task that the result solves. */
export class Tour {
  #section: HTMLElement;
  #load: (rules: string) => void;
  #at = 0;
  #solved = new Set<number>();
  #saved = new Set<string>();
  #answer: RunAnswer | undefined;
  #title = element("h2", { id: "tour-title", tabindex: "-1" });
  #text = element("p", { class: "tour-text" });
  #task = element("p", { class: "tour-task" });
  #state = element("span", { class: "tour-state", role: "status" });
  #hint = element("p", { class: "tour-hint", hidden: true });
  #dots: HTMLButtonElement[];
  #back = element("button", { type: "button", onclick: () => this.#go(this.#at - 1) }, "Back");
  #next = element("button", { type: "button", onclick: () => (this.#at + 1 < tourSteps.length ? this.#go(this.#at + 1) : this.close()) });
  #hintButton = element("button", { type: "button", class: "quiet", "aria-expanded": "false", onclick: () => this.#showHint(this.#hint.hidden) }, "Hint");

  /** `load` puts rules into the editor, with the telemetry of the tour. */
  constructor(section: HTMLElement, load: (rules: string) => void) {
    this.#section = section;
    this.#load = load;
    this.#dots = tourSteps.map((_, number) => element("button", { type: "button", class: "dot", onclick: () => this.#go(number) }));
    const solve = element("button", { type: "button", class: "quiet", onclick: () => this.#load(this.#step.solution) }, "Show me");
    section.append(
      element("div", { class: "tour-head" }, this.#title,
        element("ol", { class: "dots", "aria-label": "Steps of the tour" }, ...this.#dots.map((dot) => element("li", {}, dot))),
        element("button", { type: "button", class: "quiet", "aria-label": "End the tour", onclick: () => this.close() }, "✕")),
      this.#text,
      element("div", { class: "tour-foot" },
        element("div", { class: "tour-what" }, this.#task, this.#hint),
        element("div", { class: "tour-buttons" }, this.#state, this.#hintButton, solve, this.#back, this.#next)));
  }

  get #step(): TourStep {
    return tourSteps[this.#at];
  }

  start() {
    this.#section.hidden = false;
    this.#go(this.#at);
  }

  close() {
    this.#section.hidden = true;
  }

  /** A result is there. */
  update(answer: RunAnswer) {
    this.#answer = answer;
    this.#judge();
  }

  /** A file was taken. */
  saved(id: string) {
    this.#saved.add(id);
    this.#judge();
  }

  #go(to: number) {
    this.#at = Math.max(0, Math.min(to, tourSteps.length - 1));
    this.#saved.clear();
    // What was there before solves nothing.
    this.#answer = undefined;
    const { title, text, task, hint, rules } = this.#step;
    this.#title.replaceChildren(element("span", { class: "tour-number" }, `${this.#at + 1}/${tourSteps.length}`), " ", title);
    this.#text.replaceChildren(...inline(text));
    this.#task.replaceChildren(element("strong", {}, "Task"), " ", ...inline(task));
    this.#hint.replaceChildren(...inline(hint));
    this.#showHint(false);
    this.#back.disabled = this.#at === 0;
    this.#next.textContent = this.#at + 1 < tourSteps.length ? "Next" : "Finish";
    this.#load(rules);
    this.#judge();
    this.#title.focus({ preventScroll: true });
    this.#section.scrollIntoView({ block: "nearest" });
  }

  #showHint(isShown: boolean) {
    this.#hint.hidden = !isShown;
    this.#hintButton.setAttribute("aria-expanded", String(isShown));
  }

  #judge() {
    if (this.#section.hidden) return;
    const answer = this.#answer;
    if (answer?.isCompiled && !answer.fault && this.#step.isSolved({ answer, saved: this.#saved })) this.#solved.add(this.#at);
    const isSolved = this.#solved.has(this.#at);
    this.#section.toggleAttribute("data-solved", isSolved);
    this.#next.classList.toggle("primary", isSolved);
    const said = isSolved ? "✓ Solved" : "";
    if (this.#state.textContent !== said) this.#state.textContent = said;
    this.#dots.forEach((dot, number) => {
      dot.toggleAttribute("data-solved", this.#solved.has(number));
      if (number === this.#at) dot.setAttribute("aria-current", "step");
      else dot.removeAttribute("aria-current");
      dot.setAttribute("aria-label", `Step ${number + 1}: ${tourSteps[number].title}${this.#solved.has(number) ? ", solved" : ""}`);
    });
  }
}
