import { json } from "@codemirror/lang-json";
import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

import { basics } from "./editor";
import { element } from "./element";
import { hangingIndent } from "./hanging";

const readonly = (label: string) => [basics(label), json(), EditorState.readOnly.of(true), hangingIndent];
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

/** The new message. */
export function drawOutput(panel: HTMLElement, after: string): { destroy(): void } {
  panel.replaceChildren();
  return new EditorView({ parent: panel, doc: after, extensions: readonly("Telemetry after") });
}
