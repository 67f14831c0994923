import { json } from "@codemirror/lang-json";
import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension } from "@codemirror/state";
import { Decoration, EditorView, WidgetType } from "@codemirror/view";

import type { TracedStatement } from "../../js/ottl";
import { basics } from "./editor";
import { element } from "./element";
import type { Note } from "./protocol";

const readonly = (label: string) => [basics(label, true), json(), EditorState.readOnly.of(true)];
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

const keyOf = (by: TracedStatement[]) => by.map(({ text, line }) => `${line} ${text}`).join();

/** The statements that changed a line or took something from it, behind it. */
class Author extends WidgetType {
  constructor(readonly note: Note, readonly onLine: (line: number, column: number) => void) {
    super();
  }
  eq(other: Author) {
    const key = ({ by, gone }: Note) => [keyOf(by), ...gone.map(({ path, by }) => `${path} ${keyOf(by)}`)].join("\n");
    return key(other.note) === key(this.note);
  }
  toDOM() {
    const { by, gone } = this.note;
    const button = ({ line, column, text }: TracedStatement, path?: string) => element("button", {
      type: "button", class: path === undefined ? "quiet" : "quiet gone", title: path === undefined ? text : `${path} is gone: ${text}`, onclick: () => this.onLine(line, column),
    }, path === undefined ? undefined : element("del", {}, path), `line ${line}`, element("code", {}, text));
    return element("span", { class: "note" }, ...by.map((statement) => button(statement)), ...gone.flatMap(({ path, by }) => by.map((statement) => button(statement, path))));
  }
  ignoreEvent() {
    return true;
  }
}

/** The new message, and behind each line that changed, or lost something, the statement that did it. */
export function drawOutput(panel: HTMLElement, after: string, notes: Note[], onLine: (line: number, column: number) => void): { destroy(): void } {
  panel.replaceChildren();
  const state = EditorState.create({ doc: after });
  const marks = notes.filter(({ line }) => line <= state.doc.lines).flatMap((note) => {
    const { from, to } = state.doc.line(note.line);
    const look = Decoration.line({ class: note.by.length > 0 ? "cm-noted" : "cm-bereft" });
    return [look.range(from), Decoration.widget({ widget: new Author(note, onLine), side: 1 }).range(to)];
  });
  const noted: Extension = EditorView.decorations.of(Decoration.set(marks, true));
  const view = new EditorView({ parent: panel, doc: after, extensions: [readonly("Telemetry after"), noted] });
  if (marks.length > 0) view.dispatch({ effects: EditorView.scrollIntoView(marks[0].from, { y: "center" }) });
  return view;
}
