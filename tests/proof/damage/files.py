"""Damaged tokenizers, settings, token files and links: a sentence, or something that works."""

import tempfile
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random

from microgpt import link
from microgpt.data.tokens import TokenWriter, open_tokens, token_corpus
from microgpt.errors import UserError
from microgpt.gpt.config import GPTConfig
from microgpt.presets import PRESETS
from microgpt.terminal.config_file import read_config, write_config
from microgpt.tokenizer import BPETokenizer, CharTokenizer
from microgpt.tokenizer.files.formats import read, write
from microgpt.training.config import TrainConfig

from proof.made import damaged, refusal, small_checkpoint

COUNT = 10_800
TEXT = "an old oak, and a new one"


def prove(count, seed):
    random = Random(f"files {seed}")
    refused = {}
    with tempfile.TemporaryDirectory() as folder:
        tries = [*tokenizers(), *settings(Path(folder)), *token_files(Path(folder)), links()]
        for number in range(count):
            if number and number % 1000 == 0:
                yield number
            name, data, use = tries[number % len(tries)]
            bad = damaged(random, data)
            try:
                use(bad)
            except UserError as error:
                refusal(error)
                refused[name] = refused.get(name, 0) + 1
            except Exception as error:
                raise AssertionError(f"number {number}, {name}: {error!r} of {bad!r}") from error
    return f"files: {count:,} damaged, {sum(refused.values()):,} refused, the others of use"


def tokenizers():
    made = [BPETokenizer.from_merges([(97, 110), (256, 32), (111, 108)]), CharTokenizer(TEXT)]
    formats = ("microgpt", "tiktoken", "gonanochat", "huggingface", "gpt2")
    kinds = [(made[0], format) for format in formats] + [(made[1], "microgpt")]
    for tokenizer, format in kinds:
        (name, data), *rest = write(tokenizer, format).items()
        yield format, data, partial(use_tokenizer, name or "t.json", dict(rest))


def use_tokenizer(name, rest, bad):
    found = read(bad, name, "gpt2", rest.get)
    with suppress(UserError):  # a character that it lacks
        found.decode(found.encode_array("a o").tolist())


def settings(folder):
    base = PRESETS["llama"]
    for suffix in (".json", ".toml"):
        path = folder / f"good{suffix}"
        write_config(str(path), "llama", base.model, base.training)

        def use(bad, path=folder / f"bad{suffix}"):
            path.write_bytes(bad)
            found = read_config(str(path))
            TrainConfig(**found.training)
            GPTConfig(**{"positions": "rope", **found.model})

        yield suffix, path.read_bytes(), use


def token_files(folder):
    for name, raw in (("good.tk", False), ("good.bin", True)):
        with TokenWriter(folder / name, 300, raw) as writer:
            writer.write([1, 2, 299] * 50)

        def use(bad, path=folder / f"bad{Path(name).suffix}"):
            path.unlink(missing_ok=True)  # what is open keeps what it has
            path.write_bytes(bad)
            corpus = token_corpus(path)
            assert len(corpus.digest) == 64 and len(open_tokens(path)) >= 1

        yield name, (folder / name).read_bytes(), use


def links():
    kept = small_checkpoint()
    data = link.pack(kept.model(), kept.tokenizer()).encode()

    def use(bad):
        model, tokenizer, _ = link.unpack(bad.decode("latin-1"))
        assert model.config.vocab_size == tokenizer.vocab_size

    return "link", data, use
