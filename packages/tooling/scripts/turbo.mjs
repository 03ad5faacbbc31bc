// Runs one task of turbo.json in every package: `node turbo.mjs build`.
import { runTurbo } from './install.mjs';

runTurbo(process.argv[2]);
