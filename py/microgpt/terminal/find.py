"""Finding what a command works with: its text, its tokenizer, and its model."""

import os
import time
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

from .. import checkpoint as checkpoints
from .. import convert, link
from ..data import load
from ..data.builtin import EARLIER_NAMES, is_task, load_chat, shipped
from ..data.chat import MIXTURES
from ..data.conversations.corpus import CONVERSATIONS, conversation_corpus
from ..data.encoding import OtherEncoding
from ..data.labels.corpus import LABELLED, labelled_corpus
from ..data.text import SPLITS, Corpus, check_file
from ..data.tokens import is_token_file
from ..errors import UserError
from ..files import AtomicFile
from ..tokenizer.bpe import BPETokenizer
from ..tokenizer.files.formats import FORMATS, read, write
from ..tokenizer.patterns import Splitter
from ..tokenizer.processes import LARGE
from ..tokenizer.train import PATTERN, VOCAB, count_words, learn_merges, merge_count
from ..training.threads import cores
from .announce import announce
from .memory import check_text
from .progress import duration

# What the file of a tokenizer is called in a folder, the surest first.
IN_FOLDERS = ("tokenizer.json", "vocab.bpe", "merges.txt", "tokenizer.model")
MOST_BYTES = 1 << 28
SHOWN = 40  # characters


# ---- the text


def find_corpus(args, progress, split=None):
    """The corpus the flags ask for: the names unless they say otherwise."""
    if args.data and not is_token_file(args.data):
        check_text(args.data, args.split or split, progress)
    try:
        corpus = load(
            args.data or "names",
            split=args.split or split,
            offline=args.offline,
            on_progress=progress.download,
            say=progress.say,
            include=args.include or (),
            encoding=args.encoding,
        )
    except OtherEncoding as problem:
        raise with_flag(problem) from None
    progress.clear()
    if isinstance(corpus, Corpus) and (count := processes_for(args, corpus.characters)) > 1:
        return replace(corpus, processes=count)
    return corpus


