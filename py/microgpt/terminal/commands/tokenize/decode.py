"""`tokenize decode`: token ids, typed or in a token file, into text."""

import sys

from ....data.tokens import open_tokens
from ....errors import UserError
from ...find import open_tokenizer
from .source import add_tokenizer


def add(parser):
    parser.add_argument("ids", metavar="ID", nargs="*", help="(what comes on stdin)")
    add_tokenizer(parser)
    parser.add_argument("--data", metavar="FILE", help="a token file, a document a line")
    parser.add_argument("--specials", action="store_true", help="print special tokens by name")


def run(args):
    tokenizer = open_tokenizer(args.tokenizer, args.pattern)
    if args.data:
        if args.ids:
            raise UserError("Give either token ids or --data, not both.")
        _decode_file(args, tokenizer)
        return 0
    words = args.ids or sys.stdin.read().replace(",", " ").replace("[", " ").split()
    ids = []
    for word in words:
        word = word.strip(",[]")
        if not word.isdecimal():
            raise UserError(f"{word!r} is not a token id; give whole numbers.")
        ids.append(int(word))
    print(tokenizer.decode(ids, specials=args.specials))
    return 0


def _decode_file(args, tokenizer, together=1 << 20):
    """Print a token file; where a document ends, so does the line."""
    tokens, stream = open_tokens(args.data), tokenizer.stream()
    begun = False
    for start in range(0, len(tokens), together):
        part = []
        for id in tokens[start : start + together].tolist():
            if id != tokenizer.bos or args.specials:
                special = args.specials and tokenizer.token_bytes[id] == 0
                part.append(tokenizer.decode([id], specials=True) if special else stream.push(id))
                begun = True
            elif begun:
                part.append(stream.finish() + "\n")
        sys.stdout.write("".join(part))
    sys.stdout.write(stream.finish())
