import { adam, valueAndGradients } from '@lensfield/tensors';

/** One step of the gradient of a loss: a function of named parameters, which returns a scalar tensor. */
export function gradientStep(loss, parameters) {
  return () => valueAndGradients(loss, parameters);
}

/** One training step by Adam. */
export function adamStep(loss, parameters) {
  const optimizer = adam({ learningRate: 1e-3 });
  let state = optimizer.init(parameters);
  const gradientAt = gradientStep(loss, state.parameters);
  return () => {
    state = optimizer.step(state, gradientAt().gradients);
  };
}
