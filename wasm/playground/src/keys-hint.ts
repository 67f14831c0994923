import { element } from "./element";

let isByKeyboard = false;
addEventListener("keydown", () => { isByKeyboard = true; }, { capture: true });
addEventListener("pointerdown", () => { isByKeyboard = false; }, { capture: true });

/** Says which keys an editor has, to those who came to it by the keyboard; readers are told by the editor's label. */
export function keysHint(editor: HTMLElement, keys: [key: string, what: string][]) {
  const parts = keys.map(([key, what]) => element("span", {}, element("kbd", {}, key), ` ${what}`));
  const hint = element("p", { class: "keys", "aria-hidden": "true", hidden: true }, ...parts);
  editor.append(hint);
  editor.addEventListener("focusin", () => { hint.hidden = !isByKeyboard; });
  editor.addEventListener("focusout", () => { hint.hidden = true; });
}
