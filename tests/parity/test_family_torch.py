"""Every family against PyTorch: logits, loss, every gradient, and the optimizers."""

import random
import string
from dataclasses import replace

import numpy as np
import pytest
from family import DEEP, move_away, new_batch, new_model
from microgpt.data import corpus_from_bytes
from microgpt.data.conversations.corpus import made_up_corpus
from microgpt.tokenizer import CharTokenizer
from microgpt.tokenizer.special import with_chat_tokens
from microgpt.training.config import TrainConfig
from microgpt.training.finetune import finetune
from microgpt.training.loop import take_step
from microgpt.training.muon import Muon
from microgpt.training.optim import Optimizer, adam_groups, nanochat_groups
from microgpt.training.run import Run

PRECISIONS = [(np.float64, 1e-10), (np.float32, 1e-5)]
CHAT = with_chat_tokens(CharTokenizer(string.printable))
LLAMA, NANOCHAT = DEEP["llama"], DEEP["nanochat"]
LONG = {"block_size": 40, "n_embd": 32, "n_head": 2, "rope_base": 100.0}
MODELS = {
    **DEEP,
    "classic, tanh": replace(DEEP["classic"], activation="gelu-tanh"),
    "classic, sinusoidal": replace(DEEP["classic"], positions="sinusoidal"),
    "llama, tied": replace(LLAMA, tied_head=True),
    "llama, one key head": replace(LLAMA, n_kv_head=1, n_head=3),
    "llama 3.1": replace(LLAMA, n_head=1, n_kv_head=1, rope_factor=8.0, rope_original=8192),
    "llama 3.1, long": replace(LLAMA, **LONG, rope_factor=4.0, rope_original=20),
    "llama 3.2": replace(LLAMA, **LONG, rope_factor=32.0, rope_original=20, rope_low=0.5),
    "llama, linear": replace(LLAMA, **LONG, rope_factor=4.0, rope_scaling="linear"),
    "llama, yarn": replace(LLAMA, **LONG, rope_factor=4.0, rope_scaling="yarn", rope_original=20),
    "llama, wide heads": replace(LLAMA, head_dim=14),
    "microgpt, narrow heads": replace(DEEP["microgpt"], head_dim=3),
    "classic, three heads": replace(DEEP["classic"], n_head=3, head_dim=5),
    "nanochat, narrow heads": replace(NANOCHAT, head_dim=6),
    "nanochat, even depth": replace(NANOCHAT, n_layer=4, n_kv_head=1, window="SL"),
    "nanochat, one layer": replace(NANOCHAT, n_layer=1),
    "nanochat, wide": replace(NANOCHAT, n_embd=48, n_kv_head=4, vocab_size=600, block_size=20),
    # With the tokens of a conversation in letters and digits.
    **{
        f"{name}, chat": replace(config, vocab_size=CHAT.vocab_size, block_size=40)
        for name, config in DEEP.items()
    },
}


@pytest.fixture(autouse=True)
def one_thread(torch):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def both(name, dtype):
    """Our model, and PyTorch's function and leaves with the same weights."""
    import torch_family as reference

    model = new_model(MODELS[name], dtype)
    function = getattr(reference, name.split(",")[0].split()[0])
    weights = reference.leaves(model.weights.named())
    return model, lambda ids: function(weights, MODELS[name], ids), weights


def backward(torch, model, theirs, weights, batch):
    """The loss of both; gradients are left in both."""
    import torch_family as reference

    model.zero_grad()
    loss = model.loss(*batch)
    model.backward(loss)
    for leaf in weights.values():
        leaf.grad = None
    ids, targets, counts = map(torch.from_numpy, batch)
    torch_loss = reference.loss(theirs(ids), targets, counts)
    torch_loss.backward()
    return loss.item(), torch_loss.item()


def difference(ours, theirs):
    assert set(ours) == set(theirs)
    return max(np.abs(ours[name] - theirs[name].detach().numpy()).max() for name in ours)


