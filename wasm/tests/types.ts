// What users write, held against the types.

import { type Compiled, type DataSetName, Document, RunError, Telemetry, compile, compileWithData, convert, init, messages } from "../js/ottl.js";

export async function use(file: File): Promise<number> {
  await init(new URL("./ottl.wasm", "https://example.com/"));
  const fetchData = async (name: string) => (await fetch(`data/${name}`)).arrayBuffer();
  const compiled: Compiled = await compileWithData("log_statements: []", fetchData, { target: "0.161", pipeline: ["logs"] });
  const missing: DataSetName[] = compiled.missingData;
  let count = missing.length;
  for (const { bytes, encoding } of messages(await file.arrayBuffer())) {
    try {
      const result = compiled.rules?.run(bytes, { signal: "logs", from: encoding, to: "json" });
      count += result?.output?.length ?? 0;
    } catch (error) {
      if (error instanceof RunError) count += error.line ?? 0;
    }
  }
  const document = new Document("log_statements: []", { kind: "transform", target: "0.161" });
  count += document.complete(3).filter(({ kind }) => kind === "path").length + (document.signature(0)?.active ?? 0);
  count += compiled.rules?.trace("{}", { records: [0] }).steps.filter(({ result }) => result === "changed").length ?? 0;
  const telemetry = new Telemetry("{}", { signal: "logs" });
  const compared = compiled.rules?.compare(telemetry, { most: 10 });
  count += (compared?.counts.changed ?? 0) + (compared?.changes[0]?.fields.length ?? 0) + (compared?.output(0, "protobuf")?.length ?? 0);
  count += compiled.rules?.trace(telemetry, { message: 0, statement: 1 }).steps.length ?? 0;
  // @ts-expect-error: there is no such signal
  convert("{}", { to: "json", signal: "log" });
  // @ts-expect-error: nor such an option
  compile("", { gates: [] });
  return count;
}
