// What the page opens with. Its first run begins while the browser still reads the editors' code.

import { runner } from "./engines";
import start from "./examples/start.yaml?raw";
import { GIVEN, given } from "./given";
import type { Requests } from "./protocol";
import { telemetryOf } from "./samples";
import { type Shared, fromFragment } from "./share";

/** Changes that are asked for at first, and with each `more`. */
export const CHANGES = 100;

export const isGiven = location.hash === GIVEN;

async function opened(): Promise<Shared> {
  const found = await (isGiven ? given() : fromFragment(location.hash)).catch(() => undefined);
  return found ?? { rules: start, telemetry: telemetryOf("logs") };
}

/** Rules and telemetry of the link, of the command, or an example. */
export const initial: Promise<Shared> = opened();

/** What the rules do to the telemetry. */
export const firstRun: Promise<Requests["run"]["answer"]> = initial.then(({ rules, telemetry }) => {
  runner.telemetry = telemetry;
  return runner.ask("run", { text: rules, most: CHANGES });
});
// Who draws it is told what failed.
firstRun.catch(() => undefined);
