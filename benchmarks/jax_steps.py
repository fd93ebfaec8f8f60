"""The training steps as a JAX user writes them: one jitted function of parameters and data that owns its buffers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from steps import classes, normal

random = np.random.default_rng(0)
Parameters = Any


def weight(*shape: int, fan_in: int) -> Any:
    bound = 1 / np.sqrt(fan_in)
    return jnp.asarray(random.uniform(-bound, bound, shape), jnp.float32)


def linear(wide: int, narrow: int) -> Parameters:
    return {"w": weight(wide, narrow, fan_in=wide), "b": weight(narrow, fan_in=wide)}


def apply(p: Parameters, x: Any) -> Any:
    return x @ p["w"] + p["b"]


def cross_entropy(logits: Any, target: Any) -> Any:
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), target[:, None], 1))


# ---- Models: parameters and the function of them


def mlp(*sizes: int) -> tuple[Parameters, Callable[..., Any]]:
    def model(layers: Parameters, x: Any) -> Any:
        for layer in layers[:-1]:
            x = jax.nn.relu(apply(layer, x))
        return apply(layers[-1], x)

    return [linear(a, b) for a, b in pairwise(sizes)], model


def cnn() -> tuple[Parameters, Callable[..., Any]]:
    def stage(p: Parameters, x: Any) -> Any:
        layout = ("NHWC", "HWIO", "NHWC")
        x = jax.nn.relu(jax.lax.conv_general_dilated(x, p["w"], (1, 1), "SAME", dimension_numbers=layout) + p["b"])
        return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    def model(p: Parameters, x: Any) -> Any:
        x = stage(p["two"], stage(p["one"], x)).reshape(x.shape[0], -1)
        return apply(p["last"], jax.nn.relu(apply(p["hidden"], x)))

    return {
        "one": {"w": weight(3, 3, 3, 16, fan_in=27), "b": weight(16, fan_in=27)},
        "two": {"w": weight(3, 3, 16, 32, fan_in=144), "b": weight(32, fan_in=144)},
        "hidden": linear(2048, 128),
        "last": linear(128, 10),
    }, model


def gpt() -> tuple[Parameters, Callable[..., Any]]:
    length, width, heads, vocabulary = 64, 128, 4, 65

    def norm(p: Parameters, x: Any) -> Any:
        return jax.nn.standardize(x, epsilon=1e-5) * p["w"] + p["b"]

    def block(p: Parameters, x: Any) -> Any:
        parts = jnp.split(apply(p["qkv"], norm(p["ln_1"], x)), 3, axis=-1)
        q, k, v = (part.reshape(*x.shape[:2], heads, width // heads) for part in parts)
        mixed = jax.nn.dot_product_attention(q, k, v, is_causal=True).reshape(x.shape)
        x = x + apply(p["proj"], mixed)
        return x + apply(p["down"], jax.nn.gelu(apply(p["up"], norm(p["ln_2"], x)), approximate=False))

    def model(p: Parameters, x: Any) -> Any:
        x = p["tokens"][x] + p["places"]
        for layer in p["blocks"]:
            x = block(layer, x)
        return (norm(p["ln"], x) @ p["head"]).reshape(-1, vocabulary)

    def ones() -> Parameters:
        return {"w": jnp.ones(width), "b": jnp.zeros(width)}

    blocks = [
        {"ln_1": ones(), "ln_2": ones(), "qkv": linear(width, 3 * width), "proj": linear(width, width),
         "up": linear(width, 4 * width), "down": linear(4 * width, width)}
        for _ in range(4)
    ]  # fmt: skip
    return {
        "tokens": weight(vocabulary, width, fan_in=width), "places": weight(length, width, fan_in=width),
        "blocks": blocks, "ln": ones(), "head": weight(width, vocabulary, fan_in=width),
    }, model  # fmt: skip


# ---- Optimizers: the state and the update


def sgd(lr: float) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def start(p: Parameters) -> Any:
        return jax.tree.map(jnp.zeros_like, p)

    def update(p: Parameters, g: Parameters, v: Any) -> tuple[Parameters, Any]:
        v = jax.tree.map(lambda v, g: 0.9 * v + g, v, g)
        return jax.tree.map(lambda p, v: p - lr * v, p, v), v

    return start, update


def adam(lr: float, decay: float = 0) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def start(p: Parameters) -> Any:
        return jax.tree.map(jnp.zeros_like, p), jax.tree.map(jnp.zeros_like, p), jnp.float32(0)

    def update(p: Parameters, g: Parameters, state: Any) -> tuple[Parameters, Any]:
        m, v, t = state
        t += 1
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        c1, c2 = 1 - 0.9**t, 1 - 0.999**t
        new = jax.tree.map(lambda p, m, v: p * (1 - lr * decay) - lr * (m / c1) / (jnp.sqrt(v / c2) + 1e-8), p, m, v)
        return new, (m, v, t)

    return start, update


CASES: dict[str, tuple[Callable[[], Any], Any, Any, Any]] = {
    "mlp-small": (lambda: mlp(64, 128, 10), sgd(0.1), normal(32, 64), classes(10, 32)),
    "mlp-large": (lambda: mlp(784, 512, 256, 10), adam(1e-3), normal(128, 784), classes(10, 128)),
    "cnn": (cnn, sgd(0.01), normal(64, 32, 32, 3), classes(10, 64)),
    "gpt": (gpt, adam(3e-4, 0.01), classes(65, 12, 64), classes(65, 12 * 64)),
}


def prepared(name: str) -> Callable[[], Any]:
    make, (start, update), numbers, wanted = CASES[name]
    parameters, model = make()
    x, target = jnp.asarray(numbers), jnp.asarray(wanted)

    def whole(p: Parameters, state: Any, x: Any, target: Any) -> tuple[Parameters, Any, Any]:
        loss, g = jax.value_and_grad(lambda p: cross_entropy(model(p, x), target))(p)
        return (*update(p, g, state), loss)

    jitted = jax.jit(whole, donate_argnums=(0, 1))
    kept = [parameters, start(parameters)]

    def step() -> Any:
        *kept[:], loss = jitted(*kept, x, target)
        return loss

    return step
