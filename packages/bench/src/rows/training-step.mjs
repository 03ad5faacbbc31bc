import { compile, createStepper, tf } from '@lensfield/tensors';

/** One compiled step of the gradient of a loss: a function of named parameters, which returns a scalar tensor. */
export function gradientStep(loss, parameters) {
  const names = Object.keys(parameters);
  const named = (tensors) => Object.fromEntries(names.map((name, i) => [name, tensors[i]]));
  const gradients = compile((weights) => {
    const { value, grads } = tf.valueAndGrads((...tensors) => loss(named(tensors)))(Object.values(weights));
    return { loss: value, ...named(grads) };
  });
  return () => gradients(parameters);
}

/** One training step by Adam, compiled; the gradient is not clipped, as those of the peers are not. */
export function adamStep(loss, parameters) {
  const clipNorm = Number.POSITIVE_INFINITY;
  const stepper = createStepper((tensors) => loss(tensors.parameters), parameters, { clipNorm });
  return () => stepper.step();
}
