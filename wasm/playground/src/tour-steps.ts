import type { RunAnswer } from "./protocol";

/** What a step looks at to tell whether its task is solved. */
export interface TourState {
  answer: RunAnswer;
  /** The files that were taken since the step began. */
  saved: Set<string>;
}

export interface TourStep {
  title: string;
  /** What there is to know; words in backquotes are code. */
  text: string;
  task: string;
  hint: string;
  /** The rules that the step begins with, and a way to solve it. */
  rules: string;
  solution: string;
  isSolved(state: TourState): boolean;
}

/** The numbers of the records of which a field became a value, or lost it. */
function became({ answer }: TourState, path: string, is: (after: string | null) => boolean): number[] {
  return answer.changes.flatMap(({ record, fields }) => (record !== null && fields.some((field) => field.path === path && is(field.after)) ? record : []));
}

const same = (found: number[], wanted: number[]) => found.length === wanted.length && wanted.every((number) => found.includes(number));
const failures = ({ answer }: TourState) => (answer.report?.statements ?? []).reduce((sum, { failed }) => sum + failed, 0);

/** Ten steps from the first statement to rules that are tested. All are on the log records of the gallery. */
export const tourSteps: TourStep[] = [
  {
    title: "A statement changes records",
    text: "A statement calls an editor, here `set`, with a path of the record and a value. It runs for each log record, and the result follows while you type.",
    task: "Give all records the team `shop` in place of `cart`.",
    hint: "Change the text in the second pair of quotes.",
    rules: 'log_statements:\n  - set(log.attributes["team"], "cart")\n',
    solution: 'log_statements:\n  - set(log.attributes["team"], "shop")\n',
    isSolved: (state) => became(state, 'attributes["team"]', (after) => after === '"shop"').length === 6,
  },
  {
    title: "Mistakes say what is meant",
    text: "What does not compile is underlined and listed below the rules, with a code, a reason and often a fix. Nothing runs until it is mended.",
    task: "Mend the path with one click.",
    hint: "The button Fix is at the right of the message below the rules.",
    rules: 'log_statements:\n  - set(log.boddy, "hidden")\n',
    solution: 'log_statements:\n  - set(log.body, "hidden")\n',
    isSolved: (state) => became(state, "body", (after) => after === '"hidden"').length === 6,
  },
  {
    title: "where picks records",
    text: "A statement with `where` runs only for records for which its condition holds. Beside each statement stands how many it matched: now 6 of 6.",
    task: "Mark only the records of severity ERROR and above.",
    hint: "Add `where log.severity_number >= SEVERITY_NUMBER_ERROR` behind the call. Ctrl+Space completes names.",
    rules: 'log_statements:\n  - set(log.attributes["alert"], true)\n',
    solution: 'log_statements:\n  - set(log.attributes["alert"], true) where log.severity_number >= SEVERITY_NUMBER_ERROR\n',
    isSolved: (state) => same(became(state, 'attributes["alert"]', (after) => after === "true"), [1]),
  },
  {
    title: "Conditions are joined",
    text: "`and`, `or` and `not` join conditions. Converters such as `IsMatch` have a capital letter and give a value: this one looks for a regular expression in a text.",
    task: "Mark the errors, and also the records whose body begins with `cache`: two records.",
    hint: 'Join the condition with `or IsMatch(log.body, "^cache")`.',
    rules: 'log_statements:\n  - set(log.attributes["look"], true) where log.severity_number >= SEVERITY_NUMBER_ERROR\n',
    solution: 'log_statements:\n  - set(log.attributes["look"], true) where log.severity_number >= SEVERITY_NUMBER_ERROR or IsMatch(log.body, "^cache")\n',
    isSolved: (state) => same(became(state, 'attributes["look"]', (after) => after === "true"), [1, 2]),
  },
  {
    title: "Why did it not match?",
    text: "The failed payment was retried three times, yet nothing matches. The view Trace walks a record through the statements: it marks the operand that decided, and shows the value and type of each part.",
    task: "Look at log record 2 in the view Trace, and mend the condition so that it matches.",
    hint: "`retry.count` is a text, and a text is never greater than a number. `Int(...)` makes a number of it.",
    rules: 'log_statements:\n  - set(log.attributes["retried"], true) where log.severity_text == "ERROR" and log.attributes["retry.count"] > 2\n',
    solution: 'log_statements:\n  - set(log.attributes["retried"], true) where log.severity_text == "ERROR" and Int(log.attributes["retry.count"]) > 2\n',
    isSolved: (state) => same(became(state, 'attributes["retried"]', (after) => after === "true"), [1]),
  },
  {
    title: "Personal data goes",
    text: "`replace_pattern` replaces what a regular expression finds; `$1` in the replacement is what its first group found. In YAML texts without quotes a backslash of a pattern is written twice, as OTTL wants it.",
    task: "The address is gone. Let only the last four digits of the card number stay.",
    hint: 'A second statement: `replace_pattern(log.body, "\\\\d{12}(\\\\d{4})", "****$1")`.',
    rules: 'log_statements:\n  - replace_pattern(log.body, "[\\\\w.]+@[\\\\w.]+", "<email>")\n',
    solution: 'log_statements:\n  - replace_pattern(log.body, "[\\\\w.]+@[\\\\w.]+", "<email>")\n  - replace_pattern(log.body, "\\\\d{12}(\\\\d{4})", "****$1")\n',
    isSolved: (state) => same(became(state, "body", (after) => after !== null && after.includes("<email>") && after.includes("1111") && !/\d{5}/.test(after)), [1]),
  },
  {
    title: "Texts become attributes",
    text: "Converters take texts apart: `ParseKeyValue`, `ParseJSON`, `ExtractPatterns` and others give a map, and `merge_maps` puts its keys among the attributes. Log record 6 is read so already.",
    task: "Read log record 4 too: its body is JSON.",
    hint: 'A second statement with `ParseJSON(log.body)`, and `where IsMatch(log.body, "^\\\\{")`, since the other bodies are no JSON.',
    rules: 'log_statements:\n  - merge_maps(log.attributes, ParseKeyValue(log.body), "upsert") where IsMatch(log.body, "^level=")\n',
    solution: 'log_statements:\n  - merge_maps(log.attributes, ParseKeyValue(log.body), "upsert") where IsMatch(log.body, "^level=")\n  - merge_maps(log.attributes, ParseJSON(log.body), "upsert") where IsMatch(log.body, "^\\\\{")\n',
    isSolved: (state) => same(became(state, 'attributes["message"]', (after) => after === '"stock is low"'), [3]),
  },
  {
    title: "Resources are shared",
    text: "Many records share a resource: the service that they come from. The path `resource.attributes` reaches it, and a statement with no other path runs once for each resource, not for each record.",
    task: "The attribute `env` was copied to its new name. Take the old one away.",
    hint: 'A second statement: `delete_key(resource.attributes, "env")`.',
    rules: 'log_statements:\n  - set(resource.attributes["deployment.environment.name"], resource.attributes["env"])\n',
    solution: 'log_statements:\n  - set(resource.attributes["deployment.environment.name"], resource.attributes["env"])\n  - delete_key(resource.attributes, "env")\n',
    isSolved: ({ answer: { changes } }) => {
      const resources = changes.filter(({ kind }) => kind === "resource");
      const has = (path: string, isThere: boolean) => resources.some(({ fields }) => fields.some((field) => field.path === path && (field.after !== null) === isThere));
      return has('attributes["deployment.environment.name"]', true) && has('attributes["env"]', false);
    },
  },
  {
    title: "What fails is told, and goes on",
    text: "`ParseJSON` fails for texts that are no JSON. Under the error mode `ignore` the record stays as it was and the next statement runs; the failures are listed above the changes. It is better to ask first.",
    task: "Let no statement fail, and log record 4 still get its attribute.",
    hint: 'Add `where IsMatch(log.body, "^\\\\{")`.',
    rules: 'log_statements:\n  - set(log.attributes["level"], ParseJSON(log.body)["level"])\n',
    solution: 'log_statements:\n  - set(log.attributes["level"], ParseJSON(log.body)["level"]) where IsMatch(log.body, "^\\\\{")\n',
    isSolved: (state) => failures(state) === 0 && same(became(state, 'attributes["level"]', (after) => after === '"warn"'), [3]),
  },
  {
    title: "Drop, and keep it tested",
    text: "A filter processor drops the records for which one of its conditions holds. This one drops nothing: the body is longer than the text. What works now should work tomorrow: `ottl test` runs cases beside the rules.",
    task: "Drop the health check and nothing else, then take the test case under Download.",
    hint: 'Ask for the beginning, `IsMatch(log.body, "^GET /healthz")`, or for the attribute `url.path`. Then press Download above, and save or copy the test case.',
    rules: 'log_conditions:\n  - log.body == "GET /healthz"\n',
    solution: 'log_conditions:\n  - IsMatch(log.body, "^GET /healthz")\n',
    isSolved: ({ answer: { changes, counts }, saved }) => counts.dropped === 1 && changes[0].record === 0 && saved.has("case"),
  },
];
