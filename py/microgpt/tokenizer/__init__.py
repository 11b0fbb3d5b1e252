"""Text to token ids and back."""

from ..errors import UserError
from .bpe import BPETokenizer
from .chars import CharTokenizer

KINDS = {"chars": CharTokenizer, "bpe": BPETokenizer}


def from_dict(description):
    """The tokenizer that `to_dict()` described, as it is kept in a checkpoint."""
    if not isinstance(description, dict) or "type" not in description:
        raise UserError("The tokenizer in this file is damaged; save or download the file again.")
    kind = description["type"]
    if not isinstance(kind, str) or kind not in KINDS:
        raise UserError(
            f"This version knows no tokenizer of type {kind!r}, only {', '.join(KINDS)};"
            " use the version that wrote the file, or a newer one."
        )
    return KINDS[kind].from_dict(description)