@pytest.mark.parametrize(("dtype", "limit"), PRECISIONS)
@pytest.mark.parametrize("name", MODELS)
def test_model(torch, name, dtype, limit):
    model, theirs, weights = both(name, dtype)
    batch = new_batch(MODELS[name], 3, dtype=dtype)
    logits = theirs(torch.from_numpy(batch[0])).detach().numpy()
    assert logits.dtype == dtype
    ours = model.logits(batch[0]).data.reshape(logits.shape)
    assert np.abs(ours - logits).max() <= limit * max(1, np.abs(logits).max())
    loss, torch_loss = backward(torch, model, theirs, weights, batch)
    assert loss == pytest.approx(torch_loss, abs=limit)
    gradients = {name: leaf.grad for name, leaf in weights.items()}
    assert all(gradient.abs().max() > 0 for gradient in gradients.values())
    assert difference(model.weights.named(model.weights.flat_grad), gradients) <= limit


# ---- optimizers: several steps of both, each from its own gradients


def follow(torch, name, optimizer, update, step_theirs, steps=5):
    """The largest difference of any weight after the first step and after the last."""
    model, theirs, weights = both(name, np.float64)
    ours, torches = optimizer(model), step_theirs(weights)
    found = []
    for step in range(1, steps + 1):
        backward(torch, model, theirs, weights, new_batch(MODELS[name], 3, seed=step))
        update(ours, model.weights.flat_grad, step)
        torches(step)
        found.append(difference(model.weights.named(), weights))
    return found[0], found[-1]


@pytest.mark.parametrize("name", DEEP)
@pytest.mark.parametrize("decoupled", [True, False])
def test_adam_with_groups(torch, name, decoupled):
    config = TrainConfig(
        optimizer="adamw" if decoupled else "adam", beta1=0.9, beta2=0.95, weight_decay=0.1
    )

    def theirs(weights):
        make = torch.optim.AdamW if decoupled else torch.optim.Adam
        groups = [
            {"params": [w for w in weights.values() if w.ndim > 1], "weight_decay": 0.1},
            {"params": [w for w in weights.values() if w.ndim < 2], "weight_decay": 0.0},
        ]
        groups = [group for group in groups if group["params"]]
        adam = make(groups, lr=0.01, betas=(0.9, 0.95), eps=1e-8)
        return lambda step: adam.step()

    first, last = follow(
        torch,
        name,
        lambda model: Optimizer(model.weights, adam_groups(config, model.weights.shapes)),
        lambda ours, grad, step: ours.update(grad, 0.01),
        theirs,
    )
    assert first <= 1e-9 and last <= 1e-9


@pytest.mark.parametrize("name", DEEP)
def test_fine_tuning_steps(torch, name):
    """Packed conversations, of which only the answers count, and AdamW."""
    model, theirs, weights = both(f"{name}, chat", np.float64)
    config = TrainConfig(optimizer="adamw", beta1=0.9, beta2=0.95)
    ours = Optimizer(model.weights, adam_groups(config, model.weights.shapes))
    adam = torch.optim.AdamW(weights.values(), lr=0.01, betas=(0.9, 0.95), weight_decay=0.0)
    rows, _ = made_up_corpus(30, 1).rows(CHAT, random.Random(0), 0.1)
    batches = rows.batches(2, 40, np.float64, seed=0)
    for _ in range(3):
        batch = next(batches)
        assert 0 < (batch.weights > 0).mean() < 0.9
        losses = backward(torch, model, theirs, weights, batch[:3])
        assert losses[0] == pytest.approx(losses[1], abs=1e-10)
        ours.update(model.weights.flat_grad, 0.01)
        adam.step()
        assert difference(model.weights.named(), weights) <= 1e-9


def test_a_step_of_a_fine_tuned_run(torch):
    """nanochat, grown for conversations: the run's own first step, by Muon and AdamW."""
    import torch_family as reference

    letters = CharTokenizer(string.printable)
    sizes = replace(DEEP["nanochat"], n_layer=2, block_size=40)
    base = Run.start(corpus_from_bytes(b"one two\n" * 30, "text"), sizes, TrainConfig(), letters)
    config = TrainConfig(lr=0.02, optimizer="muon", weight_decay=0.3, batch_size=2, warmup=4)
    run = finetune(base.checkpoint(), made_up_corpus(30, 1), config, with_chat_tokens(letters))
    move_away(run.model)
    weights = reference.leaves(run.model.weights.named())
    groups, matrices = nanochat_table(weights, sizes.n_embd, 2 * 40)
    for group in groups:
        group["lr"] /= 4  # the first of four steps of warm-up
    (batch,) = run.next_batches()
    assert 0 < (batch.weights > 0).mean() < 0.9
    loss = reference.loss(
        reference.nanochat(weights, run.model.config, torch.from_numpy(batch.ids)),
        *map(torch.from_numpy, batch[1:3]),
    )
    loss.backward()
    torch.optim.AdamW(groups, eps=1e-10).step()
    reference.Muon(matrices).step(0.02 / 4, 0.85, 0.3)
    assert take_step(run).loss == pytest.approx(loss.item(), abs=1e-10)
    assert difference(run.model.weights.named(), weights) <= 1e-9


