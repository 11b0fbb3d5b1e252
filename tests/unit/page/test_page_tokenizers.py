"""The tokenizers of the page: cutting a text, learning merges in pieces, and training with them."""

import pytest
from microgpt.page import bpe_learning as learning
from microgpt.tokenizer import to_dict
from microgpt.tokenizer.bpe import BPETokenizer
from microgpt.tokenizer.files.formats import write
from microgpt.tokenizer.patterns import Splitter
from microgpt.tokenizer.train import count_words, learn_merges
from microgpt.training.run import Run
from page_caller import NAMES, SMALL, Caller

DOCUMENTS = NAMES.split("\n")


def cut(call, text, **request):
    return call("cut_text", text=text, **request)


@pytest.fixture(scope="module")
def trained():
    call = Caller()
    call.merges, call.said = call.learn()
    return call


def test_learned_in_pieces_the_merges_are_those_of_the_terminal(trained):
    expected = list(learn_merges(count_words(DOCUMENTS, Splitter("gpt2"))))[:20]
    tokenizer = trained.session.tokenizers.trained
    assert tokenizer.merges == [(merge.left, merge.right) for merge in expected]
    assert [merge[3] for merge in trained.merges] == [merge.count for merge in expected]
    left, right, both, _ = trained.merges[0]
    assert left + right == both
    assert trained.said["vocab"] == 277 and trained.said["learned"] == 20


def test_a_text_is_cut_with_any_of_the_tokenizers(trained):
    text = "anna, dorla\n"
    tokenizer = trained.session.tokenizers.trained
    found = cut(trained, text, by="trained")
    assert found["ids"] == tokenizer.encode(text)
    assert "".join(found["kinds"][str(id)][0] for id in found["ids"]) == text
    assert (found["characters"], found["bytes"]) == (12, 12)
    letters = cut(trained, "anna")
    assert letters["tokens"] == 4 and letters["note"] == ""
    assert letters["vocab"] == trained.opened["vocabSize"]
    assert "the model's alphabet lacks" in cut(trained, "ANNA")["note"]
    assert cut(trained, "", by="chars")["tokens"] == 0


def test_at_an_earlier_merge_there_are_fewer_tokens_to_choose_from(trained):
    counts = [cut(trained, NAMES, by="trained", at=at)["tokens"] for at in range(21)]
    assert counts[0] == len(NAMES.encode())
    assert sorted(counts, reverse=True) == counts and counts[-1] < counts[0]
    first = trained.merges[0]
    assert counts[0] - counts[1] == first[3]


def test_bytes_that_are_no_characters_are_told_as_bytes(trained):
    found = cut(trained, "é", by="trained")
    assert [found["kinds"][str(id)] for id in found["ids"]] == [[None, "c3"], [None, "a9"]]
    assert cut(trained, "\ud800", by="trained")["characters"] == 1


def test_of_a_long_text_only_the_beginning_is_listed(trained, monkeypatch):
    monkeypatch.setattr(learning, "DRAWN", 5)
    monkeypatch.setattr(learning, "LONGEST", 20)
    found = cut(trained, NAMES)
    assert len(found["ids"]) == 5 and found["tokens"] == 20
    assert found["left"] == len(NAMES) - 20


def test_learning_can_be_stopped_and_keeps_what_it_has():
    call = Caller()
    call("learn_tokens", **{"source": "text", "text": NAMES, "merges": 10})
    while not call("go_on_learning", milliseconds=0.001)["learned"]:
        pass
    answer = call("stop_learning")
    assert answer["done"] and 0 < answer["learned"] < 10
    assert len(call.session.tokenizers.trained.merges) == answer["learned"]


def test_a_text_without_pairs_teaches_little():
    merges, said = Caller().learn(source="text", text="abc", merges=5)
    assert merges == [] and said["vocab"] == 257


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"source": "text", "text": "", "merges": 5}, "no text"),
        ({"source": "text", "text": "a", "merges": -1}, "vocabulary"),
        ({"source": "text", "text": "a", "merges": "many"}, "vocabulary"),
        ({"source": "text", "text": "a", "merges": 1, "pattern": "("}, "not a regular expression"),
    ],
)
def test_what_cannot_be_learned_is_said(request_, words):
    assert words in Caller()("learn_tokens", **request_)["refused"]


def test_without_data_there_is_none_to_learn_from():
    call = Caller(text=None)
    assert "no data" in call("learn_tokens", **{"source": "data", "merges": 3})["refused"]
    assert cut(call, "abc")["tokens"] == 3


def test_a_tokenizer_goes_into_a_file_and_comes_back(trained):
    saved = trained("save_tokenizer", by="trained")
    name, data = saved["name"], saved["bytes"]
    call = Caller(text=None)
    assert call("open_tokenizer", data, name=name)["vocab"] == 277
    text = "anna bella"
    assert cut(call, text, by="file")["ids"] == cut(trained, text, by="trained")["ids"]
    assert "no tokenizer from Tokens" in cut(call, text, by="trained")["refused"]
    assert "no tokenizer file" in call("open_tokenizer", b"hello", name="t.txt")["refused"]


