// Our side in a Node process of its own: requests on standard input, answers on standard output, one JSON a line.
import { createInterface } from 'node:readline';
import { createAnswerer } from './answer.mjs';

const answer = createAnswerer();
for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
