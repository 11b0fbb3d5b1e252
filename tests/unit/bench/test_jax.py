"""The benchmark compares with the same model in JAX: the same loss, the same gradient."""

import numpy as np
import pytest
from microgpt.data import corpus_from_bytes
from microgpt.gpt.config import GPTConfig
from microgpt.gpt.model import GPT
from microgpt.training.config import TrainConfig
from microgpt.training.run import Run
from microgpt.training.step import forward_backward

jax = pytest.importorskip("jax", reason="JAX is not installed; `pip install jax` gets it")
NAMES = corpus_from_bytes(b"anna\nbert\ncarla\ndan\neve\nfrank\ngina\nhugo\nida\n" * 6, "names")


def test_the_benchmark_compares_with_the_same_model():
    from microgpt.bench.jax_jit import loss_of

    config = GPTConfig(vocab_size=11, block_size=9, n_layer=2, n_head=3, n_embd=12)
    model, draw = GPT(config, np.float32), np.random.default_rng(0)
    model.flat[...] = draw.normal(0, 0.3, model.flat.size)
    ids, targets = draw.integers(0, 11, (2, 4, 9))
    counts = np.full((4, 9), 1 / 36, np.float32)
    state = model.flat, model.weights.flat_grad
    loss = forward_backward(model, False, None, *state, ids, targets, counts)

    def arranged(named):
        layers = [
            {
                "qkv": np.concatenate([named[f"layer{i}.w{name}"] for name in "qkv"]).T,
                "out": named[f"layer{i}.wo"].T,
                "up": named[f"layer{i}.fc1"].T,
                "down": named[f"layer{i}.fc2"].T,
            }
            for i in range(config.n_layer)
        ]
        ends = {"wte": named["wte"], "wpe": named["wpe"], "head": named["lm_head"].T}
        return {**ends, "layers": layers}

    weights = model.weights
    gradient = {name: weights.view(weights.flat_grad, name) for name in weights.shapes}
    theirs = jax.value_and_grad(loss_of)(arranged(weights.named()), 3, ids, targets, counts)
    assert float(loss) == pytest.approx(float(theirs[0]), rel=1e-5)
    pairs = zip(*map(jax.tree.leaves, (arranged(gradient), theirs[1])), strict=True)
    assert max(float(np.abs(ours - np.asarray(other)).max()) for ours, other in pairs) < 1e-5


def test_it_learns():
    from microgpt.bench.jax_jit import Trainer, loss_of

    config = TrainConfig(steps=60, batch_size=8, dtype="float32")
    run = Run.start(NAMES, GPTConfig(n_embd=8, n_head=2), config)
    trainer, batch = Trainer(run), next(run.batches)

    def loss():
        return float(loss_of(trainer.state[0], 2, batch.ids, batch.targets, batch.weights))

    before = loss()
    assert trainer.train(50) > 50 * 8
    assert loss() < 0.8 * before
