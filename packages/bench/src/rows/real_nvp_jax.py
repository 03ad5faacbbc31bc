"""Adam step of a conditional RealNVP in JAX, one jitted function; with the score, twice differentiated."""

import math
import os

import jax
import jax.numpy as jnp


def limit_threads(count):
    """The thread pool takes its size from the cores that the process may use when it is made."""
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(cores)[:count])
    jax.devices()
    for thread in os.listdir("/proc/self/task"):
        os.sched_setaffinity(int(thread), cores)


def dense(key, rows, columns):
    return jax.random.normal(key, (rows, columns)) / math.sqrt(rows), jnp.zeros(columns)


def weights_of(key, settings):
    dimension, hidden = settings["dimension"], settings["hidden"]
    widths = [dimension // 2 + settings["context"], hidden, hidden, dimension]
    keys = jax.random.split(key, (settings["layers"], len(widths) - 1))
    return [[dense(k, i, o) for k, i, o in zip(layer, widths, widths[1:])] for layer in keys]


def conditioner(layer, x):
    for weights, bias in layer[:-1]:
        x = jax.nn.silu(x @ weights + bias)
    weights, bias = layer[-1]
    return x @ weights + bias


def log_prob(flow, y, context):
    passing, moved = jnp.split(y, 2, axis=1)
    log_det = 0.0
    for layer in flow:
        raw, shift = jnp.split(conditioner(layer, jnp.concatenate([passing, context], 1)), 2, axis=1)
        log_scale = jnp.tanh(raw)
        moved = moved * jnp.exp(log_scale) + shift
        log_det = log_det + log_scale.sum(1)
        passing, moved = moved, passing
    z = jnp.concatenate([passing, moved], 1)
    return log_det - 0.5 * (z * z).sum(1) - 0.5 * z.shape[1] * math.log(2 * math.pi)


def adam(parameters, moments, gradients, count):
    """Algorithm 1 of Kingma and Ba (2015)."""
    mean, variance = moments
    mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, mean, gradients)
    variance = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, variance, gradients)
    rate = 1e-3 * jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
    parameters = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-8), parameters, mean, variance)
    return parameters, (mean, variance)


def build(settings):
    limit_threads(settings["threads"])
    batch = settings["batch"]
    keys = jax.random.split(jax.random.key(1), 4)
    y, score = (jax.random.normal(k, (batch, settings["dimension"])) for k in keys[:2])
    context = jax.random.normal(keys[2], (batch, settings["context"]))

    def loss(flow):
        if not settings["score"]:
            return -log_prob(flow, y, context).mean()
        summed = lambda at: (lambda q: (q.sum(), q))(log_prob(flow, at, context))
        (_, value), gradient = jax.value_and_grad(summed, has_aux=True)(y)
        return -value.mean() + ((gradient - score) ** 2).sum(1).mean()

    @jax.jit
    def advance(flow, moments, count):
        return *adam(flow, moments, jax.grad(loss)(flow), count + 1), count + 1

    flow = weights_of(keys[3], settings)
    zeros = lambda: jax.tree.map(jnp.zeros_like, flow)
    state = [flow, (zeros(), zeros()), jnp.zeros(())]

    def step():
        state[:] = jax.block_until_ready(advance(*state))

    return step
