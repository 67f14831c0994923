import { element } from "./element";
import { type Exported, type Work, fileKinds } from "./files";
import { inline } from "./markdown";

/** Characters of a file that are shown. */
const SHOWN = 20_000;

function save({ name, content }: Exported) {
  const url = URL.createObjectURL(new Blob([content as BlobPart]));
  const link = element("a", { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** The dialog that gives files: each is shown before it is copied or saved. Gives what opens it. */
export function exportDialog(dialog: HTMLDialogElement, work: () => Work, say: (text: string) => void, onSave: (id: string) => void): () => void {
  let chosen = fileKinds[0];
  let made: Exported | undefined;
  const shown = element("pre", { class: "preview", tabindex: 0, "aria-label": "The file" });
  const about = element("p", { class: "about-file", "aria-live": "polite" });
  const copy = element("button", { type: "button", onclick: () => void copyMade() }, "Copy");
  const download = element("button", {
    type: "button", class: "primary",
    onclick: () => {
      if (!made) return;
      save(made);
      onSave(chosen.id);
    },
  }, "Download");

  async function copyMade() {
    if (typeof made?.content !== "string") return;
    try {
      await navigator.clipboard.writeText(made.content);
      say("The file is copied.");
      onSave(chosen.id);
    } catch {
      say("The browser does not let pages copy here.");
    }
  }

  async function show() {
    made = undefined;
    let file: Exported | undefined;
    const { make } = chosen;
    try {
      file = await make(work());
    } catch (error) {
      shown.textContent = `There is nothing to give: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (make !== chosen.make) return;
    made = file;
    about.replaceChildren(...inline(`${chosen.about}${file ? ` File: \`${file.name}\`` : ""}`));
    copy.disabled = typeof file?.content !== "string";
    download.disabled = file === undefined;
    if (!file) return;
    const { content } = file;
    shown.textContent = typeof content !== "string" ? `${content.length} bytes` : content.length > SHOWN ? `${content.slice(0, SHOWN)}\n…` : content;
    shown.scrollTop = 0;
  }

  const choices = fileKinds.map((one) => element("label", {},
    element("input", {
      type: "radio", name: "export", value: one.id, checked: one === chosen,
      onchange: () => {
        chosen = one;
        void show();
      },
    }), element("span", {}, one.title)));
  dialog.append(
    element("div", { class: "head" },
      element("h2", { id: "export-title" }, "Download"), element("span", { class: "about" }),
      element("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, "Close")),
    element("div", { class: "exports" },
      element("fieldset", {}, element("legend", { class: "for-readers" }, "What"), ...choices),
      element("div", { class: "file-shown" }, about, shown, element("div", { class: "actions" }, copy, download))));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  return () => {
    dialog.showModal();
    void show();
  };
}
