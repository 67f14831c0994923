import { json } from "@codemirror/lang-json";
import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension } from "@codemirror/state";
import { Decoration, EditorView, WidgetType } from "@codemirror/view";

import type { TracedStatement } from "../../js/ottl";
import { basics } from "./editor";
import { element } from "./element";
import type { Note } from "./protocol";

const readonly = (label: string) => [basics(label), json(), EditorState.readOnly.of(true)];
const collapseUnchanged = { margin: 3, minSize: 6 };

/** Whether both messages stand beside each other; by the room that there is until somebody chooses. */
let isBeside: boolean | undefined;

/** The message before and after, beside each other or in one. */
export function drawCompared(panel: HTMLElement, before: string, after: string): { destroy(): void } {
  isBeside ??= panel.clientWidth > 900;
  const body = element("div");
  const choice = (title: string, beside: boolean) => element("button", {
    type: "button", class: "quiet", "aria-pressed": String(isBeside === beside),
    onclick: () => {
      isBeside = beside;
      shown.destroy();
      shown = drawCompared(panel, before, after);
    },
  }, title);
  panel.classList.add("compared");
  panel.replaceChildren(element("div", { class: "bar-of-view" }, choice("Unified", false), choice("Side by side", true)), body);
  let shown: { destroy(): void };
  if (isBeside) {
    shown = new MergeView({
      parent: body,
      a: { doc: before, extensions: readonly("Telemetry before") },
      b: { doc: after, extensions: readonly("Telemetry after") },
      collapseUnchanged,
      gutter: true,
    });
  } else {
    const unified = unifiedMergeView({ original: before, mergeControls: false, collapseUnchanged });
    shown = new EditorView({ parent: body, doc: after, extensions: [readonly("Telemetry after, with what was before"), unified] });
  }
  return { destroy: () => shown.destroy() };
}

/** The statements that changed a line, behind it. */
class Author extends WidgetType {
  constructor(readonly by: TracedStatement[], readonly onLine: (line: number, column: number) => void) {
    super();
  }
  eq(other: Author) {
    return other.by.map(({ text, line }) => `${line} ${text}`).join() === this.by.map(({ text, line }) => `${line} ${text}`).join();
  }
  toDOM() {
    return element("span", { class: "note" }, ...this.by.map(({ line, column, text }) => element("button", {
      type: "button", class: "quiet", title: text, onclick: () => this.onLine(line, column),
    }, `line ${line}`, element("code", {}, text))));
  }
  ignoreEvent() {
    return true;
  }
}

/** The new message, and behind each line that changed the statement that did it. */
export function drawOutput(panel: HTMLElement, after: string, notes: Note[], onLine: (line: number, column: number) => void): { destroy(): void } {
  panel.replaceChildren();
  const state = EditorState.create({ doc: after });
  const marks = notes.filter(({ line }) => line <= state.doc.lines).flatMap(({ line, by }) => {
    const { from, to } = state.doc.line(line);
    return [Decoration.line({ class: "cm-noted" }).range(from), Decoration.widget({ widget: new Author(by, onLine), side: 1 }).range(to)];
  });
  const noted: Extension = EditorView.decorations.of(Decoration.set(marks, true));
  const view = new EditorView({ parent: panel, doc: after, extensions: [readonly("Telemetry after"), noted] });
  if (marks.length > 0) view.dispatch({ effects: EditorView.scrollIntoView(marks[0].from, { y: "center" }) });
  return view;
}
