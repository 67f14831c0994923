import { element } from "./element";
import { markdown } from "./markdown";

/** Shows the page of a code: what it means, why, and how to mend it. */
export async function explain(dialog: HTMLDialogElement, code: string): Promise<void> {
  const { explanations } = await import("./explanations");
  const text = explanations[`../../../spec/diagnostics/${code}.md`];
  if (text === undefined) throw new Error(`there is no page of ${code}`);
  const [title, ...rest] = text.split("\n");
  dialog.replaceChildren(
    element("div", { class: "head" },
      element("h2", { id: "explain-title" }, title.replace(/^#\s*/, "")), element("span", { class: "about" }),
      element("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, "Close")),
    element("div", { class: "explained", tabindex: 0 }, markdown(rest.join("\n"))));
  dialog.showModal();
}
