import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { type ProgressNumbers, terminalProgress } from '../src/command-line/progress.ts';

/** What a stage writes to something that is not a terminal. */
function written(
  update: (done: number, remainingSeconds?: number) => readonly [number, ProgressNumbers, number?],
): string {
  let text = '';
  const stream = new Writable({
    write(chunk, _, done) {
      text += chunk;
      done();
    },
  });
  const stage = terminalProgress(stream as unknown as NodeJS.WriteStream).stage(
    'chains',
    400,
    'effective draws',
  );
  stage.update(...update(100));
  stage.finish();
  return text.trim().split('\n').at(-1)!;
}

test('a bar shows its numbers, and the remaining time where it is told', () => {
  const line = written((done) => [done, { rhat: 1.00412, 'ess/gradient': 0.012345 }, 3 * 3600 + 65]);
  expect(line).toContain('100/400 effective draws');
  expect(line).toContain('rhat 1.004  ess/gradient 0.01235');
  expect(line).toContain('ETA 3h01m');
  expect(written((done) => [done, {}, 200])).toContain('ETA 3m20s');
  expect(written((done) => [done, {}, 7.4])).toContain('ETA 7s');
  expect(written((done) => [done, {}])).toMatch(/ETA \d/);
});
