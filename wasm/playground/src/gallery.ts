import { element } from "./element";
import type { Example } from "./examples";

/** The dialog with all examples. Gives what opens it with words to look for, and loads them at first. */
export function gallery(dialog: HTMLDialogElement, onChoose: (example: Example) => void): (wanted?: string) => Promise<void> {
  const groups = element("div", { class: "groups" });
  let examples: Example[] = [];
  const draw = (wanted: string) => {
    const found = examples.filter(({ title, group, rules, signal }) => `${title} ${group} ${signal} ${rules}`.toLowerCase().includes(wanted.toLowerCase()));
    const names = [...new Set(found.map(({ group }) => group))];
    groups.replaceChildren(...names.map((name) => {
      const items = found.filter(({ group }) => group === name).map((example) => element("li", {}, element("button", {
        type: "button",
        onclick: () => {
          dialog.close();
          onChoose(example);
        },
      }, element("span", {}, example.title), element("small", {}, example.signal))));
      return element("section", {}, element("h3", {}, name), element("ul", {}, ...items));
    }));
    if (found.length === 0) groups.append(element("p", { class: "empty" }, "No example has these words."));
  };
  const search = element("input", {
    type: "search", placeholder: "Search", "aria-label": "Search examples", oninput: () => draw(search.value),
    onkeydown: (event) => {
      if ((event as KeyboardEvent).key !== "Enter") return;
      // The button that opened the dialog has the focus then, and would be pressed.
      event.preventDefault();
      groups.querySelector("button")?.click();
    },
  });
  dialog.append(
    element("div", { class: "head" },
      element("h2", { id: "gallery-title" }, "Examples"), search,
      element("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, "Close")),
    groups);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  return async (wanted = "") => {
    if (examples.length === 0) ({ examples } = await import("./examples"));
    search.value = wanted;
    draw(wanted);
    dialog.showModal();
  };
}
