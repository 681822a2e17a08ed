import { describe, expect, it } from 'vitest';
import { generationPresets, promptFrom } from '../../../src/commands/generationPresets';

describe('a suggested beginning', () => {
  it('is a short sample as it is', () => {
    expect(promptFrom('Call me Ishmael.')).toBe('Call me Ishmael.');
    expect(promptFrom('')).toBe('');
  });

  it('ends between two words of a long sample', () => {
    expect(promptFrom('Call me Ishmael. Some years ago, never mind how long precisely')).toBe('Call me Ishmael. Some years ago, never');
    expect(promptFrom(`${'a'.repeat(40)} b`)).toBe('a'.repeat(40));
  });

  it('cuts no character in two', () => {
    expect(promptFrom('🐋'.repeat(60))).toBe('🐋'.repeat(40));
  });
});

describe('the presets', () => {
  it('are temperatures, top-k, top-p, greedy and a beam, each a setting of its own', () => {
    expect(generationPresets.map(({ label }) => label)).toEqual(expect.arrayContaining(['Temperature 0.6', 'Temperature 0.8', 'Temperature 1.0', 'Top-k 40', 'Top-p 0.9', 'Greedy', 'Beam 4']));
    expect(new Set(generationPresets.map(({ settings }) => JSON.stringify(settings))).size).toBe(generationPresets.length);
  });
});
