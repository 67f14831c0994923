// Files that are opened, or dropped anywhere on the page.

/** Above this nobody wrote it by hand. */
const LARGEST_RULES = 2_000_000;

const TELEMETRY = /^\s*\{[\s\S]*?"resource_?(logs|spans|metrics|profiles)"/i;
const RULES = /^\s*\{?\s*["']?(\w+_statements|\w+_conditions|error_mode|processors|receivers|service)["']?\s*:/m;

/** The text of a file of rules; nothing where it is something else. What is put on the rules need not look like some. */
export function rulesIn(name: string, bytes: ArrayBuffer, isOnRules: boolean): string | undefined {
  if (bytes.byteLength > LARGEST_RULES) return undefined;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
  // Protobuf without a byte that is no text has the lengths of its fields.
  if (/[\0-\x08\x0e-\x1f]/.test(text) || TELEMETRY.test(text)) return undefined;
  if (/\.ya?ml$/i.test(name) || RULES.test(text)) return text;
  return isOnRules && !/\.(md|html?|jsonl?)$/i.test(name) ? text : undefined;
}

/** Takes files that are dropped anywhere: a browser would leave the page for them. */
export function takeDrops(take: (file: File, isOnRules: boolean) => void) {
  const hasFiles = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes("Files") ?? false;
  const isOnRules = ({ target }: Event) => target instanceof Element && target.closest(".rules") !== null;
  const { dataset } = document.documentElement;
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    dataset.drop = isOnRules(event) ? "rules" : "telemetry";
  });
  addEventListener("dragleave", ({ relatedTarget }) => {
    if (relatedTarget === null) delete dataset.drop;
  });
  // Editors write what is dropped on them between what stands there.
  addEventListener("drop", (event) => {
    delete dataset.drop;
    const [file] = event.dataTransfer?.files ?? [];
    if (!file) return;
    event.preventDefault();
    event.stopPropagation();
    take(file, isOnRules(event));
  }, { capture: true });
}
