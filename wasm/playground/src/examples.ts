// The gallery: some to start with, and the recipes of the cookbook, on its telemetry.

import cookbook from "../../../docs/cookbook.md?raw";
import redact from "../../../examples/redact.yaml?raw";
import collector from "./examples/collector.yaml?raw";
import start from "./examples/start.yaml?raw";

export interface Example {
  title: string;
  group: string;
  signal: string;
  rules: string;
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
