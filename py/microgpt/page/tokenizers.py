"""Tokenizers for the page: the characters, the one that is learned there, and one from a file.

The page calls the methods of `Tokens`, which are the session's; `Workbench` keeps what they make.
"""

import shlex

from ..errors import Missing, UserError
from ..tokenizer.bpe import BPETokenizer
from ..tokenizer.chars import CharTokenizer
from ..tokenizer.files.formats import read as read_tokenizer
from ..tokenizer.files.formats import write
from .bpe_learning import LEAST, Learner, about, cut, first_merges, merge_count
from .json_api import answers, read

KINDS = ("chars", "bpe", "trained", "file")
VOCAB = 512  # tokens of "bpe", where nothing is said
PATTERN = "gpt2"
FILE = "microgpt-tokenizer.json"
NONE_THERE = {
    "trained": "There is no tokenizer from Tokens yet; train one there, or choose another.",
    "file": "There is no tokenizer from a file yet; drop one on Tokens, or choose another.",
}


class Workbench:
    def __init__(self):
        self.trained = self.file = None
        self.file_name = ""
        self.source = None  # what the trained one learned from: (digest or None, vocabulary)
        self.learner = self.preparing = None
        self._prepared = None  # for "bpe": (digest, tokenizer, whether there are no more merges)
        self._chars = {}

    def choose(self, settings, corpus, chars):
        """The tokenizer that the settings ask for; `chars` is that of the corpus's characters."""
        kind, vocab = settings.get("tokenizer") or "chars", settings.get("vocab") or VOCAB
        if kind not in KINDS:
            raise UserError(f"There is no tokenizer {kind!r}; there are {', '.join(KINDS)}.")
        if kind == "chars":
            return chars
        if kind != "bpe":
            return ready(self.at_hand(kind))
        return self._learned(vocab, corpus)

    def at_hand(self, kind):
        found = {"trained": self.trained, "file": self.file}[kind]
        if not found:
            raise UserError(NONE_THERE[kind])
        return found

    def _learned(self, vocab, corpus):
        """Byte pairs of the data at hand; they are learned first, by `prepare()`."""
        count = merge_count(vocab)
        digest, tokenizer, ended = self._prepared or (None, None, False)
        if digest == corpus.digest and (ended or len(tokenizer.merges) >= count):
            if len(tokenizer.merges) > count:
                # Kept, so that the same question gets the same tokenizer and not another alike.
                tokenizer = first_merges(tokenizer, count)
                self._prepared = (digest, tokenizer, False)
            return tokenizer
        learner = Learner(corpus.documents, PATTERN, count)
        self.preparing = (corpus.digest, learner)
        raise Missing("The merges for this run are not learned yet.", needs="merges")

    def prepare(self, milliseconds):
        """Go on with what `choose` found missing; whether it is there."""
        if self.preparing:
            digest, learner = self.preparing
            if not learner.go_on(milliseconds)["done"]:
                return False
            self._prepared = (digest, learner.tokenizer(), len(learner.pairs) < learner.count)
            self.preparing = None
        return True

    def words(self, settings, corpus, command):
        """The terminal's words for the same tokenizer: (a command before, flags of `train`)."""
        kind, vocab = settings.get("tokenizer") or "chars", settings.get("vocab") or VOCAB
        if kind == "chars":
            return "", []
        if kind == "bpe":
            return "", ["--tokenizer", "bpe", "--vocab", str(vocab)]
        tokenizer = self.at_hand(kind)
        if kind == "file":
            return "", ["--tokenizer", self.file_name]
        digest, vocab = self.source
        if not corpus or digest != corpus.digest:
            return "", ["--tokenizer", FILE]  # which `Save` makes
        if tokenizer.pattern == PATTERN:
            return "", ["--tokenizer", "bpe", "--vocab", str(vocab)]
        words = [*command, "--vocab", str(vocab), "--pattern", tokenizer.pattern, "--out", FILE]
        return shlex.join(words), ["--tokenizer", FILE]

    def characters_of(self, text, chars):
        """(the characters of the data, or where those are too few of the text itself, a note)."""
        if chars:
            try:
                chars.encode(text)
                return chars, ""
            except UserError:
                pass
        note = (
            "This text has characters that the model's alphabet lacks; the numbers shown are for"
            " this text only."
        )
        return CharTokenizer.from_documents([text or " "]), note if chars else ""


def ready(tokenizer):
    """The tokenizer, once its pattern can be used."""
    if isinstance(tokenizer, BPETokenizer):
        tokenizer.splitter.check()
    return tokenizer


class Tokens:
    """The methods of the session that are about tokenizers; it has `corpus` and `workbench`."""

    @answers
    def cut_text(self, request):
        """{text, by: chars | trained | file, at?: merges}: the tokens of a text."""
        request = read(request)
        text, by, note = str(request.get("text") or ""), request.get("by") or "chars", ""
        if by == "chars":
            tokenizer, note = self.workbench.characters_of(text, self._data_tokenizer)
        elif by in NONE_THERE:
            tokenizer = ready(self.workbench.at_hand(by))
            if by == "trained" and request.get("at") is not None:
                tokenizer = first_merges(tokenizer, int(request["at"]))
        else:
            raise UserError(f"There is no tokenizer {by!r} to cut by.")
        return {**cut(tokenizer, text), "note": note}

    @answers
    def learn_tokens(self, request):
        """{source: data | text, text?, merges, pattern?}; then `go_on_learning()` until done."""
        request = read(request)
        count = request.get("merges")
        if isinstance(count, int) and not isinstance(count, bool):
            count += LEAST
        count = merge_count(count)
        digest, documents = None, [str(request.get("text") or "")]
        if request.get("source") == "data":
            if not self.corpus:
                raise UserError("There is no data yet; choose some first.")
            digest, documents = self.corpus.digest, self.corpus.documents
        if not any(documents):
            raise UserError("There is no text to learn from; type or paste some.")
        self.workbench.learner = Learner(documents, request.get("pattern") or PATTERN, count)
        self._learning_from = (digest, LEAST + count)
        return {"count": count}

    @answers
    def go_on_learning(self, milliseconds):
        """How far it is; at the end what was learned is the trained tokenizer."""
        answer = self.workbench.learner.go_on(milliseconds)
        return {**answer, **self._keep_learned()} if answer["done"] else answer

    @answers
    def stop_learning(self):
        """What was learned until now is kept."""
        answer = self.workbench.learner.go_on(0)
        return {**answer, **self._keep_learned(), "done": True}

    def _keep_learned(self):
        bench = self.workbench
        bench.trained, learner, bench.learner = bench.learner.tokenizer(), bench.learner, None
        digest, vocab = self._learning_from
        if len(learner.pairs) < learner.count:
            vocab = LEAST + len(learner.pairs)
        bench.source = (digest, vocab)
        return about(bench.trained)

    @answers
    def prepare_tokenizer(self, milliseconds):
        return {"done": self.workbench.prepare(milliseconds)}

    @answers
    def open_tokenizer(self, data, name, other=None, other_name=""):
        """A tokenizer in a file's bytes; GPT-2's come in pairs."""

        def partner(wanted):
            return bytes(other) if other is not None and other_name == wanted else None

        tokenizer = read_tokenizer(bytes(data), name, partner=partner)
        self.workbench.file, self.workbench.file_name = ready(tokenizer), name
        return {"name": name, **about(tokenizer)}

    @answers
    def save_tokenizer(self, by):
        """Make a file of a tokenizer; `take_file()` hands it over."""
        self._file = write(self.workbench.at_hand(by), "microgpt")[""]
        return {"name": FILE}
