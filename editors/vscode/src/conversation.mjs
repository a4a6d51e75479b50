// What is agreed with `ctlint lsp`, apart from the editor, so that a test can hold the same conversation.

export const ARGUMENTS = ["lsp", "--stdio"];

// Anything that an image takes in can be broken, but not every file is worth a conversation.
export const DOCUMENTS = [
  ...["dockerfile", "shellscript", "ini", "toml", "yaml", "makefile"].map((language) => ({ scheme: "file", language })),
  ...["**/{cont-init,cont-finish,fix-attrs,services,s6-rc}.d/**", "**/*.desktop", "**/{ctlint,.ctlint}.toml"].map(
    (pattern) => ({ scheme: "file", pattern }),
  ),
];

/**
 * How the server is started: in the user's own folder. A name is looked for where its program is started before it is looked
 * for on PATH (Windows), and a folder that was opened may hold a program of that name.
 * @param {string} command the ctlint to run
 * @param {string} home the user's own folder
 */
export function server(command, home) {
  return { command, args: ARGUMENTS, options: { cwd: home } };
}

/**
 * What to tell when the server cannot be started.
 * @param {string} path the ctlint that was tried
 * @param {string} reason why it could not be started
 */
export function unstartable(path, reason) {
  return `ctlint could not be started (${path}: ${reason}). Install it with its language server, in a clone: pipx install '.[lsp]'; or set ctlint.path.`;
}
