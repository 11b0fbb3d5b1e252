"""What was read before is not read again, and nothing else changes; shifts of scores; tops."""

import random

import numpy as np
import pytest
from family import FAMILIES
from microgpt.gpt.model import GPT
from microgpt.inference.engine import Engine, Row
from microgpt.inference.prefixes import Prefixes
from microgpt.inference.sampling import Sampling, Shift, log_probabilities, probabilities
from microgpt.inference.stops import StopFinder


def model_of(name):
    model = GPT(FAMILIES[name], np.float64)
    model.init_weights(random.Random(1))
    return model


def written(engine, ids, seed, **settings):
    row = engine.join(Row(ids, random.Random(seed), max_tokens=3, slides=False, **settings))
    told = []
    while not row.ended:
        told += engine.step()
    return row, told


@pytest.mark.parametrize("name", FAMILIES)
def test_a_prompt_that_is_known_in_part_gives_the_same(name):
    model = model_of(name)
    rng, known = random.Random(0), Engine(model, 2, prefixes=Prefixes(1 << 20), piece=2)
    alone, recalled = Engine(model), 0
    for seed in range(16):
        ids = [1, 2, 3, *(rng.randrange(3) for _ in range(rng.randrange(3)))]
        ids = ids[: rng.randint(1, 5)]
        expected, tokens = written(alone, ids, seed, tops=2)
        found, again = written(known, ids, seed, tops=2)
        assert found.ids == expected.ids
        for a, b in zip(tokens, again):
            assert a.logs[0] == pytest.approx(b.logs[0], abs=1e-9)
        assert found.recalled < len(ids)
        recalled += found.recalled
    assert recalled > 20
    assert known.prompt_tokens < 32


@pytest.mark.parametrize("name", FAMILIES)
def test_prompts_that_wait_together_are_read_at_once_and_kept_each(name):
    model = model_of(name)
    prompts = [[1, 2, 3, 4], [2, 1], [3, 3, 3], [4, 1, 2, 3]]
    expected = [written(Engine(model), ids, seed)[0].ids for seed, ids in enumerate(prompts)]
    engine, reads = Engine(model, 4, prefixes=Prefixes(1 << 20)), []
    prefill = engine._decoder.prefill
    engine._decoder.prefill = lambda *given, **more: reads.append(given) or prefill(*given, **more)
    for _ in range(2):
        rows = [
            engine.join(Row(ids, random.Random(seed), max_tokens=3, slides=False))
            for seed, ids in enumerate(prompts)
        ]
        while not all(row.ended for row in rows):
            engine.step()
        assert [row.ids for row in rows] == expected
    assert [len(read[0]) for read in reads] == [4, 1, 1, 1, 1]  # the second time from what is kept
    assert [row.recalled for row in rows] == [3, 1, 2, 3]


def test_the_memory_of_prefixes_has_a_limit():
    kept = Prefixes(1000)
    array = np.zeros((1, 1, 10, 5), np.float32)  # 200 bytes, twice
    for first in range(5):
        kept.add([first, 1, 2], array, array)
        assert kept.size <= 1000
    assert kept.find([0, 1])[0] == 0 and kept.find([4, 1, 3])[0] == 2
    kept.find([3, 1])  # now the last used
    kept.add([9, 9], array, array)
    assert kept.find([3, 1])[0] == 2 and kept.find([4])[0] == 0
    big = np.zeros((1, 1, 1000, 5), np.float32)
    kept.add([7], big, big)
    assert kept.find([7])[0] == 0 and kept.find([9])[0] == 1


def test_a_longer_sequence_takes_the_place_of_its_beginning():
    kept, array = Prefixes(10_000), np.zeros((1, 1, 10, 5), np.float32)
    for ids in ([1], [1, 2], [1, 2, 3], [1, 2]):
        kept.add(ids, array, array)
    assert kept.size == 400 and kept.find([1, 2, 3, 4])[0] == 3


def test_tops_are_the_likeliest_and_come_with_the_last_token_too():
    model = model_of("llama")
    row, told = written(Engine(model), [1, 2], 0, tops=3, sampling=Sampling(temperature=2.0))
    assert row.ended == "length" and len(told) == 3
    for each in told:
        own, tops = each.logs
        values = [value for _, value in tops]
        assert values == sorted(values, reverse=True) and len(tops) == 3 and own <= values[0]
    scores = np.array([0.5, 2.0, -1.0])
    own, tops = log_probabilities(scores, 2, 5)
    expected = np.log(probabilities(scores, Sampling(temperature=1.0)))
    assert own == pytest.approx(expected[2]) and [id for id, _ in tops] == [1, 0, 2]
    assert log_probabilities(scores, 0, 0)[1] == []


def test_shifts_are_added_and_penalties_grow():
    shift, scores = Shift(4, {0: 5, 3: -float("inf")}, presence=1.0, frequency=0.5), np.zeros(4)
    for _ in range(2):
        shift.count(1)
    shift.change(scores)
    assert scores.tolist() == [5, -2, 0, -float("inf")]


def test_a_shifted_row_leaves_its_neighbours_alone():
    model = model_of("classic")
    engine = Engine(model, 3)
    greedy = Sampling(greedy=True)
    rows = [Row([1], random.Random(i), greedy, max_tokens=4) for i in range(2)]
    rows.append(Row([1], random.Random(2), greedy, max_tokens=4, shift=Shift(11, {7: 1000})))
    for row in rows:
        engine.join(row)
    while engine.rows:
        engine.step()
    alone = written(Engine(model), [1], 0, sampling=greedy)[0].ids
    assert rows[2].ids == [1, 7, 7, 7, 7] and rows[0].ids == rows[1].ids
    assert rows[0].ids[:4] == alone


@pytest.mark.parametrize("seed", range(20))
def test_stops_are_found_however_a_text_is_cut(seed):
    rng = random.Random(seed)
    text = "".join(rng.choice("ab") for _ in range(30))
    stops = ["".join(rng.choice("ab") for _ in range(rng.randint(1, 6))) for _ in range(2)]
    finder, said, at, found = StopFinder(stops), "", 0, False
    while at < len(text) and not found:
        size = rng.randint(1, 4)
        free, found = finder.push(text[at : at + size])
        said, at = said + free, at + size
    said += "" if found else finder.finish()
    places = [text.find(stop) for stop in stops if stop in text]
    assert said == (text[: min(places)] if places else text)
    assert found == bool(places)
