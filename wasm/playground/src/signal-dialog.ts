import type { Signal } from "../../js/ottl";
import { element } from "./element";

const SIGNALS: Signal[] = ["logs", "traces", "metrics", "profiles"];

/** Asks of which signal a file is; nothing where nobody says. */
export function askSignal(dialog: HTMLDialogElement, file: string): Promise<Signal | undefined> {
  return new Promise((resolve) => {
    let chosen: Signal | undefined;
    const choose = (signal?: Signal) => {
      chosen = signal;
      dialog.close();
    };
    dialog.replaceChildren(
      element("div", { class: "head" },
        element("h2", { id: "signal-title" }, `What is in ${file}?`), element("span", { class: "about" }),
        element("button", { type: "button", class: "quiet", onclick: () => choose() }, "Close")),
      element("p", { class: "asked" }, "Protobuf does not name its signal, and this could be of several."),
      element("div", { class: "asked choices" }, ...SIGNALS.map((signal) => element("button", { type: "button", onclick: () => choose(signal) }, signal))));
    dialog.addEventListener("close", () => resolve(chosen), { once: true });
    dialog.showModal();
  });
}
