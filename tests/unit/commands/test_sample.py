"""`sample`: writing with a saved model."""

import pytest
from program import NAMES, call, start


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    from microgpt.cli import main

    folder = tmp_path_factory.mktemp("model")
    (folder / "names.txt").write_text("\n".join(NAMES), encoding="utf-8")
    flags = ["--data", folder / "names.txt", "--steps", 150, "--out", folder / "m", "--quiet"]
    assert main([str(flag) for flag in [*flags, "--samples", 0, "--block-size", 8]]) == 0
    return folder / "m"


def test_ten_texts_and_the_same_with_a_seed(model, capsys):
    one, same = (call(capsys, "sample", model, "--seed", 7) for _ in range(2))
    assert one.out == same.out and one.err == "" and one.code == 0
    assert len(one.out.splitlines()) == 10
    assert one.out != call(capsys, "sample", model, "--seed", 8).out


@pytest.mark.parametrize(
    "flags", [["--greedy"], ["--temperature", 0], ["--top-k", 1], ["--temperature", 1e-300]]
)
def test_without_chance_all_are_alike(flags, model, capsys):
    lines = call(capsys, "sample", model, "-n", 4, *flags).out.splitlines()
    assert len(lines) == 4 and len(set(lines)) == 1
    assert lines[0] == call(capsys, "sample", model, "-n", 1, "--greedy").out.strip()


def test_more_tokens_than_there_are(model, capsys):
    plain = call(capsys, "sample", model, "--seed", 1).out
    assert call(capsys, "sample", model, "--seed", 1, "--top-k", 10**6).out == plain
    assert call(capsys, "sample", model, "--seed", 1, "--top-p", 1, "--min-p", 0).out == plain


def test_prompts(model, capsys):
    lines = call(capsys, "sample", model, "--prompt", "an", "-n", 5).out.splitlines()
    assert len(lines) == 5 and all(line.startswith("an") for line in lines)
    long = "annabertannabertanna"  # longer than the block
    (line,) = call(capsys, "sample", model, "--prompt", long, "-n", 1).out.splitlines()
    assert line.startswith(long)
    flags = ["--prompt", long, "-n", 1, "--max-tokens", 30, "--seed", 1]
    assert call(capsys, "sample", model, *flags).code == 0


@pytest.mark.parametrize("flags", [[], ["--stream"], ["--json"]], ids=str)
def test_a_prompt_of_unknown_characters(flags, model, capsys):
    answer = call(capsys, "sample", model, "--prompt", "aß", *flags)
    assert "has never seen “ß”, so it cannot read it: leave it out" in answer.sentence()
    assert answer.code == 1


def test_capital_letters_are_read_as_small_ones_and_that_is_said(model, capsys):
    answer = call(capsys, "sample", model, "--prompt", "An", "-n", 2)
    assert answer.code == 0 and all(line.startswith("an") for line in answer.out.splitlines())
    assert "knows small letters only, so it reads “an”" in answer.err


def test_a_text_is_written_past_the_block_and_the_window_is_told_of(model, capsys):
    flags = ["--prompt", "an", "-n", 40, "--temperature", 9, "--seed", 1]
    answer = call(capsys, "sample", model, *flags, "--json")
    records = answer.records
    longer = [record for record in records if record["tokens"] > 6]  # the mark, "an", and 5 more
    assert longer and all(record["unseen"] > 0 for record in longer)
    assert all(record["unseen"] == 0 for record in records if record not in longer)
    assert "sees 8 tokens back" in answer.err
    short = call(capsys, "sample", model, *flags, "--max-tokens", 6)
    assert short.err == ""
    assert [line[:8] for line in short.out.splitlines()] == [r["text"][:8] for r in records]


def test_without_an_end_a_text_has_to_be_streamed(model, capsys):
    assert "needs --stream" in call(capsys, "sample", model, "--max-tokens", 0).sentence()


def test_json(model, capsys):
    records = call(capsys, "sample", model, "--json", "-n", 3, "--prompt", "b").records
    assert len(records) == 3
    for record in records:
        assert record["text"].startswith("b") and record["reason"] in ("end", "length")
        assert record["tokens"] == len(record["text"]) - 1 + (record["reason"] == "end")


def test_streaming_shows_each_character_as_it_comes(model):
    """The first are read while the program is still writing."""
    process = start("sample", model, "--stream", "-n", 10**7, "--seed", 1)
    first = process.stdout.read(40)
    assert process.poll() is None
    process.kill()
    process.communicate()
    plain = start("sample", model, "-n", 40, "--seed", 1)
    assert plain.communicate()[0].startswith(first)
