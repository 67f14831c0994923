import { element } from "./element";

/** A part of a view, which is made anew only where it shows something else than before. */
export class Part {
  readonly place: HTMLElement;
  #shown: string | undefined;

  constructor(place: HTMLElement = element("div")) {
    this.place = place;
  }

  /** Shows what is made of `about`; says whether it was made. */
  show(about: unknown, make: () => Node | undefined): boolean {
    const shown = JSON.stringify(about) ?? "";
    if (shown === this.#shown) return false;
    this.#shown = shown;
    this.place.replaceChildren(make() ?? "");
    return true;
  }
}

/** Sets the text of an element, if it is another one. */
export function setText(element: HTMLElement, text: string) {
  if (element.textContent !== text) element.textContent = text;
}
