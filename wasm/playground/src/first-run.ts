import { Telemetry, compile, init } from "../../dist/ottl.js";
import { compared, emptyAnswer } from "./answer";
import type { RunAnswer } from "./protocol";

/** Runs rules in the page's own thread. Only what the page brings along may do that: it is known to be small, and to need the first part alone. */
export async function runHere(module: WebAssembly.Module, rules: string, telemetry: string, most: number): Promise<RunAnswer> {
  await init(module, () => {
    throw new Error("the example needs the second part of the engine");
  });
  const { rules: compiled } = compile(rules);
  if (!compiled) return emptyAnswer();
  // Nothing is given back: this module runs once.
  return compared(compiled, new Telemetry(telemetry), most, false).answer;
}
