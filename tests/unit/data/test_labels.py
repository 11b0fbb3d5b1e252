"""Texts with labels: files of every sort, wrong lines, balanced batches, the made-up messages."""

import random
import re
from collections import Counter

import numpy as np
import pytest
from microgpt.data.encoding import OtherEncoding
from microgpt.data.labels import topics
from microgpt.data.labels.corpus import LabelledCorpus, labelled_corpus, made_up_topics
from microgpt.data.labels.files import parse, read_labelled
from microgpt.errors import UserError
from microgpt.tokenizer import CharTokenizer
from microgpt.training.config import TrainConfig

TWO = [("good day", "kind"), ("go away", "rude")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", "text,label\ngood day,kind\ngo away,rude\n"),
        ("t.csv", "Label,Text\nkind,good day\nrude,go away\n"),
        ("t.csv", "good day,kind\ngo away,rude\n\n"),
        ("t.csv", "kind,good day\nrude,go away\nkind,good day\n"),  # what comes again is the label
        ("t.tsv", "kind\tgood day\nrude\tgo away"),
        ("t.csv", "id;message;category\n1;good day;kind\n2;go away;rude\n"),
        ("t.jsonl", '{"text": "good day", "label": "kind"}\n\n{"class":"rude","body":"go away"}\n'),
    ],
)
def test_files(name, content):
    assert sorted(set(parse(content, name))) == sorted(TWO)


def test_fields_in_quotes():
    content = 'text,label\n"a, ""b""\nand c",kind\nd,rude\n'
    assert parse(content, "t.csv") == [('a, "b"\nand c', "kind"), ("d", "rude")]


def test_named_columns():
    content = "a,b,c\n1,good day,kind\n2,go away,rude\n"
    assert parse(content, "t.csv", "B", "c") == TWO
    assert parse('{"a": "x", "b": 1}\n{"a": "y", "b": true}', "t.jsonl", "a", "b") == [
        ("x", "1"),
        ("y", "true"),
    ]


def test_encodings(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("\ufefftext,label\r\nschön,a\r\nnaïf,b\r\n".encode())
    assert read_labelled(path) == [("schön", "a"), ("naïf", "b")]
    path.write_bytes("text,label\nschön,a\nnaïf,b\n".encode("windows-1252"))
    with pytest.raises(OtherEncoding) as refused:
        read_labelled(path)
    assert refused.value.encoding == "windows-1252"
    assert read_labelled(path, "windows-1252") == [("schön", "a"), ("naïf", "b")]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (
            "t.csv",
            "text,label\na,x\nb\nc,y\n",
            "t.csv, line 3: 1 column where the first line has 2",
        ),
        ("t.csv", 'text,label\n"a\nb",x,\n', "t.csv, line 2: 3 columns where the first"),
        ("t.csv", 'text,label\na,x\n"b,y\nc,z\n', "t.csv, line 3: a quote is opened and never"),
        ("t.csv", 'text,label\n"a"b,x\n', "line 2: something stands behind a closing quote"),
        ("t.csv", "text,label\na,x\n,y\n", "line 3: the text is empty; mend the line."),
        ("t.csv", "text,label\na,x\nb, \n", "line 3: the label is empty"),
        ("t.csv", "text,label\na,x\nb,x\n", "only the label x"),
        ("t.csv", "text,label\n", "no texts with labels"),
        ("t.csv", "one\ntwo\n", "1 column and no header that says which has the text"),
        ("t.csv", "a,b,c\n1,2,3\n", "3 columns and no header"),
        (
            "t.csv",
            "\n".join(f"text {i},{i}" for i in range(99)),
            "99 different labels for 99 texts",
        ),
        ("t.jsonl", '{"text": "a", "label": "b"}\n{', "line 2: it is not JSON"),
        ("t.jsonl", "[1]", "line 1: it is no object with a text and a label"),
        ("t.jsonl", '{"text": "a", "mood": "b"}', "line 1: it has no key label or a word like it"),
        ("t.jsonl", '{"text": 3, "label": "b"}', "line 1: its text is no text"),
        ("t.jsonl", '{"text": "a", "label": [1]}', "line 1: its label is neither a text nor"),
        ("t.jsonl", "[" * 100_000, "line 1: it is"),
    ],
)
def test_wrong_lines(name, content, words):
    with pytest.raises(UserError) as refused:
        parse(content, name)
    assert words in str(refused.value)


def test_a_column_that_is_not_there():
    with pytest.raises(UserError, match=r"no column mood; its first line has text, label\. Name"):
        parse("text,label\na,b\n", "t.csv", label="mood")


