"""Finding the tokenizer a command works with: in a file, in a checkpoint, or learned now."""

import time
from itertools import islice
from pathlib import Path

from .. import checkpoint as checkpoints
from ..data.tokenizer_files import load_tokenizer
from ..errors import UserError
from ..tokenizer.bpe import BPETokenizer
from ..tokenizer.patterns import Splitter
from ..tokenizer.train import PATTERN, VOCAB, count_words, learn_merges, merge_count
from .progress import duration


def open_tokenizer(path, pattern=None):
    """The tokenizer in a tokenizer file, in a folder with one, or in a trained model."""
    if Path(path).suffix == ".safetensors":
        return checkpoints.load(path).tokenizer()
    return load_tokenizer(path, pattern)


def choose_tokenizer(args, corpus, progress):
    """What `train --tokenizer` asks for; None stands for the characters of the corpus."""
    word = args.tokenizer or "chars"
    if word != "bpe" and args.vocab is not None:
        raise UserError("--vocab is for a tokenizer that is learned now: --tokenizer bpe.")
    if word not in ("chars", "bpe"):
        return open_tokenizer(word, args.pattern)
    if corpus.split == "tokens":
        raise UserError(
            f"{corpus.name} has token ids in it, no text; name the tokenizer they were made with:"
            " --tokenizer FILE."
        )
    if word == "chars":
        return None
    pattern = args.pattern or PATTERN
    room = merge_count(args.vocab or VOCAB)
    words = count_words(corpus.documents, Splitter(pattern))
    merges = []
    learn(words, room, merges, progress)
    progress.clear()
    return BPETokenizer.from_merges(merges, pattern)


def learn(words, count, merges, progress, on_merge=None):
    """Learn so many merges, if the text has them; into `merges`, so that a stop keeps them."""
    began = time.perf_counter()
    for merge in islice(learn_merges(words), count):
        merges.append((merge.left, merge.right))
        if on_merge:
            on_merge(merge)
        if progress.due():
            progress.bar(len(merges) / count, f"merge {len(merges):,} of {count:,}")
    progress.clear()
    progress.say(
        f"{len(merges):,} merges learned from {len(words):,} distinct words in"
        f" {duration(time.perf_counter() - began)}"
    )
    if len(merges) < count:
        progress.say(
            f"Then no pair of tokens occurred twice: the vocabulary is {count - len(merges):,}"
            " smaller than asked for. A longer text has more to learn from."
        )
