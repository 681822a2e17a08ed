import type { Limits } from '../programs/limit';
import { unroll, unrollTurbo } from '../measure/contenders';
import type { Contender } from '../measure/interleave';
import { figure, words, type Report } from '../measure/report';
import type { Table } from './table';

/** What the machine can do at most, one core: `--limit`. */
export const limitTable: Table = { name: 'limit', run: async () => [await measure()] };

async function measure(): Promise<Report> {
  const limits = await ask(unroll('limit', 1));
  const turbo = await unrollTurbo('limit', 1);
  const paired = turbo && (await ask(turbo));
  const row = (what: string, value: number | undefined, unit: string): Report['rows'][number] => ({ limit: words(what), value: figure(value, 1), unit: words(unit) });
  return {
    title: 'Limits of one core',
    rows: [
      row('JavaScript, doubles one by one', limits.scalar, 'GFLOP/s'),
      row('WebAssembly SIMD, multiplied and added', limits.plain, 'GFLOP/s'),
      row('relaxed SIMD, multiply-add in one', limits.fused, 'GFLOP/s'),
      row('Unroll’s matrix product, in the cache', limits.product, 'GFLOP/s'),
      row('the same with turbo, paired to 256 bits', paired?.product, 'GFLOP/s'),
      row('memory, read', limits.read, 'GB/s'),
      row('memory, copied (read and written)', limits.copied, 'GB/s'),
    ],
    notes: ['The best of twenty tries of about 10 ms.', ...(turbo ? [] : ['This Node does not know the flags of turbo.'])],
  };
}

async function ask(contender: Contender): Promise<Limits> {
  const program = contender.start();
  try {
    return await program.ask<Limits>({});
  } finally {
    await program.stop();
  }
}
