const KEY = "ottl-theme";
const NAMES = ["auto", "light", "dark"] as const;

/** The button that goes through the themes. What was chosen stays in the browser. */
export function themeButton(button: HTMLElement) {
  let chosen = 0;
  try {
    chosen = Math.max(0, NAMES.findIndex((name) => name === localStorage.getItem(KEY)));
  } catch {
    // Storage may be forbidden.
  }
  const show = () => {
    const name = NAMES[chosen];
    if (name === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    button.textContent = { auto: "◐ Auto", light: "○ Light", dark: "● Dark" }[name];
    button.setAttribute("aria-label", `Theme: ${name}`);
  };
  button.addEventListener("click", () => {
    chosen = (chosen + 1) % NAMES.length;
    try {
      localStorage.setItem(KEY, NAMES[chosen]);
    } catch {
      // Then it is chosen for this visit.
    }
    show();
  });
  show();
}
