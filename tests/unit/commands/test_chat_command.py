"""`chat`: one answer, a pipe of messages, and a whole visit on a terminal."""

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from microgpt import checkpoint as checkpoints
from microgpt.cli import main
from microgpt.terminal.commands.chat.room import ChatRoom
from microgpt.terminal.signals import Interrupted
from program import call, environment, heed
from talker import KNOWN, base, talker

reason = "a terminal is made as Unix does"
pty = pytest.importorskip("pty", reason=reason, exc_type=ImportError)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    checkpoints.save(talker(), "talker")
    checkpoints.save(base(), "base")
    return tmp_path


def chat(capsys, *flags, file="talker"):
    return call(capsys, "chat", file, "--greedy", *flags)


def piped(capsys, monkeypatch, text, *flags):
    """What it says to lines on stdin."""
    import io

    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    return chat(capsys, *flags)


def test_one_answer(folder, capsys):
    assert chat(capsys, "--prompt", "sum").out == "[1+2 → 3] it is 3.\n"
    answer = chat(capsys, "--prompt", "bad")
    assert (answer.code, answer.out, answer.err) == (0, "[x → no result] no.\n", "")
    answer = chat(capsys, "--prompt", "long", "--max-tokens", 3)
    assert answer.out == "abc\n" and "(cut: /tokens N allows longer answers)" in answer.err


def test_one_answer_as_json(folder, capsys):
    (record,) = chat(capsys, "--prompt", "sum", "--json", "--sure").records
    tokens = record.pop("tokens")
    assert record == {
        "text": "it is 3.", "parts": KNOWN["sum"], "reason": "stop", "turns_left_out": 0
    }  # fmt: skip
    assert "".join(t["text"] for t in tokens) == "1+2it is 3."
    assert all(0.5 < t["p"] < 1 for t in tokens)


def test_how_sure_it_was(folder, capsys):
    out = chat(capsys, "--prompt", "hi", "--sure").out
    assert re.fullmatch(r"(\S⟨\d+%⟩){6}\n", out) and re.sub(r"⟨\d+%⟩", "", out) == "hello.\n"


def test_lines_of_a_pipe(folder, capsys, monkeypatch):
    answer = piped(capsys, monkeypatch, "hi\n\nsum\nexit\nbad\n")
    assert answer.out == "hello.\n[1+2 → 3] it is 3.\n" and answer.err == ""
    answer = piped(capsys, monkeypatch, "hi\nsum\n", "--json")
    assert [record["text"] for record in answer.records] == ["hello.", "it is 3."]
    answer = piped(capsys, monkeypatch, "hi\n/nonsense\nhi\n")
    assert answer.code == 1 and answer.err.startswith("microgpt: There is no command /nonsense;")


def test_messages_of_many_lines(folder, capsys, monkeypatch):
    seen = []
    from microgpt.dialogue import Dialogue

    ask = Dialogue.ask
    monkeypatch.setattr(
        Dialogue, "ask", lambda self, text, sure: (seen.append(text), ask(self, text, sure))[1]
    )
    piped(capsys, monkeypatch, 'hi \\\nho\n"""\nsum\n\nhi\n"""\n')
    assert seen == ["hi \nho", "sum\n\nhi"]


def test_commands(folder, capsys, monkeypatch):
    lines = [
        *("/temperature 0.1", "/temperature", "/topk 5", "/topp 0.5", "/minp 0.1", "/tokens 4"),
        *("hi", "/tokens 0", "/retry", "/save talk.jsonl", "/clear", "/load talk.jsonl", "sum"),
        *("/system be kind", "/seed 3", "/sure", "/help", "/save talk.jsonl"),
    ]
    answer = piped(capsys, monkeypatch, "\n".join(lines))
    assert answer.code == 0, answer
    assert answer.out == "hell\nhello.\n> hi\nhello.\n[1+2 → 3] it is 3.\n"
    for words in ("temperature is 0.1", "topk is 5", "topp is 0.5", "minp is 0.1", "tokens is 0",
                  "Saved in talk.jsonl.", "Forgotten.", "“be kind”", "/retry"):  # fmt: skip
        assert words in answer.err, words
    (saved,) = map(json.loads, Path("talk.jsonl").read_text().splitlines())
    assert [m["role"] for m in saved["messages"]] == ["system", *["user", "assistant"] * 2]
    assert saved["messages"][-1]["content"] == KNOWN["sum"]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("/temprature 1", "There is no command /temprature; did you mean temperature?"),
        ("/temperature hot", "/temperature must be a number of at least 0 and at most 100, not"),
        ("/topk -1", "/topk must be a whole number of at least 0"),
        ("/tokens many", "/tokens must be a whole number of at least 0, not 'many'."),
        ("/seed x", "/seed must be a whole number, not 'x'."),
        ("/retry", "Nothing was said yet; ask something first."),
        ("/save talk.jsonl", "Nothing was said yet; there is nothing to save."),
        ("hi\n/save", "/save needs the name of a file: /save talk.jsonl"),
        ("hi\n/save notes.txt", "notes.txt, line 1: the conversation is not JSON"),
        ("/load nothing", "nothing cannot be read (No such file or directory); check it."),
        ("a" * 200, "This message is too long"),
        ("HELLO", "The character 'H' (U+0048) is not one this model knows"),
    ],
)
def test_mistakes_inside(line, sentence, folder, capsys, monkeypatch):
    Path("notes.txt").write_text("my notes\n")
    answer = piped(capsys, monkeypatch, line + "\n")
    assert answer.code == 1 and sentence in answer.err and "Traceback" not in answer.err
    assert Path("notes.txt").read_text() == "my notes\n"


