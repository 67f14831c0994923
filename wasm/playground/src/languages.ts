// YAML and JSON: what an editor does not need at once. To read both texts takes as long as everything else that the editors are made of.

import { json } from "@codemirror/lang-json";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching } from "@codemirror/language";
import type { EditorView } from "@codemirror/view";

import { language } from "./editor";

/** Gives both editors their languages. */
export function addLanguages(rules: EditorView, telemetry: EditorView) {
  rules.dispatch({ effects: language.reconfigure([yaml(), bracketMatching()]) });
  telemetry.dispatch({ effects: language.reconfigure([json(), bracketMatching()]) });
}
