// Starts `ottl lsp` for YAML files and files of rules. Everything else is the server's.
const { commands, window, workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

async function start() {
  const settings = workspace.getConfiguration("ottl");
  const server = { command: settings.get("command"), args: ["lsp", ...settings.get("arguments")] };
  const options = { documentSelector: [{ language: "ottl" }, { language: "yaml" }] };
  client = new LanguageClient("ottl", "OTTL", server, options);
  try {
    await client.start();
  } catch (error) {
    const text = `OTTL: cannot start \`${server.command}\`. Install it (cargo install), or name it in the setting ottl.command.`;
    window.showErrorMessage(`${text} ${error.message ?? error}`);
  }
}

async function stop() {
  const running = client;
  client = undefined;
  // One that never started cannot be stopped.
  await running?.stop().catch(() => undefined);
}

exports.activate = async (context) => {
  const restart = async () => {
    await stop();
    await start();
  };
  context.subscriptions.push(commands.registerCommand("ottl.restart", restart));
  context.subscriptions.push(
    workspace.onDidChangeConfiguration((change) => (change.affectsConfiguration("ottl") ? restart() : undefined)),
  );
  await start();
};

exports.deactivate = stop;
