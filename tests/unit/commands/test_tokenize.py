"""The commands: learn, encode, decode, inspect; and training with what was learned."""

import json

import pytest
from microgpt.cli import main
from microgpt.data import tokens
from microgpt.data.tokens import open_tokens
from microgpt.errors import UserError
from microgpt.terminal import find
from microgpt.terminal.find import load_tokenizer, save_tokenizer
from microgpt.tokenizer.files.formats import FORMATS
from microgpt.tokenizer.special import CHAT_SPECIALS

LINES = [
    f"the little cat number {i} sat on the mat, café; then she went happily home again {i * i}"
    for i in range(40)
]


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("\n".join(LINES) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def learned(text, tmp_path):
    path = tmp_path / "tok.json"
    assert run("tokenize", "train", "--data", text, "--vocab", 300, "--out", path) == 0
    return path


def run(*words):
    return main([str(word) for word in words])


def test_learned_and_written(text, tmp_path, capsys):
    out = tmp_path / "tok.json"
    assert run("tokenize", "train", "--data", text, "--vocab", 300, "--out", out) == 0
    tokenizer = load_tokenizer(out)
    assert (tokenizer.vocab_size, tokenizer.pattern) == (300, "gpt2")
    output = capsys.readouterr()
    assert output.out == "" and "43 merges learned" in output.err


def test_each_merge_as_json(text, tmp_path, capsys):
    out = tmp_path / "tok.json"
    words = ("--vocab", 270, "--out", out, "--json", "--chat", "--pattern", "nanochat")
    assert run("tokenize", "train", "--data", text, *words) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["type"] for line in lines] == ["merge"] * 5 + ["done"]
    assert lines[0]["id"] == 256 and lines[0]["text"] in " the little cat"
    assert set(load_tokenizer(out).specials) == set(CHAT_SPECIALS)


def test_a_small_text_gives_what_it_has(text, tmp_path, capsys):
    assert run("tokenize", "train", "--data", text, "--vocab", 9000, "--out", tmp_path / "t") == 0
    assert "smaller than asked for" in capsys.readouterr().err


def test_stopping_keeps_what_is_learned(text, tmp_path, capsys, monkeypatch):
    def interrupted(words):
        for number, merge in enumerate(learn_merges(words)):
            if number == 7:
                raise KeyboardInterrupt
            yield merge

    learn_merges = find.learn_merges
    monkeypatch.setattr(find, "learn_merges", interrupted)
    out = tmp_path / "tok.json"
    assert run("tokenize", "train", "--data", text, "--vocab", 300, "--out", out) == 130
    assert len(load_tokenizer(out).merges) == 7
    assert "Stopped after 7 merges; they are kept in" in capsys.readouterr().err


@pytest.mark.parametrize("format", FORMATS)
def test_in_every_format_and_read_again(text, tmp_path, format, learned):
    out = tmp_path / "other"
    words = ("--vocab", 300, "--out", out, "--format", format)
    assert run("tokenize", "train", "--data", text, *words) == 0
    pattern = "gpt2" if format == "tiktoken" else None  # which such a file does not name
    one, other = load_tokenizer(out, pattern), load_tokenizer(learned)
    assert (one.ids, one.specials, one.pattern) == (other.ids, other.specials, other.pattern)


def test_a_sample_of_a_folder(tmp_path, text):
    folder = tmp_path / "folder"
    folder.mkdir()
    for i in range(5):
        (folder / f"{i}.py").write_text("\n".join(LINES))
    (folder / "x.png").write_bytes(b"\x89PNG")
    out = tmp_path / "t.json"
    words = ("--include", "*.py", "--sample", 1, "--vocab", 280, "--out", out)
    assert run("tokenize", "train", "--data", folder, *words) == 0
    assert load_tokenizer(out).vocab_size == 280


def test_there_and_back(learned, capsys):
    capsys.readouterr()
    assert run("tokenize", "encode", "--tokenizer", learned, "the cat, café <|bos|>") == 0
    ids = capsys.readouterr().out.split()
    assert run("tokenize", "decode", "--tokenizer", learned, *ids) == 0
    assert capsys.readouterr().out == "the cat, café <|bos|>\n"
    words = ("--specials", "--json", "cat<|bos|>")
    assert run("tokenize", "encode", "--tokenizer", learned, *words) == 0
    ids = json.loads(capsys.readouterr().out)
    assert ids[-1] == 299
    assert run("tokenize", "decode", "--tokenizer", learned, *ids) == 0
    assert run("tokenize", "decode", "--tokenizer", learned, "--specials", *ids) == 0
    assert capsys.readouterr().out == "cat\ncat<|bos|>\n"