def processes_for(args, size):
    """How many processes encode a text of this size: of a large one as --threads says."""
    if size < LARGE:
        return 1
    threads, ranks = getattr(args, "threads", 1), getattr(args, "ranks", None)
    return max(1, cores() // (ranks.here if ranks else 1)) if threads == "auto" else threads


def with_flag(problem):
    """A text in another encoding, and the flag that reads it."""
    return UserError(f"{problem} Read it with --encoding {problem.encoding}, or save it as UTF-8.")


def find_conversations(data, progress):
    """The conversations of a mixture, such as `chat`, or those in a file, all of which is read once
    and checked.
    """
    if data in MIXTURES:
        return conversation_corpus(data)
    check_file(data)
    announce(data, progress)
    size, read = os.path.getsize(data), 0

    def follow(count):
        nonlocal read
        read += count
        if progress.due():
            progress.bar(read / size, f"reading {data}")

    corpus = conversation_corpus(data, follow)
    progress.clear()
    return corpus


def check_alphabet(tokenizer, corpus):
    """Raise if a corpus has characters that a tokenizer of characters does not know."""
    known = getattr(tokenizer, "chars", None)
    missing = sorted(corpus.characters - set(known)) if known else ()
    if missing:
        shown = "".join(c for c in missing if c.isprintable())[:SHOWN] or "line ends"
        raise UserError(
            f"The base knows only the characters of its own data; {len(missing):,} of those in"
            f" {corpus.source} are not among them ({shown}). Begin with a base that knows every"
            " text: train --tokenizer bpe, or train --preset chat."
        )


def find_labelled(data, progress, columns):
    """The texts with labels called `topics`, or those in a file; `columns` are flags."""
    names = ("encoding", "text_column", "label_column")
    given = [getattr(columns, name, None) for name in names]
    if data != "topics":
        check_file(data)
        announce(data, progress)
    try:
        return labelled_corpus(data, *given, say=progress.say)
    except OtherEncoding as problem:
        raise with_flag(problem) from None


def find_text_or_conversations(args, progress, split=None):
    """The corpus that --data names; one of JSON lines is taken for conversations."""
    if args.data and args.data.endswith(".jsonl"):
        return find_conversations(args.data, progress)
    return find_corpus(args, progress, split if split in SPLITS else None)


def corpus_of(checkpoint, args, progress):
    """The corpus that a checkpoint was trained on, found again."""
    known = checkpoint.meta["data"]
    if known["split"] == CONVERSATIONS:
        return find_conversations(args.data or known.get("path") or known["name"], progress)
    if known["split"] == LABELLED:
        names = ("encoding", "text_column", "label_column")
        columns = {name: getattr(args, name, None) or known.get(name) for name in names}
        data = args.data or known.get("path") or known["name"]
        return find_labelled(data, progress, SimpleNamespace(**columns))
    if args.data:
        return find_corpus(args, progress, known["split"])
    for find in _places(known, args.offline, progress):
        corpus = find()
        if corpus.digest == known["digest"]:
            progress.clear()
            return corpus
    raise UserError(
        f"The data of this run ({known['source']}, {known['documents']:,} documents) is not here,"
        " or not the same any more; name it with --data."
    )


def _places(known, offline, progress):
    """Functions that load what may be the data, the likeliest first."""
    name, split, path = known["name"], known["split"], known.get("path")
    if path:
        kept = {"include": known.get("include", ()), "encoding": known.get("encoding")}
        return [lambda: load(path, split=split, **kept)] if os.path.exists(path) else []
    if name == "names":
        follow = progress.download
        return [
            lambda: shipped(name, split),
            lambda: shipped(name, split, EARLIER_NAMES),
            lambda: load(name, split=split, offline=offline, on_progress=follow),
        ]
    if name == "chat":
        return [load_chat]
    if is_task(name):
        return [lambda: load(name)]
    return [lambda: shipped(name, split)] if name == "stories" else []


# ---- the model


def find_model(path):
    """(model, tokenizer) of a saved model, another program's too, or of a file with a link."""
    if is_link(path):
        return open_link(path)[:2]
    checkpoint = convert.load(path)
    return checkpoint.model(), checkpoint.tokenizer()


def is_link(path):
    """Is it a file that `train --link` wrote?"""
    if not os.path.isfile(path) or not os.access(path, os.R_OK):
        return False
    with open(path, "rb") as file:
        return file.read(len(link.MARK)) == link.MARK.encode()


def open_link(path):
    """(model, tokenizer, note) of a file with a link in it."""
    with open(path, "rb") as file:
        return link.unpack(file.read(link.MAX_TEXT + 1).decode("ascii", "replace"))


# ---- the tokenizer


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


# ---- tokenizer files


def load_tokenizer(path, pattern=None):
    """The tokenizer in a file of any known format, or in a folder that holds one.

    `pattern` names the split pattern where the file does not.
    """
    path = Path(path)
    if path.is_dir():
        found = [path / name for name in IN_FOLDERS if (path / name).is_file()]
        if not found:
            raise UserError(f"{path} is a folder without {', '.join(IN_FOLDERS)}; name a file.")
        path = found[0]
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError(f"{path} is too large for a tokenizer; name another file.")
        data = path.read_bytes()
    except FileNotFoundError:
        raise UserError(
            f"There is no tokenizer at {path}; give chars, bpe, or the path of a file."
        ) from None
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); check it.") from None

    def partner(name):
        beside = path.with_name(name)
        return beside.read_bytes() if beside.is_file() else None

    return read(data, str(path), pattern, partner)


def format_for(path):
    """The format that a file's name asks for: tiktoken's for *.tiktoken, else our own."""
    return "tiktoken" if Path(path).suffix == ".tiktoken" else "microgpt"


def save_tokenizer(tokenizer, path, format=None):
    """Write a tokenizer; for gpt2 the path is a folder for two files. Returns the paths."""
    format = format or format_for(path)
    if format not in FORMATS:
        raise UserError(f"There is no format {format!r}; choose one of {', '.join(FORMATS)}.")
    if Path(path).is_dir() and format != "gpt2":
        raise UserError(f"{path} is a folder; give the name of a file.")
    paths = []
    for name, data in write(tokenizer, format).items():
        paths.append(Path(path) / name if name else Path(path))
        with AtomicFile(paths[-1]) as file:
            file.write(data)
    return paths
