// The conversation that the extension has with `ctlint lsp`, held by Microsoft's own implementation of the protocol.
// CTLINT_COMMAND is the ctlint to talk to, as a JSON list of words.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import protocol from "vscode-languageserver-protocol/node";
import * as extension from "../src/conversation.mjs";

const FILES = {
  "ctlint.toml": 'ignore = ["CT501"]\n',
  Dockerfile: "FROM helxplatform/cloudtop:develop-latest\nCOPY --chmod=755 root/ /\n",
  "root/etc/cont-init.d/60-own.sh": '#!/bin/bash\n# ctlint: ignore[]\nchown -R "$USER_NAME:" /srv\n',
};
const SCRIPT = "root/etc/cont-init.d/60-own.sh";

let folder, server, connection;
const heard = new Map();
const waiting = [];

const uri = (name) => pathToFileURL(join(folder, name)).href;

function findings(name, fits) {
  const now = heard.get(uri(name));
  if (now && fits(now)) return now;
  return new Promise((resolve) => waiting.push({ uri: uri(name), fits, resolve }));
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "ctlint-"));
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const [command, ...words] = JSON.parse(process.env.CTLINT_COMMAND ?? '["ctlint"]');
  const how = extension.server(command, tmpdir());
  assert.deepEqual(how.options, { cwd: tmpdir() });
  server = spawn(how.command, [...words, ...how.args], { ...how.options, stdio: ["pipe", "pipe", "inherit"] });
  connection = protocol.createProtocolConnection(
    new protocol.StreamMessageReader(server.stdout),
    new protocol.StreamMessageWriter(server.stdin),
  );
  connection.onNotification(protocol.PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
    heard.set(uri, diagnostics);
    for (const each of waiting) if (each.uri === uri && each.fits(diagnostics)) each.resolve(diagnostics);
  });
  connection.onRequest(protocol.RegistrationRequest.type, () => {});
  connection.listen();
});

after(() => {
  connection?.dispose();
  server?.kill();
  rmSync(folder, { recursive: true, force: true });
});

test("it is greeted, lints what is typed, completes, hints, fixes, and says goodbye", { timeout: 60_000 }, async () => {
  const { capabilities } = await connection.sendRequest(protocol.InitializeRequest.type, {
    processId: process.pid,
    rootUri: null,
    workspaceFolders: [{ uri: pathToFileURL(folder).href, name: "own" }],
    capabilities: { workspace: { workspaceEdit: { documentChanges: true } } },
  });
  assert.ok(capabilities.completionProvider && capabilities.inlayHintProvider && capabilities.hoverProvider);
  await connection.sendNotification(protocol.InitializedNotification.type, {});
  await connection.sendNotification(protocol.DidOpenTextDocumentNotification.type, {
    textDocument: { uri: uri(SCRIPT), languageId: "shellscript", version: 1, text: FILES[SCRIPT] },
  });
  const codes = (found) => found.map((each) => each.code).sort();
  const first = await findings(SCRIPT, (found) => found.some((each) => each.code === "CT205"));
  assert.ok(first.every((each) => each.source === "ctlint"));

  const inside = await connection.sendRequest(protocol.CompletionRequest.type, {
    textDocument: { uri: uri(SCRIPT) },
    position: { line: 1, character: "# ctlint: ignore[".length },
  });
  assert.ok(inside.some((item) => item.label === "CT205" && item.textEdit.newText === "CT205"));

  const [hint] = await connection.sendRequest(protocol.InlayHintRequest.type, {
    textDocument: { uri: uri(SCRIPT) },
    range: { start: { line: 0, character: 0 }, end: { line: 4, character: 0 } },
  });
  assert.match(hint.label[0].value, /^made at start by /);

  const where = first.find((each) => each.code === "CT205").range;
  const actions = await connection.sendRequest(protocol.CodeActionRequest.type, {
    textDocument: { uri: uri(SCRIPT) },
    range: where,
    context: { diagnostics: [], only: ["source.fixAll"] },
  });
  const [edit] = actions[0].edit.documentChanges[0].edits;
  assert.match(edit.newText, /with-contenv/);

  await connection.sendNotification(protocol.DidChangeTextDocumentNotification.type, {
    textDocument: { uri: uri(SCRIPT), version: 2 },
    contentChanges: [{ text: '#!/usr/bin/with-contenv bash\nchown -R "$USER_NAME:" /srv\n' }],
  });
  assert.deepEqual(codes(await findings(SCRIPT, (found) => !found.some((each) => each.code === "CT205"))), []);

  await connection.sendRequest(protocol.ShutdownRequest.type);
  const ended = new Promise((resolve) => server.on("exit", resolve));
  await connection.sendNotification(protocol.ExitNotification.type);
  assert.equal(await ended, 0);
});

test("it is asked about what images take in, and says what to do where it is missing", () => {
  const languages = extension.DOCUMENTS.map((each) => each.language).filter(Boolean);
  assert.ok(languages.includes("dockerfile") && languages.includes("shellscript"));
  assert.match(extension.unstartable("ctlint", "spawn ctlint ENOENT"), /pipx install/);
});
