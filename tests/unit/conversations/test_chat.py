"""The made-up conversations: what is held out never occurs, and the known traps are shut."""

import json
import re
import sys
from collections import Counter, defaultdict
from itertools import islice, pairwise
from pathlib import Path

import pytest
from microgpt.data.chat import KINDS, conversation, json_lines, turns_of
from microgpt.data.chat import cast as animals
from microgpt.data.chat.about import WAYS
from microgpt.data.chat.dice import Dice, Pool, is_held_out
from microgpt.data.chat.foreign import ALONE, UNKNOWN
from microgpt.data.chat.people import WAYS as PEOPLE
from microgpt.data.chat.phrasing import careless, with_typo
from microgpt.data.chat.sums import BY_ZERO, numbers, pair_is_held_out
from microgpt.data.chat.words import COLOURS, FOODS, NAMES, PLACES, THINGS, WORDS
from microgpt.inference.tools import run_tools
from microgpt.tokenizer.bpe import BPETokenizer
from microgpt.tokenizer.patterns import Splitter
from microgpt.tokenizer.train import count_words, learn_merges

ROOT = Path(__file__).resolve().parents[3]
SUMS = ("one_step", "two_steps", "word_problem", "asked_freely", "with_one_number", "percent")
SUMS += ("by_zero",)
BY_NAME = {kind.__name__: kind for kind in KINDS}


def turns(name, count, held_out=False):
    return [turn for n in range(count) for turn in turns_of(BY_NAME[name], n, held_out=held_out)]


def texts(count, held_out=False):
    """Every text in some conversations, and who says it."""
    for number in range(count):
        for message in conversation(number, held_out=held_out)["messages"]:
            content = message["content"]
            parts = [content] if isinstance(content, str) else [p["text"] for p in content]
            yield from ((message["role"], part) for part in parts)


def expression_of(answer):
    return answer[0]["text"]


def numbers_in(text):
    return re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", text)


# ---- made from a seed


def test_a_conversation_depends_on_its_seed_number_and_side_alone():
    late = conversation(7, seed=3)
    for _ in range(3):
        conversation(1)
    assert conversation(7, seed=3) == late
    assert conversation(7, seed=4) != late != conversation(8, seed=3)
    assert conversation(7, seed=3, held_out=True) != late


def test_the_sample_that_is_shipped():
    file = (ROOT / "fallback_data" / "chat.jsonl").read_bytes()
    assert file == "".join(json_lines()).encode("ascii")
    assert len(file) <= 300_000


def test_the_file_is_written_by_a_command(capsys):
    from microgpt.data.chat.__main__ import main

    main(["--count", "3", "--seed", "5", "--held-out"])
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line) for line in lines] == [
        conversation(n, seed=5, held_out=True) for n in range(3)
    ]


