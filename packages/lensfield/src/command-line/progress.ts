import { Presets, SingleBar } from 'cli-progress';

/** The numbers that matter while a stage runs, such as `loss` or `acceptance`. */
export type ProgressNumbers = Readonly<Record<string, number | string>>;

/** One stage of long work, shown as a bar with a rate, an estimate of the remaining time and its numbers. */
export interface Stage {
  /** `remainingSeconds` where they are known better than from the pace of `done`. */
  update(done: number, numbers?: ProgressNumbers, remainingSeconds?: number): void;
  /** Ends the bar; returns the seconds that the stage took. */
  finish(): number;
}

/** Shows what a run does. Everything goes to standard error: standard output belongs to results. */
export interface Progress {
  stage(name: string, total: number, unit: string): Stage;
  note(text: string): void;
}

const FORMAT = '{name} [{bar}] {value}/{total} {unit}  {rate}/s  ETA {eta_formatted}  {numbers}';
const LINE_EVERY_MS = 15_000;

/** Bars on a terminal, a line every 15 s elsewhere. */
export function terminalProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  return {
    stage: (name, total, unit) => startBar(stream, name, total, unit),
    note: (text) => void stream.write(`${text}\n`),
  };
}

/** Shows nothing, for use as a library. */
export const silentProgress: Progress = {
  stage: () => {
    const started = performance.now();
    return { update: () => {}, finish: () => (performance.now() - started) / 1000 };
  },
  note: () => {},
};

function startBar(stream: NodeJS.WriteStream, name: string, total: number, unit: string): Stage {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  let remaining: number | undefined;
  const bar = new SingleBar(
    {
      format: FORMAT,
      stream,
      noTTYOutput: true,
      notTTYSchedule: LINE_EVERY_MS,
      hideCursor: true,
      etaBuffer: 50,
      barsize: 24,
      gracefulExit: false,
      formatTime: (eta) => clockTime(remaining ?? eta),
    },
    Presets.shades_classic,
  );
  const payload = { name: name.padEnd(22), unit, rate: '-', numbers: '' };
  bar.start(total, 0, payload);
  return {
    update(done, numbers = {}, remainingSeconds = undefined) {
      remaining = remainingSeconds;
      const rate = (done / Math.max(seconds(), 1e-3)).toPrecision(3);
      bar.update(done, { ...payload, rate, numbers: formatNumbers(numbers) });
    },
    finish() {
      bar.stop();
      return seconds();
    },
  };
}

/** Seconds as 1h05m, 3m20s or 7s. */
function clockTime(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole >= 3600) return `${Math.floor(whole / 3600)}h${two(Math.floor((whole % 3600) / 60))}m`;
  return whole >= 60 ? `${Math.floor(whole / 60)}m${two(whole % 60)}s` : `${whole}s`;
}

function formatNumbers(numbers: ProgressNumbers): string {
  return Object.entries(numbers)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? Number(value.toPrecision(4)) : value}`)
    .join('  ');
}
