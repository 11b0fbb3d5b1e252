"""Made-up command lines, most of them wrong: an exit code and a sentence, never a traceback."""

import contextlib
import io
import os
import tempfile
from pathlib import Path
from random import Random

from microgpt.cli import COMMANDS, build_parser, main

from proof.made import small_checkpoint_bytes

COUNT = 3000
VALUES = [
    *("", "0", "1", "-1", "2", "3", "9" * 20, "9" * 400, "1e999", "nan", "1.5", "-", "--", "x"),
    *("names", "stories", "rope", "adam", "llama", "nanochat", "line", "none", "float32", "chars"),
    *("t.txt", "m", "t.json", ".", "no/such/file", "t.txt/x", "\0", "é😀", "a b", "*", "out.html"),
    *("out.json", "c.toml", "LLSS", "gpt2", "tiktoken", "bpe", "True", "=", "%s", "/dev/null"),
]
# So that whatever is right is soon done; nothing is asked of the network.
QUICK = {
    "train": ["--data", "t.txt", "--steps", "0", "--samples", "0", "--offline", "--split", "line"],
    "bench": ["--no-such-flag"],
    "finetune": ["--data", "t.txt", "--steps", "0", "--samples", "0"],
    "evaluate": ["--offline"],
    "export": ["--offline"],
    # So few minutes that the least of steps is done.
    "speedrun": ["--out", "run", "--minutes", "0.01", "--data", "none"],
    "sweep": ["--study", "study", "--data", "t.txt", "--offline"],  # with nothing to try
    "classify": ["t.txt"],
    "serve": ["none"],  # nothing to serve: it would go on for ever
}
# What a right value would make slow.
SLOW = {"--steps", "--data", "--samples", "-n", "--vocab", "--resume", "--depth", "--preset"}


def prove(count, seed):
    random, codes = Random(f"commands {seed}"), {}
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        try:
            os.chdir(folder)
            for number in range(count):
                if number and number % 100 == 0:
                    yield number
                prepare()
                words = made_up(random)
                code, error = ended(words)
                codes[code] = codes.get(code, 0) + 1
                assert code in (0, 1, 2), f"{words}: {code} {error}"
                assert "Traceback" not in error, f"{words}: {error}"
                if code:
                    last = error.strip().splitlines()[-1]
                    good = last.startswith("microgpt: ") and last.endswith((".", "?"))
                    assert good, f"{words}: {last}"
                assert Path("t.txt").read_text() == TEXT, f"{words} wrote over the text"
        finally:
            os.chdir(before)
    told = ", ".join(f"{n:,} ended with {code}" for code, n in sorted(codes.items()))
    return f"commands: {count:,} command lines, {told}; each mistake was a sentence"


TEXT = "anna\nbert\ncarla\ndan\n" * 6


def prepare():
    Path("t.txt").write_text(TEXT)
    if not Path("m").is_file():
        Path("m").write_bytes(small_checkpoint_bytes())


def ended(words):
    """(exit code, what was said) of a command line in this process."""
    out, error, given = io.StringIO(), io.StringIO(), io.TextIOWrapper(io.BytesIO(b"1 2"))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error), typed(given):
        try:
            code = main(words)
        except SystemExit as end:  # --help and --version
            code = end.code or 0
        except Exception as problem:
            raise AssertionError(f"{words} raised {problem!r}") from problem
    return code, error.getvalue()


@contextlib.contextmanager
def typed(stream):
    import sys

    before, sys.stdin = sys.stdin, stream
    try:
        yield
    finally:
        sys.stdin = before


def made_up(random):
    command = random.choice([*COMMANDS, "train", "train", "tokenize"])
    words = [command]
    if command == "tokenize":
        action = random.choice(["train", "encode", "decode", "inspect", "x"])
        words.append(action)
        words += {"train": ["--data", "t.txt", "--vocab", "260"]}.get(action, [])
    elif command == "data":
        words += [random.choice(["check", "check", "x"]), random.choice(["t.txt", "none"])]
    elif command == "convert":
        words += [
            random.choice(["m", "t.txt", "none"]),
            random.choice(["o", "o.safetensors", "m/x"]),
        ]
    elif command == "finetune":
        words += [
            random.choice(["chat", "classify", "merge", "x"]),
            random.choice(["m", "t.txt", "none"]),
        ]
    elif command in ("sample", "info", "evaluate", "export", "chat", "classify", "attention",
                     "embeddings", "gradient", "inside"):  # fmt: skip
        words.append(random.choice(["m", "m", "t.txt", "none"]))
    words += QUICK.get(command, [])
    flags = flags_of(command)
    for _ in range(random.randint(0, 4)):
        flag = random.choice(flags)
        if flag in SLOW:
            continue
        kind = random.random()
        if kind < 0.15:
            flag = damaged_word(random, flag)
        value = random.choice(VALUES)
        words += [f"{flag}={value}"] if kind > 0.7 else [flag, value] if kind > 0.3 else [flag]
    if random.random() < 0.1:
        words.insert(random.randint(0, len(words)), random.choice(VALUES))
    return words


def flags_of(command):
    parser = build_parser(command).parse_args([command, *NEEDED.get(command, [])]).parser
    found = [flag for action in parser._actions for flag in action.option_strings]
    return sorted(found)


NEEDED = {
    "convert": ["m", "out.safetensors"],
    "sample": ["m"],
    "info": ["m"],
    "evaluate": ["m"],
    "export": ["m", "--int8", "--out", "out.st"],
    "attention": ["m", "--prompt", "a"],
    "embeddings": ["m"],
    "gradient": ["m"],
    "inside": ["m", "--prompt", "a"],
    "data": ["check"],
    "finetune": ["chat", "m"],
    "chat": ["m"],
    "speedrun": ["--out", "run"],
    "sweep": ["--study", "study"],
    "classify": ["m"],
    "serve": ["m"],
    "tokenize": ["train"],
}


def damaged_word(random, word):
    at = random.randrange(len(word))
    return word[:at] + random.choice(["", "x", "-", " "]) + word[at + 1 :]
