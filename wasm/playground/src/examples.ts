// The gallery: some to start with, and the recipes of the cookbook, on its telemetry.

import cookbook from "../../../docs/cookbook.md?raw";
import logs from "../../../docs/cookbook/logs.json?raw";
import metrics from "../../../docs/cookbook/metrics.json?raw";
import profiles from "../../../docs/cookbook/profiles.json?raw";
import traces from "../../../docs/cookbook/traces.json?raw";
import redact from "../../../examples/redact.yaml?raw";
import collector from "./examples/collector.yaml?raw";
import start from "./examples/start.yaml?raw";
import { layout, readJson } from "./layout";

export interface Example {
  title: string;
  group: string;
  signal: string;
  rules: string;
}

const TELEMETRY: Record<string, string> = { logs, metrics, profiles, traces };

/** The telemetry that an example runs on. */
export function telemetryOf(signal: string): string {
  return layout(readJson(TELEMETRY[signal]));
}

const title = (question: string) => {
  const rest = question.replace(/^How do I /, "").replace(/\?$/, "").replaceAll("`", "");
  return rest.charAt(0).toUpperCase() + rest.slice(1);
};

export const examples: Example[] = [
  { title: "Clean up log records, and mark what matters", group: "Start here", signal: "logs", rules: start },
  { title: "A Collector's configuration with two processors", group: "Start here", signal: "logs", rules: collector },
  { title: "Personal data and secrets leave log records", group: "Start here", signal: "logs", rules: redact },
];

let group = "";
for (const part of cookbook.split(/^(?=###? )/m)) {
  const heading = /^(###?) (.+)$/m.exec(part);
  if (heading?.[1] === "##") group = heading[2];
  const recipe = /^```yaml (\w+)\n([\s\S]*?)^```$/m.exec(part);
  if (heading?.[1] === "###" && recipe) examples.push({ title: title(heading[2]), group, signal: recipe[1], rules: recipe[2] });
}