def test_a_pair_of_files_is_opened_together(trained):
    files = write(trained.session.tokenizers.trained, "gpt2")
    call = Caller(text=None)
    (one, first), (two, second) = files.items()
    assert call("open_tokenizer", first, second, name=one, other_name=two)["vocab"] == 277
    assert "refused" in call("open_tokenizer", first, name=one)


def test_a_missing_package_is_named_so_that_the_page_can_get_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "regex", None)
    answer = Caller()("learn_tokens", **{"source": "data", "merges": 3})
    assert answer["needs"] == "regex" and "refused" in answer


# Training with them


def test_a_run_with_byte_pairs_is_that_of_the_terminal():
    call = Caller()
    settings = {**SMALL, "tokenizer": "bpe", "vocab": 270}
    described = call.prepared("describe", settings)
    assert described["vocabSize"] == 270 and described["secondsPerStep"] > 0
    about = call.new(tokenizer="bpe", vocab=270)
    assert about["vocabSize"] == 270 and about["vocabulary"] is None
    assert about["settings"]["tokenizer"] == "bpe" and about["settings"]["vocab"] == 270
    call.train(40)
    merges = list(learn_merges(count_words(DOCUMENTS, Splitter("gpt2"))))[:13]
    tokenizer = BPETokenizer.from_merges([(merge.left, merge.right) for merge in merges])
    run = call.run
    alike = Run.start(run.corpus, run.model.config, run.config, tokenizer)
    assert to_dict(alike.tokenizer) == to_dict(run.tokenizer)
    command = call("command", settings=settings)["text"]
    assert command.startswith("python -m py.microgpt train")
    assert "--tokenizer bpe --vocab 270" in command


def test_a_smaller_vocabulary_is_the_beginning_of_a_larger_one():
    call = Caller()
    call.prepared("describe", {**SMALL, "tokenizer": "bpe", "vocab": 280})
    smaller = {**SMALL, "tokenizer": "bpe", "vocab": 265}
    assert call("describe", settings=smaller)["vocabSize"] == 265


def test_bits_per_byte_compare_tokenizers():
    call = Caller()
    call.new()
    letters = call.train(10)["events"]
    call.prepared("new", {**SMALL, "tokenizer": "bpe", "vocab": 280})
    pairs = call.train(10)["events"]
    for events in (letters, pairs):
        bits = [event["bitsPerByte"] for event in events if event["type"] == "evaluation"]
        assert bits and all(1 < each < 12 for each in bits)


def test_the_trained_tokenizer_is_the_one_that_a_run_uses_and_its_file_carries(trained):
    about = trained.new(tokenizer="trained")
    assert about["vocabSize"] == 277
    assert about["tokenizer"] == {"kind": "bpe", "vocab": 277, "pattern": "gpt2", "specials": []}
    trained.train(5)
    data = trained("save")["bytes"]
    call = Caller()
    opened = call("open", data, name="x.safetensors", origin="file")
    assert opened["canTrain"] and opened["settings"]["tokenizer"] == "file"
    assert opened["step"] == 5 and call.train(8)["step"] == 8
    assert cut(call, "anna", by="file")["ids"] == cut(trained, "anna", by="trained")["ids"]
    link = trained("link")["text"]
    other = Caller(text=None)
    assert other("open_link", text=link)["tokenizer"]["vocab"] == 277
    assert other("next_tokens", **{"prompt": "an"})["tokens"]


def test_the_command_says_what_it_can():
    call = Caller()

    def command(**settings):
        return call("command", settings={**SMALL, **settings})

    assert "no tokenizer from Tokens" in command(tokenizer="trained")["refused"]
    assert "no tokenizer from a file" in command(tokenizer="file")["refused"]
    call.learn()
    assert "--tokenizer bpe --vocab 277" in command(tokenizer="trained")["text"]
    call.learn(pattern="none")
    first, second = command(tokenizer="trained")["text"].split(" && ")
    assert "tokenize train --data 'your text' --vocab 277 --pattern none" in first
    assert "--tokenizer microgpt-tokenizer.json" in second
    call.learn(source="text", text=NAMES)
    assert "--tokenizer microgpt-tokenizer.json" in command(tokenizer="trained")["text"]
    file = write(call.session.tokenizers.trained, "microgpt")[""]
    call("open_tokenizer", file, name="my.json")
    assert "--tokenizer my.json" in command(tokenizer="file")["text"]


def test_an_unknown_tokenizer_is_refused():
    assert "no tokenizer 'words'" in Caller().new(tokenizer="words")["refused"]
    assert "vocabulary" in Caller().new(tokenizer="bpe", vocab=12)["refused"]
