import { type Extension, RangeSet, StateEffect, StateField } from "@codemirror/state";
import { type EditorView, GutterMarker, gutter } from "@codemirror/view";

import type { Report } from "../../js/ottl";
import { element } from "./element";

/** What was covered of a statement: how many records it matched, or failed for, of those that it met, beside its first line. */
class Count extends GutterMarker {
  constructor(readonly matched: number, readonly evaluated: number, readonly failed: number, readonly changed: number) {
    super();
  }
  eq(other: Count) {
    return other.matched === this.matched && other.evaluated === this.evaluated && other.failed === this.failed && other.changed === this.changed;
  }
  toDOM() {
    const { matched, evaluated, failed, changed } = this;
    const [look, said] = failed > 0 ? ["failed", `failed for ${failed} of ${evaluated}`]
      : evaluated === 0 ? ["cold", "never reached"]
      : matched === 0 ? ["cold", `never matched, of ${evaluated}`]
      : matched === evaluated ? ["full", `always matched, ${matched} of ${evaluated}`]
      : ["part", `matched ${matched} of ${evaluated}`];
    // A statement that matches need not change anything.
    const did = matched > 0 && changed !== matched ? `; changed ${changed}` : "";
    const shown = failed > 0 ? `✗ ${short(failed)}` : short(matched);
    const share = evaluated === 0 ? 0 : Math.round((matched / evaluated) * 100);
    return element("span", { class: `coverage ${look}`, title: `${said}${did}. Click to see what it changed.` },
      element("span", {}, `${shown}/${short(evaluated)}`), element("i", { style: `--share: ${share}%` }));
  }
}

/** At most four letters. */
function short(count: number): string {
  if (count < 10_000) return String(count);
  return count < 1_000_000 ? `${Math.floor(count / 1000)}k` : `${Math.floor(count / 1_000_000)}M`;
}

const setCounts = StateEffect.define<RangeSet<Count>>();
const counts = StateField.define<RangeSet<Count>>({
  create: () => RangeSet.empty,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(setCounts)) return effect.value;
    return value.map(transaction.changes);
  },
});

/** The gutter that says what the last run did. A click on a statement's counts tells its line, if it has any. */
export function countGutter(onLine: (line: number) => void): Extension {
  const click = (view: EditorView, { from }: { from: number }) => {
    let has = false;
    view.state.field(counts).between(from, from, () => { has = true; });
    if (has) onLine(view.state.doc.lineAt(from).number);
    return has;
  };
  return [counts, gutter({ class: "cm-counts", markers: (view) => view.state.field(counts), domEventHandlers: { click } })];
}

/** Shows the counts of a report. */
export function showCounts(view: EditorView, report: Report | undefined) {
  const { doc } = view.state;
  const lines = new Map<number, [number, number, number, number]>();
  for (const { line, matched, evaluated, failed, changed } of report?.statements ?? []) {
    const sum = lines.get(line) ?? [0, 0, 0, 0];
    lines.set(line, [sum[0] + matched, sum[1] + evaluated, sum[2] + failed, sum[3] + changed]);
  }
  const marks = [...lines].filter(([line]) => line >= 1 && line <= doc.lines).sort(([a], [b]) => a - b);
  const found = RangeSet.of(marks.map(([line, count]) => new Count(...count).range(doc.line(line).from)));
  if (!RangeSet.eq([found], [view.state.field(counts)])) view.dispatch({ effects: setCounts.of(found) });
}
