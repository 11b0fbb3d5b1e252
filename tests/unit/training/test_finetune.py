"""Fine-tuning: weights of another run, more tokens, and an optimizer that is fresh or goes on."""

from dataclasses import replace

import numpy as np
import pytest
from family import FAMILIES
from microgpt.autograd import no_grad
from microgpt.checkpoint import from_bytes, to_bytes
from microgpt.data import corpus_from_bytes
from microgpt.data.conversations.corpus import made_up_corpus
from microgpt.errors import UserError
from microgpt.tokenizer import CharTokenizer
from microgpt.tokenizer.special import with_chat_tokens
from microgpt.training.config import TrainConfig
from microgpt.training.finetune import finetune
from microgpt.training.loop import take_step, train
from microgpt.training.run import Run

# Of one length: a step is recorded once for each.
NAMES = corpus_from_bytes(b"anna\nbert\ncarl\ndora\neric\nfred\n" * 6, "names")
OTHERS = corpus_from_bytes(b"abea\nbeda\ncora\nfedo\n" * 8, "others")
SMALL = {name: replace(config, n_layer=1) for name, config in FAMILIES.items()}
TUNING = TrainConfig(steps=8, batch_size=4, lr=1e-3, val_fraction=0.0, seed=7)


def trained(family, **changes):
    settings = {"steps": 5, "batch_size": 4, "val_fraction": 0.0, **changes}
    run = Run.start(NAMES, SMALL[family], TrainConfig(**settings))
    list(train(run))
    return from_bytes(to_bytes(run.checkpoint()))


def logits(model, ids):
    with no_grad():
        return model.logits(np.array([ids])).data


@pytest.mark.parametrize("family", ["classic", "nanochat"])
def test_it_starts_with_the_weights_and_its_own_schedule(family):
    base = trained(family)
    run = finetune(base, OTHERS, TUNING)
    assert np.array_equal(run.model.weights.flat, base.model().weights.flat)
    assert (run.step, run.losses, run.optimizer.steps, run.config) == (0, [], 0, TUNING)
    assert not run.optimizer.mean.any() and run.corpus is OTHERS
    list(train(run))
    assert run.step == 8 and not np.array_equal(run.model.weights.flat, base.model().weights.flat)


@pytest.mark.parametrize("family", FAMILIES)
def test_added_tokens_leave_the_others_as_they_were(family):
    config = replace(SMALL[family], tied_head=family == "classic")
    start = Run.start(NAMES, config, TrainConfig(steps=3, batch_size=4))
    take_step(start)
    base = start.checkpoint()
    tokenizer = with_chat_tokens(base.tokenizer())
    run = finetune(base, OTHERS, TUNING, tokenizer)
    old, new = base.tokenizer().vocab_size, tokenizer.vocab_size
    assert new == old + 8 == run.model.config.vocab_size
    ids = base.tokenizer().encode("abcdef")
    assert np.abs(logits(run.model, ids)[:, :old] - logits(base.model(), ids)).max() <= 1e-12
    grown = [
        name
        for name, view in run.model.weights.named().items()
        if view.shape != start.model.weights.shapes[name]
    ]
    kinds = {name.rpartition(".")[2] for name in grown}
    expected = {"wte"} | ({"lm_head"} if not config.tied_head else set())
    assert kinds == (expected | {"value"} if config.value_embeddings else expected)
    drawn = run.model.weights.named()["wte"][old:]
    assert drawn.any(1).all() and len(np.unique(drawn)) == drawn.size
    list(train(run))  # and it trains with them


@pytest.mark.parametrize(("family", "optimizer"), [("llama", "adamw"), ("nanochat", "muon")])
def test_an_optimizer_that_is_carried_over_goes_on(family, optimizer):
    """With the same data, seed and schedule the next step is the base's own next step."""
    settings = TrainConfig(
        steps=9, batch_size=4, optimizer=optimizer, schedule="constant", eval_every=0
    )
    run = Run.start(NAMES, SMALL[family], settings)
    for _ in range(5):
        take_step(run)
    base = from_bytes(to_bytes(run.checkpoint()))
    tuned = finetune(base, NAMES, settings, carry_optimizer=True)
    assert tuned.optimizer.steps == 5 and tuned.step == 0
    for name, array in run.optimizer.state().items():
        assert np.array_equal(array, tuned.optimizer.state()[name]), name
    batch, grad = next(tuned.batches), run.model.weights.flat_grad
    for each in (run, tuned):
        each.gradient(batch)
        each.optimizer.update(each.model.weights.flat_grad, 0.01, 0.9, 0.5)
    assert grad.any() and np.array_equal(run.model.weights.flat, tuned.model.weights.flat)


