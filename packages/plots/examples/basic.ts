import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cornerPlot } from '@lensfield/plots';
import { toPng } from '@lensfield/plots/png';

// Draws of three parameters, shape [n, 3]: a narrow ridge in the first two. Any source of numbers will do.
const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
const draws = (width: number, n = 5000) => {
  const rows = Array.from({ length: n }, () => [normal(), normal(), normal()]);
  const data = rows.flatMap(([a, b, c]) => [
    0.27 + width * a,
    0.83 + width * (0.5 * b - a),
    -1 + 5 * width * c,
  ]);
  return { shape: [n, 3], data: Float32Array.from(data) };
};

const svg = cornerPlot({
  posteriors: [
    { label: 'implicit', samples: draws(0.03) },
    { label: 'explicit', samples: draws(0.022) },
  ],
  labels: ['Ω_c', '*σ*_8', '*w*_0'],
  truth: [0.27, 0.83, -1],
});
writeFileSync(join(tmpdir(), 'corner.png'), toPng(svg));
