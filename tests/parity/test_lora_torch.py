"""LoRA against PyTorch: the adapters made by hand there, and the steps of a fine-tuned run here."""

import string
from dataclasses import replace

import numpy as np
import pytest
from family import FAMILIES, move_away
from microgpt.data import corpus_from_bytes
from microgpt.data.conversations.corpus import made_up_corpus
from microgpt.gpt.lora import Tuning
from microgpt.tokenizer import CharTokenizer
from microgpt.tokenizer.special import with_chat_tokens
from microgpt.training.config import TrainConfig
from microgpt.training.finetune import finetune
from microgpt.training.loop import take_step
from microgpt.training.run import Run

LETTERS = CharTokenizer(string.printable)
ALPHA, RANK = 6.0, 3


@pytest.mark.parametrize("name", FAMILIES)
def test_steps_of_a_run_with_adapters(torch, name):
    """Adapters on every matrix of the blocks, rows for the new tokens; conversations and AdamW."""
    import torch_family as reference

    sizes = replace(FAMILIES[name], n_layer=2, block_size=40)
    base = Run.start(corpus_from_bytes(b"one two\n" * 30, "text"), sizes, TrainConfig(), LETTERS)
    move_away(base.model)
    config = TrainConfig(
        lr=0.01, optimizer="adamw", beta1=0.9, beta2=0.95, batch_size=2, schedule="constant"
    )
    tuning, tokenizer = Tuning(rank=RANK, alpha=ALPHA), with_chat_tokens(LETTERS)
    corpus = made_up_corpus(30, 1)
    run = finetune(base.checkpoint(), corpus, config, tokenizer, tuning=tuning)
    move_away(run.model, 5)  # B is zero in the beginning, and A would not learn
    frozen = {n: torch.tensor(a) for n, a in run.model.frozen.named().items()}
    own = reference.leaves(run.model.weights.named())
    known = LETTERS.vocab_size

    def weights():
        made = {}
        for n, w in frozen.items():
            if f"rows.{n}" in own:
                w = torch.cat([w[:known], own[f"rows.{n}"]])
            if f"{n}.lora_A" in own:
                w = w + own[f"{n}.lora_B"] @ own[f"{n}.lora_A"] * (ALPHA / RANK)
            made[n] = w
        return made

    adam = torch.optim.AdamW(own.values(), lr=0.01, betas=(0.9, 0.95), weight_decay=0.0)
    for _ in range(3):
        (batch,) = run.next_batches()
        ids, targets, counts = map(torch.from_numpy, batch[:3])
        model = getattr(reference, name)
        loss = reference.loss(model(weights(), run.model.config, ids), targets, counts)
        adam.zero_grad()
        loss.backward()
        adam.step()
        assert take_step(run).loss == pytest.approx(loss.item(), abs=1e-10)
        ours = run.model.weights.named()
        assert set(ours) == set(own) and len(own) >= 2 * 2 * 6 + 1
        for n, leaf in own.items():
            assert np.abs(ours[n] - leaf.detach().numpy()).max() <= 1e-9
