import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { reachesText } from '../../src/commands/templates';
import type { TaskSpec } from '../../src/spec/schema';
import { listOf, specOf, trainTemplate } from './templateTraining';

const folder = fileURLToPath(new URL('../../media/templates/', import.meta.url));

/** Trains each template with such a task until it reaches what New Model says of it, or to its last step. */
export function describeReaching(isOfThese: (task: TaskSpec) => boolean): void {
  describe.each(listOf(folder).filter((template) => isOfThese(specOf(folder, template).task)))('the template $id', (template) => {
    it(`reaches ${reachesText(template.reaches)}`, async () => {
      const { value, reached, step, steps } = await trainTemplate(folder, template, 'it-reaches');
      expect(reached, `${value} after ${step} of ${steps} steps`).toBe(true);
    });
  });
}
