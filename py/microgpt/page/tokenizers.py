"""The page's tokenizers: the characters, byte pairs that are learned here, and one from a file."""

import shlex

from ..errors import Missing, UserError
from ..tokenizer.bpe import BPETokenizer
from ..tokenizer.chars import CharTokenizer
from ..tokenizer.train import PATTERN, VOCAB
from .bpe_learning import LEAST, Learner, about, checked_merge_count, cut, first_merges
from .json_api import Answer, page_request

KINDS = ("chars", "bpe", "trained", "file")
FILE = "microgpt-tokenizer.json"
NONE_THERE = {
    "trained": "There is no tokenizer from Tokens yet; train one there, or choose another.",
    "file": "There is no tokenizer from a file yet; drop one on Tokens, or choose another.",
}


class TokenizerStore:
    """Keeps the tokenizers a run can choose from, and learns those that are asked for."""

    def __init__(self, data):
        self._data = data
        self.trained = self.file = None
        self.file_name = ""
        self._source = None  # what the trained one learned from: (digest or None, vocabulary)
        self._learner = self._learning_from = None
        self._preparing = None  # for "bpe": (digest, learner)
        self._prepared = None  # for "bpe": (digest, tokenizer, whether there are no more merges)

    # ---- for a run

    def choose(self, settings):
        """The tokenizer that the settings ask for."""
        kind, vocab = settings.get("tokenizer") or "chars", settings.get("vocab") or VOCAB
        if kind not in KINDS:
            raise UserError(f"There is no tokenizer {kind!r}; there are {', '.join(KINDS)}.")
        if kind == "chars":
            return self._data.characters
        if kind != "bpe":
            return ready(self._at_hand(kind))
        return self._learned(vocab, self._data.corpus)

    def keep_file(self, tokenizer, name=FILE):
        """Keep a tokenizer that came from a file, or with a model."""
        self.file, self.file_name = ready(tokenizer), name

    def _at_hand(self, kind):
        found = {"trained": self.trained, "file": self.file}[kind]
        if not found:
            raise UserError(NONE_THERE[kind])
        return found

    def _learned(self, vocab, corpus):
        """Byte pairs of the data at hand; they are learned first, by `prepare_tokenizer`."""
        count = checked_merge_count(vocab)
        digest, tokenizer, ended = self._prepared or (None, None, False)
        if digest == corpus.digest and (ended or len(tokenizer.merges) >= count):
            if len(tokenizer.merges) > count:
                # Kept, so that the same question gets the same tokenizer and not another alike.
                tokenizer = first_merges(tokenizer, count)
                self._prepared = (digest, tokenizer, False)
            return tokenizer
        self._preparing = (corpus.digest, Learner(corpus.documents, PATTERN, count))
        raise Missing("The merges for this run are not learned yet.", needs="merges")

    @page_request
    def prepare_tokenizer(self, milliseconds):
        """Go on with what `choose` found missing; whether it is there."""
        if self._preparing:
            digest, learner = self._preparing
            if not learner.go_on(milliseconds)["done"]:
                return {"done": False}
            self._prepared = (digest, learner.tokenizer(), len(learner.pairs) < learner.count)
            self._preparing = None
        return {"done": True}

    def terminal_words(self, settings, learn_command):
        """How the terminal gets the same tokenizer: (a command before, flags of `train`)."""
        kind, vocab = settings.get("tokenizer") or "chars", settings.get("vocab") or VOCAB
        if kind == "chars":
            return "", []
        if kind == "bpe":
            return "", ["--tokenizer", "bpe", "--vocab", str(vocab)]
        tokenizer = self._at_hand(kind)
        if kind == "file":
            return "", ["--tokenizer", self.file_name]
        digest, vocab = self._source
        corpus = self._data.corpus
        if not corpus or digest != corpus.digest:
            return "", ["--tokenizer", FILE]  # which `Save` makes
        if tokenizer.pattern == PATTERN:
            return "", ["--tokenizer", "bpe", "--vocab", str(vocab)]
        words = [*learn_command, "--vocab", str(vocab), "--pattern", tokenizer.pattern]
        return shlex.join([*words, "--out", FILE]), ["--tokenizer", FILE]

    # ---- what the view Tokens asks

    @page_request
    def cut_text(self, text="", by="chars", at=None):
        """The tokens of a text; `at` is after how many merges of the trained tokenizer."""
        note = ""
        if by == "chars":
            tokenizer, note = self._characters_of(text)
        elif by in NONE_THERE:
            tokenizer = ready(self._at_hand(by))
            if by == "trained" and at is not None:
                tokenizer = first_merges(tokenizer, at)
        else:
            raise UserError(f"There is no tokenizer {by!r} to cut by.")
        return {**cut(tokenizer, text), "note": note}

    def _characters_of(self, text):
        """(the characters of the data, or where those are too few of the text itself, a note)."""
        known = self._data.characters
        if known:
            try:
                known.encode(text)
                return known, ""
            except UserError:
                pass
        note = (
            "This text has characters that the model's alphabet lacks; the numbers shown are for"
            " this text only."
        )
        return CharTokenizer.from_documents([text or " "]), note if known else ""

    @page_request
    def learn_tokens(self, source, merges, text="", pattern=None):
        """Begin to learn from "data" or from a text; then `go_on_learning` until it is done."""
        whole = isinstance(merges, int) and not isinstance(merges, bool)
        count = checked_merge_count(merges + LEAST if whole else merges)
        digest, documents = None, [text]
        if source == "data":
            corpus = self._data.needed()
            digest, documents = corpus.digest, corpus.documents
        if not any(documents):
            raise UserError("There is no text to learn from; type or paste some.")
        self._learner = Learner(documents, pattern or PATTERN, count)
        self._learning_from = (digest, LEAST + count)
        return {"count": count}

    @page_request
    def go_on_learning(self, milliseconds):
        """How far it is; at the end what was learned is the trained tokenizer."""
        answer = self._learner.go_on(milliseconds)
        return {**answer, **self._keep_learned()} if answer["done"] else answer

    @page_request
    def stop_learning(self):
        """What was learned until now is kept."""
        answer = self._learner.go_on(0)
        return {**answer, **self._keep_learned(), "done": True}

    def _keep_learned(self):
        learner, self._learner = self._learner, None
        self.trained = learner.tokenizer()
        digest, vocab = self._learning_from
        if len(learner.pairs) < learner.count:
            vocab = LEAST + len(learner.pairs)
        self._source = (digest, vocab)
        return about(self.trained)

    @page_request
    def open_tokenizer(self, data, other=None, *, name, other_name=""):
        """A tokenizer in a file's bytes; GPT-2's come in pairs."""

        def partner(wanted):
            return bytes(other) if other is not None and other_name == wanted else None

        from ..tokenizer.files.formats import read  # the formats of others: a start does without

        tokenizer = read(bytes(data), name, partner=partner)
        self.keep_file(tokenizer, name)
        return {"name": name, **about(tokenizer)}

    @page_request
    def save_tokenizer(self, by):
        """A file of a tokenizer."""
        from ..tokenizer.files.formats import write

        return Answer({"name": FILE}, {"bytes": write(self._at_hand(by), "microgpt")[""]})


def ready(tokenizer):
    """The tokenizer, once its pattern can be used."""
    if isinstance(tokenizer, BPETokenizer):
        tokenizer.splitter.check()
    return tokenizer
