const NAMES = ["auto", "light", "dark"] as const;
type Theme = (typeof NAMES)[number];

// `localStorage` would stop the page until the browser has read it, which takes a sixth of the start.
const CACHE = "ottl-theme";
const KEY = "theme";

async function kept(): Promise<Theme> {
  try {
    const text = await (await caches.match(KEY, { cacheName: CACHE }))?.text();
    return NAMES.find((name) => name === text) ?? "auto";
  } catch {
    // Pages may be forbidden to keep anything.
    return "auto";
  }
}

async function keep(theme: Theme) {
  try {
    await (await caches.open(CACHE)).put(KEY, new Response(theme));
  } catch {
    // Then it is chosen for this visit.
  }
}

let chosen: Theme = "auto";

function apply() {
  if (chosen === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

const begun = kept().then((theme) => {
  chosen = theme;
  apply();
});

/** The button that goes through the themes. What was chosen stays in the browser. */
export function themeButton(button: HTMLElement) {
  const show = () => {
    button.textContent = { auto: "◐ Auto", light: "○ Light", dark: "● Dark" }[chosen];
    button.setAttribute("aria-label", `Theme: ${chosen}`);
  };
  button.addEventListener("click", () => {
    chosen = NAMES[(NAMES.indexOf(chosen) + 1) % NAMES.length];
    apply();
    show();
    void keep(chosen);
  });
  void begun.then(show);
}
