// The cookbook's telemetry, which examples run on.

import logs from "../../../docs/cookbook/logs.json?raw";
import metrics from "../../../docs/cookbook/metrics.json?raw";
import profiles from "../../../docs/cookbook/profiles.json?raw";
import traces from "../../../docs/cookbook/traces.json?raw";
import { layout, readJson } from "./layout";

const TELEMETRY: Record<string, string> = { logs, metrics, profiles, traces };

/** The telemetry that an example runs on. */
export function telemetryOf(signal: string): string {
  return layout(readJson(TELEMETRY[signal]));
}