def test_every_kind_and_one_to_three_turns_occur():
    counts, systems = Counter(), 0
    for number in range(2000):
        messages = conversation(number)["messages"]
        if messages[0]["role"] == "system":
            systems += 1
            messages = messages[1:]
        assert [m["role"] for m in messages] == ["user", "assistant"] * (len(messages) // 2)
        counts[len(messages) // 2] += 1
    assert set(counts) == {1, 2, 3} and min(counts.values()) > 200
    assert 40 < systems < 200
    # To be exact in them takes more practice than anything else.
    share = sum(KINDS[BY_NAME[name]] for name in SUMS) / sum(KINDS.values())
    assert 0.45 < share < 0.6


# ---- held out by content


def test_pairs_of_numbers_are_on_one_side():
    for held_out in (False, True):
        for name in ("one_step", "two_steps", "word_problem", "percent", "asked_freely"):
            for _, answer in turns(name, 150, held_out):
                expression = expression_of(answer).replace("/100*", "*")
                if re.fullmatch(r"(\d+)\*\1|\d+[-+*/](1|2|3|7|12|60)", expression):
                    continue  # "a dozen", "squared": of one number
                for pair in pairwise(numbers_in(expression)):
                    assert pair_is_held_out(*pair) == held_out, expression


def test_pairs_are_the_same_however_they_are_written():
    assert all(
        pair_is_held_out(a, b) == pair_is_held_out(b, a) == pair_is_held_out(f"-{a}", f"{int(b):,}")
        for a, b in (("5", "12345"), ("90", "1000"), ("17", "3"))
    )
    dice = Dice("seed", held_out=True)
    a, b = numbers(dice, lambda: (str(dice.below(10)), str(dice.below(10))))
    assert pair_is_held_out(a, b)


def test_names_and_words_of_the_test_occur_nowhere_in_training():
    seen = Counter()
    for _, text in texts(4000):
        seen.update(word.lower() for word in re.findall(r"[A-Za-z]+", text))
    sentences = [*(part for row in animals.CAST for part in row), *(way for _, way in PEOPLE)]
    fixed = {word for text in sentences for word in re.findall("[a-z]+", text.lower())}
    for pool in (NAMES, WORDS, THINGS, FOODS, PLACES, COLOURS):
        trained, held_out = pool.sides
        assert len(held_out) >= 2 and len(trained) > len(held_out)
        assert [word for word in held_out if word in seen and word not in fixed] == []


def test_words_that_are_asked_for_are_on_one_side():
    for held_out in (False, True):
        for name in ("echo", "spelling", "letter_count"):
            for question, answer in turns(name, 400, held_out):
                quoted = expression_of(answer) if name == "letter_count" else question
                for word in re.search(r'"([^"]+)"', quoted)[1].split():
                    kind = "number" if word.isdigit() else "word"
                    assert is_held_out(kind, word) == held_out, question


def plain(question):
    """A question without its carelessness: letters only, no case, numbers as #."""
    return re.sub(r"[^a-z#+*/x:%=()-]+", " ", re.sub(r"[\d.,]*\d", "#", question.lower())).strip()


def test_ways_to_ask_are_on_one_side(monkeypatch):
    # Without what is added on purpose: "Hi, " before a question does not make it another one.
    for name, module in list(sys.modules.items()):
        if name.startswith("microgpt.data.chat.") and hasattr(module, "careless"):
            monkeypatch.setattr(module, "careless", lambda dice, text, **settings: text)
    for name in ("one_step", "two_steps", "with_one_number", "percent", "by_zero"):
        # Patterns are compared where the operation is one: "{}" around "a - b" and "-a" differ.
        trained = {plain(q) for q, _ in turns(name, 1500) if "-" not in q}
        held_out = {plain(q) for q, _ in turns(name, 150, held_out=True) if "-" not in q}
        assert len(held_out) > 20 or name == "percent"
        assert trained & held_out == set(), name
    for name in ("about", "fact", "unknown", "echo", "two_sentences", "letter_count"):
        trained = {question for question, _ in turns(name, 1500)}
        held_out = {question for question, _ in turns(name, 150, held_out=True)}
        # "Where does she live?" is asked of several animals.
        shared = {q for q in trained & held_out if not re.search(r"\b(s?he|her|his|him)\b", q)}
        assert shared == set() and len(held_out) > 20, name


def test_pools_have_both_sides():
    with pytest.raises(ValueError, match="two sides"):
        Pool("apple")
    assert Pool("a|b c|d e f g|h|i|j|k|l|m|n|o|p|q|r|s|t|u")
    for ways in WAYS.values():
        assert len(ways) == len(set(ways)) >= 7


def test_a_draw_that_cannot_succeed_says_so():
    with pytest.raises(ValueError, match="other side"):
        Dice("seed").draw(lambda: 2, lambda n: ("number", n))


# ---- the traps


@pytest.mark.parametrize("held_out", [False, True])
@pytest.mark.parametrize("name", SUMS)
def test_sums_have_one_form_of_answer(name, held_out):
    for _, answer in turns(name, 150, held_out):
        kinds = [part["type"] for part in answer]
        result = run_tools(expression_of(answer))
        if result is None:
            assert kinds == ["python", "text"] and answer[1]["text"] == BY_ZERO
            assert expression_of(answer).endswith("/0")
        else:
            assert kinds == ["python", "python_output", "text"]
            assert answer[1]["text"] == result and answer[2]["text"] == f"That makes {result}."


@pytest.mark.parametrize("name", BY_NAME)
def test_an_answer_is_a_function_of_the_question(name):
    answers = defaultdict(set)
    for question, answer in turns(name, 1500):
        answers[question].add(json.dumps(answer))
    several = {q for q, found in answers.items() if len(found) > 1}
    if name == "fact":  # of whom "she" is was said in the turn before
        several = {q for q in several if not re.search(r"\b(s?he|her|his|him)\b", q)}
    assert several == set()


def test_no_two_kinds_share_a_question():
    asked = defaultdict(set)
    for name in BY_NAME:
        for question, _ in turns(name, 500):
            asked[question.lower().strip(" ?.!")].add(name)
    together = {q: kinds for q, kinds in asked.items() if len(kinds) > 1}
    assert {q for q, kinds in together.items() if not kinds <= set(SUMS)} == set()


def test_facts_are_those_of_a_fixed_cast():
    said = defaultdict(set)
    for _, answer in turns("fact", 3000) + turns("fact", 300, held_out=True):
        said[answer.split()[0].removesuffix("'s")].add(answer)
    assert set(said) == set(animals.NAMES)
    assert {len(facts) for facts in said.values()} == {6}  # one each of a kind
    for row in animals.CAST:
        assert row[5] in animals.NAMES and row[0] not in NAMES.sides[0] + NAMES.sides[1]


def test_facts_are_asked_over_several_turns():
    lengths = Counter(len(turns_of(BY_NAME["fact"], n)) for n in range(300))
    assert set(lengths) == {1, 2, 3}
    for n in range(300):
        made = turns_of(BY_NAME["fact"], n)
        who = {answer.split()[0].removesuffix("'s") for _, answer in made}
        assert len(who) == 1
        for question, _ in made[1:]:
            assert re.search(r"\b(s?he|her|his|him)\b", question)


def test_results_are_short_and_of_all_kinds():
    found = []
    for name in SUMS:
        found += [(expression_of(a), a) for _, a in turns(name, 600) if len(a) == 3]
    results = [answer[1]["text"] for _, answer in found]
    assert all(re.fullmatch(r"-?\d+(\.\d{1,10})?", result) for result in results)
    exact = [r for (e, _), r in zip(found, results) if re.fullmatch(r"\d+/\d+", e) and "." not in r]
    assert len(exact) > 100
    assert sum(result.startswith("-") for result in results) > 100  # negative
    assert sum("." in result for result in results) > 100  # with decimals
    assert sum("," in e for e, _ in found) > 20 and not any("," in r for r in results)
    assert sum(bool(re.search(r"\d\.\d", e)) for e, _ in found) > 20
    assert sum(bool(re.search(r"(^|[+*/(-])-\d", e)) for e, _ in found) > 20


def test_all_lengths_of_numbers_and_repeated_digits_are_trained():
    lengths, repeated = Counter(), 0
    for _, answer in turns("one_step", 2000):
        for number in numbers_in(expression_of(answer)):
            digits = re.sub(r"\D", "", number)
            lengths[len(digits)] += 1
            repeated += len(digits) > 2 and len(set(digits)) <= 2
    assert all(lengths[count] > 100 for count in range(1, 7))
    assert repeated > 100
    longest = max(len(answer) for _, answer in turns("echo", 500) if answer.isdigit())
    assert longest >= 9  # copying of longer numbers than are calculated with


@pytest.fixture(scope="module")
def tokenizer():
    """512 tokens learned on conversations, with the pattern of the recipe."""
    pattern = r" ?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
    words = count_words([text for _, text in texts(1500)], Splitter(pattern))
    merges = [(merge.left, merge.right) for merge in islice(learn_merges(words), 247)]
    return BPETokenizer.from_merges(merges, pattern)


@pytest.mark.parametrize("name", ["letter_count", "echo"])
@pytest.mark.parametrize("held_out", [False, True])
def test_words_are_copied_as_the_tokens_in_which_they_were_asked(tokenizer, name, held_out):
    for question, answer in turns(name, 400, held_out):
        copied = answer
        if name == "letter_count":
            copied = re.match(r'"([^"]+)"', expression_of(answer))[1]
        asked, ids = tokenizer.encode(question), tokenizer.encode(copied)
        places = range(len(asked) - len(ids) + 1)
        assert any(asked[i : i + len(ids)] == ids for i in places), question


def test_digits_are_copied_one_by_one(tokenizer):
    for question, answer in turns("one_step", 200):
        for number in numbers_in(expression_of(answer)):
            assert number in question
        for text in (question, expression_of(answer)):
            for id in tokenizer.encode(text):
                piece = tokenizer.decode([id])
                assert not re.search(r"\d", piece) or re.fullmatch(r"\d", piece)


def test_counts_can_be_scored_by_their_expression():
    # A result between 0 and 3 is easily guessed; the expression names letter and word.
    for question, answer in turns("letter_count", 300):
        word, letter = re.fullmatch(r'" ?(\w+)"\.count\("(\w)"\)', expression_of(answer)).groups()
        assert word in question and answer[1]["text"] == str(word.count(letter))
        assert answer[2]["text"] == f"I count {word.count(letter)}."
    assert {a[1]["text"] for _, a in turns("letter_count", 300)} >= {"0", "1", "2"}


def test_single_digit_pairs_are_few_and_known_by_their_digits():
    pairs = {(a, b) for a in range(10) for b in range(a, 10) if pair_is_held_out(str(a), str(b))}
    assert 3 <= len(pairs) <= 12  # so few that they must be reported by themselves


def test_foreign_questions_are_answered_by_not_knowing():
    asked = turns("unknown", 500)
    assert {answer for _, answer in asked} == {UNKNOWN}
    strangers = [q for q, _ in asked if re.search(r"What does \w+ (eat|like|play)|'s \w+\b", q)]
    assert len(strangers) > 10
    assert not any(
        re.search(rf"\b({'|'.join(animals.NAMES)})\b", question) for question, _ in asked
    )
    alone = ALONE.sides[0] + ALONE.sides[1]
    assert "What is the square root of 49?" in alone  # a sum, but none the tool could do


def test_reading_is_copying_one_of_two_sentences():
    for held_out in (False, True):
        for question, answer in turns("two_sentences", 300, held_out):
            sentence = answer.removeprefix("You said that ").removesuffix(".")
            assert sentence in question or sentence[0].upper() + sentence[1:] in question


def test_a_name_that_is_given_is_known():
    found = [c["messages"] for c in map(conversation, range(3000))]
    named = [m for m in found if m[0]["content"].startswith("Your name is ")]
    assert len(named) > 20
    for messages in named:
        name = messages[0]["content"].removeprefix("Your name is ").removesuffix(".")
        assert messages[2]["content"] == f"My name is {name}."


# ---- carelessness


def test_carelessness_leaves_numbers_and_quotes_alone():
    text = 'Please tell me whether "Strawberry jam" is 12,345.5 or 3.'
    seen = set()
    for n in range(500):
        typed = careless(Dice(n), text)
        assert '"Strawberry jam"' in typed and "12,345.5" in typed
        seen.add(typed)
    assert len(seen) > 30 and text in seen


def test_typos_are_in_one_word_and_keep_names():
    for n in range(200):
        typed = with_typo(Dice(n), 'Where does Luna play with "boats"?', keep_case=True)
        assert '"boats"' in typed and "Luna" in typed
        assert typed != 'Where does Luna play with "boats"?'
    assert with_typo(Dice(1), "1 + 2") == "1 + 2"


def test_turns_look_natural():
    for _, text in texts(1500):
        assert text.isascii() and text.strip() == text, text
        assert "{" not in text and "}" not in text, text
        assert not re.search(r"\b(has|is|with) a (?!in )[aeiou]", text), text
