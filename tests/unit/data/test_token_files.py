"""Token files: gonanochat's header and raw ones, streamed in, memory-mapped, split, walked."""

import random

import numpy as np
import pytest
from microgpt.data.batches import SequentialBatches, eval_batches, first_targets, make_batches
from microgpt.data.builtin import load
from microgpt.data.stream import stream_documents
from microgpt.data.tokens import (
    TokenWriter,
    encode_documents,
    is_token_file,
    open_tokens,
    token_corpus,
)
from microgpt.errors import UserError
from microgpt.tokenizer.bpe import BPETokenizer
from microgpt.tokenizer.chars import CharTokenizer
from microgpt.tokenizer.patterns import PATTERNS, Splitter
from microgpt.tokenizer.train import count_words, learn_merges

TEXT = "the cat sat on the mat,\nthat cat\n\n\nnaïve café 1984 😀\n" * 5


def learned(pattern="gpt2"):
    merges = learn_merges(count_words([TEXT], Splitter(pattern)))
    return BPETokenizer.from_merges([(m.left, m.right) for m in merges], pattern)


def written(path, ids, vocab=300, raw=False):
    with TokenWriter(path, vocab, raw) as writer:
        for part in ids:
            writer.write(part)
    return path


@pytest.mark.parametrize(("vocab", "width"), [(300, 2), (1 << 16, 2), ((1 << 16) + 1, 4)])
def test_the_bytes_are_gonanochats(tmp_path, vocab, width):
    path = written(tmp_path / "x.tk", [[1, 2], [vocab - 1]], vocab)
    ids = [1, 2, vocab - 1]
    assert path.read_bytes() == b"TK" + bytes([width, 0]) + np.array(ids, f"<u{width}").tobytes()
    tokens = open_tokens(path)
    assert isinstance(tokens, np.memmap) and not tokens.flags.writeable
    assert tokens.tolist() == ids


def test_a_raw_file_is_nanogpts(tmp_path):
    path = written(tmp_path / "x.bin", [[7, 8, 9]], raw=True)
    assert path.read_bytes() == np.array([7, 8, 9], "<u2").tobytes()
    assert open_tokens(path).tolist() == [7, 8, 9]
    with pytest.raises(UserError, match="below 65,536"):
        TokenWriter(path, 70_000, raw=True)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("x.tk", b"TK\2\0\1", "cut short"),
        ("x.tk", b"TK\2\0", "has no tokens"),
        ("x.tk", b"TK\3\0\1\1\1", "2 or 4 bytes"),
        ("x.tk", b"Once upon", "does not begin with TK"),
        ("x.bin", b"", "has no tokens"),
        ("x.bin", b"abc", "cut short"),
    ],
)
def test_broken_files_are_refused(tmp_path, name, data, words):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(UserError, match=words):
        open_tokens(path)


def test_token_files_are_told_from_texts(tmp_path):
    (tmp_path / "a.txt").write_text("TKnown\n")
    assert not is_token_file(tmp_path / "a.txt")
    assert not is_token_file(tmp_path / "nothing")
    assert is_token_file(written(tmp_path / "b.txt", [[1]]))
    assert is_token_file(written(tmp_path / "c.bin", [[1]], raw=True))


def test_an_interrupted_file_is_not_there(tmp_path):
    with pytest.raises(KeyboardInterrupt), TokenWriter(tmp_path / "x.tk", 300) as writer:
        writer.write([1])
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(UserError), TokenWriter(tmp_path, 300):
        pass


@pytest.mark.parametrize("block", [3, 50, 1 << 20])
@pytest.mark.parametrize("split", ["line", "blank", "none"])
@pytest.mark.parametrize("pattern", [*PATTERNS, None])
def test_encoded_as_a_stream_or_whole(tmp_path, monkeypatch, pattern, split, block):
    from microgpt.data import stream
    from microgpt.data import tokens as token_files
    from microgpt.data.batches import join_rows
    from microgpt.data.text import split_text

    monkeypatch.setattr(stream, "BLOCK", block)
    monkeypatch.setattr(token_files, "TOGETHER", 30)
    tokenizer = learned(pattern) if pattern else CharTokenizer(TEXT)
    path = tmp_path / "x.txt"
    path.write_text(TEXT, encoding="utf-8")
    parts = list(encode_documents(stream_documents(path, split), tokenizer))
    whole = join_rows(tokenizer.encode_rows(split_text(TEXT, split)))
    assert np.concatenate(parts).tolist() == whole.tolist()


