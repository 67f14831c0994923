import { decode, layout, readJson } from "./layout";
import type { Output, RunAnswer } from "./protocol";

/** What a file is made of. */
export interface Work {
  rules: string;
  telemetry: string;
  answer: RunAnswer | undefined;
  outputs(to: "json-pretty" | "protobuf"): Promise<Output[]>;
}

/** A file that the page gives. */
export interface Exported {
  name: string;
  content: string | Uint8Array;
}

export interface FileKind {
  id: string;
  title: string;
  about: string;
  make(work: Work): Promise<Exported>;
}

const SECTIONS: [RegExp, string][] = [
  [/^["']?(log_statements|log_conditions|logs)["']?\s*:/m, "logs"],
  [/^["']?(trace_statements|trace_conditions|traces|spans)["']?\s*:/m, "traces"],
  [/^["']?(metric_statements|metric_conditions|metrics)["']?\s*:/m, "metrics"],
  [/^["']?(profile_statements|profile_conditions|profiles)["']?\s*:/m, "profiles"],
];
const FILTER = /^["']?((log|trace|metric|profile)_conditions|logs|traces|spans|metrics|profiles)["']?\s*:/m;

const isConfiguration = (rules: string) => /^["']?(processors|service|receivers|exporters)["']?\s*:/m.test(rules);

function indented(text: string, by: number): string {
  const blank = " ".repeat(by);
  return text.replace(/\s+$/, "").split("\n").map((line) => (line.trim() ? blank + line : "")).join("\n");
}

/** A text as a YAML block that keeps it as it is, behind its key. */
const block = (text: string, by: number) => `${/^\s/.test(text) ? "|2" : "|"}\n${indented(text, by + 2)}`;

/** Rules as a Collector takes them: a processor in pipelines. */
export function collectorOf(rules: string): string {
  if (isConfiguration(rules)) return rules;
  const name = FILTER.test(rules) ? "filter/playground" : "transform/playground";
  // A Collector takes a dollar sign for the beginning of a variable.
  const body = indented(rules.replaceAll("$", "$$$$"), 4);
  const mode = /^["']?error_mode["']?\s*:/m.test(rules) ? "" : "    error_mode: ignore\n";
  const signals = SECTIONS.filter(([section]) => section.test(rules)).map(([, signal]) => signal);
  const pipelines = signals.map((signal) => `    ${signal}:\n      receivers: [otlp]\n      processors: [${name}]\n      exporters: [debug]\n`);
  return `receivers:
  otlp:
    protocols:
      grpc:
      http:

processors:
  ${name}:
${mode}${body}

exporters:
  debug:

service:
  pipelines:
${pipelines.join("")}`;
}

/** A case for `ottl test`: what comes in now, and what comes out of it. */
export async function caseOf({ rules, telemetry, answer, outputs }: Work): Promise<string> {
  const out = await outputs("json-pretty");
  const texts = out.flatMap(({ bytes }) => (bytes ? layout(readJson(decode(bytes))) : []));
  const asTelemetry = (list: string[], by: number) => (list.length === 1
    ? block(list[0], by)
    : `\n${list.map((text) => `${" ".repeat(by + 2)}- ${block(text, by + 4)}`).join("\n")}`);
  const { changed = 0, dropped = 0, shared = 0, added = 0, records = 0 } = answer?.counts ?? {};
  const failed = (answer?.report?.statements ?? []).some(({ failed }) => failed > 0);
  const parts = [changed && `${changed} changed`, dropped && `${dropped} dropped`, added && `${added} new`, shared && `${shared} shared changed`].filter(Boolean);
  const lines = [];
  if (texts.length === 0) lines.push("      dropped: true");
  else if (changed + dropped + shared + added === 0) lines.push("      unchanged: true");
  else lines.push(`      output: ${asTelemetry(texts, 6)}`);
  if (failed) lines.push("      error: true");
  const moving = /\b(Now|UUID|UUIDv7)\(/.test(rules) ? "# Now and UUID give something else in each run: say with a property what it looks like.\n" : "";
  return `# Run it with: ottl test rules.test.yaml
${moving}rules: ${block(rules, 0)}
cases:
  - name: ${records} records${parts.length > 0 ? `, ${parts.join(", ")}` : ""}
    input: ${asTelemetry(messagesOf(telemetry), 4)}
    expect:
${lines.join("\n")}
`;
}

/** The messages of JSON or JSON lines. */
function messagesOf(telemetry: string): string[] {
  try {
    return [layout(readJson(telemetry))];
  } catch {
    return telemetry.split(/\n(?=\{)/).filter((line) => line.trim()).map((line) => layout(readJson(line)));
  }
}

/** Messages behind each other, each behind its length in four bytes, as the file exporter writes them; one alone is as it is. */
function framed(messages: Uint8Array[]): Uint8Array {
  if (messages.length === 1) return messages[0];
  const out = new Uint8Array(messages.reduce((sum, { length }) => sum + 4 + length, 0));
  let at = 0;
  for (const message of messages) {
    new DataView(out.buffer).setUint32(at, message.length);
    out.set(message, at + 4);
    at += 4 + message.length;
  }
  return out;
}

export const fileKinds: FileKind[] = [
  {
    id: "case", title: "Test case", about: "Rules, telemetry and what comes out of it now, for `ottl test`.",
    make: async (work) => ({ name: "rules.test.yaml", content: await caseOf(work) }),
  },
  {
    id: "collector", title: "Collector", about: "A configuration with the rules in a processor, to merge into yours.",
    make: async ({ rules }) => ({ name: "collector.yaml", content: collectorOf(rules) }),
  },
  {
    id: "json", title: "Result as JSON", about: "What comes out, as OTLP/JSON; several messages are lines.",
    make: async ({ outputs }) => {
      const texts = (await outputs("json-pretty")).flatMap(({ bytes }) => (bytes ? decode(bytes) : []));
      return texts.length === 1 ? { name: "result.json", content: texts[0] } : { name: "result.jsonl", content: texts.map((text) => JSON.stringify(JSON.parse(text))).join("\n") };
    },
  },
  {
    id: "protobuf", title: "Result as protobuf", about: "What comes out, as OTLP in protobuf; several messages as the file exporter writes them.",
    make: async ({ outputs }) => ({ name: "result.pb", content: framed((await outputs("protobuf")).flatMap(({ bytes }) => bytes ?? [])) }),
  },
  { id: "rules", title: "Rules", about: "The rules as they stand.", make: async ({ rules }) => ({ name: "rules.yaml", content: rules }) },
  { id: "telemetry", title: "Telemetry", about: "The telemetry as it stands.", make: async ({ telemetry }) => ({ name: "telemetry.json", content: telemetry }) },
];
