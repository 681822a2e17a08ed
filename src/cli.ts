#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { version } from '../package.json';
import { registerBench } from './commandLine/bench';
import { registerCheck } from './commandLine/check';
import { registerCompare } from './commandLine/compare';
import { registerDiagnose } from './commandLine/diagnose';
import { registerGenerate } from './commandLine/generate';
import { exitStatus, report, watchOutput } from './commandLine/output';
import { registerTrace } from './commandLine/trace';
import { registerTrain } from './commandLine/train';
import { registerValidate } from './commandLine/validate';

const program = new Command('unroll').description('Watch recurrent networks learn: gates, states and the true gradient.').version(version).exitOverride().showHelpAfterError('(unroll --help shows all commands)');

for (const register of [registerValidate, registerTrain, registerTrace, registerGenerate, registerCompare, registerCheck, registerDiagnose, registerBench]) register(program);

watchOutput();

program.parseAsync().catch((error: unknown) => {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitStatus.done : exitStatus.usage;
  else report(error);
});
