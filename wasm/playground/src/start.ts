import "./style.css";

import { byId } from "./element";
import { runner } from "./engines";
import "./initial";
import { themeButton } from "./theme";

const begun = runner.begun();
// The script does not wait for the page.
if (document.readyState === "loading") await new Promise((resolve) => addEventListener("DOMContentLoaded", resolve));
themeButton(byId("theme"));
// The editors' code keeps the page's thread busy, which a worker needs to start: first the one, then the other.
await Promise.race([begun, new Promise((resolve) => setTimeout(resolve, 100))]);
void import("./main");
