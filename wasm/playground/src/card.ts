import type { RecordChange, TracedStatement } from "../../js/ottl";
import { element } from "./element";
import { type FieldLine, fieldLines } from "./field-lines";
import type { Authors } from "./protocol";

/** What became of a record. */
export const WORDS = { changed: "changed", dropped: "dropped", added: "new" };

/** What a card asks of the page. */
export interface CardPage {
  goTo(line: number, column: number): void;
  /** Walks a record through the statements; begins at the one on a line, if it is told. */
  walk(message: number, record: number, line?: number): void;
}

const isSigned = ({ before, after }: { before: string | null; after: string | null }) => `${before === null ? "" : "-"}${after === null ? "" : "+"}`;

/** What cards have in common that differ in texts alone. */
const formOf = ({ kind, what, record, fields }: RecordChange) =>
  `${kind} ${what} ${record === null} ${what === "dropped" ? "" : fields.map(isSigned).join(",")}`;

/**
 * A record that changed, with its fields before and after and the statements that changed them. The next result mostly differs in a few texts
 * only: a card takes them in, so that nothing else is laid out and painted again.
 */
export class Card {
  readonly item: HTMLElement;
  #page: CardPage;
  #change: RecordChange;
  #form: string;
  #label = document.createTextNode("");
  #why: HTMLElement | undefined;
  /** The lines of each field, and the place for who changed it: of a dropped record, who dropped it. */
  #fields: FieldLine[][] = [];
  #by: HTMLElement[] = [];
  #authors: Authors | undefined;

  constructor(page: CardPage, change: RecordChange) {
    this.#page = page;
    this.#change = change;
    this.#form = formOf(change);
    const { kind, what, fields, record } = change;
    const by = () => {
      const place = element("span", { class: "by" });
      this.#by.push(place);
      return place;
    };
    if (record !== null) this.#why = element("button", { type: "button", class: "quiet", onclick: () => this.#walk() }, "Why?");
    const head = element("div", { class: "card-head" },
      element("span", { class: `badge ${what}` }, WORDS[what]),
      element("span", { class: "kind" }, kind),
      element("span", { class: "label" }, this.#label),
      what === "dropped" ? by() : undefined,
      this.#why);
    if (what !== "dropped") this.#fields = fields.map(({ path, before, after }) => fieldLines(path, before, after, by()));
    const lines = this.#fields.flat().map(({ line }) => line);
    this.item = element("li", { class: `card ${what}` }, head, lines.length > 0 ? element("div", { class: "lines" }, ...lines) : undefined);
    this.#write();
  }

  /** Shows another change, if it has the same form. */
  take(change: RecordChange): boolean {
    if (formOf(change) !== this.#form) return false;
    this.#change = change;
    this.#authors = undefined;
    this.#write();
    return true;
  }

  #write() {
    const { kind, label, record, fields } = this.#change;
    if (this.#label.data !== label) this.#label.data = label;
    const why = record === null ? "" : `Why: trace of ${kind === "data point" ? "metric" : kind} ${record + 1}`;
    if (this.#why && this.#why.ariaLabel !== why) this.#why.ariaLabel = why;
    this.#fields.forEach((lines, field) => {
      const { path, before, after } = fields[field];
      for (const line of lines) line.show(path, (line.sign === "-" ? before : after) ?? "");
    });
  }

  /** Names the statements beside what they changed; what was there before stays until then. */
  name(authors: Authors | undefined) {
    this.#authors = authors;
    this.#by.forEach((place, field) => {
      const by = (this.#change.what === "dropped" ? authors?.dropped : authors?.fields[field]) ?? [];
      const key = by.map(({ line, column, text }) => `${line}:${column} ${text}`).join("\n");
      if ((place.dataset.by ?? "") === key) return;
      place.dataset.by = key;
      place.replaceChildren(...by.map((statement) => this.#author(statement)));
    });
  }

  #author({ line, column, text }: TracedStatement): HTMLElement {
    const did = this.#change.what === "dropped" ? "Dropped" : "Changed";
    return element("button", {
      type: "button", class: "quiet", title: text, "aria-label": `${did} by line ${line}`, onclick: () => this.#page.goTo(line, column),
    }, `line ${line}`);
  }

  #walk() {
    const { message, record } = this.#change;
    const [first] = this.#authors?.fields.flat() ?? [];
    this.#page.walk(message, record ?? 0, first?.line);
  }
}
