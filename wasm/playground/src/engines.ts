import { Engine } from "./engine";

// One worker answers the editor, the other one runs: completion does not wait for a large message.
export const service = new Engine();
export const runner = new Engine();
