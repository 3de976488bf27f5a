// What VS Code's own engine makes of texts: a JSON list of them on standard input, a list of [start, end, scope] for each on
// standard output. Run by tests/test_editors.py where `npm install` has been run in this folder.

const fs = require("fs");
const path = require("path");
const oniguruma = require("vscode-oniguruma");
const textmate = require("vscode-textmate");

async function main() {
  const wasm = require.resolve("vscode-oniguruma/release/onig.wasm");
  await oniguruma.loadWASM(fs.readFileSync(wasm).buffer);
  const file = path.join(__dirname, "syntaxes", "cdsl.tmLanguage.json");
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (sources) => new oniguruma.OnigScanner(sources),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(fs.readFileSync(file, "utf8"), file),
  });
  const grammar = await registry.loadGrammar("source.cdsl");
  const texts = JSON.parse(fs.readFileSync(0, "utf8"));
  process.stdout.write(JSON.stringify(texts.map((text) => tokens(grammar, text))));
}

function tokens(grammar, text) {
  const found = [];
  let offset = 0;
  let stack = textmate.INITIAL;
  for (const line of text.split("\n")) {
    const result = grammar.tokenizeLine(line.replace(/\r$/, ""), stack);
    for (const one of result.tokens) {
      if (one.scopes.length > 1) {
        found.push([offset + one.startIndex, offset + one.endIndex, one.scopes.at(-1)]);
      }
    }
    stack = result.ruleStack;
    offset += line.length + 1;
  }
  return found;
}

main();
