"""Links and files of models with every switch."""

from dataclasses import replace

import numpy as np
import pytest
from family import FAMILIES, FEW, configuration, new_model
from microgpt import checkpoint, link
from microgpt.data import corpus_from_bytes
from microgpt.errors import UserError
from microgpt.gpt.model import GPT
from microgpt.tokenizer import CharTokenizer
from microgpt.training.config import TrainConfig
from microgpt.training.loop import take_step
from microgpt.training.run import Run

LETTERS = CharTokenizer("abcdefghij")
CORPUS = corpus_from_bytes(
    "\n".join(
        a + b for a in ("an", "be", "ca", "do", "el", "fa") for b in ("na", "ra", "li")
    ).encode(),
    "n.txt",
)


@pytest.mark.parametrize("name", FEW)
def test_a_link_holds_any_model(name):
    """Vectors and single numbers, too: each as near as 254 levels between its ends are."""
    before = new_model(configuration(name))
    text = link.pack(before, LETTERS)
    after, _, _ = link.unpack(text)
    assert after.config == before.config
    for key, array in before.weights.named().items():
        rows = array.reshape(-1, array.shape[-1]) if array.ndim > 1 else array.reshape(1, -1)
        found = after.weights.named()[key].reshape(rows.shape)
        largest = np.abs(rows).max(1, keepdims=True)
        assert (np.abs(found - rows) <= largest * (0.5 / 127 + 1e-3)).all(), key
    assert link.pack(after, LETTERS) == link.pack(
        link.unpack(link.pack(after, LETTERS))[0], LETTERS
    )


def test_value_embeddings_count_for_the_size_of_a_link():
    """A large vocabulary in every other layer: more than the head and the embedding alone."""
    chars = "".join(map(chr, range(0x4E00, 0x4E00 + 9000)))
    config = replace(FAMILIES["nanochat"], vocab_size=9001, n_layer=100)
    with pytest.raises(UserError, match="too large for a link"):
        link.pack(GPT(config, np.float32), CharTokenizer(chars))


@pytest.mark.parametrize("name", FEW)
def test_a_file_holds_any_model(name):
    config = configuration(name)
    corpus = CORPUS
    settings = TrainConfig(steps=3, batch_size=2, optimizer="muon", weight_decay=0.1)
    run = Run.start(corpus, config, settings)
    for _ in range(2):
        take_step(run)
    data = checkpoint.to_bytes(run.checkpoint())
    again = Run.restore(checkpoint.from_bytes(data), corpus)
    assert again.model.config == run.model.config
    for each in (run, again):
        take_step(each)
    assert np.array_equal(run.model.weights.flat, again.model.weights.flat)
    assert run.optimizer.state().keys() == again.optimizer.state().keys()
    assert checkpoint.to_bytes(run.checkpoint()) == checkpoint.to_bytes(again.checkpoint())
