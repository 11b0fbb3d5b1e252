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
    ids, learned = [], []
    for name, text, counts in rendered_parts(messages):
        tokens = [getattr(special, name)] if name else encode(text)
        ids.extend(tokens)
        learned.extend([int(counts)] * len(tokens))
    return ids, learned


def rendered_parts(messages):
    """(name, text, learned), part after part, as a model reads them: a special token by its name,
    or a text, whose name is empty.

    >>> from .messages import read_messages
    >>> talk = read_messages([{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Yes?"}])
    >>> [name or text for name, text, learned in rendered_parts(talk) if learned]
    ['Yes?', 'assistant_end']
    """
    yield "bos", "", False
    for message in merged(messages):
        counts = message.role != "user" and message.learned
        yield f"{message.role}_start", "", False
        for kind, text in message.parts:
            if kind == TEXT:
                yield "", text, counts
                continue
            name = "python" if kind == CALL else "output"
            for part in ((f"{name}_start", ""), ("", text), (f"{name}_end", "")):
                yield *part, counts and kind == CALL
        yield f"{message.role}_end", "", counts


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
