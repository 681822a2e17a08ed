// `npm test`: installs what is missing, builds, runs every suite and adds up what passed and failed.
// Plain Node, because nothing is installed yet when it starts. A suite that could not run counts as failed.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages, requireNode } from '../src/build/install.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const results = join(root, '.cache', 'results');
const minute = 60_000;

/**
 * Runs a Node program in a group of its own; resolves with its exit code, after `timeout` with a failure and nothing left of it.
 * `output`: where it is printed. `turn`: `beside` gives way to everything else on the machine.
 */
function node(args, { timeout = 5 * minute, env = {}, output = 'inherit', turn = 'own' } = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', output, output], detached: process.platform !== 'win32' });
    if (turn === 'beside' && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    const end = (signal) => {
      try {
        process.kill(process.platform === 'win32' ? child.pid : -child.pid, signal);
      } catch {
        // Gone already.
      }
    };
    const atExit = () => end('SIGTERM');
    process.once('exit', atExit);
    const timer = setTimeout(() => {
      console.error(`${args.join(' ')} took longer than ${timeout / minute} minutes and was ended.`);
      end('SIGTERM');
      setTimeout(end, 10_000, 'SIGKILL').unref();
    }, timeout);
    child.once('exit', (code) => {
      clearTimeout(timer);
      process.removeListener('exit', atExit);
      resolve(code ?? 1);
    });
  });
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

/** A suite of single commands, each one check. */
const checks = (...commands) => async () => {
  const failures = [];
  for (const args of commands) {
    const code = await node(args);
    if (code !== 0) failures.push({ name: args.join(' '), message: `ended with code ${code}` });
  }
  return { passed: commands.length - failures.length, failed: failures.length, failures };
};

/** A project of test/vitest.config.ts; as many of its files at a time as there are `workers`: by default one processor is left free. */
const vitest = (project, timeout = 5 * minute, { workers = Math.max(1, availableParallelism() - 1), ...settings } = {}) => async () => {
  const file = join(results, `${project}.json`);
  const code = await node(['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts', '--project', project, `--maxWorkers=${workers}`, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`], { timeout, ...settings });
  if (!existsSync(file)) return brokenOff(code);
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(file, 'utf8'));
  const unloaded = testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.every((result) => result.status !== 'failed'));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults).map(({ fullName, status, failureMessages }) => ({ name: fullName, status, message: failureMessages[0] }));
  return ran(
    {
      passed: numPassedTests,
      failed: numFailedTests + unloaded.length,
      failures: [...tests.filter(({ status }) => status === 'failed'), ...unloaded],
      unsteady: tests.filter(({ status, message }) => status === 'passed' && message !== undefined),
    },
    code,
  );
};

/** The mocha suite inside a real VS Code. */
const host = async () => {
  const file = join(results, 'host.json');
  const code = await node(['dist/test/hostTests.js'], { timeout: 10 * minute, env: { UNROLL_HOST_RESULTS: file } });
  return existsSync(file) ? ran(JSON.parse(readFileSync(file, 'utf8')), code) : brokenOff(code);
};

/** A suite that ran nothing, or ended badly without naming a failed test, failed. */
function ran(count, code) {
  return count.failed > 0 || (code === 0 && count.passed > 0) ? count : { ...brokenOff(code), passed: count.passed };
}

/** A suite that did not come to its end. */
function brokenOff(code) {
  return { passed: 0, failed: 1, failures: [{ name: 'the suite as a whole', message: `ended with code ${code}` }] };
}

/** Trains the templates on what the other suites leave of the processors; what it prints is kept until it is done. */
const templates = async () => {
  const file = join(results, 'templates.log');
  const log = openSync(file, 'w');
  try {
    return await vitest('quality', 30 * minute, { workers: availableParallelism(), output: log, turn: 'beside' })();
  } finally {
    closeSync(log);
    console.log(`\n== templates\n${readFileSync(file, 'utf8')}`);
  }
};

/** What only computes, one after the other, with the suites of the second list beside them all. */
const computing = [
  ['types', checks(...['tsconfig.json', 'webview/tsconfig.json', 'test/browser/tsconfig.json'].map((project) => ['node_modules/typescript-native/bin/tsc', '--noEmit', '-p', project]))],
  ['lint', checks(['node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0'])],
  ['unit and golden', vitest('unit', 15 * minute)],
  ['package', vitest('package')],
  ['command line', vitest('cli', 10 * minute)],
];
const computingBeside = [['templates', templates]];
/** What a person would watch: these have the processors to themselves, as VS Code and browsers stumble on a busy machine. */
const watching = [
  ['VS Code host', host],
  ['panels in a browser', vitest('browser', 15 * minute, { workers: availableParallelism() })],
  ['workbench end to end', vitest('workbench', 15 * minute, { workers: 1 })],
];

/** Runs a suite and counts what passed and failed; one that breaks off failed. */
async function counted([name, suite]) {
  const started = Date.now();
  const count = await suite().catch((error) => {
    return { passed: 0, failed: 1, failures: [{ name: 'the suite as a whole', message: error.message }] };
  });
  return { name, ...count, seconds: Math.round((Date.now() - started) / 1000) };
}

/** Names tests of a suite, each with the beginning of what it said. */
function tell(what, suite, tests = []) {
  for (const { name, message = '' } of tests) console.log(`\n${what}: ${suite}: ${name}\n  ${message.split('\n').slice(0, 12).join('\n  ')}`);
}

async function main() {
  requireNode();
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  const only = process.argv.slice(2);
  await installPackages();
  console.log('Building');
  const built = (await node(['src/build/build.mjs'])) === 0 && (await node(['src/build/testBundles.mjs'])) === 0;
  // What the last suites need is installed while the first ones run.
  const prepared = built ? node(['dist/test/prepare.js'], { timeout: 15 * minute }) : Promise.resolve(1);

  const wanted = ([name]) => only.length === 0 || only.includes(name);
  const counts = [];
  const inTurn = async (suites) => {
    for (const [name, suite] of suites.filter(wanted)) {
      console.log(`\n== ${name}`);
      counts.push(await counted([name, suite]));
    }
  };
  const beside = Promise.all(computingBeside.filter(wanted).map(counted));
  await inTurn(computing);
  counts.push(...(await beside));
  await prepared;
  await inTurn(watching);
  if (!built) counts.unshift({ name: 'build', ...brokenOff(1), seconds: 0 });

  for (const count of counts) {
    tell('Failed', count.name, count.failures);
    tell('Passed at the second attempt', count.name, count.unsteady);
  }
  console.log('');
  for (const { name, passed, failed, seconds } of counts) console.log(`${failed > 0 ? '✗' : '✓'} ${name.padEnd(22)} ${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed ${String(seconds).padStart(5)} s`);
  const sum = (key) => counts.reduce((total, count) => total + count[key], 0);
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
  process.exitCode = sum('failed') > 0 ? 1 : 0;
}

await main();
