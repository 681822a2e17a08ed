import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { jsonSchemaText } from '../../../src/spec/jsonSchema';
import { placesOfKey, schemaAt } from '../../../src/spec/schemaAt';

describe('media/rnn.schema.json', () => {
  const stored = readFileSync(`${__dirname}/../../../media/rnn.schema.json`, 'utf8');

  it('is what the zod schema says (run `node src/build/schema.mjs` when not)', () => {
    expect(stored).toBe(jsonSchemaText());
  });

  it('describes every field', () => {
    const bare: string[] = [];
    const visit = (node: { [key: string]: unknown }, at: string): void => {
      for (const [key, field] of Object.entries((node['properties'] ?? {}) as Record<string, { [key: string]: unknown }>)) {
        if (field['description'] === undefined) bare.push(`${at}.${key}`);
        visit(field, `${at}.${key}`);
      }
      for (const branch of ['oneOf', 'anyOf'] as const) ((node[branch] ?? []) as { [key: string]: unknown }[]).forEach((option, index) => visit(option, `${at}<${index}>`));
      if (node['items'] && !Array.isArray(node['items'])) visit(node['items'] as { [key: string]: unknown }, `${at}[]`);
    };
    visit(JSON.parse(stored), 'spec');
    expect(bare).toEqual([]);
  });
});

describe('the place of a field in the schema', () => {
  const root = { task: { kind: 'forecast', data: 'a.csv' }, model: { layers: [{}] }, training: {} };

  it('follows the kind of the task', () => {
    expect(schemaAt(['task'], root)?.keys).toContain('horizon');
    expect(schemaAt(['task'], { task: { kind: 'synthetic' } })?.keys).toContain('lag');
  });

  it('offers the kinds before one is chosen', () => {
    expect(schemaAt(['task', 'kind'], {})?.values).toContain('language-model');
  });

  it('knows description and default of a layer field', () => {
    expect(schemaAt(['model', 'layers', 0, 'connection'], root)).toMatchObject({ defaultValue: 'none', description: expect.stringContaining('residual') });
  });

  it('knows no place that the schema lacks', () => {
    expect(schemaAt(['model', 'zebra'], root)).toBeUndefined();
  });

  it('finds where a key belongs', () => {
    expect(placesOfKey('learningRate')).toEqual(['training.optimizer']);
    expect(placesOfKey('units')).toContain('model.layers[]');
  });
});
