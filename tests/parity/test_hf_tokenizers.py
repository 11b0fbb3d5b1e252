"""The same ids as Hugging Face's `tokenizers`, for its files read by us and ours read by it."""

import random

import pytest
from microgpt.tokenizer import from_dict, to_dict
from microgpt.tokenizer.bpe import BPETokenizer
from microgpt.tokenizer.files.formats import read, write
from microgpt.tokenizer.patterns import PATTERNS, Splitter
from microgpt.tokenizer.special import CHAT_SPECIALS
from microgpt.tokenizer.train import count_words, learn_merges

tokenizers = pytest.importorskip("tokenizers", reason="tokenizers is not installed (extra dev)")

SAYINGS = """
the cat's hat they'LL see 1984 cats Straße naïve café 東京タワー नमस्ते 👩‍👩‍👧‍👦 é don't aaaaaaa
12345 .,!? -- #include ٣٤٥ ½ Ⅷ ĠĊ 한국어 little girl
"""
WORDS = [*SAYINGS.split(), "", "\n", "  ", "\t", "\r\n", "\n\n", "\u00a0", "\u3000"]
SPECIALS = ("<|bos|>", "<|end|>")


def texts(seed, count, specials=()):
    rng = random.Random(seed)
    for _ in range(count):
        words = rng.choices([*WORDS, *specials], k=rng.randint(1, 25))
        if rng.random() < 0.3:
            words.append("".join(chr(rng.randrange(32, 0x2000)) for _ in range(9)))
        yield rng.choice([" ", " ", "", "\n"]).join(words)


def assert_equal(ours, theirs, seed, specials=()):
    for text in texts(seed, 200, specials):
        ids = ours.encode(text, allowed_special="all")
        assert ids == theirs.encode(text, add_special_tokens=False).ids, ascii(text)
        assert ours.decode(ids, specials=True) == text
        assert theirs.decode(ids, skip_special_tokens=False) == text


def trained_there(pattern, specials):
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    theirs = Tokenizer(models.BPE())
    level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=pattern == "gpt2")
    if pattern in ("gpt2", "none"):
        theirs.pre_tokenizer = level
    else:
        split = pre_tokenizers.Split(Regex(PATTERNS[pattern]), "isolated")
        theirs.pre_tokenizer = pre_tokenizers.Sequence([split, level])
    theirs.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=900,
        special_tokens=list(specials),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    theirs.train_from_iterator(texts(1, 500), trainer)
    return theirs


@pytest.mark.parametrize("specials", [(), SPECIALS])
@pytest.mark.parametrize("pattern", ["gpt2", "cl100k", "nanochat", "none"])
def test_their_files_read_by_us(pattern, specials):
    """Their trainer puts the special tokens first and the bytes in another order."""
    theirs = trained_there(pattern, specials)
    ours = read(theirs.to_str().encode(), "tokenizer.json")
    assert ours.pattern == pattern
    assert len(ours.ids) + len(specials) == theirs.get_vocab_size()
    assert_equal(ours, theirs, seed=2, specials=specials)


@pytest.mark.parametrize("pattern", ["gpt2", "cl100k", "nanochat", "none"])
def test_our_files_read_by_them(pattern):
    merges = learn_merges(count_words(texts(3, 500), Splitter(pattern)))
    pairs = [(m.left, m.right) for m, _ in zip(merges, range(600))]
    ours = BPETokenizer.from_merges(pairs, pattern, (*CHAT_SPECIALS, "<|end|>"))
    theirs = tokenizers.Tokenizer.from_str(write(ours, "huggingface")[""].decode())
    assert theirs.get_vocab_size() == ours.vocab_size
    assert_equal(ours, theirs, seed=4, specials=SPECIALS)


def test_our_pair_read_by_them(tmp_path):
    merges = learn_merges(count_words(texts(3, 500), Splitter("gpt2")))
    ours = BPETokenizer.from_merges([(m.left, m.right) for m, _ in zip(merges, range(600))])
    for name, data in write(ours, "gpt2").items():
        (tmp_path / name).write_bytes(data)
    model = tokenizers.models.BPE.from_file(
        str(tmp_path / "encoder.json"), str(tmp_path / "vocab.bpe")
    )
    theirs = tokenizers.Tokenizer(model)
    theirs.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    for text in texts(5, 500):
        assert ours.encode_ordinary(text) == theirs.encode(text).ids


def test_merges_given_as_strings_or_as_pairs():
    import json

    theirs = trained_there("gpt2", ())
    found = json.loads(theirs.to_str())
    assert isinstance(found["model"]["merges"][0], list)
    found["model"]["merges"] = [" ".join(pair) for pair in found["model"]["merges"]]
    assert_equal(read(json.dumps(found).encode(), "f"), theirs, seed=6)


def test_digits_cut_off_one_by_one_as_smollm_has_them():
    """A step Digits before the ByteLevel is one pattern here."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    theirs = Tokenizer(models.BPE())
    steps = [pre_tokenizers.Digits(True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    theirs.pre_tokenizer = pre_tokenizers.Sequence(steps)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    specials = ["<|endoftext|>"]  # the first id: no trainer of ours would give it that
    trainer = trainers.BpeTrainer(
        vocab_size=400, show_progress=False, special_tokens=specials, initial_alphabet=alphabet
    )
    theirs.train_from_iterator(texts(5, 300), trainer)
    theirs.decoder = decoders.ByteLevel()
    ours = read(theirs.to_str().encode(), "tokenizer.json")
    assert ours.specials == {"<|endoftext|>": 0}
    assert_equal(ours, theirs, 6)
    kept = from_dict(to_dict(ours))  # as a checkpoint keeps it
    again = Tokenizer.from_str(write(kept, "huggingface")[""].decode())
    assert_equal(kept, again, 7)
