"""`finetune chat`: a trained model learns to answer, from conversations."""

from dataclasses import replace

from ....data.conversations.corpus import CONVERSATIONS
from ....dialogue import was_taught_to_chat
from ....errors import UsageError
from ....inference.sampling import Sampling
from ....presets import CHAT_TUNING
from ....tokenizer.special import with_chat_tokens
from ....training.config import TrainConfig
from ....training.finetune import finetune
from ...args import add_settings, given
from ...drive import TRAINING, add_keeping, add_showing
from ...find import check_alphabet, find_conversations
from ...memory import check_model
from .base import add_base, begin, changed, load_base
from .lora import add_lora, lora_of

DESCRIPTION = """\
Teach a trained model to answer: it begins with the weights of BASE and goes on with conversations,
of which it learns what the assistant says. What is in parentheses is what `train` has; here, unless
you say otherwise: {settings}."""
NOT_CHAT = (
    "is no run on conversations; `train --resume` goes on with it, and without --resume it is a"
    " BASE to begin with."
)


def add(parser):
    parser.usage = "%(prog)s BASE [options]"
    parser.description = DESCRIPTION.format(settings=changed(CHAT_TUNING))
    start = add_base(parser)
    start.add_argument(
        "--data",
        metavar="chat|FILE",
        help="conversations: those that microgpt makes up (small-chat: mostly sums, for a"
        ' smaller model), or JSON lines, each {"messages": [{"role": "user", "content": …},'
        " …]} (chat)",
    )
    start.add_argument(
        "--carry-optimizer",
        action="store_true",
        help="go on with what the optimizer gathered in the base's run, not afresh",
    )
    add_lora(parser)
    add_keeping(parser, copies=True)
    add_showing(parser, samples=10)
    add_settings(parser, TrainConfig, TRAINING)
    add_settings(parser, Sampling, {"temperature": "samples: how tokens are chosen"})
    parser.set_defaults(record=None, include=None, encoding=None)  # not of conversations


def run(args):
    if args.lora_rank and args.carry_optimizer:
        raise UsageError("Adapters begin with a fresh optimizer; leave out --carry-optimizer.")
    return begin(args, _start, CONVERSATIONS, NOT_CHAT)


def _start(args, progress):
    base = load_base(args)
    if was_taught_to_chat(base.meta):
        progress.say(f"{args.base} was taught to chat before; it goes on from there.")
    tuning, config = lora_of(args), replace(CHAT_TUNING, **given(args, TrainConfig))
    tokenizer = with_chat_tokens(base.tokenizer())
    sizes = replace(base.model_config(), vocab_size=tokenizer.vocab_size)
    check_model(sizes, config, tuning)
    corpus = find_conversations(args.data or "chat", progress)
    check_alphabet(tokenizer, corpus)
    return finetune(
        base, corpus, config, tokenizer, args.carry_optimizer, tuning=tuning, file=args.base
    )