def test_through_pipes(learned, capsys, monkeypatch):
    import io

    capsys.readouterr()
    monkeypatch.setattr("sys.stdin", io.StringIO("the cat"))
    assert run("tokenize", "encode", "--tokenizer", learned, "--json") == 0
    monkeypatch.setattr("sys.stdin", io.StringIO(capsys.readouterr().out))
    assert run("tokenize", "decode", "--tokenizer", learned) == 0
    assert capsys.readouterr().out == "the cat\n"


@pytest.mark.parametrize("raw", [False, True])
def test_a_token_file_there_and_back(text, learned, tmp_path, capsys, raw):
    out = tmp_path / ("x.bin" if raw else "x.tk")
    words = ("--data", text, "--out", out, *["--raw"] * raw)
    assert run("tokenize", "encode", "--tokenizer", learned, *words) == 0
    assert open_tokens(out)[0] == 299
    assert "bytes of text each" in capsys.readouterr().err
    assert run("tokenize", "decode", "--tokenizer", learned, "--data", out) == 0
    assert capsys.readouterr().out == text.read_text(encoding="utf-8")


def test_a_large_text_is_encoded_by_several_processes(text, learned, tmp_path, monkeypatch):
    counts, asked = [], tokens.encode_each
    monkeypatch.setattr(
        tokens, "encode_each", lambda *given: counts.append(given[2]) or asked(*given)
    )
    encode = ["tokenize", "encode", "--tokenizer", learned, "--data", text, "--quiet"]
    train = ["train", "--tokenizer", learned, "--data", text, "--steps", 1, "--samples", 0]
    assert run(*encode, "--threads", 2, "--out", tmp_path / "one.tk") == 0
    assert counts == [1]  # it is a small one
    monkeypatch.setattr(find, "LARGE", 1)
    assert run(*encode, "--threads", 2, "--out", tmp_path / "two.tk") == 0
    assert (tmp_path / "one.tk").read_bytes() == (tmp_path / "two.tk").read_bytes()
    monkeypatch.setattr(find, "cores", lambda: 2)
    assert run(*train, "--quiet", "--out", tmp_path / "run") == 0  # those held out, and the others
    assert counts == [1, 2, 2, 2]


def test_a_tokenizer_and_a_text_shown(learned, capsys):
    capsys.readouterr()
    assert run("tokenize", "inspect", "--tokenizer", learned) == 0
    shown = capsys.readouterr().out
    assert "gpt2" in shown and "<|bos|>" in shown and "␣she" in shown
    assert run("tokenize", "inspect", "--tokenizer", learned, "--json") == 0
    assert json.loads(capsys.readouterr().out)["tokens"] == 300
    assert run("tokenize", "inspect", "--tokenizer", learned, "the cat é") == 0
    assert "63 61 74" in capsys.readouterr().out
    assert run("tokenize", "inspect", "--tokenizer", learned, "--json", "the cat") == 0
    assert json.loads(capsys.readouterr().out)["characters"] == 7


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["train", "--vocab", "10"], 1, "at least 257"),
        (["train", "--vocab", "x"], 2, "whole number"),
        (
            ["train", "--pattern", "gpt"],
            2,
            "not 'gpt'; did you mean gpt2?",
        ),
        (["train", "--format", "x"], 2, "--format must be one of microgpt, tiktoken"),
        (["encod"], 2, "did you mean encode?"),
        (["encode", "x"], 2, "--tokenizer is missing"),
        ([], 2, "ACTION is missing"),
        (["train", "--data", "nothing"], 1, "no data set and no file"),
        (["train", "--data", "TEXT", "--out", "."], 1, "is not a file"),
        (["encode", "--tokenizer", "nothing", "x"], 1, "no tokenizer at nothing"),
        (["encode", "--tokenizer", "TEXT", "x"], 1, "line 1: 'the little"),
        (["encode", "--tokenizer", "TOK", "x", "--data", "TEXT"], 1, "not both"),
        (["encode", "--tokenizer", "TOK", "x", "--raw"], 1, "--out FILE"),
        (["encode", "--tokenizer", "TOK", "x", "--out", "y"], 1, "that --data names"),
        (["decode", "--tokenizer", "TOK", "cat"], 1, "'cat' is not a token id"),
        (["decode", "--tokenizer", "TOK", "99999"], 1, "no token 99999"),
        (["decode", "--tokenizer", "TOK", "--data", "TEXT"], 1, "is no token file"),
    ],
)
def test_mistakes_get_a_sentence(text, learned, capsys, words, code, message):
    words = [{"TEXT": str(text), "TOK": str(learned)}.get(word, word) for word in words]
    assert run("tokenize", *words) == code
    error = capsys.readouterr().err
    assert message in error and "Traceback" not in error


