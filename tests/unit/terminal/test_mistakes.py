"""Wrong commands, flags and values: one clear sentence, the right exit code, no traceback."""

import itertools
import os
import sys

import pytest
from program import NAMES, call, run, start
from thorough import some


@pytest.fixture
def names(tmp_path):
    path = tmp_path / "names.txt"
    path.write_text("\n".join(NAMES), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("tran", "There is no command 'tran'; did you mean train? See `"),
        (
            "wander",
            "There is no command 'wander'; the commands are train, finetune, sweep, speedrun, ",
        ),
        ("--stepz 3", "There is no flag --stepz; did you mean --steps? See `"),
        ("--steps 3 --stepz=3", "There is no flag --stepz; did you mean --steps? See `"),
        ("bench --jsn", "There is no flag --jsn; did you mean --json? See `"),
        ("-v", "There is no flag -v. See `"),
        (
            "--step 3",
            "There is no flag --step; did you mean --steps? See `",
        ),  # not guessed silently
        ("train 3", "'3' is a word too many. See `"),
        ("--steps", "--steps needs a value; one that begins with - is written --steps=VALUE. See"),
        ("--json=yes", "--json takes no value. See `"),
        ("sample", "The word FILE is missing. See `"),
        ("info", "The word FILE is missing. See `"),
        ("--steps many", "--steps must be a whole number of at least 0, not 'many'."),
        ("--steps 1.5", "--steps must be a whole number of at least 0, not '1.5'."),
        ("--steps=", "--steps must be a whole number of at least 0, not ''."),
        ("--steps -3", "--steps must be a whole number of at least 0, not -3."),
        ("--lr nan", "--lr must be a number of at least 0, not nan."),
        ("--lr 1e999", "--lr must be a number of at least 0, not inf."),
        ("--beta1 1", "--beta1 must be a number of at least 0 and below 1, not 1.0."),
        (
            "--optimizer adm",
            "--optimizer must be one of adam, adamw, muon, not 'adm'; did you mean adam?",
        ),
        ("--dtype float99", "--dtype must be one of float32, float64, not 'float99'; did you mean"),
        ("--preset microgtp", "; did you mean microgpt?"),
        (
            "--split lines",
            "--split must be one of line, blank, none, not 'lines'; did you mean line?",
        ),
        ("--samples -1", "--samples must be a whole number of at least 0, not -1."),
        ("--save-every -1 --out x", "--save-every must be a whole number of at least 0, not -1."),
        ("--save-every 5", "--save-every needs --out FILE, to know where."),
        ("--accumulate 1000000000", "must be a whole number of at least 1 and at most 65536, not"),
        ("--threads 0", "--threads must be auto or a whole number from 1 to 64, not '0'."),
        ("--threads many", "--threads must be auto or a whole number from 1 to 64, not 'many'."),
        ("--n-layer 1000000", "--n-layer must be a whole number of at least 1 and at most 1024,"),
        ("--n-embd 1000000000", "at least 1 and at most 65536, not 1000000000."),
        (f"--batch-size {'9' * 30}", f"at least 1 and at most 65536, not {'9' * 30}."),
        (f"--warmup {'9' * 400}", f"at least 0 and at most 1000000000, not {'9' * 60}."),
        (f"--steps {'9' * 5000}", f"must be a whole number of at least 0, not '{'9' * 59}."),
        (f"--samples {'9' * 30}", "--samples must be a whole number of at least 0 and at most"),
        (f"--save-every {'9' * 30} --out x", "at most 1000000000, not"),
        ("--lr 1e12", "--lr must be a number of at least 0 and at most 1000000000, not"),
        (f"sample x -n {'9' * 30}", "-n must be a whole number of at least 1 and at most"),
        (f"sample x --seed {'9' * 30}", "--seed must be a whole number of at least 0 and at most"),
        (f"trace --length {'9' * 30}", "--length must be a whole number of at least 1 and at most"),
        ("sample x -n 0", "-n must be a whole number of at least 1, not 0."),
        ("sample x --max-tokens -1", "--max-tokens must be a whole number of at least 0, not -1."),
        ("sample x --top-p 0", "--top-p must be a number above 0 and at most 1, not 0.0."),
        ("sample x --temperature -1", "--temperature must be a number of at least 0 and at most"),
    ],
)
def test_wrong_words(words, sentence, capsys):
    answer = call(capsys, *words.split())
    assert sentence in answer.sentence()
    assert answer.code == 2
    assert answer.err.count("\n") == 1


