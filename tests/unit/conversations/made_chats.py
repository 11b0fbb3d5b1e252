"""What the chat generator makes, taken apart for its tests."""

import re

from microgpt.data.chat import KINDS, conversation, turns_of

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
