"""The data at hand: bytes that the page has, as a corpus, and in words."""

import hashlib
from dataclasses import replace

from ..data.builtin import EARLIER_NAMES, NAMES_SHA256, NAMES_SIZE, NAMES_URL, is_task
from ..data.text import context_for, corpus_from_bytes, kind_of_rows, split_text
from ..errors import UserError
from ..gpt.config import GPTConfig
from ..tokenizer import CharTokenizer
from .json_api import page_request

NO_DATA = "There is no data yet; choose some first."
DEFAULT_BLOCK = GPTConfig.defaults()["block_size"]

# What each kind of data is called in a checkpoint, in a sentence, and in the terminal. The names
# that come with the page are a file there: `--data names` gives the terminal's full list.
BUILT_IN = {
    "names": ("names", "the names that come with microgpt", "fallback_data/names.txt"),
    "names-1800": (
        "names",
        "the 1,800 names that came with microgpt before",
        f"fallback_data/{EARLIER_NAMES}",
    ),
    "stories": ("stories", "the stories that come with microgpt", "stories"),
    "full-names": ("names", "the full makemore names file", "names"),
}


class DataAtHand:
    """The data for the next run, its characters as a tokenizer, and its name in the terminal."""

    def __init__(self):
        self.corpus = self.characters = None
        self.terminal_name = "names"

    def needed(self):
        """The corpus, or a sentence that there is none."""
        if not self.corpus:
            raise UserError(NO_DATA)
        return self.corpus

    def split_of_terminal(self):
        return self.corpus.split if self.corpus else "line"

    @page_request
    def names_address(self):
        """Where the full names file is, for whoever fetches it."""
        return {"url": NAMES_URL, "bytes": NAMES_SIZE, "sha256": NAMES_SHA256}

    @page_request
    def open_data(self, data, kind="text", name=None, split=None, encoding=None):
        """Take the bytes of a text as the data at hand."""
        corpus, terminal_name = read_data(bytes(data), kind, name, split, encoding)
        self.characters = CharTokenizer.from_documents(corpus.documents)
        self.corpus, self.terminal_name = corpus, terminal_name
        return {"kind": kind, **about_data(corpus, self.characters)}


def read_data(data, kind="text", name=None, split=None, encoding=None):
    """(corpus, what the terminal calls it) of some bytes."""
    if is_task(kind):
        from ..data.tasks import task_corpus  # most visits, and a start, do without

        corpus = task_corpus(kind)
        return corpus, corpus.name
    split = split or "line"
    if kind == "full-names" and hashlib.sha256(data).hexdigest() != NAMES_SHA256:
        raise UserError("What was downloaded is not the names file.")
    if kind not in BUILT_IN:
        name = name or "your text"
        return corpus_from_bytes(data, name, split, encoding), name
    name, source, terminal = BUILT_IN[kind]
    corpus = replace(corpus_from_bytes(data, name), source=source)
    if split != "line":
        documents = split_text("\n".join(corpus.documents), split)
        corpus = replace(corpus, documents=documents, split=split)
    return corpus, terminal


def about_data(corpus, tokenizer):
    return {
        "name": corpus.name,
        "source": corpus.source,
        "documents": len(corpus.documents),
        "characters": corpus.characters,
        "longest": corpus.longest,
        "vocabulary": tokenizer.chars,
        "vocabSize": tokenizer.vocab_size,
        "split": corpus.split,
        "rows": kind_of_rows(corpus, DEFAULT_BLOCK),
        "context": context_for(corpus, DEFAULT_BLOCK),
        "digest": corpus.digest,
        "advice": corpus.advice,
    }
