"""Talking in a terminal: the typed line, the commands with a slash, the answer as it comes."""

import contextlib
import json
import os
import signal
import sys
from pathlib import Path

from ....chat_commands import HELP, do_command, read_command
from ....data.conversations.messages import ConversationFile, to_json
from ....data.copied import RUN
from ....errors import Interrupted, UserError
from ....files import cache_dir, write_whole
from ....tokenizer.special import CALL, RESULT, TEXT
from ...signals import Stop

ENDS = "Ctrl-C stops an answer, Ctrl-D ends the program"
MORE_LINES = (
    'A line that ends with \\ goes on in the next; """ opens and closes a message of many lines.'
)
NO_INDEX = (
    "{} was saved without an index of its data, so what it copies is not known; `finetune chat`"
    " keeps one unless it is told --no-copies."
)
PROMPT, MORE = "> ", "… "
LEAVE = ("quit", "exit", "/quit", "/exit")
HISTORY = 1000  # lines


class Printer:
    """An answer as it comes: text plain, a tool's call and its result dim and in brackets."""

    def __init__(self, stream, style, sure=False):
        self.stream, self.style, self.sure = stream, style, sure

    def begin(self):
        self._kind = TEXT

    def add(self, said):
        if said.text and said.kind != self._kind:
            self._write(self._between(said.kind))
            self._kind = said.kind
        text = said.text if said.kind == TEXT else self.style("2", said.text)
        if self.sure and said.text and said.probability is not None:
            text += self.style("2", f"⟨{said.probability:.0%}⟩")
        self._write(text)

    def _between(self, kind):
        """What stands where one kind of part ends and another begins."""
        if kind == CALL:
            return self.style("2", "[")
        if kind == RESULT:
            return self.style("2", " → ")
        return self._close()

    def _close(self):
        if self._kind == TEXT:
            return ""
        return self.style("2", "] " if self._kind == RESULT else " → no result] ")

    def end(self, dialogue):
        self._write(self._close() + "\n")
        ended = {
            None: "stopped",
            "length": "cut: /tokens N allows longer answers",
            "full": "cut: the model cannot see further; /clear begins anew",
        }
        if dialogue.ended in ended:
            self._tell(f"({ended[dialogue.ended]})")

    def _tell(self, text):
        self.stream.flush()
        print(text, file=sys.stderr, flush=True)

    def _write(self, text):
        self.stream.write(text)
        self.stream.flush()


