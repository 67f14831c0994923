/** Where telemetry is no JSON, from 1; nothing where it is, or the browser does not say where. */
export function faultIn(telemetry: string): { line: number; column: number } | undefined {
  let before = 0;
  // One message, or each on lines of its own.
  for (const message of isJson(telemetry) === true ? [] : telemetry.split(/\n(?=\{)/)) {
    const told = isJson(message);
    if (told !== true) {
      const [, line, column] = /line (\d+),? column (\d+)/.exec(told) ?? [];
      return line === undefined ? undefined : { line: before + Number(line), column: Number(column) };
    }
    before += message.split("\n").length;
  }
  return undefined;
}

/** Whether a text is JSON, or what the browser says of it. */
function isJson(text: string): true | string {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    return String(error);
  }
}
