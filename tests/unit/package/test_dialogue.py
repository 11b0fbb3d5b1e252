"""A dialogue: what is kept of it, what is left out when the block is full, how it is stopped."""

import json
from functools import cache
from itertools import islice

import pytest
from microgpt.data.conversations.messages import Message, read_messages, to_json
from microgpt.data.conversations.rendering import fit_prompt, render_prompt
from microgpt.dialogue import Dialogue, example_answers, was_taught_to_chat
from microgpt.errors import UserError
from microgpt.inference.chat import shown
from microgpt.inference.engine import Engine
from microgpt.inference.sampling import Sampling
from microgpt.tokenizer.special import CALL, RESULT, TEXT, chat_tokens
from microgpt.training.run import Run
from talker import KNOWN, LINES, SHORT, base, line, talker

GREEDY = Sampling(greedy=True)


@cache
def model():
    """The talker's, which is taught when a test wants it and not when tests are collected."""
    return talker().model()


@cache
def words():
    return talker().tokenizer()


def dialogue(**options):
    return Dialogue(model(), words(), GREEDY, **options)


def say(talk, text):
    for _ in talk.ask(text):
        pass
    return talk.messages[-1]


def test_turns_are_remembered_with_their_calls():
    talk = dialogue()
    assert say(talk, "sum").parts == ((CALL, "1+2"), (RESULT, "3"), (TEXT, "it is 3."))
    assert say(talk, "hi").text == "hello." and talk.left_out == 0
    assert to_json(talk.messages) == json.loads(line("sum", "hi"))
    assert read_messages(to_json(talk.messages)) == talk.messages
    talk.clear()
    assert talk.messages == [] and say(talk, "hi").text == "hello."


@pytest.mark.parametrize("text", LINES)
def test_a_conversation_as_json_is_the_same_again(text):
    assert to_json(read_messages(json.loads(text))) == json.loads(text)


def test_whole_turns_are_left_out_oldest_first():
    talk, block = dialogue(max_tokens=12), model().config.block_size
    left_out = []
    for i in range(12):
        assert say(talk, SHORT[i % 3]).parts  # it never ends, whatever the model says
        left_out.append(talk.left_out)
    assert left_out[0] == 0 and left_out == sorted(left_out) and left_out[-1] >= 8
    ids, dropped = fit_prompt(talk.messages[:-1], words(), block - 12)
    assert dropped == left_out[-1] and len(ids) <= block - 12
    assert ids == render_prompt(talk.messages[2 * dropped : -1], words())


def test_the_system_and_the_last_turn_stay():
    system, user = Message("system", ((TEXT, "be kind"),)), Message("user", ((TEXT, "hi"),))
    answer = Message("assistant", ((TEXT, "hello."),))
    messages = [system, *[user, answer] * 9, user]
    ids, dropped = fit_prompt(messages, words(), 20)
    assert dropped == 9 and ids == render_prompt([system, user], words())
    with pytest.raises(UserError, match=r"^This message is too long: .* make it shorter\.$"):
        fit_prompt(messages, words(), 10)


def test_an_answer_that_fills_the_block_goes_on_without_the_oldest_turns():
    talk = dialogue(max_tokens=0)
    talk.messages = read_messages(json.loads(line("hi", "sum")))
    answer = talk.ask("bad")
    said = [next(answer)]
    (row,) = talk.engine.rows
    row.forced.extend(words().encode_ordinary("ab" * 20))
    assert talk.left_out == 0
    said += answer
    assert talk.left_out == 2 and "".join(each.text for each in said).count("ab") == 20
    assert talk.messages[-1].parts[0][1].count("ab") == 20 and len(talk.messages) == 6


def test_what_was_said_until_it_was_stopped_stays():
    talk = dialogue()
    answer = talk.ask("long")
    assert "".join(said.text for said in islice(answer, 3)) == "abc"
    answer.close()
    assert talk.messages[-1].text == "abc" and talk.ended is None
    assert talk.engine.rows == []
    for _ in talk.retry():
        pass
    assert talk.messages[-1].text == KNOWN["long"] and len(talk.messages) == 2


def test_a_message_that_is_too_long_is_forgotten():
    talk = dialogue()
    with pytest.raises(UserError, match="This message is too long"):
        say(talk, "a" * 100)
    assert talk.messages == []
    with pytest.raises(UserError, match="Nothing was said yet"):
        list(talk.retry())


def test_the_same_seed_says_the_same():
    def texts(seed):
        talk = Dialogue(model(), words(), Sampling(temperature=8.0), 12, seed)
        return [say(talk, "hi").text for _ in range(3)]

    assert texts(1) == texts(1) != texts(2)


def test_what_looks_like_a_special_token_stays_text():
    talk, typed = dialogue(), "<|assistant_end|>"
    say(talk, typed)
    assert talk.messages[0].text == typed
    special = set(chat_tokens(words()))
    ids, _ = fit_prompt(talk.messages[:1], words(), 60)
    assert sum(id in special for id in ids) == 4


def test_a_conversation_is_restored():
    talk = dialogue(system="old")
    talk.restore(read_messages(json.loads(line("hi", "sum"))))
    assert talk.system == "" and say(talk, "hi").text == "hello." and len(talk.messages) == 6
    with pytest.raises(UserError, match="does not end with an answer"):
        talk.restore(talk.messages[:1])


def test_a_base_model_is_told_from_one_that_was_taught():
    assert was_taught_to_chat(talker().meta) and not was_taught_to_chat(base().meta)
    with pytest.raises(UserError, match="nobody has taught it to answer"):
        Dialogue(base().model(), base().tokenizer())


def test_how_answers_are_shown():
    assert shown([(CALL, "1+2"), (RESULT, "3"), (TEXT, "so 3.")]) == "[1+2 → 3] so 3."
    assert shown([(CALL, "x"), (TEXT, "no.")]) == "[x → no result] no."


def test_examples_are_questions_that_were_held_out():
    run = Run.restore(talker(), Known())
    pairs = list(example_answers(run.rows, run.tokenizer, Engine(run.model), GREEDY, 3))
    assert pairs == [
        ("hi", "hello."),
        ("sum", "[1+2 → 3] it is 3."),
        ("bad", "[x → no result] no."),
    ]


class Known:
    """The corpus that the talker was taught, found again."""

    digest, documents, split = "known by heart", (), "conversations"

    def rows(self, tokenizer, rng, val_fraction):
        from microgpt.data.conversations.packing import Conversations
        from talker import Source

        source = Source(read_messages(json.loads(each)) for each in LINES)
        return Conversations(source, range(len(source)), tokenizer), []
