"""How a text is cut into pieces before byte-pair encoding; no token reaches over a cut.

The patterns are those of published models. They want Unicode classes (`\\p{L}`: any letter), which
Python's own `re` lacks; the `regex` package has them, and is imported when a pattern is first used.
Where it is not there, `re` will do for texts in ASCII.
"""

import re

from ..errors import Missing, UserError

_CL100K = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_ENDING = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"

PATTERNS = {
    "gpt2": r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    "cl100k": _CL100K,  # GPT-4's
    "llama3": _CL100K,
    # GPT-4o's: as cl100k, but a word is also cut where small letters end, and keeps its ending.
    "o200k": (
        rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+{_ENDING}?"
        rf"|[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*{_ENDING}?"
        r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    ),
    "nanochat": (
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,2}"
        r"| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"
    ),
    # Every digit by itself, and no blank before it: numbers are copied and counted digit by digit.
    "digits": r" ?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    "none": "",  # the whole text is one piece
}


def pattern_name(source):
    """The name of a pattern if it is a known one, else the pattern itself.

    >>> pattern_name(PATTERNS["cl100k"]), pattern_name(""), pattern_name("[a-z]+|.")
    ('cl100k', 'none', '[a-z]+|.')
    """
    return next((name for name, known in PATTERNS.items() if known == source), source)


def valid(text):
    """The text as UTF-8 can hold it: a lone surrogate becomes U+FFFD, a pair its character.

    >>> valid("a\\ud800b"), valid("\\ud83d\\ude00") == "😀"
    ('a\ufffdb', True)
    """
    try:
        text.encode()
        return text
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class Splitter:
    """Cuts texts into pieces that together are the text again.

    >>> Splitter("gpt2").split("Hello, world's 2nd  end")
    ['Hello', ',', ' world', "'s", ' 2', 'nd', ' ', ' end']
    """

    def __init__(self, pattern):
        """`pattern` is a name out of PATTERNS or a regular expression of its own."""
        self.name = pattern if pattern in PATTERNS else pattern_name(pattern)
        self.source = PATTERNS.get(self.name, self.name)
        self._compiled = self._in_ascii = None

    def check(self):
        """Find out now rather than at the first text whether the pattern can be used."""
        if self.source and not self._compiled:
            self._compile()

    def split(self, text):
        if not self.source:
            return [text] if text else []
        compiled = self._compiled or self._found(text)
        if self.name in PATTERNS:  # which leave nothing out
            return compiled.findall(text)
        pieces, end = [], 0
        for match in compiled.finditer(text):
            pieces += [text[end : match.start()], match.group()]
            end = match.end()
        return [piece for piece in [*pieces, text[end:]] if piece]

    def stretches(self, text, size=1 << 20):
        """A long text in stretches of about `size` characters that can be split one by one."""
        start = 0
        while len(text) - start > size:
            cut = self.safe_cut(text, start, start + size) or self._next_cut(text, start + size)
            if not cut:
                break
            yield text[start:cut]
            start = cut
        yield text[start:]

    def safe_cut(self, text, start, end):
        """The last place before `end` where cutting the text changes no piece, or 0.

        Under the known patterns a lone space between two visible characters begins a piece, and
        no piece before it depends on what follows. Of other patterns nothing is known.
        """
        if self.name not in PATTERNS or not self.source:
            return 0
        at = text.rfind(" ", start + 1, end - 1)
        while at > 0 and not _is_cut(text, at):
            at = text.rfind(" ", start + 1, at)
        return max(at, 0)

    def _next_cut(self, text, start):
        """The first safe place from `start` on, or 0."""
        if self.name not in PATTERNS or not self.source:
            return 0
        at = text.find(" ", start, len(text) - 1)
        while at > 0 and not _is_cut(text, at):
            at = text.find(" ", at + 1, len(text) - 1)
        return max(at, 0)

    def _found(self, text):
        """The compiled pattern; for a known one and plain text Python's own `re` will do."""
        if self._in_ascii and text.isascii():
            return self._in_ascii
        try:
            return self._compile()
        except Missing:
            if self.name not in PATTERNS or not text.isascii():
                raise
            self._in_ascii = re.compile(ascii_pattern(self.source), re.ASCII)
            return self._in_ascii

    def _compile(self):
        try:
            import regex
        except ImportError:
            raise Missing(
                f"The split pattern {self.name} needs the package regex, which is not installed:"
                " `pip install regex` adds it; the pattern none works without.",
                needs="regex",
            ) from None
        try:
            self._compiled = regex.compile(self.source)
        except regex.error as error:
            raise UserError(
                f"The split pattern {self.source[:60]!r} is not a regular expression ({error});"
                f" use one of {', '.join(PATTERNS)}, or mend it."
            ) from None
        return self._compiled


_CLASSES = {"L": "A-Za-z", "N": "0-9", "Lu": "A-Z", "Ll": "a-z"}  # the others have no ASCII
_PART = re.compile(r"\\p\{(\w+)\}|\\.|.")


def ascii_pattern(source):
    """A pattern for text in ASCII alone, in the words of `re`.

    >>> ascii_pattern(r" ?\\p{L}+|[^\\s\\p{L}\\p{M}]")
    ' ?[A-Za-z]+|[^\\\\sA-Za-z]'
    """
    written, inside = "", False  # a pair of brackets
    for part in _PART.finditer(source):
        inside = part[0] == "[" or (inside and part[0] != "]")
        if not part[1]:
            written += part[0]
        else:
            found = _CLASSES.get(part[1], "")
            written += found if inside else f"[{found}]"
    return written


def _is_cut(text, at):
    # isspace() knows a few more blanks than the patterns' \s, which only makes this stricter.
    return not text[at - 1].isspace() and not text[at + 1].isspace()