# ---- training with it

SMALL = ("--steps", 4, "--samples", 2, "--block-size", 8, "--eval-every", 2)


def trained(*words):
    return run("train", *words, *SMALL)


def test_training_on_byte_pairs_and_resuming(text, tmp_path, capsys):
    out = tmp_path / "m.safetensors"
    words = ("--data", text, "--tokenizer", "bpe", "--vocab", 300)
    assert trained(*words, "--out", out) == 0
    said = capsys.readouterr().err
    assert "a vocabulary of 300" in said and "bits a byte" in said
    assert run("train", "--resume", out, "--steps", 6, "--samples", 1) == 0
    assert run("sample", out, "--prompt", "the cat", "-n", 1) == 0
    assert "\nthe cat" in "\n" + capsys.readouterr().out  # it may write line ends of all kinds
    assert run("tokenize", "inspect", "--tokenizer", out, "the cat") == 0
    assert run("train", "--resume", out, "--tokenizer", "bpe") == 2


def test_training_on_a_token_file_with_its_tokenizer(text, learned, tmp_path, capsys):
    tokens, out = tmp_path / "x.tk", tmp_path / "m.safetensors"
    run("tokenize", "encode", "--tokenizer", learned, "--data", text, "--out", tokens)
    words = ("--data", tokens, "--tokenizer", learned, "--out", out)
    assert trained(*words, "--windows", "sequential") == 0
    said = capsys.readouterr()
    assert "tokens from your file" in said.err and "is not known" in said.err
    assert said.out.startswith("  ") and "\n  " in said.out  # neither + nor =
    assert run("train", "--resume", out, "--steps", 6, "--samples", 0) == 0
    assert trained("--data", tokens) == 1
    assert "--tokenizer FILE" in capsys.readouterr().err


def test_training_on_a_folder(tmp_path, capsys):
    folder = tmp_path / "code"
    folder.mkdir()
    for i in range(12):
        (folder / f"{i}.py").write_text(f"def f{i}(x):\n    return x + {i}\n")
        (folder / f"{i}.txt").write_text("left out\n")
    out = tmp_path / "m.safetensors"
    assert trained("--data", folder, "--include", "*.py", "--tokenizer", "bpe", "--out", out) == 0
    assert "12 files from" in capsys.readouterr().err
    assert run("train", "--resume", out, "--steps", 6, "--samples", 0) == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--vocab", "300"], "--tokenizer bpe"),
        (["--tokenizer", "chars", "--vocab", "300"], "--tokenizer bpe"),
        (["--tokenizer", "nothing"], "no tokenizer at nothing"),
        (["--tokenizer", "bpe", "--vocab", "5"], "at least 257"),
    ],
)
def test_tokenizers_that_cannot_be(text, capsys, words, message):
    assert trained("--data", text, *words) == 1
    assert message in capsys.readouterr().err


# ---- files


def test_a_folder_with_a_tokenizer(learned, tmp_path):
    tokenizer = load_tokenizer(learned)
    save_tokenizer(tokenizer, tmp_path / "pair", "gpt2")
    assert load_tokenizer(tmp_path / "pair").ids == tokenizer.ids
    save_tokenizer(tokenizer, tmp_path / "one" / "tokenizer.json", "huggingface")
    assert load_tokenizer(tmp_path / "one").ids == tokenizer.ids
    (tmp_path / "none").mkdir()
    with pytest.raises(UserError, match="folder without tokenizer.json"):
        load_tokenizer(tmp_path / "none")
    with pytest.raises(UserError, match="no format 'x'"):
        save_tokenizer(tokenizer, tmp_path / "x", "x")


def test_the_name_decides_the_format(learned, tmp_path):
    (path,) = save_tokenizer(load_tokenizer(learned), tmp_path / "x.tiktoken")
    assert path.read_bytes().startswith(b"AA== 0\n")
