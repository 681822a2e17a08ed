// Takes pictures of the real extension in a real VS Code, in four themes and three widths, into .cache/screenshots.
// `npm run screenshots -- [SCENE…] [THEME…] [WIDTH…] [--out FOLDER]`; without names, all of them. `readme` renews the README's.
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { colorThemes, Workbench, type ColorTheme } from '../e2e/workbench';
import { root } from '../root';
import { withPictureFolder } from './folder';
import { scenes, type Scene } from './scenes';

const widths = [1400, 900, 500];

interface Wanted {
  readonly scenes: readonly Scene[];
  readonly themes: readonly ColorTheme[];
  readonly widths: readonly number[];
  readonly target: string;
}

/** What the arguments name; of a kind that none of them names, everything. */
function wantedPictures(args: string[]): Wanted {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { out: { type: 'string', default: join(root, '.cache', 'screenshots') } } });
  const chosen = <T>(all: readonly T[], nameOf: (one: T) => string): T[] => all.filter((one) => positionals.includes(nameOf(one)));
  const orAll = <T>(some: readonly T[], all: readonly T[]): readonly T[] => (some.length > 0 ? some : all);
  const themes = Object.keys(colorThemes) as ColorTheme[];
  const names = [...scenes.map(({ name }) => name), ...themes, ...widths.map(String)];
  const unknown = positionals.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`There is no picture of "${unknown}"; there are ${names.join(', ')}.`);
  return {
    scenes: orAll(chosen(scenes, ({ name }) => name), scenes.filter(({ only }) => only === undefined)),
    themes: orAll(chosen(themes, String), themes),
    widths: orAll(chosen(widths, String), widths),
    target: values.out,
  };
}

/** Windows that a scene may take: on a busy machine VS Code sometimes loses a click or a key. */
const windows = 3;

/** One scene after the other, each in a window of its own; a scene that fails is set again in a new one, and goes on where it was. */
async function takePictures(folder: string, wanted: Wanted): Promise<void> {
  for (const scene of wanted.scenes) {
    const done = new Set<string>();
    for (let window = 1; ; window++) {
      try {
        await takeScene(folder, scene, wanted, done);
        break;
      } catch (error) {
        if (window === windows) throw error;
        process.stderr.write(`${scene.name}: ${error instanceof Error ? error.message : String(error)}\nOnce more in a new window.\n`);
      }
    }
  }
}

/** Every theme and width of a scene but those that are done. */
async function takeScene(folder: string, scene: Scene, { themes, widths: sizes, target }: Wanted, done: Set<string>): Promise<void> {
  const workbench = await Workbench.open({ folder, extension: 'development', settings: { 'editor.minimap.enabled': false, 'breadcrumbs.enabled': false }, viewport: scene.only ?? { width: widths[0] ?? 1400, height: 1000 } });
  const shoot = (name: string): Promise<unknown> => workbench.page.screenshot({ path: join(target, `${scene.name}-${name}.png`) });
  try {
    const posed = await scene.open(workbench);
    for (const theme of scene.only?.themes ?? themes) {
      const missing = (scene.only ? [scene.only.width] : sizes).filter((width) => !done.has(`${theme}-${width}`));
      if (missing.length === 0) continue;
      await workbench.colorTheme(theme);
      for (const width of missing) {
        await workbench.page.setViewportSize({ width, height: scene.only?.height ?? 1000 });
        await posed.pose(width);
        await shoot(`${theme}-${width}`);
        done.add(`${theme}-${width}`);
        process.stdout.write(`${scene.name}-${theme}-${width}.png\n`);
      }
    }
    await posed.end?.();
  } catch (error) {
    await shoot('failed').catch(() => undefined); // the window itself may be what failed
    throw error;
  } finally {
    await workbench.close();
  }
}

async function main(): Promise<void> {
  const wanted = wantedPictures(process.argv.slice(2));
  await mkdir(wanted.target, { recursive: true });
  await withPictureFolder((folder) => takePictures(folder, wanted));
  const readme = wanted.scenes.find(({ name }) => name === 'readme');
  for (const theme of readme?.only?.themes ?? []) await cp(join(wanted.target, `readme-${theme}-${readme?.only?.width ?? ''}.png`), join(root, 'media', theme === 'dark' ? 'screenshot.png' : `screenshot-${theme}.png`));
  process.stdout.write(`Pictures are in ${wanted.target}\n`);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