def test_of_added_tokens_the_optimizer_has_gathered_nothing():
    base = trained("nanochat", optimizer="muon")
    tokenizer = with_chat_tokens(base.tokenizer())
    config = replace(TUNING, optimizer="muon")
    run = finetune(base, OTHERS, config, tokenizer, carry_optimizer=True)
    old = base.tokenizer().vocab_size
    for kind in ("mean", "square"):
        named = run.model.weights.named(run.optimizer.state()[kind])
        assert named["wte"][:old].any() and not named["wte"][old:].any()
        assert named["lm_head"][:old].any() and not named["lm_head"][old:].any()
        assert named["layer0.value"][:old].any() and not named["layer0.value"][old:].any()
    list(train(run))
    with pytest.raises(UserError, match=r"What muon has gathered is of no use to adam; .*\.$"):
        finetune(base, OTHERS, TUNING, tokenizer, carry_optimizer=True)


@pytest.mark.parametrize("carry", [False, True])
def test_a_run_that_was_kept_goes_on_bit_for_bit_and_knows_its_parent(carry):
    base = trained("nanochat", optimizer="muon")
    tokenizer = with_chat_tokens(base.tokenizer())
    config = replace(TUNING, optimizer="muon", dtype="float32")
    whole, first = (finetune(base, OTHERS, config, tokenizer, carry) for _ in range(2))
    list(train(whole))
    for _ in range(3):
        take_step(first)
    again = Run.restore(from_bytes(to_bytes(first.checkpoint())), OTHERS)
    list(train(again))
    ours, theirs = again.checkpoint(), whole.checkpoint()
    assert all(np.array_equal(ours.tensors[name], theirs.tensors[name]) for name in theirs.tensors)
    assert ours.meta["parent"] == theirs.meta["parent"] == whole.parent
    assert whole.parent["step"] == 5 and whole.parent["data"] == "names"
    assert whole.parent["parent"] is None
    other = finetune(ours, NAMES, config)
    assert other.parent["parent"] == whole.parent
    assert other.parent["weights"] != whole.parent["weights"]


def test_another_tokenizer_is_refused():
    base = trained("microgpt")
    for other in (CharTokenizer("xyz"), CharTokenizer("abcdefghijklmnopqrstuvwxyz")):
        with pytest.raises(UserError, match=r"^A model is fine-tuned with the tokenizer .*\.$"):
            finetune(base, OTHERS, TUNING, other)


def test_it_learns_conversations():
    """A model of names learns to answer: packed rows, of which only the answers count."""
    characters = CharTokenizer("".join(map(chr, range(10, 127))))
    corpus = corpus_from_bytes(b"one two three\n" * 30, "text")
    model = replace(FAMILIES["llama"], block_size=128, n_layer=1)
    base = Run.start(corpus, model, TrainConfig(steps=2, batch_size=2), characters).checkpoint()
    tokenizer = with_chat_tokens(characters)
    config = TrainConfig(steps=12, batch_size=2, lr=0.01, optimizer="adamw")
    run = finetune(base, made_up_corpus(60, 10), config, tokenizer)
    steps = [take_step(run) for _ in range(12)]
    assert steps[-1].loss < steps[0].loss - 0.5
    assert all(0 < step.tokens < 2 * 128 for step in steps)


def test_weights_of_another_precision():
    base = trained("microgpt")
    run = finetune(base, OTHERS, replace(TUNING, dtype="float32"))
    assert run.model.dtype == np.float32 and base.dtype == np.float64
    assert np.array_equal(run.model.weights.flat, base.model(np.float32).weights.flat)
