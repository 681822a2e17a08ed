import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { listFiles, PackageManager } from '@vscode/vsce';
import { beforeAll, describe, expect, it } from 'vitest';
import { root } from '../host/root';
import { makeVsix } from './vsix';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { icon: string; main: string; bin: Record<string, string>; contributes: { viewsContainers: { activitybar: { icon: string }[] }; walkthroughs: { steps: { media: { markdown: string } }[] }[] } };

describe('the package', () => {
  let files: readonly string[];
  let vsix: string;
  beforeAll(async () => {
    vsix = await makeVsix(); // builds first, as `npm run package` does
    files = await listFiles({ cwd: root, packageManager: PackageManager.None });
  });

  it('holds everything that runs: extension, worker, command line and panels', () => {
    for (const file of ['dist/extension.js', 'dist/engineWorker.js', 'dist/engineHelper.js', 'dist/engineProcess.js', 'dist/cli.js', 'dist/inspector.js', 'dist/inspectorStyle.css', 'dist/comparison.js', 'dist/comparisonStyle.css', 'dist/live.js', 'dist/liveStyle.css']) expect(files).toContain(file);
  });

  it('carries the WebAssembly kernels, and all parts that the worker and turbo’s process are made of, and none of earlier builds', () => {
    const reached = new Set<string>();
    const reach = (file: string): void => {
      if (reached.has(file)) return;
      expect(files).toContain(file);
      reached.add(file);
      for (const [, part] of readFileSync(join(root, file), 'utf8').matchAll(/require\("\.\/(enginePart-\w+\.js)"\)/g)) reach(`dist/${part}`);
    };
    for (const entry of ['dist/engineWorker.js', 'dist/engineProcess.js']) reach(entry);
    expect(files.filter((file) => file.includes('enginePart')).sort()).toEqual([...reached].filter((file) => file.includes('enginePart')).sort());
    const magic = Buffer.from([0, 0x61, 0x73, 0x6d]).toString('base64').slice(0, 5); // of every wasm binary
    expect([...reached].some((file) => readFileSync(join(root, file), 'utf8').includes(magic))).toBe(true);
  });

  it('holds what the manifest names', () => {
    const named = [manifest.icon, manifest.main, ...Object.values(manifest.bin), ...manifest.contributes.viewsContainers.activitybar.map(({ icon }) => icon), ...manifest.contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.markdown)), 'media/rnn.schema.json'];
    for (const file of named) expect(files).toContain(file.replace(/^\.\//, ''));
  });

  it('holds every template with its data', () => {
    const templates = JSON.parse(readFileSync(join(root, 'media/templates/templates.json'), 'utf8')) as { spec: string; data: string[] }[];
    expect(templates.length).toBeGreaterThanOrEqual(3);
    for (const { spec, data } of templates) {
      expect(files).toContain(`media/templates/${spec}`);
      for (const file of data) expect(files).toContain(`media/templates/data/${file}`);
    }
  });

  it('holds nothing that does not ship', () => {
    const rooms = new Set(files.map((file) => file.split('/')[0]));
    expect([...rooms].sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'media', 'package.json']);
    expect(files.filter((file) => /\.(map|ts|mjs)$|^dist\/test/.test(file))).toEqual([]);
  });

  it('stays below 5 MB', () => {
    expect(statSync(vsix).size).toBeLessThan(5e6);
  });
});