def test_a_text_is_taken_once(tmp_path):
    said = []
    (tmp_path / "t.csv").write_text("a,x\na,x\nb,y\nc,x\n", encoding="utf-8")
    corpus = labelled_corpus(tmp_path / "t.csv", say=said.append)
    assert corpus.pairs == [("a", "x"), ("b", "y"), ("c", "x")]
    assert said == ["1 of 4 texts stand there before; each is taken once."]


# ---- batches


def corpus():
    pairs = [(f"a{'b' * (i % 5)}", "often") for i in range(5)] + [
        ("ba", "seldom"),
        ("bb", "seldom"),
    ]
    return LabelledCorpus("t", pairs, "your file t")


def batches(seed=1, size=3):
    return rows().batches(size, 8, np.float32, seed)


def rows(fraction=0.0):
    tokenizer = CharTokenizer("ab")
    return corpus().rows(tokenizer, random.Random(2), fraction)[0]


def test_the_target_is_the_label_at_the_last_letter():
    own = rows()
    batch = next(iter(own.eval_batches(7, 8, np.float32)))
    assert batch.ids.shape == (7, 8) and batch.tokens == 7
    for i, (text, label) in enumerate(own.pairs):
        (place,) = np.flatnonzero(batch.weights[i])
        assert place == len(text) and batch.targets[i, place] == (label == "seldom")
        assert batch.ids[i, 1 : place + 1].tolist() == CharTokenizer("ab").encode(text)
        assert (batch.ids[i, place + 1 :] == 2).all()
    assert batch.weights.sum() == pytest.approx(1)


def test_every_label_is_met_equally_often():
    made, own = batches(size=10), rows()
    seen = Counter()
    for _ in range(3):
        batch = next(made)
        assert (batch.targets.max(1) == 1).sum() == 5
        seen.update(map(tuple, batch.ids.tolist()))
    assert len(seen) == len(own)  # and every text of a label before any comes again
    often = [n for ids, n in seen.items() if ids[1] == 0]
    assert max(often) - min(often) <= 1


def test_batches_go_on_where_they_were():
    made, again = batches(), batches()
    for _ in range(5):
        next(made)
    again.restore(made.state())
    for _ in range(4):
        assert np.array_equal(next(made).ids, next(again).ids)
    with pytest.raises(UserError, match="belongs to other data"):
        again.restore({"kind": "crops", "batches": 1})


def test_a_part_of_every_label_is_held_out():
    config = TrainConfig(val_fraction=0.2)
    (held_out,) = corpus().tests_of(config).values()
    assert Counter(label for _, label in held_out) == {"often": 1, "seldom": 1}
    trained, own = corpus().rows(CharTokenizer("ab"), random.Random(config.seed), 0.2)
    assert own.pairs == held_out and sorted(trained.pairs + held_out) == sorted(corpus().pairs)


# ---- the made-up messages


def test_messages_are_the_same_every_time():
    assert topics.messages(50) == topics.messages(50) != topics.messages(50, seed=1)
    counted = Counter(topics.message(number)[1] for number in range(500))
    assert counted == dict.fromkeys(topics.TOPICS, 100)


def test_names_and_phrases_are_held_out():
    made = made_up_topics(3000, 400)
    trained, unseen_names, unseen_phrases = made.pairs, *made.tests.values()
    names = [set(topics.NAMES.sides[side]) for side in (0, 1)]

    def words(pairs):
        return {word for text, _ in pairs for word in text.replace("'s", "").split()}

    def bare(pairs):
        return {word.strip(".,?:") for word in words(pairs)}

    assert not bare(trained) & names[1] and not bare(unseen_phrases) & names[1]
    assert len(bare(unseen_names) & names[1]) > 5 and not bare(unseen_names) & names[0]
    for topic, (known, held_out) in topics.PHRASES.items():
        assert len(known) >= 12 and len(held_out) >= 3 and not set(known) & set(held_out), topic
    known = {core(p) for sides in topics.PHRASES.values() for p in sides[0]}
    new = {core(p) for sides in topics.PHRASES.values() for p in sides[1]}
    assert not known & new
    for text, _ in unseen_phrases[:40]:
        assert any(all(part in text.lower() for part in p) for p in new)
        assert not any(all(part in text.lower() for part in p) for p in known)


def core(phrase):
    """The longest stretches of a phrase without names and things."""
    parts = re.split(r"\{.\}", phrase.lower())
    return tuple(part for part in parts if len(part) > 3)
