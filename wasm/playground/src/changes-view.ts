import type { RecordChange, TracedStatement } from "../../js/ottl";
import { byCount, capital, element } from "./element";
import type { Authors, RunAnswer } from "./protocol";

const WORDS = { changed: "changed", dropped: "dropped", added: "new" };

/** Records that are drawn at once; the next ones come when they are scrolled to. */
const AT_ONCE = 6;

/** What the view asks of the page. */
export interface ChangesPage {
  goTo(line: number, column: number): void;
  /** Walks a record through the statements; begins at the one on a line, if it is told. */
  walk(message: number, record: number, line?: number): void;
  authors(changes: number[]): Promise<Authors[]>;
  /** Asks for more changes than there are. */
  more(): void;
}

const FILTERS = ["all", "changed", "dropped", "added"] as const;
type Filter = (typeof FILTERS)[number];

function fieldLine(sign: "-" | "+", path: string, value: string, by?: HTMLElement): HTMLElement {
  const word = sign === "-" ? "before" : "after";
  return element("div", { class: word }, by,
    element("span", { class: "sign", "aria-hidden": "true" }, sign === "-" ? "−" : "+"),
    element("span", { class: "for-readers" }, `${word}: `),
    element("span", { class: "path" }, path), " ", element("span", { class: "value" }, value));
}

/** The values of a field before and after; `by` says beside the last line who changed it. */
export function fieldLines(path: string, before: string | null, after: string | null, by?: HTMLElement): HTMLElement[] {
  const lines = [];
  if (before !== null) lines.push(fieldLine("-", path, before, after === null ? by : undefined));
  if (after !== null) lines.push(fieldLine("+", path, after, by));
  return lines;
}

/** A name of a field of a record, or of the record. */
function nameOf({ message, place, fields }: RecordChange, field: string | undefined): string {
  return `${message} ${place} ${field === undefined ? "" : fields[Number(field)].path}`;
}

