import { element } from "./element";

/** The value of a field before or after, on a line of its own. */
export class FieldLine {
  readonly line: HTMLElement;
  #path = document.createTextNode("");
  #value = document.createTextNode("");

  constructor(readonly sign: "-" | "+", path: string, value: string, by?: HTMLElement) {
    const word = sign === "-" ? "before" : "after";
    this.line = element("div", { class: word }, by,
      element("span", { class: "sign", role: "img", "aria-label": `${word}:` }, sign === "-" ? "−" : "+"),
      element("span", { class: "path" }, this.#path), " ", element("span", { class: "value" }, this.#value));
    this.show(path, value);
  }

  /** Shows another value; what is the same is left alone. */
  show(path: string, value: string) {
    if (this.#path.data !== path) this.#path.data = path;
    if (this.#value.data !== value) this.#value.data = value;
  }
}

/** The values of a field before and after; `by` says beside the last line who changed it. */
export function fieldLines(path: string, before: string | null, after: string | null, by?: HTMLElement): FieldLine[] {
  const lines = [];
  if (before !== null) lines.push(new FieldLine("-", path, before, after === null ? by : undefined));
  if (after !== null) lines.push(new FieldLine("+", path, after, by));
  return lines;
}
