"""Scripts, styles and pages without what only the reader of a source needs: comments, indentation.

Nothing is renamed and no statement moves, so an error still names the function it came from. A
script is cut into its tokens, and where a slash could be a division as well as the begin of a
regular expression, or the result would not have the very same tokens, the file stays as it is.
"""

import re


def file(path, body):
    """One file of the site, as its name says what it is."""
    for ending, small in ((".js", script), (".css", style), (".html", page)):
        if path.endswith(ending):
            return small(body.decode()).encode()
    return body


# Scripts

SPACE = re.compile(r"(?:[ \t\r\n\f\v\u00a0\ufeff]|//[^\n\r\u2028\u2029]*|/\*.*?\*/)+", re.S)
WORD = re.compile(r"[#\w$\\\u0080-\uffff]+")
NUMBER = re.compile(r"(?:0[xXoObB][\da-fA-F_]+|(?:\d[\d_]*)?\.?\d[\d_]*\.?(?:[eE][+-]?\d+)?)n?")
STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'", re.S)
CHUNK = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*(`|\$\{)", re.S)  # of a template
REGEX = re.compile(r"/(?![*/])(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-zA-Z]*")
MARK = re.compile(
    r">>>=|\.\.\.|===|!==|\*\*=|<<=|>>=|>>>|&&=|\|\|=|\?\?=|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.(?!\d)"
    r"|\+\+|--|\+=|-=|\*=|/=|%=|&=|\|=|\^=|<<|>>|\*\*|[{}()\[\];,<>+\-*/%&|^!~?:=.@]"
)
BEFORE_REGEX = re.findall(
    r"\w+",
    "return typeof case in of delete void instanceof new throw else do await yield",
)
HEADS = {"if", "while", "for", "with"}  # whose parenthesis is followed by a statement
# No statement ends with the one or begins with the other, so that a line break there means nothing.
OPEN_END = re.findall(
    r"\S+", "{ ( [ , : ? ?. = => == === != !== < > <= >= + - * / % ** & | ^ ! ~ && || ?? . ..."
)
CLOSED_BEGIN = re.findall(
    r"\S+", ") ] } , ; : ? ?. . = => == === != !== && || ?? < > <= >= * % ** & | ^"
)


class Uncertain(Exception):
    """A script that this does not know how to read."""


def script(source):
    """A script with as few characters between its tokens as mean the same."""
    try:
        found = list(tokens(source))
        made = "".join(joined(found))
        same = [token[:2] for token in tokens(made)] == [token[:2] for token in found]
    except Uncertain:
        return source
    return made if same else source


def joined(found):
    before, last = "", ""
    for kind, text, gap in found:
        if before:
            yield between(before, last, kind, text, gap)
        yield text
        before, last = kind, text
    yield "\n"


def between(before, last, kind, text, gap):
    """What has to stand between two tokens."""
    if gap == "\n":
        open_end = before == "chunk" or before == "mark" and last in OPEN_END
        closed_begin = text[0] == "}" or kind == "mark" and text in CLOSED_BEGIN
        if not (open_end or closed_begin):
            return "\n"
    words = {"word", "number", "regex"}
    if before in words and (kind in words - {"regex"} or text[0] in "\"'`" and before == "regex"):
        return " "
    if before == "number" and text[0] == "." or kind == "number" and last[-1] == ".":
        return " "
    # No comment may come to be, and no end of a script.
    if last[-1] + text[0] in ("//", "/*", "</"):
        return " "
    if before == kind == "mark" and MARK.match(last + text)[0] != last:
        return " "
    return " " if (last + text).startswith(("<!", "-->")) else ""  # comments of old pages


def tokens(source):
    """(kind, text, gap) of every token; the gap before it is empty, a space or a line break."""
    at, end = 0, len(source)
    kind, last, previous = "", "", ""
    opened = []  # what each open bracket is: a template's, or the word before it
    while True:
        gap = SPACE.match(source, at)
        at = gap.end() if gap else at
        gap = gap and ("\n" if re.search(r"[\n\r\u2028\u2029]", gap[0]) else " ") or ""
        if at == end:
            break
        first = source[at]
        found = None
        if first == "`" or (first == "}" and opened and opened[-1] == "`"):
            found = CHUNK.match(source, at + 1)
            if not found:
                raise Uncertain("a template without an end")
            if first == "}":
                opened.pop()
            if found[1] == "${":
                opened.append("`")
            new = "template" if found[1] == "`" else "chunk"
        elif first in "\"'":
            found, new = STRING.match(source, at), "string"
        elif first.isdigit() or (first == "." and source[at + 1 : at + 2].isdigit()):
            found, new = NUMBER.match(source, at), "number"
        elif first == "/" and may_begin_regex(kind, last, previous):
            found, new = REGEX.match(source, at), "regex"
        else:
            found, new = WORD.match(source, at), "word"
            if not found:
                found, new = MARK.match(source, at), "mark"
        if not found:
            raise Uncertain(source[at : at + 20])
        text = source[at : found.end()]
        if new == "mark" and text in ("(", "[", "{"):
            opened.append(last if kind == "word" and previous not in (".", "?.") else "")
        previous = last
        if new == "mark" and text in (")", "]", "}"):
            if not opened:
                raise Uncertain("a bracket that nothing opens")
            previous = opened.pop()
        yield new, text, gap
        kind, last, at = new, text, found.end()
    if opened:
        raise Uncertain("a bracket that nothing closes")


def may_begin_regex(kind, last, previous):
    """Whether a slash after this begins a regular expression; otherwise it divides."""
    if kind == "word":
        return last in BEFORE_REGEX and previous not in (".", "?.")
    if kind != "mark":
        return kind in ("", "chunk")
    if last in ("}", "++", "--"):
        raise Uncertain("a slash that may be either")
    if last == ")":
        return previous in HEADS
    return last != "]"


# Styles

STYLE_TOKEN = re.compile(
    r"(?P<kept>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|url\([^)\"']*\))"
    r"|(?P<space>(?:\s|/\*.*?\*/)+)|(?P<other>[^\s\"'/u]+|.)",
    re.S,
)
NO_SPACE_AFTER = set("{};,>(:")
NO_SPACE_BEFORE = set("{};,>)!")


def style(source):
    """A stylesheet without comments and without the spaces that mean nothing."""
    made, gap = [], False
    for found in STYLE_TOKEN.finditer(source):
        if found["space"]:
            gap = True
            continue
        text = found[0]
        if gap and made and made[-1][-1] not in NO_SPACE_AFTER and text[0] not in NO_SPACE_BEFORE:
            made.append(" ")
        if text[0] == "}" and made and made[-1].endswith(";"):
            made[-1] = made[-1][:-1]
            made = made if made[-1] else made[:-1]
        made.append(text)
        gap = False
    return "".join(made) + "\n"


# Pages

PAGE_TOKEN = re.compile(
    r"(?P<kept><(?P<name>script|style|pre|textarea)\b.*?</(?P=name)>|<!doctype[^>]*>)"
    r"|(?P<comment><!--.*?-->)|(?P<tag></?[a-zA-Z](?:\"[^\"]*\"|'[^']*'|[^>\"'])*>)"
    r"|(?P<text>[^<]+|<)",
    re.S | re.I,
)
LINES = re.compile(r"[ \t]*\n\s*")


def page(source):
    """A page without comments and indentation; line breaks stay, for they separate words."""
    made = []
    for found in PAGE_TOKEN.finditer(source):
        if found["text"]:
            made.append(LINES.sub("\n", found[0]))
        elif not found["comment"]:
            made.append(found[0])
    return "".join(made)
