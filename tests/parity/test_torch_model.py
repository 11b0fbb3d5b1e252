"""The whole model, the optimizers and clipping against PyTorch."""

import random

import numpy as np
import pytest
from microgpt.gpt.config import GPTConfig
from microgpt.gpt.model import GPT
from microgpt.training.optim import Adam, Group, clip_gradient

CONFIGS = {
    "the reference": GPTConfig(),
    "deeper": GPTConfig(11, 9, n_layer=3, n_head=3, n_embd=12, mlp_hidden=24, norm_eps=1e-3),
    "wild weights": GPTConfig(vocab_size=5, block_size=6, n_head=1, init_std=0.4),
}
PRECISIONS = [(np.float64, 1e-10), (np.float32, 1e-5)]
LR, BETAS, EPS = 0.01, (0.85, 0.99), 1e-8


@pytest.fixture
def torch(torch):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield torch
    torch.set_num_threads(threads)


def both(config, dtype):
    """Our model and PyTorch's with the same weights."""
    from torch_gpt import TorchGPT

    ours = GPT(config, dtype)
    ours.init_weights(random.Random(5))
    arrays = {name: array.copy() for name, array in ours.weights.named().items()}
    return ours, TorchGPT(arrays, config.n_layer, config.n_head, config.norm_eps)


def batch_for(config, dtype, seed=0, rows=3):
    """Random tokens; some targets do not count."""
    rng = np.random.default_rng(seed)
    ids, targets = rng.integers(0, config.vocab_size, (2, rows, config.block_size))
    weights = rng.uniform(0, 1, ids.shape) * (rng.random(ids.shape) < 0.8)
    return ids, targets, (weights / weights.sum()).astype(dtype)


def backward(torch, ours, theirs, batch):
    """The loss of both; the gradients are left in the models."""
    ours.zero_grad()
    loss = ours.loss(*batch)
    ours.backward(loss)
    theirs.zero_grad()
    torch_loss = theirs.loss(*map(torch.from_numpy, batch))
    torch_loss.backward()
    return loss.item(), torch_loss.item()


def largest_difference(ours, theirs):
    assert set(ours) == set(theirs)
    assert all(ours[name].dtype == theirs[name].dtype for name in ours)
    return max(np.abs(ours[name] - theirs[name]).max() for name in ours)


@pytest.mark.parametrize(("dtype", "tolerance"), PRECISIONS)
@pytest.mark.parametrize("name", CONFIGS)
def test_logits_loss_and_gradients(name, dtype, tolerance, torch):
    config = CONFIGS[name]
    ours, theirs = both(config, dtype)
    batch = batch_for(config, dtype)
    logits = theirs(torch.from_numpy(batch[0])).detach().flatten(0, 1).numpy()
    assert np.abs(ours.logits(batch[0]).data - logits).max() <= tolerance
    loss, torch_loss = backward(torch, ours, theirs, batch)
    assert loss == pytest.approx(torch_loss, abs=tolerance)
    gradients = ours.weights.named(ours.weights.flat_grad)
    assert min(np.abs(g).max() for g in gradients.values()) > 1e-5
    assert largest_difference(gradients, theirs.named(lambda p: p.grad)) <= tolerance


# Every two of optimizer, decay and clip.
@pytest.mark.parametrize(
    ("optimizer", "decay", "clip"),
    [("Adam", 0.0, 0), ("Adam", 0.1, 0.05), ("AdamW", 0.0, 0.05), ("AdamW", 0.1, 0)],
)
@pytest.mark.parametrize("name", CONFIGS)
def test_twenty_steps(name, optimizer, decay, clip, torch):
    """Every one of the twenty, the first as well, on a new batch, with a falling rate."""
    config = CONFIGS[name]
    ours, theirs = both(config, np.float64)
    mean, square = np.zeros((2, ours.weights.count))
    rule = Group("all", 1.0, BETAS, EPS, decay, decoupled=optimizer == "AdamW")
    step_ours = Adam(mean, square, rule)
    step_theirs = getattr(torch.optim, optimizer)(
        theirs.parameters(), lr=LR, betas=BETAS, eps=EPS, weight_decay=decay
    )
    start = ours.weights.flat.copy()
    for step in range(1, 21):
        loss, torch_loss = backward(torch, ours, theirs, batch_for(config, np.float64, step))
        assert loss == pytest.approx(torch_loss, abs=1e-9)
        lr = LR * (1 - (step - 1) / 20)
        if clip:
            gradient = ours.weights.flat_grad
            norm = float(np.linalg.norm(gradient))
            assert norm > clip
            # PyTorch divides by norm + 1e-6, we by the norm itself: a limit that makes up for it.
            clip_gradient(gradient, clip * norm / (norm + 1e-6), norm)
            torch.nn.utils.clip_grad_norm_(theirs.parameters(), clip)
        factors = Adam.factors(rule, lr, step)
        step_ours.update(ours.weights.flat, ours.weights.flat_grad, *factors)
        for group in step_theirs.param_groups:
            group["lr"] = lr
        step_theirs.step()
        assert largest_difference(ours.weights.named(), theirs.named()) <= 1e-9
    assert np.abs(ours.weights.flat - start).max() > 0.05


@pytest.mark.parametrize("limit", [0.01, 1.0, 100.0])
def test_clipping(limit, torch):
    parts = [np.random.default_rng(i).normal(size=shape) for i, shape in enumerate([(3, 4), (5,)])]
    theirs = [torch.nn.Parameter(torch.zeros(part.shape, dtype=torch.float64)) for part in parts]
    for parameter, part in zip(theirs, parts):
        parameter.grad = torch.tensor(part)
    ours = np.concatenate([part.reshape(-1) for part in parts])
    norm = torch.nn.utils.clip_grad_norm_(theirs, limit).item()
    assert np.linalg.norm(ours) == pytest.approx(norm, rel=1e-12)
    clip_gradient(ours, limit, norm)
    expected = torch.cat([parameter.grad.flatten() for parameter in theirs]).numpy()
    # The 1e-6 that PyTorch adds to the norm is the only difference.
    np.testing.assert_allclose(ours, expected, rtol=2e-6 / norm)
    assert np.linalg.norm(ours) == pytest.approx(min(limit, norm), rel=1e-12)


def test_the_benchmark_compares_with_the_same_model(torch):
    from microgpt.bench.torch_eager import TorchGPT

    config = GPTConfig(vocab_size=11, block_size=9, n_layer=2, n_head=3, n_embd=12)
    ours, _ = both(config, np.float64)
    weights = {n: torch.from_numpy(a) for n, a in ours.weights.named().items()}
    theirs = TorchGPT(config).double().requires_grad_(False)
    theirs.wte.weight[...], theirs.wpe.weight[...] = weights["wte"], weights["wpe"]
    theirs.head.weight[...] = weights["lm_head"]
    for i, block in enumerate(theirs.blocks):
        block.qkv.weight[...] = torch.cat([weights[f"layer{i}.w{name}"] for name in "qkv"])
        for part, name in ((block.out, "wo"), (block.up, "fc1"), (block.down, "fc2")):
            part.weight[...] = weights[f"layer{i}.{name}"]
    ids = batch_for(config, np.float64)[0]
    past = torch.zeros(2, config.n_layer, len(ids), config.n_head, config.block_size, 4).double()
    read = [theirs.read(torch.from_numpy(ids[:, t : t + 1]), *past, t) for t in range(9)]
    scores = torch.cat(read, 1).flatten(0, 1).numpy()
    assert np.abs(ours.logits(ids).data - scores).max() <= 1e-10
