import "./style.css";

import { runner } from "./engines";
import { initial, own } from "./initial";
import "./theme";

// The script does not wait for the page.
if (document.readyState === "loading") await new Promise((resolve) => addEventListener("DOMContentLoaded", resolve));
if ((await initial) !== own) {
  // The editors' code keeps the page's thread busy, which a worker needs to start: first the one, then the other.
  await Promise.race([runner.begun(), new Promise((resolve) => setTimeout(resolve, 100))]);
}
void import("./main");
