// Starts `cdsl lsp` for specs; colours need none of this.

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

async function start() {
  const command = vscode.workspace.getConfiguration("cdsl").get("path");
  client = new LanguageClient(
    "cdsl",
    "cdsl",
    { command, args: ["lsp"] }, // on standard input and output, as without a `transport`
    {
      documentSelector: [
        { scheme: "file", language: "cdsl" },
        { scheme: "untitled", language: "cdsl" },
      ],
    },
  );
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    vscode.window.showErrorMessage(
      `cdsl: \`${command} lsp\` does not start: ${error.message ?? error}. ` +
        "`pip install 'cdsl[lsp]'` installs it; the setting `cdsl.path` says where it is.",
    );
  }
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.stop();
}

async function restart() {
  await stop();
  await start();
}

async function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand("cdsl.restart", restart),
    vscode.workspace.onDidChangeConfiguration((change) => change.affectsConfiguration("cdsl.path") && restart()),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
