import { type Extension, RangeSet, StateEffect, StateField } from "@codemirror/state";
import { type EditorView, GutterMarker, gutter } from "@codemirror/view";

import type { Report } from "../../js/ottl";
import { element } from "./element";

/** How many records a statement matched, beside its first line. */
class Count extends GutterMarker {
  constructor(readonly matched: number, readonly evaluated: number, readonly failed: number) {
    super();
  }
  eq(other: Count) {
    return other.matched === this.matched && other.evaluated === this.evaluated && other.failed === this.failed;
  }
  toDOM() {
    const title = `matched ${this.matched} of ${this.evaluated}${this.failed ? `, failed for ${this.failed}` : ""}`;
    const look = this.failed ? "failed" : this.matched === 0 ? "cold" : "";
    return element("span", { class: look, title }, `${this.matched}/${this.evaluated}`);
  }
}

const setCounts = StateEffect.define<RangeSet<Count>>();
const counts = StateField.define<RangeSet<Count>>({
  create: () => RangeSet.empty,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(setCounts)) return effect.value;
    return value.map(transaction.changes);
  },
});

/** The gutter that says what the last run did. */
export const countGutter: Extension = [counts, gutter({ class: "cm-counts", markers: (view) => view.state.field(counts) })];

/** Shows the counts of reports. */
export function showCounts(view: EditorView, reports: Report[]) {
  const { doc } = view.state;
  const lines = new Map<number, [number, number, number]>();
  for (const { line, matched, evaluated, failed } of reports.flatMap(({ statements }) => statements)) {
    const sum = lines.get(line) ?? [0, 0, 0];
    lines.set(line, [sum[0] + matched, sum[1] + evaluated, sum[2] + failed]);
  }
  const marks = [...lines].filter(([line]) => line >= 1 && line <= doc.lines).sort(([a], [b]) => a - b);
  view.dispatch({ effects: setCounts.of(RangeSet.of(marks.map(([line, count]) => new Count(...count).range(doc.line(line).from)))) });
}
