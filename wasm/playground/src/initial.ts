// What the page opens with. Its first run begins while the browser still reads the editors' code.

import { loaded } from "./engine";
import { runner } from "./engines";
import start from "./examples/start.yaml?raw";
import { runHere } from "./first-run";
import { GIVEN, given } from "./given";
import { kept } from "./kept";
import type { Requests } from "./protocol";
import { telemetryOf } from "./samples";
import { type Shared, fromFragment } from "./share";

/** Changes that are asked for at first, and with each `more`. */
export const CHANGES = 100;

export const isGiven = location.hash === GIVEN;

/** The example that the page opens with where nothing else is asked for. */
export const own: Shared = { rules: start, telemetry: telemetryOf("logs") };

async function opened(): Promise<Shared> {
  const written = kept();
  if (written) return written;
  if (!location.hash) return own;
  const found = await (isGiven ? given() : fromFragment(location.hash)).catch(() => undefined);
  return found ?? own;
}

/** What was written before the page was loaded again; rules and telemetry of the link, of the command, or an example. */
export const initial: Promise<Shared> = opened();

async function run(opened: Shared): Promise<Requests["run"]["answer"]> {
  const { rules, telemetry } = opened;
  try {
    // A worker takes several times as long to start as this takes to run.
    if (opened === own) return await runHere(await loaded(), rules, telemetry, CHANGES);
  } catch {
    // A worker tries it again, and tells what is wrong.
  }
  runner.telemetry = telemetry;
  return runner.ask("run", { text: rules, most: CHANGES });
}

// Who asks is told what fails.
loaded().catch(() => undefined);

/** What the rules do to the telemetry. */
export const firstRun = initial.then(run);
// Who draws it is told what failed.
firstRun.catch(() => undefined);
