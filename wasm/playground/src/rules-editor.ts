import { type CompletionContext, type CompletionResult, autocompletion, snippet } from "@codemirror/autocomplete";
import { type Diagnostic as Shown, diagnosticCount, lintGutter, setDiagnostics } from "@codemirror/lint";
import { type Extension, type Line, RangeSet, StateEffect, StateField, type Text, type TransactionSpec } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, type Tooltip, WidgetType, hoverTooltip, showTooltip } from "@codemirror/view";

import type { Completion, Diagnostic, Report, SignatureHelp } from "../../js/ottl";
import { countGutter, showCounts } from "./counts";
import { basics, goToPlace } from "./editor";
import { element } from "./element";
import type { Engine } from "./engine";
import { inline, markdown } from "./markdown";
import type { Requests } from "./protocol";
import { textOf } from "./text";
import { showWalked, walkedLine } from "./walked";

type Checked = Requests["check"]["answer"];

class Remark extends WidgetType {
  constructor(readonly label: string, readonly tooltip: string) {
    super();
  }
  eq(other: Remark) {
    return other.label === this.label;
  }
  toDOM() {
    // Text of its own could be taken for that of the rules, where a browser replaces what is around it.
    return element("span", { class: "remark", title: this.tooltip, "data-label": this.label });
  }
}

/** The line of what a remark is about, or of the heading above it: there is always room behind `log_statements:`. */
function remarkLine(doc: Text, at: number): Line {
  const line = doc.lineAt(at);
  const above = line.number > 1 ? doc.line(line.number - 1) : line;
  return /^[\s-]*\w+:\s*$/.test(above.text) ? above : line;
}

const setWords = StateEffect.define<DecorationSet>();
const words = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(setWords)) return effect.value;
    return value.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** A signature stays where it is shown while one writes: only one that says something else takes its place. */
type Signed = Tooltip & { said: string };

const setSignature = StateEffect.define<Signed | null>();
const signature = StateField.define<Signed | null>({
  create: () => null,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(setSignature)) return effect.value;
    if (!value || !transaction.state.selection.main.empty) return null;
    if (!transaction.docChanged) return value;
    const pos = transaction.changes.mapPos(value.pos, -1);
    return pos === value.pos ? value : { ...value, pos };
  },
  provide: (field) => showTooltip.from(field),
});

function signatureDom(help: SignatureHelp): HTMLElement {
  const active = help.active === null ? undefined : help.parameters[help.active];
  const label = element("code");
  const { start, end } = active?.label ?? { start: 0, end: 0 };
  label.append(help.label.slice(0, start), element("b", {}, help.label.slice(start, end)), help.label.slice(end));
  const about = active ? [active.takes, active.doc].filter(Boolean).join(" – ") : help.summary;
  return element("div", { class: "signature" }, label, element("div", {}, about));
}

const TYPES: Record<Completion["kind"], string> = {
  editor: "function", converter: "method", path: "property", variable: "variable", enum: "enum", key: "property", argument: "variable",
  keyword: "keyword", configuration: "keyword", snippet: "text",
};

/** The editor of rules: what the engine says of them is shown in it. */
export class RulesEditor {
  readonly view: EditorView;
  #engine: Engine;

