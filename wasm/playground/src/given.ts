import { service } from "./engines";
import { telemetryOf } from "./samples";
import type { Shared } from "./share";

/** The fragment with which `ottl playground` opens the page: rules and telemetry are a file beside it. */
export const GIVEN = "#given";

/** What `ottl playground` was given; an example stands in for what it was not. */
export async function given(): Promise<Shared | undefined> {
  const response = await fetch("given.json", { cache: "no-store" });
  if (!response.ok) return undefined;
  const { rules, telemetry, signal } = await response.json();
  if (rules !== undefined && telemetry !== undefined) return { rules, telemetry: await laidOut(telemetry) };
  const { examples } = await import("./examples");
  const example = examples.find((example) => example.signal === signal) ?? examples[0];
  return { rules: rules ?? example.rules, telemetry: telemetry === undefined ? telemetryOf(example.signal) : await laidOut(telemetry) };
}

/** The text as it is shown of a file that was opened. */
async function laidOut(telemetry: string): Promise<string> {
  const bytes = new TextEncoder().encode(telemetry).buffer as ArrayBuffer;
  return (await service.ask("open", { bytes, wanted: [] }).catch(() => undefined)) ?? telemetry;
}
