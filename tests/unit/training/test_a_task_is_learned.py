"""A task is learned: words that were never trained on are turned round to the last letter."""

from dataclasses import replace

from microgpt.data.tasks import task_corpus
from microgpt.evaluation.exact_match import exact_match, result_of
from microgpt.presets import PRESETS
from microgpt.training.loop import train
from microgpt.training.run import Run


def test_words_are_turned_round():
    model, training, *_ = PRESETS["nanochat"]
    model = replace(model, n_embd=32, n_head=2, block_size=16)
    training = replace(training, steps=250, batch_size=32, eval_every=0, val_fraction=0.0)
    corpus = task_corpus("task:reverse:3")
    run = Run.start(corpus, model, training)
    before = result_of(exact_match(run.model, run.tokenizer, corpus.questions))
    for _ in train(run):
        pass
    after = result_of(exact_match(run.model, run.tokenizer, corpus.questions))
    assert before.share < 0.02 and after.share >= 0.95, after.text
