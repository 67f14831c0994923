import { json } from "@codemirror/lang-json";
import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

import { basics } from "./editor";

const readonly = (label: string) => [basics(label), json(), EditorState.readOnly.of(true), EditorView.lineWrapping];
const collapseUnchanged = { margin: 3, minSize: 6 };

/** The message before and after: beside each other where there is room, else in one. */
export function drawCompared(panel: HTMLElement, before: string, after: string): { destroy(): void } {
  panel.replaceChildren();
  if (panel.clientWidth > 700) {
    return new MergeView({
      parent: panel,
      a: { doc: before, extensions: readonly("Telemetry before") },
      b: { doc: after, extensions: readonly("Telemetry after") },
      collapseUnchanged,
      gutter: true,
    });
  }
  const unified = unifiedMergeView({ original: before, mergeControls: false, collapseUnchanged });
  return new EditorView({ parent: panel, doc: after, extensions: [readonly("Telemetry after, with what was before"), unified] });
}

/** The new message. */
export function drawOutput(panel: HTMLElement, after: string): { destroy(): void } {
  panel.replaceChildren();
  return new EditorView({ parent: panel, doc: after, extensions: readonly("Telemetry after") });
}
