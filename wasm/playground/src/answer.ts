import type { Comparison, RuleSet, Telemetry } from "../../js/ottl";
import type { RunAnswer } from "./protocol";

/** Records that a page lists. */
const MOST_RECORDS = 2000;

/** The answer where nothing ran yet. */
export function emptyAnswer(): RunAnswer {
  return { isCompiled: false, changes: [], more: 0, counts: { changed: 0, dropped: 0, added: 0, records: 0, shared: 0 }, signals: { rules: [], telemetry: [] } };
}

/** Runs rules over telemetry: what the page is told, and what later questions are about. */
export function compared(rules: RuleSet, telemetry: Telemetry, most: number, areRecordsKnown: boolean): { answer: RunAnswer; comparison: Comparison } {
  const comparison = rules.compare(telemetry, { most });
  const { changes, more, counts, report, fault } = comparison;
  const signals = { rules: rules.signals, telemetry: [...new Set(telemetry.signals)] };
  const answer: RunAnswer = { isCompiled: true, changes, more, counts, report, signals };
  if (fault) {
    const { message, line, column, place, record } = fault;
    answer.fault = { message, line, column, place, record };
  }
  if (!areRecordsKnown) answer.records = telemetry.records(MOST_RECORDS).records;
  return { answer, comparison };
}
