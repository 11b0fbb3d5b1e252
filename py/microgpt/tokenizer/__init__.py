"""Text to token ids and back."""

from .bpe import BPETokenizer
from .chars import CharTokenizer
from .files.own import from_dict, to_dict

__all__ = ["BPETokenizer", "CharTokenizer", "from_dict", "to_dict"]
