import { describe, expect, it } from 'vitest';
import { violationsOf } from './axe';
import { browsing } from './browsing';
import { openInspector, type InspectorPage, type OpenOptions } from './inspectorPage';
import { ModelRuns, specPath, specText } from './modelRuns';
import { themes } from './themes';

const layers = [{ cell: 'gru', units: 8 }];
const trained = (): ModelRuns => new ModelRuns(layers).train(6, [0, 6]);

const chromium = browsing();

async function inspect(runs: ModelRuns, use: (inspector: InspectorPage) => Promise<void>, options: Partial<OpenOptions> = {}): Promise<void> {
  const inspector = await openInspector(chromium.browser, { origin: chromium.origin, runs, target: { specPath }, specText: specText(layers), ...options });
  try {
    await use(inspector);
  } finally {
    await inspector.close();
  }
}

const title = ({ page }: InspectorPage): Promise<string | null> => page.locator('.message h2').textContent();

describe('a panel without figures says what to do next', () => {
  it('offers to train a model that has no run', () => {
    const runs = trained();
    runs.infos = [];
    return inspect(runs, async (inspector) => {
      await expect.poll(() => title(inspector)).toBe('No run of moby yet');
      await inspector.page.locator('.message vscode-button').click();
      await expect.poll(() => inspector.workbench.calls).toEqual(['train']);
    });
  });

  it('tells why a run failed before its first checkpoint', () => {
    const runs = trained();
    runs.infos = [runs.info('failed', { checkpoints: [], step: 3, reason: 'The engine ran out of memory. Use a smaller model, batch or window.' })];
    return inspect(runs, async (inspector) => {
      await expect.poll(() => title(inspector)).toBe('This run failed at step 3');
      await expect.poll(() => inspector.page.locator('.message p').textContent()).toBe('The engine ran out of memory. Use a smaller model, batch or window.');
      await inspector.page.getByText('Show log').click();
      await expect.poll(() => inspector.workbench.calls).toEqual(['showLog']);
    });
  });

  it('names what is wrong with a spec that cannot be read', () => {
    const runs = trained();
    runs.infos = [];
    return inspect(
      runs,
      async (inspector) => {
        await expect.poll(() => title(inspector)).toBe('moby.rnn.json cannot be read');
        await expect.poll(() => inspector.page.locator('.message p').textContent()).toMatch(/^Line 1: /);
        await inspector.page.getByText('Open spec').click();
        await expect.poll(() => inspector.workbench.calls).toEqual(['openSpec']);
      },
      { specText: '{ "version": 1, "nam": 3 }' },
    );
  });

  it('keeps the figures of a diverged run and says at which step it broke', () => {
    const runs = trained();
    runs.infos = [runs.info('diverged', { loss: Number.NaN, reason: 'The loss is not finite any more. Lower the learning rate or clip the gradients.' })];
    return inspect(runs, async (inspector) => {
      await inspector.page.waitForSelector('#inspector[data-state=traced]');
      await expect.poll(() => inspector.page.locator('.notice').textContent()).toContain('This run diverged at step 6. The loss is not finite any more.');
      await inspector.page.locator('.notice').getByText('Open spec').click();
      await expect.poll(() => inspector.workbench.calls).toEqual(['openSpec']);
    });
  });
});

