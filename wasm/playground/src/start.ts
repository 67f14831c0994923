import "./style.css";

import { runner, service } from "./engines";

// The engine loads while the browser reads the editors' code. Who asks is told what fails.
for (const engine of [runner, service]) engine.start().catch(() => undefined);
void import("./main");
