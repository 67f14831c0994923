import { type Extension, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";

const setWalked = StateEffect.define<number | undefined>();
const walked = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(value, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(setWalked)) continue;
      const { doc } = transaction.state;
      if (effect.value === undefined || effect.value > doc.lines) return Decoration.none;
      return Decoration.set(Decoration.line({ class: "cm-walked" }).range(doc.line(effect.value).from));
    }
    return value.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Marks the line of the statement that a walk is at. */
export const walkedLine: Extension = walked;

/** Marks a line, from 1, and scrolls to it; no line without a number. */
export function showWalked(view: EditorView, line: number | undefined) {
  const { doc } = view.state;
  const effects: StateEffect<unknown>[] = [setWalked.of(line)];
  if (line !== undefined && line <= doc.lines) effects.push(EditorView.scrollIntoView(doc.line(line).from, { y: "nearest" }));
  view.dispatch({ effects });
}
