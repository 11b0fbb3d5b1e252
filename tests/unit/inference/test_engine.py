"""Rows side by side, each at its own position: whatever the mixture, each is what it is alone."""

import random
import weakref
from dataclasses import replace

import numpy as np
import pytest
from family import FAMILIES, FEW, MANY, configuration, new_model
from microgpt.inference import decode
from microgpt.inference.engine import Engine, Row
from microgpt.inference.generate import _idle, write
from microgpt.inference.sampling import Sampling
from microgpt.recorder.record import Machine
from microgpt.tokenizer import CharTokenizer
from microgpt.training.threads import Threads

SAMPLINGS = (
    Sampling(temperature=1.0),
    Sampling(temperature=2.0, top_k=5),
    Sampling(temperature=1.0, repetition_penalty=1.3, top_p=0.9),
    Sampling(greedy=True),
)
STOP = 3


def plain(name, **changes):
    return replace(configuration(name), dropout=0.0, **changes)


def requests(seed, count, vocab=11):
    """What rows ask for: prompts of any length, some longer than the block, and forced tokens."""
    rng = random.Random(seed)
    return [
        {
            "ids": [rng.randrange(vocab) for _ in range(rng.randint(1, 12))],
            "sampling": rng.choice(SAMPLINGS),
            "stops": rng.choice([(STOP,), ()]),
            "max_tokens": rng.randint(1, 20),
            "forced": [rng.randrange(vocab) for _ in range(rng.choice([0, 0, 1, 4]))],
            "slides": rng.random() < 0.7,
        }
        for _ in range(count)
    ]


def new_row(seed, request):
    return Row(rng=random.Random(seed), **request)


def alone(engine, seed, request):
    """(all tokens of a row, how it ended, the probabilities, the scores before each token)."""
    row, chances, scores = engine.join(new_row(seed, request)), [], []
    while engine.rows:
        for written in engine.step():
            chances.append(written.probability)
            if not row.ended:
                scores.append(engine.scores(row).copy())
    return row.ids, row.ended, chances, scores