  constructor(engine: Engine, text: string, onChange: () => void, onCounts: (line: number) => void) {
    this.#engine = engine;
    const extensions: Extension = [
      basics("Rules"),
      words,
      signature,
      lintGutter(),
      countGutter(onCounts),
      walkedLine,
      autocompletion({ override: [(context) => this.#complete(context)], icons: false }),
      hoverTooltip((view, at) => this.#hover(view, at)),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) onChange();
        if (update.docChanged || update.selectionSet) void this.#signature();
      }),
    ];
    this.view = new EditorView({ doc: text, extensions });
  }

  get text(): string {
    return textOf(this.view);
  }

  /** Shows what was found in the text, if it is still that text. */
  show(text: string, { diagnostics, tokens, hints }: Checked) {
    const { state } = this.view;
    if (this.text !== text) return;
    const within = (at: number) => Math.min(at, state.doc.length);
    const marks = tokens
      .filter(({ range }) => range.end > range.start)
      .map(({ range, type }) => Decoration.mark({ class: `tok-${type}` }).range(range.start, within(range.end)));
    // Each condition of a list has one; what the one before says need not be said again.
    const remarks = hints.flatMap(({ at, label, tooltip }, number) => {
      const line = remarkLine(state.doc, within(at));
      if (line.to >= at && hints[number - 1]?.label === label) return [];
      return Decoration.widget({ widget: new Remark(label, tooltip), side: 1 }).range(line.to);
    });
    const shown = diagnostics.map((found): Shown => ({
      from: within(found.range.start),
      to: within(found.range.end),
      severity: found.severity === "hint" ? "info" : found.severity,
      source: found.code,
      message: [found.message, found.help].filter(Boolean).join("\n"),
      renderMessage: () => element("span", {}, ...inline([found.message, found.help].filter(Boolean).join("\n"))),
      actions: found.fix ? [{ name: "Fix", apply: () => this.fix(found) }] : [],
    }));
    const found = Decoration.set([...marks, ...remarks], true);
    const changes: TransactionSpec[] = [];
    if (!RangeSet.eq([found], [state.field(words)])) changes.push({ effects: setWords.of(found) });
    if (shown.length > 0 || diagnosticCount(state) > 0) changes.push(setDiagnostics(state, shown));
    if (changes.length > 0) this.view.dispatch(...changes);
  }

  /** Shows how many records each statement matched. */
  showCounts(report: Report | undefined) {
    showCounts(this.view, report);
  }

  /** Marks the statement that a walk is at. */
  mark(line: number | undefined) {
    showWalked(this.view, line);
  }

  /** Applies the fix of a diagnostic. */
  fix({ fix }: Diagnostic) {
    if (!fix || fix.range.end > this.view.state.doc.length) return;
    this.view.dispatch({ changes: { from: fix.range.start, to: fix.range.end, insert: fix.replacement }, userEvent: "input.fix" });
  }

  /** Goes to a place, from 1. */
  goTo(line: number, column = 1) {
    goToPlace(this.view, line, column);
  }

  async format() {
    const text = this.text;
    const edits = await this.#engine.ask("format", { text });
    if (this.text !== text) return;
    this.view.dispatch({ changes: edits.map(({ range, replacement }) => ({ from: range.start, to: range.end, insert: replacement })) });
  }

  async #complete(context: CompletionContext): Promise<CompletionResult | null> {
    const before = context.matchBefore(/[\w"[(.]$/);
    if (!context.explicit && !before) return null;
    const [text, at] = [this.text, context.pos];
    const found = await this.#engine.ask("complete", { text, at }).catch(() => []);
    if (found.length === 0) return null;
    return {
      from: Math.min(...found.map(({ range }) => range.start)),
      filter: false,
      options: found.map((proposed) => ({
        label: proposed.label,
        type: TYPES[proposed.kind],
        // The name stands in front of it.
        detail: proposed.detail?.startsWith(`${proposed.label}(`) ? proposed.detail.slice(proposed.label.length) : proposed.detail,
        info: async () => {
          const about = await this.#engine.ask("describe", { text, at, label: proposed.label }).catch(() => undefined);
          return about ? markdown(about) : null;
        },
        apply: (view, completion) => {
          const { start, end } = proposed.range;
          if (proposed.snippet) {
            snippet(proposed.snippet.replaceAll("$0", "${}"))(view, completion, start, Math.max(end, view.state.selection.main.head));
          } else {
            const to = Math.max(end, view.state.selection.main.head);
            view.dispatch({ changes: { from: start, to, insert: proposed.insert }, selection: { anchor: start + proposed.insert.length }, userEvent: "input.complete" });
          }
        },
      })),
    };
  }

  async #hover(view: EditorView, at: number): Promise<Tooltip | null> {
    const found = await this.#engine.ask("hover", { text: view.state.doc.toString(), at }).catch(() => undefined);
    if (!found || !found.markdown) return null;
    // What is wrong is shown by the editor itself.
    if (found.codes.length > 0) return null;
    return { pos: found.range.start, end: found.range.end, above: true, create: () => ({ dom: markdown(found.markdown) }) };
  }

  async #signature() {
    const { main } = this.view.state.selection;
    if (!main.empty || !this.view.hasFocus) return;
    const [text, at] = [this.text, main.head];
    const help = await this.#engine.ask("signature", { text, at }).catch(() => undefined);
    if (this.text !== text || this.view.state.selection.main.head !== at) return;
    const said = help && JSON.stringify(help);
    const before = this.view.state.field(signature);
    if (before?.said === said) return;
    const tooltip = help && said ? { pos: at, above: true, said, create: () => ({ dom: signatureDom(help) }) } : null;
    this.view.dispatch({ effects: setSignature.of(tooltip) });
  }
}