/** The records that changed, with their old and new values, and the statements that changed them. */
export class ChangesView {
  readonly panel = element("div", { class: "changes" });
  #page: ChangesPage;
  #answer: RunAnswer | undefined;
  #authors: (Authors | undefined)[] = [];
  #filter: Filter = "all";
  /** The line whose changes alone are shown. */
  #line: number | undefined;
  #list = element("ul", { class: "cards" });
  #shown: number[] = [];
  #drawn = 0;
  /** The statements that are named beside fields, by record and path: mostly the next result has the same. */
  #named = new Map<string, TracedStatement[]>();
  /** The cards of the changes that are in sight, which stay where they are the same. */
  #cards = new Map<RecordChange, HTMLElement>();
  #seen = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting) || this.#drawn >= this.#shown.length) return;
    this.#drawMore();
    // It is asked again, since the end may still be in sight.
    this.#seen.unobserve(this.#end);
    this.#seen.observe(this.#end);
  });
  #end = element("div", { class: "end" });

  #isScrolled = false;

  constructor(page: ChangesPage) {
    this.#page = page;
    this.panel.addEventListener("scroll", () => { this.#isScrolled = this.panel.scrollTop > 0; }, { passive: true });
  }

  /** The statements that changed a field; nothing is known until they are asked for. */
  show(answer: RunAnswer) {
    if (answer === this.#answer) return;
    const before = new Map([...this.#cards].map(([change, card]) => [JSON.stringify(change), card]));
    this.#answer = answer;
    this.#authors = [];
    if (this.#named.size > 2000) this.#named.clear();
    this.#cards.clear();
    if (before.size > 0) {
      answer.changes.slice(0, Math.max(AT_ONCE, this.#drawn)).forEach((change, number) => {
        const key = JSON.stringify(change);
        const card = before.get(key);
        if (!card) return;
        before.delete(key);
        card.dataset.change = String(number);
        this.#cards.set(change, card);
      });
    }
    this.#draw();
  }

  /** Shows what the statement on a line changed, and nothing else; all without one. */
  async only(line: number | undefined) {
    this.#line = line;
    this.#filter = "all";
    const of = this.#answer;
    if (line !== undefined && of) {
      const missing = of.changes.flatMap((_, number) => (this.#authors[number] ? [] : number));
      await this.#ask(missing);
      if (of !== this.#answer) return;
    }
    this.#draw();
  }

  #draw() {
    const answer = this.#answer;
    if (!answer) return;
    if (answer.fault) {
      const { message, place } = answer.fault;
      this.panel.replaceChildren(element("p", { class: "error" }, message, place && !message.includes(place) ? ` (${place})` : ""));
      return;
    }
    const failed = this.#failures(answer) ?? "";
    if (answer.changes.length === 0) {
      const why = answer.isCompiled ? "Nothing changed. The trace tells what each statement did with each record." : "The rules have to compile first.";
      this.panel.replaceChildren(failed, element("p", { class: "empty" }, why));
      return;
    }
    this.#shown = answer.changes.flatMap(({ what }, number) => (this.#isShown(what, number) ? number : []));
    // What was scrolled to stays where it is.
    const wanted = Math.max(AT_ONCE, this.#isScrolled ? this.#drawn : 0);
    this.#list = element("ul", { class: "cards" });
    this.#drawn = 0;
    const none = this.#shown.length === 0 ? element("p", { class: "empty" }, "None of these.") : "";
    this.panel.replaceChildren(failed, this.#chips(answer), none, this.#list, this.#end);
    this.#seen.disconnect();
    this.#drawMore(wanted);
    this.#seen.observe(this.#end);
  }

  #isShown(what: RecordChange["what"], number: number): boolean {
    if (this.#filter !== "all" && what !== this.#filter) return false;
    if (this.#line === undefined) return true;
    const found = this.#authors[number];
    return found !== undefined && [...found.fields.flat(), ...found.dropped].some(({ line }) => line === this.#line);
  }

  #chips(answer: RunAnswer): HTMLElement {
    const { changed, dropped, added, shared } = answer.counts;
    const counts: Record<Filter, number> = { all: changed + dropped + added + shared, changed: changed + shared, dropped, added };
    const kinds = FILTERS.filter((filter) => filter === "all" || counts[filter] > 0);
    if (kinds.length === 2 && this.#line === undefined) return element("div");
    const chips = kinds.map((filter) => element("button", {
      type: "button", class: "chip", "aria-pressed": String(this.#filter === filter && this.#line === undefined),
      onclick: () => {
        this.#filter = filter;
        this.#line = undefined;
        this.#draw();
      },
    }, filter === "all" ? "All" : capital(WORDS[filter]), " ", element("span", { class: "count" }, String(counts[filter]))));
    if (this.#line !== undefined) {
      chips.push(element("button", { type: "button", class: "chip", "aria-pressed": "true", "aria-label": `By line ${this.#line}. Show all again`, onclick: () => void this.only(undefined) }, `By line ${this.#line} ✕`));
    }
    return element("div", { class: "chips", role: "group", "aria-label": "What is shown" }, ...chips);
  }

  #drawMore(count = AT_ONCE) {
    const answer = this.#answer;
    if (!answer) return;
    const next = this.#shown.slice(this.#drawn, this.#drawn + count);
    this.#drawn += next.length;
    this.#list.append(...next.map((number) => {
      const change = answer.changes[number];
      const card = this.#cards.get(change) ?? this.#card(change, number);
      this.#cards.set(change, card);
      return card;
    }));
    const isAll = this.#drawn >= this.#shown.length;
    this.#end.replaceChildren(isAll && answer.more > 0
      ? element("button", { type: "button", onclick: () => this.#page.more() }, `Show more of ${byCount(answer.more, "other change")}`)
      : "");
    const unknown = next.filter((number) => !this.#authors[number]);
    if (unknown.length > 0) void this.#ask(unknown).then(() => answer === this.#answer && this.#nameAuthors(next));
    else this.#nameAuthors(next);
  }

  async #ask(changes: number[]) {
    if (changes.length === 0) return;
    const of = this.#answer;
    const found = await this.#page.authors(changes).catch(() => []);
    if (of === this.#answer) found.forEach((authors, which) => { this.#authors[changes[which]] = authors; });
  }

  #nameAuthors(changes: number[]) {
    for (const number of changes) {
      const found = this.#authors[number];
      const change = this.#answer?.changes[number];
      const card = change && this.#cards.get(change);
      if (!found || !card) continue;
      card.querySelectorAll<HTMLElement>(".by").forEach((place) => {
        const { field } = place.dataset;
        const by = (field === undefined ? found.dropped : found.fields[Number(field)]) ?? [];
        this.#named.set(nameOf(change, field), by);
        this.#setAuthors(place, by, change);
      });
    }
  }

  #setAuthors(place: HTMLElement, by: TracedStatement[], change: RecordChange) {
    const key = JSON.stringify(by);
    if (place.dataset.by === key) return;
    place.dataset.by = key;
    place.replaceChildren(...by.map((statement) => this.#author(statement, change)));
  }

  #author({ line, column, text }: TracedStatement, change: RecordChange): HTMLElement {
    const did = change.what === "dropped" ? "Dropped" : "Changed";
    return element("button", {
      type: "button", class: "quiet", title: text, "aria-label": `${did} by line ${line}`, onclick: () => this.#page.goTo(line, column),
    }, `line ${line}`);
  }

  #card(change: RecordChange, number: number): HTMLElement {
    const { kind, label, what, fields, record, message } = change;
    const by = (field?: number) => {
      const place = element("span", { class: "by", "data-field": field });
      const known = this.#named.get(nameOf(change, field === undefined ? undefined : String(field)));
      if (known) this.#setAuthors(place, known, change);
      return place;
    };
    const walk = () => {
      const [first] = this.#authors[Number(item.dataset.change)]?.fields.flat() ?? [];
      this.#page.walk(message, record ?? 0, first?.line);
    };
    const head = element("div", { class: "card-head" },
      element("span", { class: `badge ${what}` }, WORDS[what]),
      element("span", { class: "kind" }, kind),
      element("span", { class: "label" }, label),
      what === "dropped" ? by() : undefined,
      record === null ? undefined : element("button", { type: "button", class: "quiet", "aria-label": `Why: trace of ${kind} ${record + 1}`, onclick: walk }, "Why?"));
    const lines = what === "dropped" ? [] : fields.flatMap(({ path, before, after }, field) =>
      fieldLines(path, before, after, by(field)));
    const item = element("li", { class: `card ${what}`, "data-change": number }, head, lines.length > 0 ? element("div", { class: "lines" }, ...lines) : undefined);
    return item;
  }

  /** The statements that failed for some records: under the error mode `ignore`, the rest goes on. */
  #failures({ report }: RunAnswer): HTMLElement | undefined {
    const found = (report?.statements ?? []).filter(({ failed }) => failed > 0).slice(0, 20);
    if (found.length === 0) return undefined;
    return element("ul", { class: "failures", "aria-label": "Failures" }, ...found.map(({ line, column, failed, first_error }) => element("li", {},
      element("span", { class: "badge failed" }, failed === 1 ? "failed" : `failed ${failed} times`), " ",
      element("span", {}, first_error ?? ""),
      element("button", { type: "button", class: "quiet", "aria-label": `Go to line ${line} of the rules`, onclick: () => this.#page.goTo(line, column) }, `line ${line}`))));
  }
}
