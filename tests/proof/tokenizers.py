"""Our ids beside tiktoken's, from the same ranks and pattern, on strings of every kind."""

import functools
import random
import unicodedata

import regex
import tiktoken
from microgpt.tokenizer.bpe import SINGLE_BYTES, BPETokenizer
from microgpt.tokenizer.patterns import Splitter
from microgpt.tokenizer.train import count_words, learn_merges

SPECIALS = ("<|bos|>", "<|endoftext|>", "<|fim|>")
KINDS = ("gpt2", "cl100k", "o200k", "nanochat", "none")
COUNT = 108_000  # strings, shared by the patterns and by three vocabularies of each
SEQUENCES = [
    *("👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇪🇺", "1️⃣", "e\u0301", "n\u0303\u0323", "ศิลปะ", "नमस्ते", "한국어"),
    *("\r\n", "\n", "\r", "\n\n \n", "\t", "\u2028", "\u0085", "\x1c", "\x00", "\u200b", "\ufeff"),
    *(
        "'s",
        "'S",
        "'ll",
        "'Ve",
        "'ſ",
        "’s",
        "don't",
        "DON'T",
        "it'Ll",
        " ",
        "   ",
        "\u00a0",
        "\u3000",
    ),
    *("1984", "12345678", "٣٤٥", "Ⅷ", "½", "hello", " world", "Straße", "ﬁ", "İ", "ß", "ǅ", "京都"),
    *(
        "<|bos|>",
        "<|endoftext|>",
        "<|fim|>",
        "<|",
        "|>",
        "<|bos",
        "==>",
        "...",
        "!?",
        "#include",
        "_",
    ),
    *("\ud800", "\udfff", "\ud83d\ude00", "\ud83d", "\U0010ffff", "\ufffd", "\ufffe"),
]


LATIN = "".join(map(chr, range(0x250)))


def matched(library_encoding, text):
    return set(library_encoding.decode_bytes(library_encoding.encode_ordinary(text)).decode())


@functools.cache
def alphabet():
    """Characters by general category, without the few that the two know differently.

    tiktoken's tables are Unicode 16, those of `regex` newer: what is a letter to one is nothing
    yet to the other.
    """
    every = "".join(chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000)
    ranks = {byte: i for i, byte in enumerate(SINGLE_BYTES)}
    differing = set()
    for pattern in (r"\p{L}", r"\p{N}", r"\s", r"(?i:[sdmtlver])"):
        theirs = tiktoken.Encoding("t", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
        differing |= matched(theirs, every) ^ set(regex.findall(pattern, every))
    categories = {}
    for char in every:
        if char not in differing:
            categories.setdefault(unicodedata.category(char), []).append(char)
    # They differ only in what was unassigned not long ago; else this would hide mistakes.
    assert len(differing) < 20_000
    assert not any(ord(char) < 0x500 for char in differing)
    old = {char for char in differing if unicodedata.ucd_3_2_0.category(char) != "Cn"}
    assert old <= set("\u2e2f\u180e"), sorted(old)[:20]
    return list(categories.values())


def random_text(rng):
    """A few stretches, each of one kind, so that rules meet each other at every border."""
    parts = []
    for _ in range(rng.randint(1, 6)):
        kind = rng.random()
        if kind < 0.3:
            parts += rng.choices(SEQUENCES, k=rng.randint(1, 4))
        elif kind < 0.6:
            chars = rng.choice(alphabet())
            parts += rng.choices(chars, k=rng.randint(1, 6))
        elif kind < 0.75:
            parts += rng.choices("abc 'sl.1\n", k=rng.randint(1, 20))
        elif kind < 0.85:
            parts.append(rng.choice(rng.choice(alphabet())) * rng.choice((2, 3, 9, 40, 150, 400)))
        else:
            parts += rng.choices(LATIN, k=rng.randint(1, 8))
    return "".join(parts)


def same_in_tiktoken(tokenizer):
    return tiktoken.Encoding(
        "ours",
        pat_str=tokenizer.splitter.source or r"(?s:.+)",
        mergeable_ranks=tokenizer.ids,
        special_tokens=tokenizer.specials,
    )


@functools.cache
def vocabularies(pattern):
    """A learned one, one on random Unicode, and one whose ranks no trainer would have given."""
    rng = random.Random(7)
    texts = [random_text(rng) for _ in range(1000)]
    found = []
    prose = ["the cat's little hat; they'll see 1984 cats, Straße naïve café <|bos|> \n\n"] * 5
    for source in (prose, texts):
        merges = learn_merges(count_words(source, Splitter(pattern)))
        pairs = [(m.left, m.right) for m, _ in zip(merges, range(1500))]
        found.append(BPETokenizer.from_merges(pairs, pattern, SPECIALS))
    tokens = {text.encode("utf-8", "replace")[:9] for text in texts} - {b"", *SINGLE_BYTES}
    tokens |= {bytes(rng.choices(b"abc 'sl.1\n\xc3\xa9", k=rng.randint(2, 4))) for _ in range(3000)}
    tokens = sorted(tokens)
    rng.shuffle(tokens)
    shuffled = [*SINGLE_BYTES]
    rng.shuffle(shuffled)
    ids = {token: i for i, token in enumerate([*shuffled, *tokens])}
    found.append(BPETokenizer(ids, pattern, {s: len(ids) + i for i, s in enumerate(SPECIALS)}))
    return found


def prove(count, seed):
    each = -(-count // (3 * len(KINDS)))
    done = 0
    for pattern in KINDS:
        for number, tokenizer in enumerate(vocabularies(pattern)):
            compare(tokenizer, each, random.Random(f"{seed} {pattern} {number}"))
            done += each
            yield done
    return f"{done:,} strings have tiktoken's ids, and come back as they were."


def compare(tokenizer, count, rng):
    """The same ids, with special tokens and without, and back again."""
    theirs = same_in_tiktoken(tokenizer)
    for _ in range(count):
        text = random_text(rng)
        ids = tokenizer.encode_ordinary(text)
        assert ids == theirs.encode_ordinary(text), ascii(text)
        whole = tokenizer.encode(text, allowed_special="all")
        assert whole == theirs.encode(text, allowed_special="all"), ascii(text)
        mended = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        assert tokenizer.decode(ids) == mended
        assert tokenizer.decode(whole, specials=True) == theirs.decode(whole) == mended
