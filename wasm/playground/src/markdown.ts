import { element } from "./element";

/** `code`, **strong** and links, whose texts alone are shown. */
export function inline(text: string): (Node | string)[] {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)]+\))/).map((part) => {
    if (part.startsWith("`") && part.length > 1) return element("code", {}, part.slice(1, -1));
    if (part.startsWith("**") && part.length > 3) return element("strong", {}, ...inline(part.slice(2, -2)));
    const link = /^\[([^\]]+)\]\([^)]+\)$/.exec(part);
    return link ? element("span", {}, ...inline(link[1])) : part;
  });
}

/** The Markdown of hovers and completions, without anything that could be fetched. */
export function markdown(text: string): HTMLElement {
  const out = element("div", { class: "markdown" });
  const blocks = text.split(/\n{2,}|(?=^```)|(?<=^```)\n(?=\S)/m);
  for (let number = 0; number < blocks.length; number++) {
    let block = blocks[number].trim();
    if (!block) continue;
    if (block.startsWith("```")) {
      while (!/\n```$/.test(block) && number + 1 < blocks.length) block += `\n${blocks[++number]}`.trimEnd();
      out.append(element("pre", {}, block.replace(/^```[^\n]*\n?/, "").replace(/\n?```$/, "")));
    } else if (/^#+ /.test(block)) {
      out.append(element("strong", {}, ...inline(block.replace(/^#+ /, ""))));
    } else if (/^[-*] /.test(block)) {
      const items = block.split(/\n(?=[-*] )/).map((item) => element("li", {}, ...inline(item.slice(2))));
      out.append(element("ul", {}, ...items));
    } else {
      out.append(element("p", {}, ...inline(block.replaceAll("\n", " "))));
    }
  }
  return out;
}
