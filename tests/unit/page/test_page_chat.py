"""Talking in the page: what it answers is what the terminal's chat answers."""

from pathlib import Path

import pytest
from microgpt import checkpoint
from microgpt.dialogue import Dialogue
from page_caller import Caller

SHIPPED = Path(__file__).resolve().parents[3] / "fallback_data" / "story-chat.safetensors"
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