def test_the_help_that_is_named_exists(capsys):
    words = call(capsys, "train", "--stepz").sentence()
    assert words.endswith("train --help`.") and "[" not in words


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--n-embd 15", "The width, 15, does not divide evenly among the 4 heads (n_embd, n_head)"),
        ("--data nowhere.txt", "There is no data set and no file called 'nowhere.txt'"),
        ("--data storys", "did you mean stories?"),
        ("--resume nowhere", "There is no checkpoint at nowhere; `train --out` saves one."),
        ("sample nowhere", "There is no checkpoint at nowhere; `train --out` saves one."),
        ("info nowhere", "There is no checkpoint at nowhere; `train --out` saves one."),
        ("--out .", "--out . is not a file; give the name of one to write."),
        (
            "--n-layer 1000 --n-embd 65536",
            "This run would take about 2,061,785.9 GB of memory, and there are",
        ),
        ("--data huge.txt", "`tokenize encode --data huge.txt --out FILE.tk` makes a token file"),
        ("--report /dev/null", "--report /dev/null is not a file; give the name of one to write."),
        ("--out=", "--out  is not a file"),
        (
            "--profile a/file/below",
            "--profile a/file/below cannot be written there (Not a directory); choose another",
        ),
    ],
)
def test_mistakes(words, sentence, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_text("")
    with open("huge.txt", "wb") as file:
        file.truncate(1 << 43)  # a file with a hole in it, which takes no room
    answer = call(capsys, *words.split())
    assert sentence in answer.sentence()
    assert answer.code == 1


DATA = {
    "empty": (b"", "is empty"),
    "blank": (b" \n\n ", "only white space"),
    "binary": (bytes(range(256)), "is not a text"),
    "zip": (b"PK\x03\x04....", "a zip archive"),
    "not utf-8": (b"anna\nb\xe9rt\n", "line 2 has the byte 0xE9"),
}


@pytest.mark.parametrize("kind", DATA)
def test_data_that_is_no_text(kind, capsys, tmp_path):
    data, words = DATA[kind]
    (tmp_path / "data.txt").write_bytes(data)
    answer = call(capsys, "--steps", 1, "--data", tmp_path / "data.txt")
    assert words in answer.sentence()
    assert "data.txt" in answer.err and answer.code == 1


TEXTS = {
    "one document": b"only one",
    "one character": b"aaa\naa\naaaa\n",
    "long documents": b"the quick brown fox jumps over the lazy dog\n" * 30,
    "Windows": b"anna\r\nbert\r\n" * 10,
    "one long line": b"a cat sat on a mat. " * 300,
    "scripts": "😀🎉\nпривет\n日本語\nनमस्ते\n👩‍👩‍👧 مرحبا\n".encode() * 4,
}


SPLITS = "line", "blank", "none"
EACH = [(kind, SPLITS[i % 3]) for i, kind in enumerate(TEXTS)]  # and lines, the usual way, of all


@pytest.mark.parametrize(
    ("kind", "split"),
    some(
        dict.fromkeys([*((kind, "line") for kind in TEXTS), *EACH]),
        itertools.product(TEXTS, SPLITS),
    ),
)
def test_any_text_works(kind, split, capsys, tmp_path):
    path, out = tmp_path / "data.txt", tmp_path / "model"
    path.write_bytes(TEXTS[kind])
    flags = ["--steps", 5, "--data", path, "--split", split, "--out", out]
    answer = call(capsys, *flags, "--json", "--samples", 2)
    assert answer.code == 0
    assert [r["type"] for r in answer.records if r["type"] != "eval"] == (
        ["step"] * 5 + ["sample"] * 2 + ["done"]
    )
    assert "\r" not in answer.out
    # The data is found again by its name, and split again in the same way.
    named = ["--data", path] if split == "line" else []
    assert call(capsys, "--resume", out, "--steps", 6, *named).code == 0


# ---- streams and disks


def test_nobody_listens_to_the_output(names, tmp_path):
    model = tmp_path / "m"
    flags = ["--json", "--steps", 3000, "--data", names, "--out", model, "--quiet"]
    with start(*flags) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(30) == 141
        assert process.stderr.read() == ""
    assert run("info", model, "--json").code == 0  # what was trained is kept


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_a_full_output(names):
    with open("/dev/full", "w") as full:
        answer = run("--steps", 2, "--data", names, "--quiet", stdout=full)
    sentence = "Could not write or read the output (No space left on device)."
    assert (answer.code, answer.err) == (1, f"microgpt: {sentence}\n")


@pytest.mark.parametrize("closed", [1, 2])
def test_a_closed_stream(closed, names):
    answer = run("--steps", 2, "--data", names, preexec_fn=lambda: os.close(closed))
    assert answer.code == 0 and "Traceback" not in answer.err
    assert len(answer.out.splitlines()) == (0 if closed == 1 else 20)


def test_an_output_of_few_letters(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    (tmp_path / "data.txt").write_text("日本\n日日\n本日\n" * 4, encoding="utf-8")
    answer = run("--steps", 2, "--data", tmp_path / "data.txt", "--out", tmp_path / "m")
    assert answer.code == 0 and "?" in answer.out
    assert run("info", tmp_path / "m").code == 0


def small_files_only():
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (80_000, resource.RLIM_INFINITY))  # less than a model


@pytest.mark.skipif(sys.platform == "win32", reason="limits a process as Unix does")
def test_a_full_disk_is_told_and_the_samples_still_come(names, tmp_path):
    flags = ["--steps", 20, "--save-every", 10, "--data", names, "--out", tmp_path / "m"]
    answer = run(*flags, "--quiet", preexec_fn=small_files_only)
    assert answer.code == 1
    # While it runs, once; and at the end.
    assert answer.err.count("(File too large); free some space or choose another place.") == 2
    assert len(answer.out.splitlines()) == 20
    assert [p.name for p in tmp_path.iterdir()] == ["names.txt"]
