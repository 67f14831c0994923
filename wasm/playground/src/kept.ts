import type { Shared } from "./share";

const KEY = "ottl-edited";

/** What was written before the page was loaded again; nothing at any other visit. */
export function kept(): Shared | undefined {
  try {
    const [visit] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    if (!["reload", "back_forward"].includes(visit.type)) sessionStorage.removeItem(KEY);
    const found = sessionStorage.getItem(KEY);
    if (found === null) return undefined;
    const { hash, rules, telemetry } = JSON.parse(found);
    return hash === location.hash ? { rules, telemetry } : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps what was written for when this tab loads the page again, if the browser allows it and it is not too large. */
export function keep({ rules, telemetry }: Shared) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ hash: location.hash, rules, telemetry }));
  } catch {
    // The page opens as it did before.
  }
}
