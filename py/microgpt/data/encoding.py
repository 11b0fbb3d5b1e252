"""The bytes of a text file as text: UTF-8, and what else a text may be kept in."""

import codecs
import io

from ..errors import UserError

# Without the mark that begins a text in UTF-16 the order of its bytes has to be named.
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "windows-1252": "Windows-1252",
}
LOOKED_AT = 1 << 16  # bytes of a file that tell what it is

# How files begin that people take for text.
SIGNATURES = {
    b"\x1f\x8b": "a gzip archive: unpack it first",
    b"PK\x03\x04": "a zip archive or an office document: unpack it, or save it as plain text",
    b"%PDF-": "a PDF: save it as plain text",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GGUF\x03\0": "the weights of a model (GGUF)",
}


class OtherEncoding(UserError):
    """A text that is not in UTF-8; `encoding` is the one of ENCODINGS that it seems to be in."""

    def __init__(self, message, encoding):
        super().__init__(message)
        self.encoding = encoding


def decoder(encoding=None):
    """Turns bytes into text, a part at a time, with line ends normalised."""
    name = "utf-8-sig" if encoding in (None, "utf-8") else encoding
    if encoding not in (None, *ENCODINGS):
        raise UserError(f"There is no encoding {encoding!r}; there are {', '.join(ENCODINGS)}.")
    return io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(name)(), True)


def check_beginning(data, name, encoding=None):
    """Refuse bytes that begin as no text does, or as one in another encoding."""
    if kind := looks_like(data):
        raise UserError(f"{name} is not plain text but looks like {kind}.")
    if encoding in (None, "utf-8") and (found := _utf16(data[:LOOKED_AT])):
        raise OtherEncoding(f"{name} is text in UTF-16, not in UTF-8.", found)


def looks_like(data):
    """What a file that begins so is instead of text, or None."""
    for signature, kind in SIGNATURES.items():
        if data.startswith(signature):
            return kind
    # safetensors: eight bytes of length, then a JSON header
    if data[8:10] == b'{"' and b"\0" in data[:8]:
        return "the weights of a model (safetensors)"
    return None


def refusal(data, name, error, line, encoding=None, place=""):
    """Why some bytes cannot be read, as an error to raise; `error` is the decoder's."""
    byte = f"line {line} has the byte 0x{error.object[error.start]:02X}{place}"
    if encoding not in (None, "utf-8"):
        return UserError(f"{name} is not in {ENCODINGS[encoding]}: {byte}; leave the encoding out.")
    if _is_binary(data[:LOOKED_AT]):
        return UserError(f"{name} is not a text: {byte}; choose a text file.")
    if _is_windows(data):
        return OtherEncoding(
            f"{name} is not in UTF-8 ({byte}) but seems to be Windows text (Windows-1252).",
            "windows-1252",
        )
    return UserError(f"{name} is not valid UTF-8: {byte}; save it as UTF-8.")


def _utf16(data):
    """Which UTF-16 it is, or None: by its mark, or by a zero in every other byte."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    first, second = (data[i::2].count(0) / max(1, len(data[i::2])) for i in (0, 1))
    if len(data) < 4 or max(first, second) < 0.8 or min(first, second) > 0.2:
        return None
    return "utf-16-be" if first > second else "utf-16-le"


def _is_binary(data):
    """Bytes that no text has: control characters, but for those of lines, tabs and terminals."""
    return any(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in data)


def _is_windows(data):
    """Could it be Windows-1252? Not where most of it is UTF-8, or where it has no such letter."""
    text = data.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    right = sum(character > "\x7f" for character in text) - wrong
    if right >= wrong:
        return False
    try:
        data.decode("windows-1252")
    except UnicodeDecodeError:
        return False
    return True
