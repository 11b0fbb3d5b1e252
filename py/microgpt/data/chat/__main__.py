"""`python -m py.microgpt.data.chat`: made-up conversations as JSON lines, one a line.

python3 -m py.microgpt.data.chat > fallback_data/chat.jsonl    # the sample that is shipped
python3 -m py.microgpt.data.chat --count 40000 --seed 1 > more.jsonl
python3 -m py.microgpt.data.chat --held-out --count 1000 > test.jsonl
"""

import argparse
import sys

from . import SAMPLE, json_lines


def main(arguments=None):
    parser = argparse.ArgumentParser("python -m py.microgpt.data.chat", description="Conversations")
    parser.add_argument("--count", type=int, default=SAMPLE, help="how many")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--held-out", action="store_true", help="with content kept from training")
    args = parser.parse_args(arguments)
    for line in json_lines(args.count, args.seed, args.held_out):
        sys.stdout.write(line)


if __name__ == "__main__":
    main()
