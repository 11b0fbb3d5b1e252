"""`python -m tests.proof NAME [--count N] [--seed S]`: one proof, with its progress and result.

A proof is a module beside this one, or in damage/, with COUNT (how often it is done unless asked
otherwise) and `prove(count, seed)`, which yields how many are done now and then, raises
AssertionError with what failed, and returns one line that says what was found.
"""

import argparse
import signal
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

PROOFS = {
    "calculator": "the calculator and count, on made-up expressions",
    "checkpoints": "damaged checkpoints",
    "commands": "wrong command lines",
    "convert": "damaged files of other programs",
    "cores": "runs on 1, 2 and 4 threads, and interrupts",
    "files": "damaged tokenizers, settings, token files, links",
    "gradient": "random weights: parts, measured slope, move",
    "machines": "runs on several ranks, killed and interrupted",
    "kills": "kill -9 while a checkpoint is saved",
    "networks": "servers that do what they should not",
    "recipes": "the training of each preset, on each kind of data",
    "resume": "runs stopped at any moment and gone on with",
    "serve": "a crowd of clients at one server",
    "sweep": "a study of four processes, one of them killed; a sweep beside a fine grid",
    "thorough": "the tests with every case of their tables, and with more made-up inputs",
    "tokenizers": "our ids beside tiktoken's",
}


def main(arguments=None):
    root = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(root / name) for name in ("py", "tests", "tests/helpers")]
    parser = argparse.ArgumentParser("python -m tests.proof", description=__doc__.split("\n")[0])
    parser.add_argument("name", choices=PROOFS, metavar="NAME", help=", ".join(PROOFS))
    parser.add_argument("--count", type=int, help="how many times")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(arguments)
    # A shell starts what is in the background deaf to Ctrl-C, and so would be all it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    room = "damage." if find_spec(f"proof.damage.{args.name}") else ""
    proof = import_module(f"proof.{room}{args.name}")
    count = proof.COUNT if args.count is None else args.count
    steps = proof.prove(count, args.seed)
    while True:
        try:
            done = next(steps)
        except StopIteration as end:
            print(end.value)
            return 0
        except AssertionError as failure:
            print(f"{args.name}, seed {args.seed}: {failure}")
            return 1
        print(f"{done:,} of {count:,}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
