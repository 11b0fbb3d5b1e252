"""A conversation as token ids, and which of them a model learns to say, as nanochat has it.

    <|bos|> <|user_start|> text <|user_end|> <|assistant_start|> text <|assistant_end|> ...

The assistant's text may hold <|python_start|> expression <|python_end|> and, from the tool, not
learned, <|output_start|> result <|output_end|>. A system message is put before the first user's.
"""

from itertools import islice

from ...errors import UserError
from ...tokenizer.special import CALL, TEXT, chat_tokens
from .messages import AFTER_SYSTEM


def render(messages, tokenizer):
    """(ids, learned): a conversation's ids, and for each 1 where a model shall learn to say it."""
    special = chat_tokens(tokenizer)
    encode = tokenizer.encode_ordinary  # what is typed is text, whatever it looks like
    ids, learned = [special.bos], [0]

    def add(tokens, counts):
        ids.extend(tokens)
        learned.extend([int(counts)] * len(tokens))

    for message in merged(messages):
        if message.role == "user":
            add([special.user_start, *encode(message.text), special.user_end], 0)
            continue
        add([special.assistant_start], 0)
        for kind, text in message.parts:
            if kind == TEXT:
                add(encode(text), message.learned)
            elif kind == CALL:
                add([special.python_start, *encode(text), special.python_end], message.learned)
            else:
                add([special.output_start, *encode(text), special.output_end], 0)
        add([special.assistant_end], message.learned)
    return ids, learned


def render_prompt(messages, tokenizer):
    """The ids up to where the assistant is to speak: after the user's message, or, where its own
    comes last, which ends with a tool's result, within that."""
    ids, _ = render(messages, tokenizer)
    if messages[-1].role == "assistant":
        return ids[:-1]
    return [*ids, chat_tokens(tokenizer).assistant_start]


def fit_prompt(messages, tokenizer, room):
    """(the prompt's ids, how many turns were left out): the oldest, until the rest fits into room.

    A turn is what the user said and its answer; the system's message and the last turn stay.
    """
    first = int(messages[0].role == "system")
    for left_out in range(len(messages)):
        kept = [*messages[:first], *messages[first + 2 * left_out :]]
        if len(kept) == first:
            break
        ids = render_prompt(kept, tokenizer)
        if len(ids) <= room:
            return ids, left_out
    raise UserError(
        f"This message is too long: with what belongs to it, it is {len(ids):,} tokens, and the"
        f" model reads {room:,} before it answers; make it shorter."
    )


def merged(messages):
    """The messages without a system message: its text stands before the first user's."""
    if messages and messages[0].role == "system":
        system, user = islice(messages, 2)
        text = system.text + AFTER_SYSTEM + user.text
        return [type(user)("user", ((TEXT, text),)), *messages[2:]]
    return messages
