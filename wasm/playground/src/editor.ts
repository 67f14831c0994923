// What both editors share: keys, colours, look.

import { closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { HighlightStyle, foldGutter, foldKeymap, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers, tooltips } from "@codemirror/view";
import { tags } from "@lezer/highlight";

import { byId } from "./element";
import { hangingIndent } from "./hanging";

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--code-key)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--code-number)" },
  { tag: [tags.keyword], color: "var(--code-keyword)" },
  { tag: [tags.comment], color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.punctuation, tags.separator, tags.bracket], color: "var(--code-sign)" },
]);

/** The language of an editor, which comes later (`languages.ts`). */
export const language = new Compartment();

/** Lines, keys. Tab indents; Escape and then Tab leaves the editor, as the label says. In one that only shows something Tab goes on. */
export function basics(label: string, isReadOnly = false): Extension {
  return [
    lineNumbers(),
    foldGutter(),
    language.of([]),
    hangingIndent,
    history(),
    indentOnInput(),
    closeBrackets(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    highlightSelectionMatches(),
    EditorState.tabSize.of(2),
    // Panes cut off what does not fit into them.
    tooltips({ parent: byId("tips") }),
    syntaxHighlighting(colours),
    keymap.of([
      ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap,
      indentWithTab,
    ]),
    EditorView.contentAttributes.of({ tabindex: "0", "aria-label": isReadOnly ? label : `${label}. Tab indents; press Escape, then Tab to leave.` }),
  ];
}

/** Goes to a place, from 1. */
export function goToPlace(view: EditorView, line: number, column: number) {
  const { doc } = view.state;
  const found = doc.line(Math.min(Math.max(line, 1), doc.lines));
  const at = Math.min(found.from + column - 1, found.to);
  view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
  view.focus();
}

/** Replaces the text of an editor. */
export function replaceText(view: EditorView, text: string) {
  if (view.state.doc.toString() === text) return;
  view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: 0 }, scrollIntoView: true });
}
