import * as vscode from 'vscode';
import type { Command } from './context';
import { showFailure } from './failure';
import { freeName, reachesText, renameSpec, type Template } from './templates';

const specSuffix = '.rnn.json';

/** Makes a model from a template: asks which, where and under what name, copies spec and data beside each other, opens the spec. */
export const newModel: Command = (context) => async (target) => {
  try {
    const templates = vscode.Uri.joinPath(context.extensionUri, 'media', 'templates');
    const template = await chooseTemplate(templates);
    const folder = template && (target instanceof vscode.Uri ? target : await chooseFolder());
    if (!template || !folder) return;
    const name = await chooseName(template, await namesIn(folder));
    if (name === undefined) return;
    const spec = await createModel(templates, template, folder, name);
    await vscode.window.showTextDocument(spec);
  } catch (error) {
    await showFailure(context, error, 'The model was not made');
  }
};

async function chooseTemplate(folder: vscode.Uri): Promise<Template | undefined> {
  const templates = JSON.parse(await readText(vscode.Uri.joinPath(folder, 'templates.json'))) as readonly Template[];
  const items = templates.map((template) => ({ label: template.title, detail: `${template.description} Reaches ${reachesText(template.reaches)}.`, template }));
  const picked = await vscode.window.showQuickPick(items, { title: 'New Model', placeHolder: 'Which model do you want to start from?', matchOnDetail: true });
  return picked?.template;
}

async function chooseFolder(): Promise<vscode.Uri | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 1) return folders[0]?.uri;
  if (folders.length > 1) return (await vscode.window.showWorkspaceFolderPick({ placeHolder: 'Where to put the new model' }))?.uri;
  const picked = await vscode.window.showOpenDialog({ canSelectFolders: true, canSelectFiles: false, openLabel: 'Put the Model Here', title: 'Folder for the new model' });
  return picked?.[0];
}

async function chooseName(template: Template, taken: ReadonlySet<string>): Promise<string | undefined> {
  const value = freeName(template.spec, (file) => taken.has(file)).slice(0, -specSuffix.length);
  return vscode.window.showInputBox({
    title: 'New Model',
    prompt: 'Name of the model; its file and the folder of its runs are called like this.',
    value,
    validateInput: (name) => {
      if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name)) return 'Start with a letter or digit, then letters, digits, dots, dashes and underscores.';
      return taken.has(`${name}${specSuffix}`) ? `${name}${specSuffix} exists already.` : undefined;
    },
  });
}

/** Writes the spec and its data files; never over a file that exists. Returns the spec. */
async function createModel(templates: vscode.Uri, template: Template, folder: vscode.Uri, name: string): Promise<vscode.Uri> {
  const files = new Map<string, string>();
  for (const file of template.data) files.set(file, await copyData(vscode.Uri.joinPath(templates, 'data', file), folder, file));
  const text = await readText(vscode.Uri.joinPath(templates, template.spec));
  const spec = vscode.Uri.joinPath(folder, `${name}${specSuffix}`);
  const edit = new vscode.WorkspaceEdit();
  edit.createFile(spec, { overwrite: false, contents: new TextEncoder().encode(renameSpec(text, name, files)) });
  if (!(await vscode.workspace.applyEdit(edit))) throw new Error(`${spec.fsPath} could not be written. Does it exist already, or is the folder read-only?`);
  return spec;
}

/** Copies a data file and returns the name it got: its own, unless a different file has that name. */
async function copyData(source: vscode.Uri, folder: vscode.Uri, file: string): Promise<string> {
  if (await haveSameContent(source, vscode.Uri.joinPath(folder, file))) return file;
  const taken = await namesIn(folder);
  const free = freeName(file, (name) => taken.has(name));
  await vscode.workspace.fs.copy(source, vscode.Uri.joinPath(folder, free), { overwrite: false });
  return free;
}

async function haveSameContent(one: vscode.Uri, other: vscode.Uri): Promise<boolean> {
  const sizes = await Promise.all([one, other].map((file) => vscode.workspace.fs.stat(file).then(({ size }) => size, () => -1)));
  if (sizes[0] === -1 || sizes[0] !== sizes[1]) return false;
  const [a, b] = await Promise.all([vscode.workspace.fs.readFile(one), vscode.workspace.fs.readFile(other)]);
  return Buffer.compare(a, b) === 0;
}

async function namesIn(folder: vscode.Uri): Promise<ReadonlySet<string>> {
  const entries = await vscode.workspace.fs.readDirectory(folder).then((found) => found, () => []);
  return new Set(entries.map(([name]) => name));
}

async function readText(file: vscode.Uri): Promise<string> {
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
}
