import { json } from "@codemirror/lang-json";
import { EditorView } from "@codemirror/view";

import { basics, mounted } from "./editor";
import { hangingIndent } from "./hanging";

/** The editor of telemetry: OTLP as JSON. Files may be dropped on it. */
export function telemetryEditor(parent: HTMLElement, text: string, onChange: () => void, onFile: (file: File) => void): EditorView {
  const view = new EditorView({
    doc: text,
    extensions: [
      basics("Telemetry"),
      json(),
      hangingIndent,
      EditorView.updateListener.of((update) => {
        if (update.docChanged) onChange();
      }),
      EditorView.domEventHandlers({
        drop: (event) => {
          const file = event.dataTransfer?.files[0];
          if (!file) return false;
          event.preventDefault();
          onFile(file);
          return true;
        },
      }),
    ],
  });
  return mounted(view, parent);
}