class ChatRoom:
    """Reads messages, from a terminal or a pipe, and answers them."""

    def __init__(self, dialogue, printer, sure=False, copies=None, copied=False):
        """`copies` is the CopyIndex that is kept with the model, `copied` whether it is asked."""
        self.dialogue, self.printer, self.sure = dialogue, printer, sure
        self.copies, self.copied = copies, copied
        self.live = sys.stdin.isatty()
        self._left_out = 0  # turns, as the user was told

    # ---- answering

    def answer(self, answer):
        """Print an answer while it comes. Ctrl-C ends it and not the program; the exit code."""
        self.printer.begin()
        stop = Stop()
        with stop.listening(), contextlib.closing(answer):
            for said in answer:
                self.printer.add(said)
                if stop.asked:
                    break
        self.printer.end(self.dialogue)
        if self.copied and isinstance(self.printer, Printer):
            _tell(about_copied(self.copies, self.dialogue.messages[-1].text))
        left_out = self.dialogue.left_out
        if left_out > self._left_out:
            _tell(
                f"(The model sees {self.dialogue.sees}: it no longer"
                f" knows the first {'turn' if left_out == 1 else f'{left_out} turns'}.)"
            )
        self._left_out = left_out
        if stop.asked and (not self.live or stop.number != signal.SIGINT):
            return 128 + stop.number
        return 0

    def open(self):
        """Until the input ends, or somebody asks to leave; the exit code."""
        if self.live:
            _tell("Say something, or /help. Ctrl-D ends it.")
        with self._editing():
            while True:
                try:
                    if (text := self._read()) is None:
                        return 0
                    if code := self._do(text):
                        return code
                except Interrupted as stop:  # at the prompt, or before an answer has begun
                    if stop.number != signal.SIGINT or not self.live:
                        raise
                    _tell("\n(Ctrl-D or /quit ends it.)")

    def _do(self, text):
        """Do what a line asks; the exit code if the program is to end."""
        try:
            if text.startswith("/"):
                return self._command(text)
            return self.answer(self.dialogue.ask(text, self.sure))
        except UserError as error:
            if not self.live:
                raise
            _tell(str(error))
        return 0

    # ---- reading

    def _read(self):
        """A message of one or many lines; None at the end."""
        while True:
            try:
                text = self._message()
            except EOFError:
                if self.live:
                    print(file=sys.stderr)
                return None
            if text.strip() in LEAVE:
                return None
            if text.strip():
                return text

    def _message(self):
        line = self._line(PROMPT)
        if line.strip() == '"""':
            lines = []
            while (line := self._line(MORE)).strip() != '"""':
                lines.append(line)
            return "\n".join(lines)
        lines = [line]
        while lines[-1].endswith("\\"):
            lines[-1] = lines[-1][:-1]
            lines.append(self._line(MORE))
        return "\n".join(lines)

    def _line(self, prompt):
        return input(prompt if self.live else "")

    @contextlib.contextmanager
    def _editing(self):
        """The arrow keys edit a line and bring back earlier ones, also those of other days."""
        try:
            import readline
        except ImportError:  # Windows' own console can do it
            readline = None
        if not self.live or not readline:
            yield
            return
        path = cache_dir() / "chat-history"
        with contextlib.suppress(OSError):
            readline.read_history_file(path)
        readline.set_history_length(HISTORY)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                path.parent.mkdir(parents=True, exist_ok=True)
                readline.write_history_file(path)

    # ---- commands

    def _command(self, line):
        """Do a command; the exit code if the program is to end."""
        name, rest = read_command(line)
        said = do_command(self.dialogue, name, rest)
        if said is None:
            return getattr(self, f"_on_{name}")(rest)
        if said:
            _tell(said)
        return 0

    def _on_retry(self, rest):
        return self.answer(self.dialogue.retry(self.sure))

    def _on_sure(self, rest):
        self.sure = not self.sure
        self.printer.sure = self.sure

    def _on_copied(self, rest):
        if not self.copies:
            raise UserError(NO_INDEX.format("This model"))
        self.copied = not self.copied

    def _on_clear(self, rest):
        self.dialogue.clear()
        self._left_out = 0
        _tell("Forgotten.")

    def _on_save(self, rest):
        if not self.dialogue.messages:
            raise UserError("Nothing was said yet; there is nothing to save.")
        path = _path(rest, "save")
        if os.path.exists(path):
            ConversationFile(path)  # refused unless it is one: nothing else is replaced
        write_whole(path, (json.dumps(to_json(self.dialogue.conversation)) + "\n").encode())
        _tell(f"Saved in {path}.")

    def _on_load(self, rest):
        file = ConversationFile(_path(rest, "load"))
        self.dialogue.restore(file[len(file) - 1])
        self._left_out = 0
        for message in self.dialogue.messages:
            print(("> " if message.role == "user" else "") + message.text)

    def _on_help(self, rest):
        _tell(help_text())


def help_text():
    """The commands, one a line; what is done is beside what is typed where that is short."""
    lines = [f"{typed.ljust(16)}   {does or ENDS}" for typed, does in HELP.items()]
    return "\n".join([*lines, MORE_LINES])


def about_copied(copies, text):
    """Which stretches of an answer stand word for word in what the model was taught."""
    found = [text[a:b] for a, b in copies.stretches(text)]
    if not found:
        return f"(No {RUN + 1} words of it stand like this in what it was taught.)"
    shown = "; ".join(f"“{stretch}”" for stretch in found)
    return f"(Word for word in what it was taught: {shown})"


def _path(text, command):
    if not text:
        raise UserError(f"/{command} needs the name of a file: /{command} talk.jsonl")
    return Path(text).expanduser()


def _tell(text):
    """What is not part of the conversation goes to stderr."""
    sys.stdout.flush()
    print(text, file=sys.stderr, flush=True)