def nanochat_table(weights, width, tokens):
    """nanochat's AdamW groups and Muon's matrices, as its description lists them."""
    narrow, batch = (width / 768) ** -0.5, (tokens / 2**19) ** 0.5
    rows = [
        (["lm_head"], 0.008 * narrow * batch, (0.8, 0.96), 0.01),
        (["wte"], 0.3 * narrow * batch, (0.8, 0.995), 0.001),
        ([n for n in weights if n.endswith(".value")], 0.15 * narrow * batch, (0.8, 0.995), 0.01),
        (["scales.stream"], 0.005 * batch, (0.8, 0.95), 0.05),
        (["scales.embedding"], 0.5 * batch, (0.96, 0.95), 0.0),
        (["smear.gate", "smear.scale", "backout.scale"], 0.2, (0.8, 0.95), 0.0),
    ]
    groups = [
        {"params": [weights[n] for n in names], "lr": lr, "betas": betas, "weight_decay": decay}
        for names, lr, betas, decay in rows
    ]
    inside = [n for n in weights if n.startswith("layer") and not n.endswith(".value")]
    assert sum(len(names) for names, *_ in rows) + len(inside) == len(weights)
    return groups, [weights[n] for n in inside]


@pytest.mark.parametrize("name", [name for name in MODELS if name.startswith("nanochat")])
def test_nanochat_optimizer(torch, name):
    import torch_family as reference

    tokens, decay = 4096, 0.3
    config = TrainConfig(optimizer="muon", lr=0.02, weight_decay=decay)
    momenta, falls = [0.85, 0.9, 0.97, 0.95, 0.9], [1.0, 0.8, 0.5, 0.2, 0.0]

    def optimizer(model):
        width, shapes = model.config.n_embd, model.weights.shapes
        return Optimizer(model.weights, nanochat_groups(config, shapes, width, tokens))

    def theirs(weights):
        groups, matrices = nanochat_table(weights, MODELS[name].n_embd, tokens)
        adam = torch.optim.AdamW(groups, eps=1e-10)
        muon = reference.Muon(matrices)

        def step(number):
            adam.step()
            muon.step(0.02, momenta[number - 1], decay * falls[number - 1])

        return step

    first, last = follow(
        torch,
        name,
        optimizer,
        lambda ours, grad, step: ours.update(grad, 0.02, momenta[step - 1], falls[step - 1]),
        theirs,
    )
    # Directions that a matrix lacks are rounding, and Muon raises them like all others.
    assert first <= 1e-9 and last <= 1e-8


@pytest.mark.parametrize("faint", [1.0, 1e-7, 0.0])  # a row with hardly any gradient
@pytest.mark.parametrize("shape", [(6, 6), (9, 4), (4, 9), (1, 5), (5, 1), (40, 30)])
def test_muon_alone(torch, shape, faint):
    import torch_family as reference

    rng = np.random.default_rng(0)
    weights = rng.normal(size=shape)
    theirs = torch.tensor(weights)
    muon = reference.Muon([theirs])
    ours = Muon(np.zeros(shape), np.zeros(Muon.second_shape(shape)))
    for _ in range(20):
        gradient = rng.normal(size=shape)
        gradient[0] *= faint
        theirs.grad = torch.tensor(gradient)
        muon.step(0.05, 0.9, 0.5)
        kept = gradient.copy()
        ours.update(weights, gradient, 0.05, 0.9, 0.5)
        assert np.array_equal(gradient, kept)
        assert np.abs(weights - theirs.numpy()).max() <= 1e-9
