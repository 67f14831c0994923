import { EditorView } from "@codemirror/view";

import { basics } from "./editor";

/** The editor of telemetry: OTLP as JSON. Files may be dropped on it. */
export function telemetryEditor(text: string, onChange: () => void, onFile: (file: File) => void): EditorView {
  return new EditorView({
    doc: text,
    extensions: [
      basics("Telemetry"),
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
}
