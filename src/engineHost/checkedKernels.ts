import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fingerprint } from '../engine/wasm/fingerprint.generated';
import type { KernelVariant } from '../engine/wasm/variants';
import { cacheFolder } from './cacheFolder';

/** Kernels that compute rightly, and which of them are the fastest here; or half a sentence about what is wrong. */
export type Checked = { readonly variant: KernelVariant } | { readonly wrong: string };

/**
 * The outcome of `check`. One that found nothing wrong is kept in a folder for temporary files, and holds for the same
 * kernels, processor, V8 and flags: a check takes several times as long as all the rest of a start.
 */
export async function checkedKernels(check: () => Promise<Checked>, folder = cacheFolder()): Promise<Checked> {
  if (folder === undefined) return check();
  const file = join(folder, `kernels-${stamp()}.json`);
  const kept = read(file);
  if (kept) return kept;
  const checked = await check();
  if ('variant' in checked) keep(folder, file, checked);
  return checked;
}

/** Of everything that an outcome depends on. */
function stamp(): string {
  const { platform, arch, versions, execArgv } = process;
  return createHash('sha256').update(JSON.stringify([fingerprint, platform, arch, cpus()[0]?.model, versions.v8, execArgv])).digest('hex').slice(0, 32);
}

function read(file: string): { readonly variant: KernelVariant } | undefined {
  try {
    const { variant } = JSON.parse(readFileSync(file, 'utf8')) as { variant?: unknown };
    return variant === 'wide' || variant === 'fused' || variant === 'plain' ? { variant } : undefined;
  } catch {
    return undefined;
  }
}

/** Where nothing can be kept, each start checks. */
function keep(folder: string, file: string, checked: Checked): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(file, JSON.stringify(checked));
  } catch {
    return;
  }
}