def mixture(model, wanted, slots, piece, seed=0, scores=None, threads=None):
    """Rows that join at random, all of them written side by side; some leave before their end."""
    engine, rng = Engine(model, slots, piece=piece, threads=threads), random.Random(seed)
    left, rows, chances = dict(enumerate(wanted)), {}, {}
    leavers = set(rng.sample(range(len(wanted)), len(wanted) // 5))
    while left or engine.rows:
        while left and rng.random() < 0.4:
            number = rng.choice(sorted(left))
            rows[number] = engine.join(new_row(number, left.pop(number)))
            chances[rows[number]] = []
        for written in engine.step():
            chances[written.row].append(written.probability)
            if scores is not None and not written.row.ended:
                scores.setdefault(written.row, []).append(engine.scores(written.row).copy())
        for number in sorted(leavers & set(rows)):
            if rng.random() < 0.2:
                engine.leave(rows[number])
                leavers.discard(number)
    return [rows[number] for number in range(len(wanted))], chances


@pytest.mark.parametrize("name", FEW)
def test_any_mixture_is_each_row_alone(name):
    every_mixture(new_model(plain(name)), ((1, 3), (5, 3), (8, 256)))


@pytest.mark.parametrize("name", FAMILIES)
def test_so_it_is_where_a_prompt_is_read_in_one_pass_with_those_who_write(name, monkeypatch):
    """As large models do; with rows that read their own keys alone, and without."""
    monkeypatch.setattr(decode, "LARGE", 0)
    passes, mixed = [], decode.Decoder._mixed
    monkeypatch.setattr(
        decode.Decoder, "_mixed", lambda *given: passes.append(given) or mixed(*given)
    )
    monkeypatch.setattr(decode, "SHORT", 0)
    for wide, settings in ((1, (5, 3)), (decode.WIDE, (6, 256))):
        monkeypatch.setattr(decode, "WIDE", wide)
        every_mixture(new_model(plain(name)), [settings])
    assert {len(ids) > 1 for _, ids, _, _ in passes} == {True, False}  # several prompts, and one


@pytest.mark.parametrize("name", FAMILIES)
def test_so_it_is_where_threads_share_the_rows(name, monkeypatch):
    monkeypatch.setattr(decode, "LARGE", 0)
    monkeypatch.setattr(decode, "FEWEST", 1)
    begins, part = set(), decode.Decoder._part
    monkeypatch.setattr(
        decode.Decoder,
        "_part",
        lambda self, thread, start, tokens: (
            begins.add((thread, start)) or part(self, thread, start, tokens)
        ),
    )
    for count, settings in ((2, (7, 256)), (4, (4, 256))):
        threads = Threads(Machine())
        threads.use(count)
        every_mixture(new_model(plain(name)), [settings], threads)
    assert begins >= {(0, 0), (1, 2), (1, 1), (2, 2)}  # (thread, its first row)


def every_mixture(model, settings, threads=None):
    wanted, engine = requests(3, 16), Engine(model)
    expected = [alone(engine, number, request) for number, request in enumerate(wanted)]
    for slots, piece in settings:
        rows, chances = mixture(model, wanted, slots, piece, threads=threads)
        for row, (ids, ended, theirs, _) in zip(rows, expected):
            written = len(row.ids)
            assert row.ids == ids[:written]  # one that left early has a part of it
            assert row.ended == ended or (row.ended is None and written <= len(ids))
            for one, other in zip(chances[row], theirs, strict=row.ended is not None):
                assert one == other if other is None else one == pytest.approx(other, abs=1e-11)
        assert {"length", "full"} <= {row.ended for row in rows}


@pytest.mark.parametrize("name", MANY)
def test_with_a_cache_or_without(name):
    model = new_model(plain(name))
    engines = [Engine(model, remember=way) for way in (True, False)]
    for number, request in enumerate(requests(1, 4)):
        cached, anew = (alone(engine, number, request) for engine in engines)
        assert cached[:2] == anew[:2]
        for one, other in zip(cached[3], anew[3], strict=True):
            assert np.abs(one - other).max() <= 1e-11


@pytest.mark.parametrize("large", [0, decode.LARGE])
@pytest.mark.parametrize("name", FAMILIES)
def test_in_single_precision_the_scores_are_nearly_those_of_a_row_alone(name, large, monkeypatch):
    """Longer blocks, over several spans; all tokens are forced, so that the rows stay the same."""
    monkeypatch.setattr(decode, "LARGE", large)
    config, rng = plain(name, block_size=40, window_tile=5), random.Random(1)
    model = new_model(config, np.float32)
    model.weights.flat *= 0.5  # the scores of a model in training, not of one gone wild
    wanted = [
        {
            "ids": [rng.randrange(11) for _ in range(rng.randint(1, 30))],
            "forced": [rng.randrange(11) for _ in range(30)],
            "max_tokens": 30,
        }
        for _ in range(10)
    ]
    scores, engine = {}, Engine(model)
    rows, _ = mixture(model, wanted, 4, 7, scores=scores)
    for number, (row, request) in enumerate(zip(rows, wanted)):
        expected = alone(engine, number, request)[3]
        found = np.array(scores.get(row, expected[:1]))
        assert np.abs(found - np.array(expected)[: len(found)]).max() <= 1e-4


@pytest.mark.parametrize("name", FAMILIES)
def test_wide_models_read_of_each_sequence_its_own_keys_alone(name, monkeypatch):
    """What lies behind them is not read: here it is no number, and nothing becomes none.

    So it is where lengths differ much; here they always do.
    """
    config, wanted = plain(name, block_size=100), requests(4, 8)
    for request in wanted:
        request |= {"max_tokens": 70, "stops": ()}  # over two spans, and all of them to the end
    model = new_model(config)
    alone_engine = Engine(model)
    expected = [alone(alone_engine, number, request)[:2] for number, request in enumerate(wanted)]
    for name, value in (("WIDE", 1), ("WASTE", 0), ("SHORT", 0)):
        monkeypatch.setattr(decode, name, value)
    engine = Engine(model, len(wanted))
    engine._decoder._cache.keys.fill(np.nan)
    engine._decoder._cache.values.fill(np.nan)
    rows = [engine.join(new_row(number, request)) for number, request in enumerate(wanted)]
    while engine.rows:
        engine.step()
    assert [(row.ids, row.ended) for row in rows] == expected
    assert not any(step.refusals for step in engine._decoder._steps.values())


def test_forced_tokens_are_not_drawn_and_may_come_at_any_time():
    """As a tool's result does: what is drawn afterwards comes from the same random numbers."""
    model = new_model(plain("nanochat", block_size=64))
    engine = Engine(model)
    row = engine.join(Row([0, 1], random.Random(5), forced=[7, 8], max_tokens=10))
    written = [engine.step()[0] for _ in range(4)]
    assert [each.id for each in written[:2]] == [7, 8]
    assert [each.probability is None for each in written] == [True, True, False, False]
    row.forced.extend([9, 9])
    written += [engine.step()[0] for _ in range(4)]
    assert [each.id for each in written[4:6]] == [9, 9] and written[6].probability > 0
    drawn = [each.id for each in written if each.probability is not None]
    assert len(row.ids) == 10 and random.Random(5).random() != row.rng.random()
    # With the tokens that were drawn forced as well, another row reads the same.
    other = engine.join(Row([0, 1], random.Random(6), forced=row.ids[2:], max_tokens=8))
    engine.leave(row)
    while engine.rows:
        engine.step()
    assert other.ids == row.ids and len(drawn) == 4


def test_a_long_prompt_does_not_hold_the_others_up():
    model = new_model(plain("llama", block_size=64))
    engine = Engine(model, 2, piece=10)
    one = engine.join(Row([1], random.Random(0)))
    engine.step()
    engine.join(Row([i % 11 for i in range(45)], random.Random(1)))
    counts = [len(engine.step()) for _ in range(6)]
    assert counts == [1, 1, 1, 1, 2, 2] and len(one.ids) == 8


def test_no_piece_of_a_few_tokens_is_read_beside_another():
    """It would cost as much as one of many."""
    engine = Engine(new_model(plain("llama", block_size=64)), 4, piece=40)
    for length in (20, 30):
        engine.join(Row([i % 11 for i in range(length)], random.Random(1)))
    assert len(engine.step()) == 1 and (engine.prompt_pieces, engine.prompt_tokens) == (1, 20)
    assert len(engine.step()) == 2 and (engine.prompt_pieces, engine.prompt_tokens) == (2, 50)


def test_who_waits_takes_the_slot_that_is_free():
    model = new_model(plain("microgpt"))
    engine = Engine(model, 2)
    rows = [engine.join(Row([1], random.Random(i), max_tokens=3)) for i in range(5)]
    gone = engine.join(Row([1], random.Random(9)))
    engine.leave(gone)
    steps = 0
    while engine.rows:
        assert len(engine.step()) <= 2
        steps += 1
    assert steps == 9 and all(row.ended == "length" and len(row.ids) == 4 for row in rows)
    assert gone.ids == [1] and gone.ended is None


def test_who_leaves_half_read_leaves_nothing_to_the_next():
    model = new_model(plain("microgpt"))
    request = {"ids": [5, 6, 7, 8], "max_tokens": 3}
    expected = alone(Engine(model), 1, request)[0]
    engine = Engine(model, piece=2)
    gone = engine.join(Row([1, 2, 3, 4, 5], random.Random(0)))
    row = engine.join(new_row(1, request))
    engine.step()
    assert gone.ids == [1, 2, 3, 4, 5]  # two of them are read
    engine.leave(gone)
    while engine.rows:
        engine.step()
    assert row.ids == expected


def test_changed_weights_are_seen():
    """A preview in the middle of training reads its prompt with the weights of the moment."""
    model = new_model(plain("classic"))
    engine = Engine(model)

    def texts():
        row = engine.join(Row([1, 2], random.Random(0), max_tokens=6))
        while engine.rows:
            engine.step()
        return row.ids

    before = texts()
    assert texts() == before
    model.weights.flat[...] = new_model(plain("classic"), seed=2).weights.flat
    assert texts() == alone(Engine(model), 0, {"ids": [1, 2], "max_tokens": 6})[0] != before


# ---- without an engine of one's own


def written(model, seed, **settings):
    letters = CharTokenizer.from_documents(["abcdefghij"])
    return write(model, letters, random.Random(seed), max_tokens=6, **settings)


def test_generate_records_once_and_keeps_no_model():
    """A notebook calls it again and again, interrupts it, and forgets the model."""
    model = new_model(plain("classic"))
    alone, first = written(model, 28, engine=Engine(model)), written(model, 28)
    assert len(alone) > 1
    engine = _idle[model]
    assert first == alone == written(model, 28) and _idle[model] is engine

    def interrupt(tokens):
        raise KeyboardInterrupt

    engine._decoder.read = interrupt
    with pytest.raises(KeyboardInterrupt):
        written(model, 28)
    assert model not in _idle and written(model, 28) == alone and _idle[model] is not engine
    forgotten = weakref.ref(model)
    del model
    assert forgotten() is None
