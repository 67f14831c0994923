import type { Signal } from "../../js/ottl";
import type { RunAnswer } from "./protocol";

const both = (names: string[]) => (names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`);

/** What is said of rules none of which are for the telemetry; nothing where some are. */
export function mismatch({ isCompiled, signals }: RunAnswer): { text: string; rules: Signal; telemetry: Signal } | undefined {
  const { rules, telemetry } = signals;
  if (!isCompiled || rules.length === 0 || telemetry.length === 0 || rules.some((signal) => telemetry.includes(signal))) return undefined;
  return { text: `the rules are for ${both(rules)}, the telemetry is ${both(telemetry)}`, rules: rules[0], telemetry: telemetry[0] };
}
