"""`chat`: talk to a model that was taught to answer."""

import json
import sys

from .... import convert
from ....data.copied import CopyIndex
from ....dialogue import NOT_TAUGHT, Dialogue, was_taught_to_chat
from ....errors import UsageError, UserError
from ....inference.sampling import Sampling
from ...args import add_number, add_settings, given
from ...find import find_model, is_link
from ...progress import Style
from .room import NO_INDEX, ChatRoom, Printer

DESCRIPTION = """\
Talk to a model that `finetune chat` made. With --prompt it gives one answer; where no terminal is,
each line on stdin is a message. Inside, /help lists what can be changed."""
MOST = 256  # tokens of an answer


def add(parser):
    parser.usage = "%(prog)s FILE [options], or %(prog)s --url URL [options]"
    parser.description = DESCRIPTION
    saved = "a model saved by finetune chat --out"
    parser.add_argument("checkpoint", metavar="FILE", nargs="?", help=saved)
    url = "talk to a server in OpenAI's wire format instead: ours (serve), or another"
    parser.add_argument("--url", metavar="URL", help=url)
    parser.add_argument("--model", metavar="NAME", help="of its models this one (its first)")
    parser.add_argument("--prompt", metavar="TEXT", help="one message: print the answer and end")
    parser.add_argument("--system", default="", metavar="TEXT", help="what stands before it all")
    most = f"the longest answer ({MOST}); 0: as far as the model can see"
    add_number(parser, "--max-tokens", MOST, most, low=0)
    add_number(parser, "--seed", None, "the same seed answers the same (by chance)", high=2**64 - 1)
    parser.add_argument(
        "--sure", action="store_true", help="after each token, how sure the model was, in percent"
    )
    parser.add_argument(
        "--copied",
        action="store_true",
        help="say which stretches of an answer stand word for word in what it was taught",
    )
    parser.add_argument("--json", action="store_true", help="each answer as one JSON object")
    add_settings(parser, Sampling, {"temperature": "how tokens are chosen"})


def run(args):
    dialogue, copies = _elsewhere(args) if args.url else _here(args)
    if args.copied and not copies:
        raise UserError(NO_INDEX.format(args.checkpoint or args.url))
    printer = JsonPrinter(copies if args.copied else None) if args.json else None
    printer = printer or Printer(sys.stdout, Style(sys.stdout), args.sure)
    room = ChatRoom(dialogue, printer, args.sure, copies, args.copied)
    if args.prompt is not None:
        return room.answer(dialogue.ask(args.prompt, args.sure))
    return room.open()


def _here(args):
    """(dialogue, index of what it may copy or None) with a model in a file."""
    if not args.checkpoint:
        raise UsageError("The word FILE is missing: name a model, such as story-chat, or --url.")
    if args.model:
        raise UsageError("--model is for a server; give --url too, or leave it out.")
    model, tokenizer, copies = _open(args.checkpoint)
    sampling = Sampling(**given(args, Sampling))
    dialogue = Dialogue(
        model.by_columns(), tokenizer, sampling, args.max_tokens, args.seed, args.system
    )
    return dialogue, copies


def _elsewhere(args):
    """The same with a server's model, of which nothing is known here."""
    if args.checkpoint:
        raise UsageError("Name a file or --url, not both.")
    from .remote import Remote, RemoteDialogue

    remote, chosen = Remote(args.url), given(args, Sampling)
    name = args.model or next(iter(remote.models()), "")
    settings = Sampling(**chosen), chosen, args.max_tokens, args.seed, args.system
    return RemoteDialogue(remote, name, *settings), None


def _open(path):
    """(model, tokenizer, index of what it may copy or None) of a chat model.

    A base model is refused, which would only babble.
    """
    if is_link(path):
        return *find_model(path), None
    checkpoint = convert.load(path)
    if template := checkpoint.meta.get("chat_template"):
        raise UserError(f"{path}: {template}; `sample` writes with it, `finetune chat` teaches it.")
    model = checkpoint.model()
    if not was_taught_to_chat(checkpoint.meta):
        raise UserError(NOT_TAUGHT.format(path, path))
    return model, checkpoint.tokenizer(), CopyIndex.kept_in(checkpoint)


class JsonPrinter:
    """Each answer as one line of JSON, when it is whole."""

    def __init__(self, copies=None):
        self._copies = copies

    def begin(self):
        self._tokens = []

    def add(self, said):
        if said.probability is not None:
            self._tokens.append({"text": said.text, "p": round(said.probability, 4)})

    def end(self, dialogue):
        parts = dialogue.messages[-1].parts
        record = {
            "text": dialogue.messages[-1].text,
            "parts": [{"type": kind, "text": text} for kind, text in parts],
            "reason": dialogue.ended or "stopped",
            "turns_left_out": dialogue.left_out,
        }
        if self._tokens:
            record["tokens"] = self._tokens
        if self._copies:
            record["copied"] = self._copies.stretches(record["text"])
        print(json.dumps(record), flush=True)
