"""Talking in the page: what it answers is what the terminal's chat answers."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from microgpt import checkpoint
from microgpt.data.copied import CopyIndex
from microgpt.dialogue import Dialogue
from microgpt.evaluation import card, talk
from microgpt.page.stages import judge
from microgpt.page.stages.talk import copied_in
from page_caller import Caller

SHIPPED = Path(__file__).resolve().parents[4] / "fallback_data" / "story-chat.safetensors"
STORIES = SHIPPED.parent / "stories.txt"
QUESTIONS = ["Who are you?", "What is 12 times 7?", "And a story?"]


@pytest.fixture(scope="module")
def chat():
    caller = Caller(None)
    caller.about = caller("chat_open", SHIPPED.read_bytes(), name="story-chat")
    return caller


def answer(chat, messages, **more):
    """(the answer as a message, the tokens, how it ended)."""
    found, tokens, parts = chat("chat_ask", messages=messages, **more), [], []
    while said := found.get("said"):
        tokens.append(said)
        found = chat("chat_token")
        if not said["text"]:
            continue
        if not parts or parts[-1]["type"] != said["kind"]:
            parts.append({"type": said["kind"], "text": ""})
        parts[-1]["text"] += said["text"]
    return {"role": "assistant", "parts": parts}, tokens, found["answered"]


def user(text):
    return {"role": "user", "parts": [{"type": "text", "text": text}]}


def test_the_same_questions_and_seed_give_the_answers_of_the_terminal(chat):
    found = checkpoint.load(SHIPPED)
    dialogue, messages = Dialogue(found.model(), found.tokenizer(), seed=7), []
    for number, question in enumerate(QUESTIONS):
        expected = [said.id for said in dialogue.ask(question)]
        messages.append(user(question))
        said, tokens, _ = answer(chat, messages, **({} if number else {"seed": 7}))
        assert [token["id"] for token in tokens] == expected
        assert tuple((p["type"], p["text"]) for p in said["parts"]) == dialogue.messages[-1].parts
        messages.append(said)


def ids_of(tokens):
    return [token["id"] for token in tokens]


def test_an_answer_goes_on_from_another_token_and_tools_give_their_results_again(chat):
    question = [user("What is 12 times 7?")]
    _, tokens, _ = answer(chat, question, sampling={"greedy": True})
    own = [token["id"] for token in tokens if token["probability"] is not None]
    call = next(i for i, token in enumerate(tokens) if token["text"] == "7")
    found = chat("chat_likeliest", messages=question, written=ids_of(tokens[:call]))["tokens"]
    assert found[0]["id"] == tokens[call]["id"] and found[0]["p"] > found[1]["p"] > 0
    other = next(token for token in found[1:] if token["text"].isdigit())
    opening = [*ids_of(tokens[:call]), other["id"]]
    said, again, _ = answer(chat, question, opening=opening, sampling={"greedy": True})
    assert ids_of(again)[: call + 1] == opening
    sum, result = (part["text"] for part in said["parts"][:2])
    assert sum.startswith("12*" + other["text"]) and int(result) == 12 * int(sum[3:])
    # All of an answer as its opening: the same comes of it.
    said, again, _ = answer(chat, question, opening=own, sampling={"greedy": True})
    assert ids_of(again) == ids_of(tokens)
    for one, other in zip(again, tokens):
        assert one["probability"] == pytest.approx(other["probability"], abs=1e-6)


def test_commands_change_how_it_answers_and_wrong_ones_are_sentences(chat):
    found = chat("chat_command", line="/temperature 0.7")
    assert (found["said"], found["sampling"]["temperature"]) == ("temperature is 0.7", 0.7)
    found = chat("chat_command", line="/system You are a fox.", sampling=found["sampling"])
    assert (found["system"], found["sampling"]["temperature"]) == ("You are a fox.", 0.7)
    assert chat("chat_command", line="/save")["said"] is None  # the page's to do
    wrong = [chat("chat_command", line=line)["refused"] for line in ("/temprature", "/topk x")]
    assert "did you mean temperature" in wrong[0] and "/topk" in wrong[1]


def test_a_saved_conversation_comes_back_and_a_wrong_one_is_named(chat):
    said = {"system": "Be kind.", "user": "Hi", "assistant": "Hello."}
    messages = [{"role": role, "content": text} for role, text in said.items()]
    line = json.dumps({"messages": messages}).encode() + b"\n"
    found = chat("chat_read", b"\n" + line, name="talk.jsonl")
    assert found["system"] == "Be kind."
    assert [m["parts"][0]["text"] for m in found["messages"]] == ["Hi", "Hello."]
    assert "is not JSON" in chat("chat_read", b"hello", name="talk.jsonl")["refused"]
    assert "no conversation" in chat("chat_read", b" \n", name="talk.jsonl")["refused"]


def test_stretches_of_its_data_are_marked_as_javascript_counts():
    text = "🦊🦊 I know: the little fox went to the green river, and more."
    index = CopyIndex.of(["One day the little fox went to the green river to play."])
    ((start, end),) = copied_in(index, text)
    found = text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")
    assert found == "the little fox went to the green river"


def test_an_answer_is_the_same_whether_the_model_is_warm_or_not(chat):
    """What makes it warm says nothing, ends by itself, and is broken off by a question."""
    messages = [user(QUESTIONS[0])]
    before = ids_of(answer(chat, messages, seed=3)[1])
    for tokens in (2, 9):
        made = [chat("chat_warm")["done"] for _ in range(tokens)]
        assert made[:2] == [False, False] and (tokens == 2 or any(made))
        assert ids_of(answer(chat, messages, seed=3)[1]) == before
    assert len(chat.session.chat.needed().messages) == 2


def test_a_model_that_was_not_taught_to_talk_is_refused(chat):
    run = Caller()
    run.new()
    refused = chat("chat_open", run("save")["bytes"], name="names.safetensors")["refused"]
    assert "only goes on with a text" in refused


def test_the_table_fills_row_by_row_and_is_that_of_the_terminal(chat, monkeypatch):
    monkeypatch.setattr("microgpt.page.stages.judge.ROWS", judge.ROWS[:2])
    chat("judge_begin", STORIES.read_bytes())
    rows, done = {}, False
    while not done:
        found = chat("judge_go_on", milliseconds=5)
        done = found["done"]
        if row := found["row"]:
            rows[row["name"], row["tools"]] = row
    dialogue = chat.session.chat.needed()
    asked = list(talk.questions(judge.TRIES, judge.SEED, ("sums",)))
    for tools in (True, False):
        given = None if tools else {}
        answered = talk.answer_all(dialogue.model, dialogue.tokenizer, asked, tools=given)
        right = sum(each.result for each in answered)
        assert rows["Sums", tools] == {
            **{"name": "Sums", "tools": tools, "right": right},
            **{"tries": judge.TRIES, "of": judge.TRIES, "bits": None},
        }
    assert rows["Sums", True]["right"] > rows["Sums", False]["right"] + 5
    stories = card._stories(dialogue.model, dialogue.tokenizer, judge.TRIES, None)
    (terminal,) = [row for row in stories if isinstance(row, card.Row)]
    told = rows[judge.STORIES, True]
    assert told["bits"] == terminal.value and told["tries"] == told["of"] == judge.TRIES


ALONE = """
import json, sys
from pathlib import Path
from microgpt.page import Session
session = Session()
sys.modules["regex"] = None  # as in the page, where it comes later
before = set(sys.modules)
session.call("chat_open", json.dumps({"name": "x"}), Path(sys.argv[1]).read_bytes())
messages = [{"role": "user", "parts": [{"type": "text", "text": "Who are you?"}]}]
session.call("chat_ask", json.dumps({"messages": messages}))
print(json.dumps(sorted(set(sys.modules) - before)))
"""


NEEDED = {
    *("microgpt.chat_commands", "microgpt.dialogue", "microgpt.page.stages.talk"),
    *("microgpt.data.conversations", "microgpt.data.conversations.messages"),
    *("microgpt.data.conversations.rendering", "microgpt.page.stages"),
    *("microgpt.inference.chat", "microgpt.inference.tools"),
}


def test_a_first_answer_needs_little_of_the_package():
    """Nor any module of Python's library besides: the page would fetch all of those at once."""
    command = [sys.executable, "-c", ALONE, SHIPPED]
    environment = {**os.environ, "PYTHONPATH": str(SHIPPED.parents[1] / "py")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)) <= NEEDED
