async function lossesOf(network, settings) {
  const losses = [];
  for await (const { loss } of network.train({ ...settings, everyStep: true })) losses.push(loss);
  return losses;
}

/**
 * Trains a network twice, compiled and op by op.
 *
 * @returns `{ comparedSteps, difference }`: the largest of a step's losses, relative to the uncompiled one; NaN where one is not finite.
 */
export async function compare(network, kernels, numRounds) {
  const compiled = await lossesOf(network, { kernels, numRounds, compile: true });
  const uncompiled = await lossesOf(network, { kernels, numRounds, compile: false });
  const differences = uncompiled.map((loss, i) => Math.abs(compiled[i] - loss) / Math.abs(loss));
  return { comparedSteps: uncompiled.length, difference: Math.max(...differences) };
}
