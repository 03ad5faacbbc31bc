"""Samples one target with one sampler of numpyro or blackjax.

Reads a JSON job {target, sampler, chains, seed, ...} on standard input, writes the chosen coordinates of all draws as raw float64
[chains, draws, coordinates] into the file `out`, and prints one JSON line {shape, gradients}.
"""

import json
import sys

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp
import numpy as np


def log_density_of(data):
    kind = data["kind"]
    if kind == "autoregression":
        rho = data["rho"]
        innovation = 1 - rho**2
        return lambda x: -x[0] ** 2 / 2 - jnp.sum((x[1:] - rho * x[:-1]) ** 2) / innovation / 2
    if kind == "longDirections":
        columns = jnp.array(data["columns"])
        return lambda x: -jnp.sum(x**2) / 2 + (1 - 1 / data["eigenvalue"]) * jnp.sum((columns @ x) ** 2) / 2
    if kind == "funnel":
        return lambda x: -x[0] ** 2 / 18 - jnp.exp(-x[0]) * jnp.sum(x[1:] ** 2) / 2 - 4.5 * x[0]
    if kind == "normal":
        return lambda x: -jnp.sum(x**2) / 2
    if kind == "banana":
        return lambda x: -x[0] ** 2 / 200 - (x[1] - 0.03 * (x[0] ** 2 - 100)) ** 2 / 2
    if kind == "eightSchools":
        effects, errors = jnp.array(data["effects"]), jnp.array(data["errors"])

        def schools(x):
            mu, log_tau, z = x[0], x[1], x[2:]
            prior = -mu**2 / 50 - jnp.log1p((jnp.exp(log_tau) / 5) ** 2) + log_tau - jnp.sum(z**2) / 2
            return prior - jnp.sum(((effects - mu - jnp.exp(log_tau) * z) / errors) ** 2) / 2

        return schools
    design = jnp.array(data["design"]).reshape(-1, data["dimension"])
    labels = jnp.array(data["labels"])

    def logistic(beta):
        logit = design @ beta
        return -jnp.sum(beta**2) / 2 + jnp.sum(labels * logit - jnp.logaddexp(0.0, logit))

    return logistic


def numpyro_nuts(log_density, job, starts):
    from numpyro.infer import MCMC, NUTS

    mcmc = MCMC(
        NUTS(potential_fn=lambda x: -log_density(x)),
        num_warmup=job["warmup"],
        num_samples=job["draws"],
        num_chains=len(starts),
        chain_method="sequential",
        progress_bar=False,
    )
    mcmc.run(jax.random.PRNGKey(job["seed"]), init_params=starts, extra_fields=("num_steps",))
    draws = mcmc.get_samples(group_by_chain=True)
    return np.asarray(draws)[..., job["coordinates"]], int(np.sum(mcmc.get_extra_fields()["num_steps"]))


def blackjax_mclmc(log_density, job, starts):
    import blackjax

    kernel = blackjax.mcmc.mclmc.build_kernel()
    coordinates = jnp.array(job["coordinates"])

    @jax.jit
    def walk(state, key, params):
        def step(state, key):
            state, _ = kernel(key, state, log_density, params.inverse_mass_matrix, params.L, params.step_size)
            return state, state.position[coordinates]

        return jax.lax.scan(step, state, jax.random.split(key, job["steps"]))[1]

    chains = []
    for chain, start in enumerate(starts):
        init_key, tune_key, run_key = jax.random.split(jax.random.fold_in(jax.random.PRNGKey(job["seed"]), chain), 3)
        state = blackjax.mcmc.mclmc.init(start, log_density, init_key)
        state, params, _ = blackjax.mclmc_find_L_and_step_size(
            mclmc_kernel=kernel, num_steps=job["steps"], state=state, rng_key=tune_key, logdensity_fn=log_density
        )
        chains.append(np.asarray(walk(state, run_key, params)))
    # McLachlan's integrator has two gradients a step.
    return np.stack(chains), 2 * job["steps"] * len(starts)


def blackjax_adjusted_mclmc(log_density, job, starts):
    import blackjax
    from blackjax.mcmc import adjusted_mclmc_dynamic as dynamic

    kernel = dynamic.build_kernel(dynamic.make_random_trajectory_length_fn(True))
    coordinates = jnp.array(job["coordinates"])

    @jax.jit
    def walk(state, key, params):
        def step(state, key):
            state, info = kernel(
                key,
                state,
                log_density,
                params.step_size,
                inverse_mass_matrix=params.inverse_mass_matrix,
                integration_steps_params=(params.L / params.step_size,),
            )
            return state, (state.position[coordinates], info.num_integration_steps)

        return jax.lax.scan(step, state, jax.random.split(key, job["steps"]))[1]

    chains, steps = [], 0
    for chain, start in enumerate(starts):
        init_key, tune_key, run_key = jax.random.split(jax.random.fold_in(jax.random.PRNGKey(job["seed"]), chain), 3)
        state = dynamic.init(start, log_density, init_key)
        state, params, _ = blackjax.adjusted_mclmc_find_L_and_step_size(
            mclmc_kernel=kernel,
            logdensity_fn=log_density,
            num_steps=job["steps"],
            state=state,
            rng_key=tune_key,
            target=0.9,
        )
        draws, counts = walk(state, run_key, params)
        chains.append(np.asarray(draws))
        steps += int(np.sum(counts))
    return np.stack(chains), 2 * steps


SAMPLERS = {
    "numpyro NUTS": numpyro_nuts,
    "blackjax MCLMC": blackjax_mclmc,
    "blackjax adjusted MCLMC": blackjax_adjusted_mclmc,
}

if __name__ == "__main__":
    job = json.load(sys.stdin)
    starts = jax.random.uniform(
        jax.random.PRNGKey(job["seed"] + 1000), (job["chains"], job["data"]["dimension"]), minval=-2.0, maxval=2.0
    )
    draws, gradients = SAMPLERS[job["sampler"]](log_density_of(job["data"]), job, starts)
    np.ascontiguousarray(draws, dtype="<f8").tofile(job["out"])
    print(json.dumps({"shape": draws.shape, "gradients": gradients}))
