"""Tokenizers that the tests of their files write and read: learned, and with ids out of order."""

from microgpt.tokenizer.bpe import BPETokenizer
from microgpt.tokenizer.patterns import Splitter
from microgpt.tokenizer.special import CHAT_SPECIALS
from microgpt.tokenizer.train import count_words, learn_merges

TEXT = "The cat's hat, the little cats' café: 1984 times\n\n  naïve 😀 they'LL see\t" * 2


def learned(pattern="cl100k", specials=CHAT_SPECIALS):
    merges = learn_merges(count_words([TEXT], Splitter(pattern)))
    return BPETokenizer.from_merges([(m.left, m.right) for m in merges], pattern, specials)


def odd():
    """Ids in another order than the merges, and specials among them, as Hugging Face allows."""
    plain = learned("gpt2")
    ids = {token: 2 * (len(plain.ids) - id) + 5 for token, id in plain.ids.items()}
    ids[b"ab unreached"] = 4  # in no merge: it can be decoded, never encoded
    ranks = {token: id for token, id in plain.ids.items() if len(token) > 1}
    return BPETokenizer(ids, "gpt2", {"<s>": 0, "<|x|>": 2}, ranks=ranks)
