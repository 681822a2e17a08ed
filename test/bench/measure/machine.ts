import { spawnSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

/** The PyTorch that speeds are compared with. */
export interface Torch {
  readonly python: string;
  readonly version: string;
  /** Linear algebra library that it was built with. */
  readonly blas: string;
  /** Instructions that it chose, such as AVX512. */
  readonly instructions: string;
}

const facts = `
import json, re, torch
text = torch.__config__.show()
found = lambda pattern: (re.search(pattern, text) or [None, "unknown"])[1]
print(json.dumps({"version": torch.__version__, "blas": found(r"BLAS_INFO=(\\w+)"), "instructions": found(r"CPU capability usage: (\\w+)")}))
`;

/** PyTorch of the interpreter that UNROLL_PYTHON names, default python3; undefined when it has none. */
export function findTorch(): Torch | undefined {
  const python = process.env.UNROLL_PYTHON ?? 'python3';
  const { status, stdout } = spawnSync(python, ['-c', facts], { encoding: 'utf8' });
  return status === 0 ? { python, ...(JSON.parse(stdout) as Omit<Torch, 'python'>) } : undefined;
}

/** What a figure depends on besides the code. */
export function describeMachine(): string {
  const [first] = cpus();
  return `${first?.model.trim() ?? 'unknown processor'} (${process.arch}), ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; Node ${process.version} (V8 ${process.versions.v8})`;
}