def test_parts_and_whole_documents_may_be_mixed():
    tokenizer = learned()
    documents = [("a b", True), ("the cat", False), (" sat", False), ("", True), ("c", True)]
    ids = np.concatenate(list(encode_documents(documents, tokenizer))).tolist()
    bos = tokenizer.bos
    expected = [bos]
    for text in ("a b", "the cat sat", "c"):
        expected += [*tokenizer.encode(text), bos]
    assert ids == expected


# ---- as a corpus


def corpus_of(tmp_path, tokens, vocab=300):
    return token_corpus(written(tmp_path / "x.tk", [tokens], vocab))


def test_the_end_is_held_out_from_where_a_document_begins(tmp_path):
    tokenizer = CharTokenizer("ab")  # bos is 2
    tokens = ([2] + [0] * 9) * 100 + [2]
    corpus = corpus_of(tmp_path, tokens)
    (trained,), (held_out,) = corpus.rows(tokenizer, random.Random(1), 0.1)
    assert trained[-1] == held_out[0] == 2
    assert len(trained) - 1 + len(held_out) == len(tokens)
    assert 95 <= len(held_out) <= 121
    assert np.shares_memory(trained, corpus.tokens)
    assert corpus.rows(tokenizer, random.Random(1), 0)[1] == []


def test_a_text_without_marks_is_cut_anyway(tmp_path):
    corpus = corpus_of(tmp_path, [0, 1] * 500)
    (trained,), (held_out,) = corpus.rows(CharTokenizer("ab"), random.Random(1), 0.25)
    assert (len(trained), len(held_out)) == (751, 250)


def test_the_wrong_tokenizer_is_noticed(tmp_path):
    corpus = corpus_of(tmp_path, [0, 1, 299] * 100)
    with pytest.raises(UserError, match="token 299, and the tokenizer only 3"):
        corpus.rows(CharTokenizer("ab"), random.Random(1), 0.1)


def test_a_digest_tells_files_apart(tmp_path):
    digests = {corpus_of(tmp_path, tokens).digest for tokens in ([1, 2, 3], [1, 2, 4], [1, 2])}
    assert len(digests) == 3


def test_found_by_its_path(tmp_path):
    path = written(tmp_path / "x.tk", [[1, 2, 3]])
    corpus = load(path)
    assert (corpus.split, corpus.size, len(corpus.documents)) == ("tokens", "3 tokens", 0)


# ---- walked


def test_sequential_windows_see_each_token_once_a_pass():
    tokens = np.arange(101, dtype=np.uint16)  # 100 targets: 12 windows of 8, and half of one
    batches = SequentialBatches(tokens, 1, 8, np.float32, 0)
    starts = [int(next(batches).ids[0, 0]) for _ in range(26)]
    assert starts[:13] == [*range(0, 96, 8), 92] == starts[13:]
    batch = next(batches)
    assert batch.ids.dtype == np.int64 and (batch.targets == batch.ids + 1).all()


def test_sequential_windows_in_batches_go_on_where_they_were():
    tokens = np.arange(1000, dtype=np.uint16)
    batches = make_batches([tokens], 4, 16, np.float32, windows="sequential")
    assert isinstance(batches, SequentialBatches)
    seen = [next(batches).ids for _ in range(40)]
    again = make_batches([tokens], 4, 16, np.float32, windows="sequential")
    for _ in range(17):
        next(again)
    state = again.state()
    other = make_batches([tokens], 4, 16, np.float32, windows="sequential")
    other.restore(state)
    assert all((next(other).ids == ids).all() for ids in seen[17:])
    crops = make_batches([tokens], 4, 16, np.float32)
    with pytest.raises(UserError, match="other data"):
        crops.restore(state)


def test_a_text_shorter_than_the_block():
    batch = next(SequentialBatches(np.arange(5), 3, 16, np.float32, 0))
    assert batch.ids.tolist() == [[0, 1, 2, 3]] * 3


def test_an_evaluation_reads_no_more_than_it_needs():
    rows = [np.arange(n) for n in (1, 2, 30, 1, 7, *[2] * 60, 100, 50)]
    for most in (1, 5, 40, 100, 1000):
        short = eval_batches(first_targets(rows, most + 8), 4, 8, np.float32, most)
        from microgpt.data.batches import _Windows

        windows = _Windows(rows, 8, np.float32, 1, most)  # all of it read
        assert sum(b.tokens for b in short) == windows.total
