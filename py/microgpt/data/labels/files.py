"""Texts with labels from a file: CSV with or without a header, or JSON lines.

A table has a column of texts and one of labels, with commas, semicolons or tabs between them; a
field in quotes may hold them, quotes (doubled) and line ends. A line of JSON is an object. Which
column is which is told by its name (see TEXTS and LABELS) or, without a header, by what is in it.
"""

import csv
import io
import json

from ...errors import UserError
from ..text import check_file, decode

TEXTS = ("text", "sentence", "message", "content", "review", "body", "document", "comment")
LABELS = ("label", "class", "category", "topic", "sentiment", "target", "intent", "type")
LONGEST = 1 << 24  # characters of a field
MOST_LABELS = 1000
SHOWN = 6


def read_labelled(path, encoding=None, text=None, label=None):
    """[(text, label)] of a file; `text` and `label` name its columns where it has other names."""
    check_file(path)
    try:
        with open(path, "rb") as file:
            content = decode(file.read(), str(path), encoding)
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); check it.") from None
    return parse(content, str(path), text, label)


def parse(content, name, text=None, label=None):
    """[(text, label)] in the content of a file called `name`."""
    read = _json_rows if name.endswith((".jsonl", ".json", ".ndjson")) else _csv_rows
    return _checked(read(content, name, text, label), name)


def _checked(rows, name):
    pairs, lines = [], {}
    for line, text, label in rows:
        text, label = text.strip(), label.strip()
        if not text or not label:
            raise _wrong(name, line, f"the {'label' if text else 'text'} is empty")
        pairs.append((text, label))
        lines.setdefault(label, line)
    if len(lines) < 2:
        found = f"only the label {next(iter(lines))}" if lines else "no texts with labels"
        raise UserError(f"{name} has {found}; to sort texts there have to be two labels.")
    if len(lines) > min(MOST_LABELS, max(20, len(pairs) // 2)):
        raise UserError(
            f"{name} has {len(lines):,} different labels for {len(pairs):,} texts; is that the"
            " column of labels? Name it with --label-column."
        )
    return pairs


def _wrong(name, line, what):
    return UserError(f"{name}, line {line:,}: {what}; mend the line.")


# ---- tables


def _csv_rows(content, name, text, label):
    """Yield (line, text, label) of a table."""
    rows = _records(content, name)
    first_line, first = next(rows, (1, []))
    places = _places_by_name(first, name, text, label)
    if places is None:
        found = [(first_line, first), *rows]
        places, rows = _places_by_content(found, name), iter(found)
    width = len(first)
    for line, row in rows:
        if len(row) != width:
            raise _wrong(name, line, f"{_columns(len(row))} where the first line has {width}")
        yield line, row[places[0]], row[places[1]]


def _records(content, name):
    """Yield (the line a record begins in, its fields); empty lines are left out."""
    between = _delimiter(content)
    csv.field_size_limit(LONGEST)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=between, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            what = "a quote is opened and never closed"
            if "expected after" in str(error):
                what = "something stands behind a closing quote; a quote inside is written twice"
            elif "field larger" in str(error):
                what = f"a field is longer than {LONGEST:,} characters; is a quote missing"
            raise _wrong(name, line, what) from None
        if row:
            yield line, row


def _delimiter(content):
    """What stands between fields in the first line: the commonest of comma, semicolon and tab."""
    first = content[: content.find("\n") + 1 or None]
    outside = "".join(first.split('"')[::2])
    return max(",\t;", key=outside.count)


def _places_by_name(head, name, text, label):
    """(column of texts, column of labels) if the first row has their names; else None."""
    names = [field.strip().lower() for field in head]
    wanted = [([text], "--text-column"), ([label], "--label-column")]
    if text is None and label is None:
        found = [[i for i, each in enumerate(names) if each in known] for known in (TEXTS, LABELS)]
        return (found[0][0], found[1][0]) if all(found) else None
    places = []
    for (given,), flag in wanted:
        known = (TEXTS if flag.startswith("--text") else LABELS) if given is None else (given,)
        found = [i for i, each in enumerate(names) if each in [k.lower() for k in known]]
        if not found:
            raise UserError(
                f"{name} has no column {given or 'of a known name'}; its first line has"
                f" {', '.join(head)[:200]}. Name one with {flag}."
            )
        places.append(found[0])
    return tuple(places)


def _places_by_content(rows, name):
    """(column of texts, column of labels) of two columns: labels are those that come again."""
    width = len(rows[0][1])
    if width != 2:
        raise UserError(
            f"{name} has {_columns(width)} and no header that says which has the text and which"
            f" the label; give it a first line such as text,label"
            + (", or name them with --text-column and --label-column." if width > 2 else ".")
        )
    pairs = [row for _, row in rows if len(row) == 2]
    kinds = [len({row[i] for row in pairs}) for i in (0, 1)]
    if kinds[0] == kinds[1]:
        kinds = [-sum(len(row[i]) for row in pairs) for i in (1, 0)]
    return (1, 0) if kinds[0] < kinds[1] else (0, 1)


def _columns(count):
    return f"{count} column{'s'[count == 1 :]}"


# ---- JSON lines


def _json_rows(content, name, text, label):
    """Yield (line, text, label) of JSON lines."""
    for line, row in enumerate(content.split("\n"), 1):
        if not row.strip():
            continue
        try:
            record = json.loads(row)
        except json.JSONDecodeError as error:
            raise _wrong(
                name, line, f"it is not JSON ({error.msg}, column {error.colno})"
            ) from None
        except RecursionError:
            raise _wrong(name, line, "it is nested too deeply") from None
        if not isinstance(record, dict):
            raise _wrong(name, line, "it is no object with a text and a label")
        said = _value(record, [text] if text else TEXTS, name, line)
        kind = _value(record, [label] if label else LABELS, name, line)
        if not isinstance(said, str):
            raise _wrong(name, line, "its text is no text")
        if isinstance(kind, bool | int):
            kind = json.dumps(kind)
        if not isinstance(kind, str):
            raise _wrong(name, line, "its label is neither a text nor a whole number")
        yield line, said, kind


def _value(record, keys, name, line):
    for key in keys:
        if key in record:
            return record[key]
    there = ", ".join(list(map(str, record))[:SHOWN]) or "nothing"
    wanted = keys[0] if len(keys) == 1 else f"{keys[0]} or a word like it"
    raise _wrong(name, line, f"it has no key {wanted} but {there[:120]}")
