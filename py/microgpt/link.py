"""A trained model in a link: small enough to travel in the part of an address after the `#`.

    mgpt | base64url( version, kind, checksum | deflate( head, scales, weights ) )

Every row of a weight matrix is kept as whole numbers from -127 to 127 and one half-precision
scale; on the reference model that moves the held-out loss by about 0.0002. What comes in is a
stranger's: it is checked before it is unpacked, and no size in it is believed.
"""

import base64
import binascii
import json
import math
import struct
import zlib
from dataclasses import asdict

import numpy as np

from . import tokenizer as tokenizers
from .errors import UserError
from .gpt.config import GPTConfig
from .gpt.model import GPT
from .gpt.parameters import parameter_shapes
from .quantization import eight_bits

MARK = "mgpt"
VERSION = 1  # raised when an older reader could not understand the link
PLAIN, DEFLATED = 0, 1
_FRAME = struct.Struct("<BBI")  # version, kind, CRC-32 of the rest
_HEAD = struct.Struct("<I")  # length of the JSON that follows

# What a link may hold. An address of some megabytes is the most a browser takes.
MAX_TEXT = 4_000_000
MAX_BODY = 4_000_000
MAX_BLOCK = 4096  # the mask of a model takes block² numbers that the link does not pay for
MAX_NOTE = 2000


class LinkError(UserError):
    """A link that does not hold a model we can use."""


def pack(model, tokenizer, note=None):
    """The model as text; `note` is a small JSON record that says where it comes from."""
    config = model.config
    _check_size(config, "This model is too large for a link; save it to a file instead.")
    standard = GPTConfig.defaults()
    head = {
        "model": {k: v for k, v in asdict(config).items() if v != standard[k]},
        "tokenizer": tokenizers.to_dict(tokenizer),
        "note": note or {},
    }
    text = json.dumps(head, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")
    scales, levels = zip(*map(eight_bits, map(_as_rows, model.weights.named().values())))
    # Numbers of a kind stand together: that is what deflate likes.
    body = b"".join([_HEAD.pack(len(text)), text, *(a.tobytes() for a in (*scales, *levels))])
    small = _deflate(body)
    kind, body = (DEFLATED, small) if len(small) < len(body) else (PLAIN, body)
    data = _FRAME.pack(VERSION, kind, zlib.crc32(body)) + body
    return MARK + base64.urlsafe_b64encode(data).decode().rstrip("=")


def note_of(run):
    """What a link says of the run its model comes from."""
    note = {"step": run.step, "data": run.corpus.name[:80]}
    if run.evaluations:
        note["loss"] = round(run.evaluations[-1].loss, 3)
    return note


def unpack(text):
    """(model, tokenizer, note) of a link, or one sentence saying why not."""
    body = _body(_decoded(text))
    try:
        (length,) = _HEAD.unpack_from(body)
        head = json.loads(body[_HEAD.size : _HEAD.size + length])
        settings, description, note = head["model"], head["tokenizer"], head["note"]
    except (struct.error, ValueError, KeyError, TypeError, RecursionError):
        raise _damaged("its description cannot be read") from None
    if not isinstance(note, dict) or len(json.dumps(note)) > MAX_NOTE:
        raise _damaged("its note makes no sense")
    config = GPTConfig.from_dict(settings)
    tokenizer = tokenizers.from_dict(description)
    if tokenizer.vocab_size != config.vocab_size:
        raise _damaged("its alphabet does not fit its model")
    _check_size(config, "The model in this link is too large to be opened from one.")
    return _model(config, memoryview(body)[_HEAD.size + length :]), tokenizer, note


def _model(config, data):
    """Fill a model from its scales and levels. It is made only once the sizes are known to fit."""
    shapes = parameter_shapes(config)
    rows = sum(shape[0] if len(shape) > 1 else 1 for shape in shapes.values())
    if len(data) != 2 * rows + _count(shapes):
        raise _damaged("its weights do not fit its description")
    scales = np.frombuffer(data[: 2 * rows], "<f2").astype(np.float32)
    levels = np.frombuffer(data[2 * rows :], np.int8)
    if not np.isfinite(scales).all():
        raise _damaged("its weights are no numbers")
    model = GPT(config, np.float32)
    start = row = 0
    for view in map(_as_rows, model.weights.named().values()):
        height = view.shape[0]
        own = levels[start : start + view.size].reshape(view.shape)
        view[...] = own * scales[row : row + height, None]
        start, row = start + view.size, row + height
    return model


def _as_rows(array):
    """A matrix as it is; a vector, such as the gains of a norm, as one row."""
    return array if array.ndim > 1 else array.reshape(1, -1)


def _check_size(config, sentence):
    # One after the other: each number is looked at before anything is as large as it.
    layers = config.n_layer * config.n_embd * 2 * (config.n_embd + config.hidden)
    if config.block_size > MAX_BLOCK or layers > MAX_BODY or config.n_layer > MAX_BODY // 6:
        raise LinkError(sentence)
    if layers + config.n_embd * (2 * config.vocab_size + config.block_size) > MAX_BODY:
        raise LinkError(sentence)
    if _count(parameter_shapes(config)) > MAX_BODY:  # value embeddings in every other layer
        raise LinkError(sentence)


def _count(shapes):
    return sum(math.prod(shape) for shape in shapes.values())


def _decoded(text):
    text = "".join(text.split())  # mail programs break long lines
    if not text.startswith(MARK):
        raise LinkError("This link holds no microgpt model.")
    if len(text) > MAX_TEXT:
        raise LinkError("This link is too long to hold a microgpt model.")
    text = text[len(MARK) :]
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        version, kind, checksum = _FRAME.unpack_from(data)
    except (binascii.Error, struct.error, ValueError):
        raise _damaged("it is cut short or has been changed") from None
    if version > VERSION:
        raise LinkError("This link was made by a newer microgpt; open it with that version.")
    return kind, checksum, data[_FRAME.size :]


def _body(frame):
    kind, checksum, data = frame
    if kind not in (PLAIN, DEFLATED) or zlib.crc32(data) != checksum:
        raise _damaged("it is cut short or has been changed")
    return data if kind == PLAIN else _inflate(data)


def _deflate(data):
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)  # raw: we have a checksum of our own
    return squeeze.compress(data) + squeeze.flush()


def _inflate(data):
    """Unpacked, but never to more than a link may hold."""
    stream = zlib.decompressobj(-15)
    try:
        body = stream.decompress(data, MAX_BODY)
    except zlib.error:
        raise _damaged("it cannot be unpacked") from None
    if stream.unconsumed_tail or not stream.eof:
        raise LinkError("The model in this link is too large to be opened from one.")
    return body


def _damaged(why):
    return LinkError(f"This link is damaged: {why}; ask for it again.")
