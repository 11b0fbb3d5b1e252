"""Pickles as lists of opcodes: what they say is taken down, and nothing in them is ever run.

A pickle is a small program. Unpickling runs it, and it may call any function there is. Here its
opcodes are read one by one; those that build numbers, texts and tables do so, and a call is
answered by a function of ours or refused by the name of what it wanted.
"""

import pickletools
import struct

from ..safetensors import NONSENSE, CheckpointError

MARK = object()
MOST = 1 << 28  # bytes of a pickle: more are no names and shapes


def read_pickle(data, known, name, persistent=None):
    """What a pickle describes.

    `known` is {"module name": function of ours} of all that it may call; `persistent` answers for
    what is kept elsewhere.
    """
    try:
        return _run(data, known, name, persistent)
    except CheckpointError:
        raise
    except (*NONSENSE, IndexError, struct.error):
        raise CheckpointError(
            f"{name} is damaged: its pickle makes no sense; use another copy."
        ) from None


def _run(data, known, name, persistent):
    stack, memo = [], {}

    def function(asked):
        if asked not in known:
            raise CheckpointError(
                f"{name} wants to call {asked[:80]!r}, which no model needs; it was not opened."
            )
        return known[asked]

    def since_mark():
        taken = []
        while (value := stack.pop()) is not MARK:
            taken.append(value)
        return taken[::-1]

    def put(pairs):
        if not isinstance(stack[-1], dict):
            raise ValueError
        stack[-1].update(pairs)

    for op, arg, _ in pickletools.genops(data):
        match op.name:
            case "PROTO" | "FRAME":
                pass
            case "STOP":
                (found,) = stack
                if found is MARK:
                    raise ValueError
                return found
            case "MARK":
                stack.append(MARK)
            case "NONE":
                stack.append(None)
            case "NEWTRUE" | "NEWFALSE":
                stack.append(op.name == "NEWTRUE")
            case (
                "BININT" | "BININT1" | "BININT2" | "LONG1" | "BINFLOAT" | "BINUNICODE"
                | "SHORT_BINUNICODE" | "BINUNICODE8" | "BINBYTES" | "SHORT_BINBYTES" | "BINBYTES8"
            ):  # fmt: skip
                stack.append(arg)
            case "EMPTY_DICT":
                stack.append({})
            case "EMPTY_LIST":
                stack.append([])
            case "EMPTY_TUPLE":
                stack.append(())
            case "TUPLE":
                stack.append(tuple(since_mark()))
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                count = int(op.name[-1])
                stack[-count:] = [tuple(stack[-count:])]
            case "SETITEM":
                value, key = stack.pop(), stack.pop()
                put({key: value})
            case "SETITEMS":
                flat = since_mark()
                put(zip(flat[::2], flat[1::2], strict=True))
            case "APPEND":
                value = stack.pop()
                stack[-1].append(value)
            case "APPENDS":
                values = since_mark()
                stack[-1].extend(values)
            case "BINPUT" | "LONG_BINPUT":
                memo[arg] = stack[-1]
            case "MEMOIZE":
                memo[len(memo)] = stack[-1]
            case "BINGET" | "LONG_BINGET":
                stack.append(memo[arg])
            case "GLOBAL":
                stack.append(function(arg))
            case "STACK_GLOBAL":
                attribute, module = stack.pop(), stack.pop()
                stack.append(function(f"{module} {attribute}"))
            case "REDUCE" | "NEWOBJ":
                arguments, called = stack.pop(), stack.pop()
                if called not in known.values():
                    raise ValueError
                stack.append(called(*arguments))
            case "BUILD":
                state = stack.pop()
                if isinstance(stack[-1], Described):
                    stack[-1].state = state
            case "BINPERSID" if persistent:
                stack.append(persistent(stack.pop()))
            case other:
                raise CheckpointError(
                    f"{name} has the opcode {other}, which no model needs; it was not opened."
                )
    raise ValueError


class Described:
    """What stands for an object that a pickle wants made; `state` is what it would be given."""

    state = None


# ---- writing


class Call:
    """A call in a pickle that is written: `"module name"`, its arguments, and a state or None."""

    def __init__(self, function, arguments, state=None, new=False):
        self.function, self.arguments, self.state, self.new = function, arguments, state, new


class Kept:
    """A value that is kept outside the pickle, known by a tuple."""

    def __init__(self, key):
        self.key = key


class Global:
    """A name in a pickle that is written."""

    def __init__(self, name):
        self.name = name


def write_pickle(value, protocol):
    """A pickle that describes a value; with bytes in it the protocol is 3 at least."""
    parts = [bytes([0x80, protocol])]
    _write(value, parts)
    return b"".join([*parts, b"."])


def _write(value, parts):
    if value is None:
        parts.append(b"N")
    elif isinstance(value, bool):
        parts.append(b"\x88" if value else b"\x89")
    elif isinstance(value, int):
        small = -(2**31) <= value < 2**31
        parts.append(
            struct.pack("<ci", b"J", value)
            if small
            else b"\x8a\x08" + value.to_bytes(8, "little", signed=True)
        )
    elif isinstance(value, str):
        data = value.encode()
        parts += [struct.pack("<cI", b"X", len(data)), data]
    elif isinstance(value, bytes):
        parts += [struct.pack("<cI", b"B", len(value)), value]
    elif isinstance(value, tuple):
        parts.append(b"(")
        for each in value:
            _write(each, parts)
        parts.append(b"t")
    elif isinstance(value, dict):
        parts.append(b"}(")
        for pair in value.items():
            for each in pair:
                _write(each, parts)
        parts.append(b"u")
    elif isinstance(value, Global):
        parts.append("c{}\n{}\n".format(*value.name.split(" ")).encode())
    elif isinstance(value, Kept):
        _write(value.key, parts)
        parts.append(b"Q")
    else:
        _write(Global(value.function), parts)
        _write(value.arguments, parts)
        parts.append(b"\x81" if value.new else b"R")
        if value.state is not None:
            _write(value.state, parts)
            parts.append(b"b")
