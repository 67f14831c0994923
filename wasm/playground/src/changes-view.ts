import type { RecordChange, Signal } from "../../js/ottl";
import { Card, type CardPage, WORDS } from "./card";
import { byCount, capital, element } from "./element";
import { inline } from "./markdown";
import { Part } from "./part";
import type { Authors, RunAnswer } from "./protocol";
import { mismatch } from "./signals";

/** Records that are drawn at once; the next ones come when they are scrolled to. */
const AT_ONCE = 6;
/** Records that stay drawn for the next result where nothing was scrolled to. */
const KEPT = 5 * AT_ONCE;

/** What the view asks of the page. */
export interface ChangesPage extends CardPage {
  /** Goes to the place of the telemetry that is no JSON; nothing if there is none. */
  damage(): { line: number; go(): void } | undefined;
  authors(changes: number[]): Promise<Authors[]>;
  /** Asks for more changes than there are. */
  more(): void;
  /** Puts telemetry of a signal in place of the one that is there. */
  telemetryFor(signal: Signal): void;
  /** Shows the examples for a signal. */
  examplesFor(signal: Signal): void;
}

const FILTERS = ["all", "changed", "dropped", "added"] as const;
type Filter = (typeof FILTERS)[number];

/** The records that changed, with their old and new values, and the statements that changed them. */
export class ChangesView {
  readonly panel: HTMLElement;
  #page: ChangesPage;
  #answer: RunAnswer | undefined;
  #authors: (Authors | undefined)[] = [];
  #filter: Filter = "all";
  /** The line whose changes alone are shown. */
  #line: number | undefined;
  #failures = new Part();
  #chips = new Part();
  #notice = new Part();
  #list = element("ul", { class: "cards" });
  #end = new Part(element("div", { class: "end" }));
  /** The changes that pass the filter, and the cards of the first of them. */
  #shown: number[] = [];
  #cards: Card[] = [];
  #isScrolled = false;
  #seen = new IntersectionObserver((entries) => {
    if (entries.some(({ isIntersecting }) => isIntersecting) && this.#cards.length < this.#shown.length) this.#drawMore();
  });

  constructor(page: ChangesPage) {
    this.#page = page;
    this.panel = element("div", { class: "changes" }, this.#failures.place, this.#chips.place, this.#notice.place, this.#list, this.#end.place);
    this.panel.addEventListener("scroll", () => { this.#isScrolled = this.panel.scrollTop > 0; }, { passive: true });
  }

  show(answer: RunAnswer) {
    if (answer === this.#answer) return;
    this.#answer = answer;
    this.#authors = [];
    // Which changes are of a line is not known before their authors are.
    if (this.#line !== undefined && !answer.fault) void this.only(this.#line);
    else this.#draw();
  }

  /** Shows what the statement on a line changed, and nothing else; all without one. */
  async only(line: number | undefined) {
    this.#line = line;
    this.#filter = "all";
    const of = this.#answer;
    if (line !== undefined && of) {
      const missing = of.changes.flatMap((_, number) => (this.#authors[number] ? [] : number));
      await this.#ask(missing).catch(() => undefined);
      if (of !== this.#answer) return;
    }
    this.#draw();
  }

  /** The engine can tell now who changed what. */
  learn() {
    if (this.#line !== undefined) void this.only(this.#line);
    else void this.#name();
  }

  #draw() {
    const answer = this.#answer;
    if (!answer) return;
    const { fault, changes, isCompiled } = answer;
    this.#failures.show(fault ? [] : this.#failed(answer), () => this.#drawFailures(answer));
    this.#shown = fault ? [] : changes.flatMap(({ what }, number) => (this.#isShown(what, number) ? number : []));
    this.#chips.show([fault !== undefined || changes.length === 0 ? null : answer.counts, this.#filter, this.#line], () => this.#drawChips(answer));
    this.#notice.show([fault, changes.length === 0, this.#shown.length === 0, isCompiled, answer.signals], () => this.#drawNotice(answer));
    // What was scrolled to stays where it is.
    const wanted = Math.max(AT_ONCE, this.#isScrolled ? this.#cards.length : Math.min(this.#cards.length, KEPT));
    const count = Math.min(wanted, this.#shown.length);
    for (const { item } of this.#cards.splice(count)) item.remove();
    this.#cards.forEach((card, at) => {
      const change = changes[this.#shown[at]];
      if (card.take(change)) return;
      this.#cards[at] = new Card(this.#page, change);
      card.item.replaceWith(this.#cards[at].item);
    });
    this.#drawMore(count - this.#cards.length);
  }

  #isShown(what: RecordChange["what"], number: number): boolean {
    if (this.#filter !== "all" && what !== this.#filter) return false;
    if (this.#line === undefined) return true;
    const found = this.#authors[number];
    return found !== undefined && [...found.fields.flat(), ...found.dropped].some(({ line }) => line === this.#line);
  }

  #drawNotice(answer: RunAnswer): HTMLElement | undefined {
    const { fault, changes, counts, isCompiled } = answer;
    if (fault) return this.#drawFault(fault);
    if (this.#shown.length > 0) return undefined;
    if (changes.length > 0) return element("p", { class: "empty" }, "None of these.");
    if (!isCompiled) return element("p", { class: "empty" }, "The rules have to compile first.");
    const stranger = mismatch(answer);
    if (stranger) {
      return element("div", { class: "empty" }, element("p", {}, `Nothing runs here: ${stranger.text}.`),
        element("button", { type: "button", onclick: () => this.#page.telemetryFor(stranger.rules) }, `Try them on ${stranger.rules}`), " ",
        element("button", { type: "button", onclick: () => this.#page.examplesFor(stranger.telemetry) }, `Examples for ${stranger.telemetry}`));
    }
    return element("div", { class: "empty" },
      element("p", {}, "Nothing changed. The trace tells what each statement did with each record, and what decided."),
      counts.records > 0 ? element("button", { type: "button", onclick: () => this.#page.walk(0, 0) }, "Why? Trace the first record") : undefined);
  }

  /** Why nothing came out, and ways to what did it: the statement and the record, or the place in the telemetry. */
  #drawFault({ message, place, line, column, record }: NonNullable<RunAnswer["fault"]>): HTMLElement {
    const link = (text: string, label: string, onclick: () => void) => element("button", { type: "button", class: "quiet", "aria-label": label, onclick }, text);
    const damage = line === undefined ? this.#page.damage() : undefined;
    // The rules of the page are no file that its user knows.
    const text = line === undefined ? message : message.replace(/^rules\.yaml:\d+:\d+: /, "");
    return element("p", { class: "error" }, ...inline(text), place && !message.includes(place) ? ` (${place})` : "",
      damage && link(`line ${damage.line}`, `Go to line ${damage.line} of the telemetry`, () => damage.go()),
      line === undefined ? undefined : link(`line ${line}`, `Go to line ${line} of the rules`, () => this.#page.goTo(line, column ?? 1)),
      record && link("Why?", `Why: trace of record ${record.record + 1}`, () => this.#page.walk(record.message, record.record, line)));
  }

  #drawChips({ fault, changes, counts: { changed, dropped, added, shared } }: RunAnswer): HTMLElement | undefined {
    if (fault || changes.length === 0) return undefined;
    const counts: Record<Filter, number> = { all: changed + dropped + added + shared, changed: changed + shared, dropped, added };
    const kinds = FILTERS.filter((filter) => filter === "all" || counts[filter] > 0);
    if (kinds.length === 2 && this.#line === undefined) return undefined;
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

  /** Draws the next cards, and names the authors of all. */
  #drawMore(count = AT_ONCE) {
    const answer = this.#answer;
    if (!answer) return;
    const next = this.#shown.slice(this.#cards.length, this.#cards.length + count).map((number) => new Card(this.#page, answer.changes[number]));
    this.#cards.push(...next);
    this.#list.append(...next.map(({ item }) => item));
    const more = this.#cards.length >= this.#shown.length && !answer.fault ? answer.more : 0;
    const isWhole = this.#cards.length >= this.#shown.length;
    const alone = isWhole && more === 0 ? this.#leftAlone(answer) : 0;
    this.#end.show([more, alone], () => more > 0 ? element("button", { type: "button", onclick: () => this.#page.more() }, `Show more of ${byCount(more, "other change")}`)
      : alone > 0 ? element("p", {}, `${byCount(alone, "other record")} ${alone === 1 ? "stays" : "stay"} as ${alone === 1 ? "it is" : "they are"}.`) : undefined);
    if (this.#cards.length < this.#shown.length) {
      // It is asked again, since the end may still be in sight.
      this.#seen.unobserve(this.#end.place);
      this.#seen.observe(this.#end.place);
    }
    void this.#name();
  }

  /** How many records no statement changed, where all is shown. */
  #leftAlone({ fault, changes, counts: { records, changed, dropped } }: RunAnswer): number {
    return fault || changes.length === 0 || this.#filter !== "all" || this.#line !== undefined ? 0 : Math.max(0, records - changed - dropped);
  }

  /** Finds out who made changes. */
  async #ask(changes: number[]) {
    if (changes.length === 0) return;
    const of = this.#answer;
    const found = await this.#page.authors(changes);
    if (of === this.#answer) found.forEach((authors, which) => { this.#authors[changes[which]] = authors; });
  }

  async #name() {
    const of = this.#answer;
    try {
      await this.#ask(this.#shown.slice(0, this.#cards.length).filter((number) => !this.#authors[number]));
    } catch {
      // Something newer was asked.
      return;
    }
    if (of === this.#answer) this.#cards.forEach((card, at) => card.name(this.#authors[this.#shown[at]]));
  }

  /** The statements that failed for some records: under the error mode `ignore`, the rest goes on. */
  #failed({ report }: RunAnswer) {
    return (report?.statements ?? []).filter(({ failed }) => failed > 0).slice(0, 20)
      .map(({ line, column, failed, first_error }) => ({ line, column, failed, first_error }));
  }

  #drawFailures(answer: RunAnswer): HTMLElement | undefined {
    const found = answer.fault ? [] : this.#failed(answer);
    if (found.length === 0) return undefined;
    return element("ul", { class: "failures", "aria-label": "Failures" }, ...found.map(({ line, column, failed, first_error }) => element("li", {},
      element("span", { class: "badge failed" }, failed === 1 ? "failed" : `failed ${failed} times`), " ",
      element("span", {}, ...inline(first_error ?? "")),
      element("button", { type: "button", class: "quiet", "aria-label": `Go to line ${line} of the rules`, onclick: () => this.#page.goTo(line, column) }, `line ${line}`))));
  }
}
