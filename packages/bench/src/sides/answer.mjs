import { initTensors } from '@lensfield/tensors';
import { ROWS } from '../rows/index.mjs';

async function built({ row, backend, threads }) {
  const kernels = await initTensors(backend === 'wasm' ? { backend } : { backend, threads });
  return ROWS.find(({ name }) => name === row).ours({ kernels });
}

function milliseconds(step, warm, steps) {
  for (let i = 0; i < warm; i++) step();
  const start = performance.now();
  for (let i = 0; i < steps; i++) step();
  return (performance.now() - start) / steps;
}

/** Answers the requests that the peers' serve.py answers, with our steps: in Node and in a page. */
export function createAnswerer() {
  let step;
  return async (request) => {
    try {
      if (!request.build) return { ms: milliseconds(step, request.warm, request.steps) };
      step = await built(request.build);
      return {};
    } catch (error) {
      return { error: String(error?.message ?? error) };
    }
  };
}
