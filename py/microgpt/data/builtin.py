"""The built-in data sets, and `load`, which finds any data by one word or path."""

import hashlib
import os
from contextlib import suppress
from dataclasses import replace

from ..errors import UserError
from ..files import AtomicFile, cache_dir, fallback_path
from .download import DownloadError, fetch
from .stream import corpus_from_file, corpus_from_folder
from .text import Corpus, decode, split_text
from .tokens import is_token_file, token_corpus

# The names that Karpathy's makemore and microgpt train on.
NAMES_URL = "https://raw.githubusercontent.com/karpathy/makemore/988aa59/names.txt"
NAMES_SIZE = 228_145
NAMES_SHA256 = "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d"

BUILT_IN = ("names", "stories", "chat")  # and the tasks
# The names that came with microgpt before: runs made on them go on, found by their digest.
EARLIER_NAMES = "names-1800.txt"


def load(data, split=None, offline=False, on_progress=None, say=None, include=(), encoding=None):
    """The data set called `data`, or the text file, token file or folder of texts at that path.

    `on_progress(received, total)` follows a download, `say(text)` gets what the user should know,
    `include` are the patterns that files in a folder have to fit, `encoding` is that of the text.
    """
    word = str(data)
    if word == "names":
        corpus = load_names(offline, on_progress, say)
    elif word == "stories":
        corpus = load_stories()
    elif word == "chat":
        corpus = load_chat()
    elif is_task(word):
        from .tasks import task_corpus  # most runs do without

        return task_corpus(word)
    elif os.path.isdir(word):
        return corpus_from_folder(data, split or "none", include, say, encoding)
    elif is_token_file(word):
        return token_corpus(data)
    elif os.path.exists(word):
        return corpus_from_file(data, split or "line", encoding)
    else:
        raise UserError(_not_found(word))
    if split in (None, corpus.split):
        return corpus
    documents = split_text("\n".join(corpus.documents), split)
    return replace(corpus, documents=documents, split=split)


def is_task(word):
    """Whether this is a task, whose questions are made on the fly."""
    return word.partition(":")[0] == "task"


def is_built_in(word):
    """Whether this is data that the package brings or makes, rather than a file."""
    return word in BUILT_IN or is_task(word)


def load_names(offline=False, on_progress=None, say=None):
    """32,033 names: from the cache, else the web, else the fewer that come with the package."""
    own = os.environ.get("MICROGPT_NAMES")
    if own:
        return replace(corpus_from_file(own), name="names", source=f"the file {own}")
    cached = cache_dir() / "names.txt"
    data, source = _valid_names(cached), "the makemore names file, from the cache"
    if data is None:
        try:
            if offline:
                raise DownloadError("The full file was not looked for: this run is offline.")
            if say:
                say(f"Downloading the names, {NAMES_SIZE // 1000} kB; --offline does without.")
            data, source = _fetch_names(on_progress), "the makemore names file, just downloaded"
            _keep(cached, data)
        except DownloadError as error:
            corpus = shipped("names")
            if say:
                count = len(corpus.documents)
                say(f"Using the {count:,} names that come with microgpt, not all 32,033. {error}")
            return corpus
    return Corpus("names", split_text(decode(data, "names.txt")), source)


def load_stories():
    """The short stories that come with the package, one a line."""
    return shipped("stories")


def load_chat():
    """The text to begin a chat model with: stories, talk, and lines that are copied."""
    from .chat.base import base_text

    text = base_text(load_stories().documents)
    return Corpus("chat", [text], "the stories and talk that microgpt makes up", "none")


def shipped(name, split="line", file=None):
    """A data set that comes with the package, even where a fuller one of that name is at hand."""
    corpus = corpus_from_file(fallback_path(file or f"{name}.txt"), split)
    return replace(corpus, name=name, source=f"the {name} that come with microgpt")


def _valid_names(path):
    """The bytes of the names file, or None if it is not there or not right."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    return data if hashlib.sha256(data).hexdigest() == NAMES_SHA256 else None


def _fetch_names(on_progress):
    # Someone waits for this and a substitute is at hand: give up sooner than usual.
    return fetch(
        os.environ.get("MICROGPT_NAMES_URL") or NAMES_URL,
        sha256=NAMES_SHA256,
        size=NAMES_SIZE,
        timeout=5,
        limit=15,
        retries=1,
        on_progress=on_progress,
    )


def _keep(path, data):
    """Cache a file if that is possible; where it is not, it is downloaded again next time."""
    with suppress(UserError), AtomicFile(path) as file:
        file.write(data)


def _not_found(word):
    import difflib

    folder = os.path.dirname(word)
    from .tasks import TASKS

    candidates = [*BUILT_IN, *(f"task:{name}" for name in TASKS)]
    with suppress(OSError, ValueError):
        candidates += [os.path.join(folder, entry) for entry in os.listdir(folder or ".")]
    close = difflib.get_close_matches(word, candidates, n=1)
    hint = (
        f"did you mean {close[0]}?" if close else f"give {', '.join(BUILT_IN)}, task:add or a path."
    )
    return f"There is no data set and no file called {word!r}; {hint}"