def test_what_cannot_be_talked_to(folder, capsys):
    assert (
        "only goes on with a text; nobody has taught it"
        in chat(capsys, "--prompt", "hi", file="base").sentence()
    )
    assert "There is no checkpoint at nothing" in chat(capsys, file="nothing").sentence()
    assert "is a folder or a device" in chat(capsys, file=".").sentence()


def test_turns_that_were_left_out_are_told(folder, capsys, monkeypatch):
    answer = piped(capsys, monkeypatch, "hi\nsum\n" * 6, "--max-tokens", 12)
    told = r"sees 64 tokens back: it no longer knows the first (\d+) turns"
    counts = list(map(int, re.findall(told, answer.err)))
    assert answer.code == 0 and len(counts) >= 3 and counts == sorted(set(counts))


def test_main_returns_where_input_ends(folder, monkeypatch, capsys):
    with open(os.devnull) as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        assert main(["chat", "talker"]) == 0


# ---- a terminal


class Visit:
    """A person at a terminal, who waits for what comes before typing on; the program ends with it.

    Before a key is pressed, the prompt must have come: then the terminal hands on every byte as it
    is, and not what a line editor of its own makes of it.
    """

    def __init__(self, folder, *flags):
        self._master, slave = pty.openpty()
        self._text = ""
        command = [sys.executable, "-m", "py.microgpt", "chat", "talker", "--greedy", *flags]
        env = environment(TERM="xterm", MICROGPT_CACHE=str(folder / "cache"))
        options = {"stdin": slave, "stdout": slave, "stderr": slave, "start_new_session": True}
        self.process = subprocess.Popen(command, env=env, cwd=folder, preexec_fn=heed, **options)
        os.close(slave)

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    def until(self, words):
        """Read until these words come; what came is behind us."""
        end = time.monotonic() + 30
        while words not in self._text:
            assert time.monotonic() < end, self._text
            self._listen()
        before, _, self._text = self._text.partition(words)
        return before

    def interrupt(self, *words):
        """Ctrl-C; which of the words it leads to. Pressed once more where nothing comes of it: just
        before Python's line editor waits for a key, it does not hear it."""
        for _ in range(10):
            self.process.send_signal(signal.SIGINT)
            end = time.monotonic() + 3
            while time.monotonic() < end:
                if heard := [each for each in words if each in self._text]:
                    self.until(heard[0])
                    return heard[0]
                self._listen()
        pytest.fail(f"Ctrl-C is not heard: {self._text!r}")

    def _listen(self):
        if select.select([self._master], [], [], 0.2)[0]:
            self._text += os.read(self._master, 1 << 16).decode()

    def type(self, text):
        """All at once: the bytes of a key must not come one by one."""
        data = text.encode()
        assert os.write(self._master, data) == len(data)


def test_a_visit(folder):
    with Visit(folder) as visit:
        visit.until("> ")
        visit.type("hi\n")
        assert "hello." in visit.until("> ").replace("\r", "")
        visit.type("summ\x7f\n")  # a line can be edited
        assert "[" in visit.until("it is 3.")
        visit.until("> ")
        visit.type("half a line")
        visit.until("half a line")
        visit.interrupt("Ctrl-D or /quit ends it.")  # it is dropped, and the program goes on
        visit.until("> ")
        visit.type("/nonsense\n")
        visit.until("There is no command /nonsense; see /help.")
        visit.until("> ")
        visit.type("\x04")
        assert visit.process.wait(30) == 0
    assert "summ" not in (folder / "cache" / "chat-history").read_text()


UP, DOWN = "\x1b[A", "\x1b[B"


def test_the_arrow_keys_bring_back_lines_also_of_earlier_visits(folder):
    with Visit(folder) as visit:
        visit.until("> ")
        visit.type("sum\n")
        visit.until("it is 3.")
        visit.until("> ")
        visit.type("\x04")
        assert visit.process.wait(30) == 0
    with Visit(folder) as visit:
        visit.until("> ")
        visit.type("bad\n")
        visit.until("no.")
        visit.until("> ")
        # Each key is pressed when the line of the one before is seen.
        for key, line in ((UP, "bad"), (UP, "sum"), (DOWN, "bad"), (UP, "sum")):
            visit.type(key)
            visit.until(line)
        visit.type("\n")
        visit.until("it is 3.")


def test_ctrl_c_ends_an_answer_and_not_the_program(folder):
    with Visit(folder, "--max-tokens", "0", "--temperature", "50") as visit:
        visit.until("> ")
        visit.type("/tokens 1000000\n")
        visit.until("> ")
        for attempt in range(30):  # an answer may not have begun, or be over, when the signal comes
            visit.type("long\n")
            visit.until("long")
            time.sleep(attempt / 500)
            heard = visit.interrupt("(stopped)", "ends it.)")
            visit.until("> ")
            if heard == "(stopped)":
                break
        assert heard == "(stopped)"
        visit.type("/quit\n")
        assert visit.process.wait(30) == 0


def test_ctrl_c_before_an_answer_has_begun_does_not_end_the_program(tmp_path, monkeypatch, capsys):
    def ask(text, sure):
        raise Interrupted(signal.SIGINT)

    monkeypatch.setenv("MICROGPT_CACHE", str(tmp_path))
    lines = iter(["hi", "hi", "/quit"])
    monkeypatch.setattr("builtins.input", lambda prompt: next(lines))
    room = ChatRoom(SimpleNamespace(ask=ask), None)
    room.live = True
    assert room.open() == 0 and next(lines, None) is None
    assert capsys.readouterr().err.count("(Ctrl-D or /quit ends it.)") == 2
