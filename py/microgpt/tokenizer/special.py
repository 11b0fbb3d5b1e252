"""Special tokens: ids that stand for no text but for what happens in it.

A document ends, somebody begins to speak, a tool is called. They are never found in what a user
types: a text that looks like one is encoded as the characters it is made of.
"""

import re
from typing import NamedTuple

from ..errors import UserError

BOS = "<|bos|>"
CHAT_SPECIALS = (  # of nanochat: who speaks, and where a tool is used
    BOS,
    *("<|user_start|>", "<|user_end|>", "<|assistant_start|>", "<|assistant_end|>"),
    *("<|python_start|>", "<|python_end|>", "<|output_start|>", "<|output_end|>"),
)
TEXT, CALL, RESULT = (
    "text",
    "python",
    "python_output",
)  # the parts of an answer, by nanochat's words
# What published tokenizers call the token between two documents; the first that is there is it.
BOS_NAMES = (BOS, "<|begin_of_text|>", "<|endoftext|>", "<s>", "<bos>", "[BOS]", "</s>")

# And the one after the last, where that is another.
END_NAMES = ("<|end_of_text|>", "<|eot_id|>", "<|endoftext|>", "</s>", "<eos>")


class ChatTokens(NamedTuple):
    """The ids that make a conversation of texts."""

    bos: int
    user_start: int
    user_end: int
    assistant_start: int
    assistant_end: int
    python_start: int
    python_end: int
    output_start: int
    output_end: int


def ends_of(tokenizer):
    """The ids that say that a text is over: `bos`, with which the next would begin, first.

    >>> from .bpe import BPETokenizer
    >>> ends_of(BPETokenizer.from_merges([], specials=["<s>", "</s>"]))
    (256, 257)
    """
    found = (tokenizer.specials.get(name, tokenizer.bos) for name in END_NAMES)
    return tuple(dict.fromkeys((tokenizer.bos, *found)))


def has_chat_tokens(tokenizer):
    return all(text in tokenizer.specials for text in CHAT_SPECIALS[1:])


def chat_tokens(tokenizer):
    """The ids of a tokenizer's tokens for conversations; `bos` may go by another name."""
    if not has_chat_tokens(tokenizer):
        raise UserError(
            "This tokenizer has no tokens for who speaks, so it cannot be used to chat;"
            " use a model that was fine-tuned to chat."
        )
    return ChatTokens(tokenizer.bos, *(tokenizer.specials[text] for text in CHAT_SPECIALS[1:]))


def with_chat_tokens(tokenizer):
    """The tokenizer with tokens for conversations: those it lacks come after all other ids.

    >>> from .chars import CharTokenizer
    >>> grown = with_chat_tokens(CharTokenizer("ab"))
    >>> grown.vocab_size, grown.encode("ba"), chat_tokens(grown).user_start
    (11, [1, 0], 3)
    """
    return tokenizer.with_specials(CHAT_SPECIALS[1:])


def any_of(texts):
    """A pattern that finds any of these texts: of two that begin alike, the longer."""
    return re.compile("|".join(map(re.escape, sorted(texts, key=len, reverse=True))))


def after(tokenizer, texts):
    """{text: id} of a tokenizer's special tokens and of these, the new ones after all other ids."""
    new = [text for text in texts if text not in tokenizer.specials]
    ids = range(tokenizer.vocab_size, tokenizer.vocab_size + len(new))
    return {**tokenizer.specials, **dict(zip(new, ids))}
