"""`data check`: how much some data are, how often a run would read them, and what to change."""

import json
import random
import sys
from dataclasses import replace

from ....data.check import Plan, check
from ....data.conversations.corpus import CONVERSATIONS
from ....gpt.config import GPTConfig
from ....gpt.parameters import count_parameters
from ....presets import MOST_DEPTH, PRESETS
from ....tokenizer import BPETokenizer, CharTokenizer
from ....tokenizer.special import with_chat_tokens
from ....training.config import TrainConfig
from ...args import add_data, add_number, add_pattern, add_settings, add_word
from ...find import choose_tokenizer, find_text_or_conversations
from ...progress import Progress
from .. import train


def add(parser):
    parser.add_argument(
        "data",
        metavar="FILE",
        nargs="?",
        default="names",
        help="a text, a folder, a token file, conversations (.jsonl), or a word like names",
    )
    add_data(parser, with_file=False)
    tokenizer = parser.add_argument_group("tokenizer")
    tokenizer.add_argument("--tokenizer", metavar="chars|bpe|FILE", help="as for train (chars)")
    add_number(tokenizer, "--vocab", None, "bpe: how many tokens to learn (512)", low=1)
    add_pattern(tokenizer)
    planned = parser.add_argument_group("the run that is planned, as for train")
    add_word(planned, "--preset", list(PRESETS), "a named model and its training (microgpt)")
    add_number(planned, "--depth", None, "nanochat's one dial: layers", low=1, high=MOST_DEPTH)
    planned.add_argument("--config", metavar="FILE", help="settings from a .json or .toml file")
    parser.add_argument("--json", action="store_true", help="what was counted, as JSON on stdout")
    parser.add_argument("--quiet", action="store_true", help="no progress, only the result")
    add_settings(parser, TrainConfig, train.TRAINING)
    add_settings(parser, GPTConfig, train.MODEL, skip=("vocab_size",))


def run(args):
    progress = Progress(quiet=args.quiet)
    _, model, config = train.configs(args)
    corpus = find_text_or_conversations(args, progress, args.split)
    if corpus.split == CONVERSATIONS and not args.tokenizer:
        tokenizer = with_chat_tokens(BPETokenizer.from_merges([]))
    else:
        tokenizer = choose_tokenizer(args, corpus, progress)
        tokenizer = tokenizer or CharTokenizer.from_documents(corpus.documents)
    rows, held_out = corpus.rows(tokenizer, random.Random(config.seed), config.val_fraction)
    model = replace(model, vocab_size=tokenizer.vocab_size)
    plan = Plan.of(count_parameters(model), model, config)
    verdict = check(corpus, tokenizer, rows, held_out, plan)
    if args.json:
        facts = {**verdict.facts, "parameters": plan.parameters, "advice": verdict.advice}
        print(json.dumps(facts))
    else:
        _print(corpus, plan, verdict)
    return 0


def _print(corpus, plan, verdict):
    facts, style = verdict.facts, Progress(quiet=True, stream=sys.stdout).style
    print(style("1", f"{corpus.size} from {corpus.source}"))
    held_out = facts.get("held_out_tokens")
    print(
        f"{facts['tokens']:,} tokens to learn from"
        + (f", {held_out:,} held out" if held_out is not None else "")
        + f"; a vocabulary of {facts['vocabulary']:,}; the longest has {facts['longest']:,} tokens"
    )
    if facts["rows"] == "conversations":
        print(
            f"{facts['turns']:.1f} questions a conversation, {facts['typical_length']:,} tokens"
            f" typically; {facts['learned_share']:.0%} of the tokens are learned"
        )
    else:
        print(f"guessing {facts['guessing']:.3f}, counting pairs {facts['pairs']:.3f} nats a token")
    print(
        f"{plan.steps:,} steps of {plan.rows} read everything {_times(facts['passes'])};"
        f" the model has {plan.parameters:,} numbers"
    )
    for sentence in verdict.advice:
        print(f"{style('33', '!')} {sentence}")
    if not verdict.advice:
        print(f"{style('32', '+')} Nothing stands against training on this.")


def _times(passes):
    if passes < 1:
        return f"in part: {passes:.0%} of it"
    return f"{passes:,.1f} times"
