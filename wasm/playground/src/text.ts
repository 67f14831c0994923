import type { Text } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";

/** Texts of documents that are large take their time; a document never changes. */
const texts = new WeakMap<Text, string>();

/** The text of an editor. */
export function textOf({ state: { doc } }: EditorView): string {
  let text = texts.get(doc);
  if (text === undefined) {
    text = doc.toString();
    texts.set(doc, text);
  }
  return text;
}