describe('while a model trains', () => {
  it('follows the live weights and adds to the curve without asking for what it has', () => {
    const runs = trained();
    runs.infos = [runs.info('running', { steps: 40 })];
    return inspect(runs, async (inspector) => {
      await inspector.page.waitForSelector('#inspector[data-state=traced]');
      expect(runs.traces.at(-1)?.checkpoint).toBe('live');
      await expect.poll(() => inspector.page.locator('.step').first().textContent()).toContain('live');
      runs.train(9, [9]);
      runs.tell(runs.info('running', { steps: 40 }));
      await expect.poll(() => inspector.page.locator('.step strong').first().textContent()).toBe('9');
      await inspector.page.locator('[data-figure="Loss"]').press('t');
      await expect.poll(() => inspector.page.locator('[data-figure="Loss"] .table').last().locator('tbody tr').count()).toBe(9);
      runs.tell(runs.info('done'));
      await expect.poll(() => inspector.page.locator('.act').textContent()).toBe('Train');
      await expect.poll(() => runs.traces.at(-1)?.checkpoint).toBe('latest');
    });
  });

  it('turns to a training that starts', () => {
    const runs = trained();
    return inspect(runs, async (inspector) => {
      await inspector.page.waitForSelector('#inspector[data-state=traced]');
      runs.tell(runs.info('running', { folder: '/models/.unroll/moby/run-2', id: 'run-2', steps: 40 }));
      await expect.poll(() => runs.traces.at(-1)?.run).toBe('/models/.unroll/moby/run-2');
      await expect.poll(() => inspector.page.locator('.act').textContent()).toBe('Stop');
    });
  });

  it('stays with the run of the spec while an edit of it is tried', () => {
    const runs = trained();
    return inspect(runs, async (inspector) => {
      await inspector.page.waitForSelector('#inspector[data-state=traced]');
      runs.tell(runs.info('running', { folder: '/models/.unroll/moby-with-edit/run-2', id: 'run-2', name: 'moby-with-edit', steps: 40 }));
      await expect.poll(() => inspector.page.locator('vscode-dropdown[aria-label=Run] vscode-option').count()).toBe(2);
      await expect.poll(() => inspector.page.locator('.act').textContent()).toBe('Train');
      expect(runs.traces.every(({ run }) => run !== '/models/.unroll/moby-with-edit/run-2')).toBe(true);
    });
  });

  it('asks anew when it was hidden and is told of another spec', () => {
    const runs = trained();
    return inspect(runs, async (inspector) => {
      await inspector.page.waitForSelector('#inspector[data-state=traced]');
      inspector.session.show({ specPath, checkpoint: 0 });
      await expect.poll(() => inspector.page.locator('.step strong').textContent()).toBe('0');
    });
  });

  it('does what it was asked to although its page was thrown away with the answer under way', () => {
    const runs = trained();
    return inspect(runs, async (inspector) => {
      await inspector.page.waitForSelector('#inspector[data-state=traced]');
      const { list } = runs;
      let reloaded: Promise<unknown> | undefined;
      runs.list = async () => {
        // The page goes while the host looks for what to tell it.
        reloaded ??= inspector.page.reload();
        await reloaded;
        return list.call(runs);
      };
      inspector.session.show({ specPath, checkpoint: 0 });
      await expect.poll(() => inspector.page.locator('.step strong').textContent()).toBe('0');
    });
  });
});

describe('accessibility', () => {
  it.each(Object.keys(themes))('axe finds nothing wrong in %s', (theme) =>
    inspect(
      trained(),
      async ({ page }) => {
        await page.waitForSelector('#inspector[data-state=traced]');
        await page.locator('[data-figure="Gradient flow"]').press('t');
        await page.getByRole('button', { name: 'How to read: Tokens' }).click();
        await page.getByRole('button', { name: 'Copy: Loss' }).press('Enter');
        expect(await violationsOf(page)).toEqual([]);
      },
      { theme },
    ),
  );

  it('nothing moves by itself for those who want it so', () =>
    inspect(
      trained(),
      async ({ page }) => {
        await page.waitForSelector('#inspector[data-state=traced]');
        await page.getByRole('button', { name: 'Copy: Loss' }).hover();
        const moving = await page.evaluate(() => [...document.querySelectorAll('body *')].filter((each) => getComputedStyle(each).transitionDuration !== '0s' || getComputedStyle(each).animationName !== 'none').map(({ outerHTML }) => outerHTML.slice(0, 80)));
        expect(moving).toEqual([]);
        expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
      },
      { reducedMotion: 'reduce' },
    ));
});
