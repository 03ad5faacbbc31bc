#!/usr/bin/env node
import { runProgram } from './command-line/program.ts';

process.exit(await runProgram(process.argv.slice(2)));
