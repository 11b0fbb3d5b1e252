"""`serve`: models behind OpenAI's wire format. The work is in the room `serve`."""

import sys
from dataclasses import fields
from pathlib import Path
from urllib.parse import urlsplit

from ...errors import UsageError
from ..args import add_number

DESCRIPTION = """\
Answer programs in OpenAI's wire format: /v1/chat/completions, /v1/completions, /v1/embeddings,
/v1/models; and /health, /stats, /metrics. What a field means and which there are: see --fields."""
EPILOG = """\
examples:
  {prog} story-chat                               the model that comes along
  {prog} talk.safetensors base.safetensors --port 9000
  {prog} story-chat --workers 2 --json            log lines as JSON
  {prog} story-chat --cors https://example.org    a page from there may ask
  curl -s localhost:8000/v1/chat/completions -H 'Content-Type: application/json' \\
    -d '{{"model": "story-chat", "messages": [{{"role": "user", "content": "What is 3 + 4?"}}]}}'

Tokens that clients must send are read from --tokens FILE and from $MICROGPT_TOKEN.
SIGHUP loads the files again; Ctrl-C and SIGTERM finish what is being written, and end it."""
FIELDS = """\
messages       texts, or lists of parts of type text; the oldest are never left out unasked; two
               of the user in a row are read as one, with an empty line between them
model          a name from /v1/models
temperature    0 to 2 (0.5); top_p, and as extra fields top_k and min_p
max_tokens     or max_completion_tokens; an answer also ends where the model's block is full
stop           up to four texts; they are found wherever tokens meet
seed, n        choice i is what a single request with seed + i gets
stream         and stream_options.include_usage
logprobs       and top_logprobs: of the model itself, before temperature, bias and cuts
presence_penalty, frequency_penalty   of what was written in the answer; logit_bias by token id
tools          calculator and count, with calls for you to carry out; without tools the server
               runs them itself, and only what is said arrives. tool_choice: auto or none
response_format   {"type": "text"}
user, metadata, store, service_tier, safety_identifier   are accepted and change nothing
/v1/completions: prompt (texts or token ids), and the same fields where they make sense
/v1/embeddings: input; the mean of the final hidden states; encoding_format float or base64
usage counts every token that was read or written, marks and results of tools among them.
Any other field, and any wrong value, is refused with status 400 and its name."""


def add(parser):
    from ...serve.options import Options

    standard = {f.name: f.default for f in fields(Options)}
    parser.usage = "%(prog)s FILE [FILE ...] [options]"
    parser.description, parser.epilog = DESCRIPTION, EPILOG.format(prog=parser.prog)
    parser.formatter_class = type("Raw", (parser.formatter_class, _raw()), {})
    parser.add_argument("checkpoints", metavar="FILE", nargs="*", help="saved models; story-chat")
    parser.add_argument("--fields", action="store_true", help="explain the fields of requests")
    add_number(parser, "--port", standard["port"], "0: any that is free (8000)", high=65_535)
    parser.add_argument(
        "--host",
        default=standard["host"],
        help="the address to listen on (127.0.0.1: this machine)",
    )
    parser.add_argument("--tokens", metavar="FILE", help="tokens that let clients in, one a line")
    parser.add_argument(
        "--cors", metavar="ORIGIN", action="append", default=[], help="pages from there may ask"
    )
    parser.add_argument("--page", metavar="FOLDER", help="the built page to hand out (dist)")
    add_number(parser, "--workers", 1, "processes behind one address (1)", low=1, high=64)
    parser.add_argument("--json", action="store_true", help="the log as JSON, one object a line")
    parser.add_argument("--quiet", action="store_true", help="no log of requests")
    limits = parser.add_argument_group("limits, of each worker")
    add_number(limits, "--slots", standard["slots"], "texts written at a time (32)", 1, 256)
    add_number(limits, "--queue", standard["queue"], "texts that may wait (512)", 1, 100_000)
    add_number(limits, "--prefix-memory", 256, "megabytes to remember prompts (256)", 0, 1 << 20)
    add_number(limits, "--max-body", 1000, "kilobytes of a request (1000)", 1, 1 << 20)
    add_number(
        limits, "--max-messages", standard["max_messages"], "of a conversation (256)", 1, 1 << 20
    )
    add_number(limits, "--max-choices", standard["max_choices"], "of a request (16)", 1, 256)
    add_number(limits, "--timeout", standard["timeout"], "seconds for a request (600)", 1, 1 << 20)
    patience = "seconds to wait for a silent client (20)"
    add_number(limits, "--patience", standard["patience"], patience, 0.1, 3600, kind=float)
    add_number(
        limits, "--grace", standard["grace"], "seconds to finish in at the end (30)", 0, 3600
    )


def run(args):
    from ...serve import start
    from ...serve.options import Options, read_tokens

    if args.fields:
        print(FIELDS)
        return 0
    if not args.checkpoints:
        raise UsageError("Name at least one saved model, or story-chat. See `serve --help`.")
    for origin in args.cors:
        parts = urlsplit(origin)
        if origin != "*" and origin != f"{parts.scheme}://{parts.netloc}":
            raise UsageError(
                f"--cors takes an origin such as https://example.org, not {origin!r}; * is any."
            )
    options = Options(
        prefix_bytes=args.prefix_memory << 20,
        max_body=args.max_body * 1000,
        cors=tuple(args.cors),
        tokens=read_tokens(args.tokens),
        page=_built_page(args.page),
        **{name: getattr(args, name) for name in SAME},
    )
    if not options.is_local and not options.tokens:
        _say(
            f"Warning: {options.host} can be reached by others, and without --tokens FILE anyone"
            " who reaches it can use it."
        )
    return start(args.checkpoints, options, _say)


SAME = (
    *("host", "port", "workers", "json", "quiet", "slots", "queue", "max_messages"),
    *("max_choices", "timeout", "patience", "grace"),
)


def _built_page(named):
    """The folder of the built page: the one that is named, or the project's, if it was built."""
    folder = Path(named) if named else Path(__file__).resolve().parents[4] / "dist"
    if (folder / "index.html").is_file():
        return str(folder)
    if named:
        raise UsageError(f"{named} has no index.html: `python3 build.py build` makes the page.")
    return None


def _say(text):
    print(text, file=sys.stderr, flush=True)


def _raw():
    import argparse

    return argparse.RawDescriptionHelpFormatter
