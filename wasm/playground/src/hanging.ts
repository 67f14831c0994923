import type { Extension, Range } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";

/** At most so much of the indentation is repeated: narrow editors need the room. */
const MOST = 24;

function decorations(view: EditorView): DecorationSet {
  const found: Range<Decoration>[] = [];
  for (const { from, to } of view.visibleRanges) {
    for (let at = from; at <= to; ) {
      const line = view.state.doc.lineAt(at);
      const [blank] = /^ *(- )?/.exec(line.text.slice(0, MOST)) ?? [""];
      found.push(Decoration.line({ attributes: { style: `--indent: ${blank.length + 2}ch` } }).range(line.from));
      at = line.to + 1;
    }
  }
  return Decoration.set(found);
}

/** Lines that are wrapped go on behind their indentation. */
export const hangingIndent: Extension = [
  EditorView.lineWrapping,
  ViewPlugin.fromClass(
    class {
      decorations: DecorationSet;
      constructor(view: EditorView) {
        this.decorations = decorations(view);
      }
      update(update: ViewUpdate) {
        if (update.docChanged || update.viewportChanged) this.decorations = decorations(update.view);
      }
    },
    { decorations: (plugin) => plugin.decorations },
  ),
];
