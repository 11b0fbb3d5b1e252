"""Traps in the generated conversations: each kind of turn can be learned from, and scored."""

import json
import re
from collections import Counter, defaultdict
from itertools import islice

import pytest
from made_chats import BY_NAME, SUMS, expression_of, numbers_in, texts, turns
from microgpt.data.chat import cast as animals
from microgpt.data.chat import conversation, turns_of
from microgpt.data.chat.dice import Dice
from microgpt.data.chat.foreign import ALONE, UNKNOWN
from microgpt.data.chat.phrasing import careless, with_typo
from microgpt.data.chat.reading import two_sentences
from microgpt.data.chat.sums import BY_ZERO, in_words, pair_is_held_out
from microgpt.data.chat.words import NAMES
from microgpt.inference.tools import run_tools
from microgpt.tokenizer.bpe import BPETokenizer
from microgpt.tokenizer.patterns import Splitter
from microgpt.tokenizer.train import count_words, learn_merges

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
    for question, answer in turns(name, 600):
        answers[question].add(json.dumps(answer))
    several = {q for q, found in answers.items() if len(found) > 1}
    if name == "fact":  # of whom "she" is was said in the turn before
        several = {q for q in several if not re.search(r"\b(s?he|her|his|him)\b", q)}
    assert several == set()


def test_no_two_kinds_share_a_question():
    asked = defaultdict(set)
    for name in BY_NAME:
        for question, _ in turns(name, 250):
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
            spoken = {in_words(number, joint) or number for joint in "- "}
            assert number in question or any(words in question.lower() for words in spoken)
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


def said_in(read, text):
    return text in read or text[0].upper() + text[1:] in read or text[0].lower() + text[1:] in read


def test_reading_is_copying_what_was_said():
    quoted = turned = followed = 0
    for held_out in (False, True):
        for number in range(200):
            talk = turns_of(two_sentences, number, held_out=held_out)
            read, asked = talk[0][0], {answer for _, answer in talk}
            assert len(asked) == len(talk)  # the second question is about another sentence
            followed += len(talk) == 2
            for question, answer in talk:
                if answer.startswith("You said that "):
                    quoted += 1
                    assert said_in(read, answer.removeprefix("You said that ").removesuffix("."))
                    continue
                turned += 1
                *sentences, found = re.findall(r"[^.]+\.", answer)
                pairs = [re.fullmatch(r" ?(.+) \((.+)\)\.", each).groups() for each in sentences]
                assert all(said_in(read, sentence) for sentence, _ in pairs)
                # What is found is one of the pairs, and the one of what was asked.
                thing, who = re.fullmatch(r" So (.+): (.+)\.", found).groups()
                assert f"{thing}: {who}" in [pair for _, pair in pairs]
                assert thing in question
    assert min(quoted, turned, followed) > 80


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


def test_small_numbers_are_said_in_words_now_and_then():
    for held_out in (False, True):
        asked = [question for question, _ in turns("asked_freely", 300, held_out)]
        said = [question for question in asked if re.search(r"\b(two|ten)\b", question)]
        assert 3 < len(said) < 60
    assert in_words("0") == "zero" and in_words("90") == "ninety" and in_words("21") == "twenty-one"
    assert in_words("100") is in_words("-3") is in_words("2.5") is None
