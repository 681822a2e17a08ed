import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { TrustMode } from './server';

/** What VS Code's command line asks for, as far as tests and `npm start` use it. */
export interface CodeArguments {
  readonly folder: string | undefined;
  readonly developmentPath: string | undefined;
  readonly testsPath: string | undefined;
  readonly userDataDir: string | undefined;
  readonly extensionsDir: string | undefined;
  readonly installExtension: string | undefined;
  readonly trust: TrustMode;
}

/** Reads VS Code's own arguments; those that mean nothing to a server (`--no-sandbox`, `--skip-welcome`, …) are passed over. */
export function parseCodeArguments(args: readonly string[]): CodeArguments {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    strict: false,
    options: { extensionDevelopmentPath: text, extensionTestsPath: text, 'user-data-dir': text, 'extensions-dir': text, 'install-extension': text, 'disable-workspace-trust': { type: 'boolean' } },
  });
  const path = (value: unknown): string | undefined => (typeof value === 'string' ? resolve(value) : undefined);
  return {
    folder: path(positionals[0]),
    developmentPath: path(values['extensionDevelopmentPath']),
    testsPath: path(values['extensionTestsPath']),
    userDataDir: path(values['user-data-dir']),
    extensionsDir: path(values['extensions-dir']),
    installExtension: path(values['install-extension']),
    trust: values['disable-workspace-trust'] === true ? 'trust-all' : 'ask',
  };
}
