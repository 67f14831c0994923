import { EditorView } from "@codemirror/view";

import { basics } from "./editor";

/** The editor of telemetry: OTLP as JSON. */
export function telemetryEditor(text: string, onChange: () => void): EditorView {
  return new EditorView({
    doc: text,
    extensions: [
      basics("Telemetry"),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) onChange();
      }),
    ],
  });
}
