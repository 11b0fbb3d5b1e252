"""`attention` and `embeddings`: on the terminal, as JSON, and as pages that need nothing else."""

import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from microgpt import checkpoint as checkpoints
from microgpt.cli import main
from program import NAMES, call

TEXT = "\n".join([*NAMES, "<b>&\"'", "a b"] * 3)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    (folder / "names.txt").write_text(TEXT, encoding="utf-8")
    flags = ["--preset", "llama", "--n-embd", 16, "--block-size", 64, "--steps", 3, "--quiet"]
    flags += ["--data", folder / "names.txt", "--samples", 0, "--out", folder / "m"]
    assert main([str(flag) for flag in ["train", *flags]]) == 0
    return folder / "m"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Page(HTMLParser):
    """Follows the tags; notes ids, places that are named, words, and what is asked of a network."""

    VOID = ("meta", "link", "img", "br")
    OPTIONAL = ("tr", "td", "th", "tbody", "html")

    def __init__(self, path):
        super().__init__()
        self.source = Path(path).read_text(encoding="utf-8")
        self.open, self.ids, self.hrefs, self.text = [], [], [], []
        self.tags = []
        self.feed(self.source)
        self.close()
        assert set(self.open) <= set(self.OPTIONAL)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.ids += [v for k, v in attributes if k == "id"]
        self.hrefs += [v for k, v in attributes if k in ("src", "href", "action", "xlink:href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        while self.open[-1] != tag:
            assert self.open.pop() in self.OPTIONAL
        self.open.pop()

    def handle_data(self, data):
        self.text.append(data)

    def check(self):
        assert all(href.startswith("#") and href[1:] in self.ids for href in self.hrefs)
        assert len(set(self.ids)) == len(self.ids)
        for word in ("url(", "@import", "<script", "http", "nan", " inf"):
            assert word not in self.source.lower().replace("nanna", ""), word
        for tag, attributes in self.tags:
            if tag == "svg":
                assert attributes.get("aria-label") or attributes.get("aria-hidden") == "true"
            if tag == "th":
                assert attributes.get("scope") in ("row", "col")


# ---- attention


def test_attention_on_the_terminal(model, capsys):
    answer = call(capsys, "attention", model, "--prompt", "anna")
    lines = answer.out.splitlines()
    assert answer.code == 0 and answer.err == ""
    assert len(lines) == 2 * 4 * 6
    assert lines[0] == "layer 0, head 0" and lines[6] == "layer 0, head 1"
    assert lines[1].strip().startswith("<edge> ██") and "most at <edge> (100%)" in lines[1]


def test_attention_as_json(model, capsys):
    (found,) = call(capsys, "attention", model, "--prompt", "anna", "--json").records
    assert found["tokens"] == ["<edge>", *"anna"]
    maps = np.array(found["layers"])
    assert maps.shape == (2, 4, 5, 5)
    assert maps.sum(-1) == pytest.approx(1, abs=1e-3) and not np.triu(maps, 1).any()


@pytest.mark.parametrize("prompt", ["", "a<b>&\"'", ("anna " * 13)[:63]])
def test_attention_as_a_page(prompt, model, capsys):
    answer = call(capsys, "attention", model, "--prompt", prompt, "--html", "a/b.html")
    assert (answer.code, answer.out) == (0, "") and "The page is in a/b.html." in answer.err
    page = Page("a/b.html")
    page.check()
    figures = [attributes["id"] for tag, attributes in page.tags if tag == "figure"]
    assert figures == [f"l{layer}h{head}" for layer in range(2) for head in range(4)]
    assert sum(tag == "table" for tag, _ in page.tags) == 1 + 8
    # A number for every pair that may be seen, and a text for every token on both sides.
    size = len(prompt) + 1
    cells = sum(tag == "td" for tag, _ in page.tags)
    assert cells == 8 * (size * (size + 1) // 2 + 1) + 8 + 1
    assert sum(tag == "text" for tag, _ in page.tags) == 8 * 2 * size
    assert len(page.source) < 600_000
    assert f"Attention on “{prompt}”" in page.text


def test_the_shades_are_the_weights(model, capsys):
    call(capsys, "attention", model, "--prompt", "anna", "--html", "a.html")
    (found,) = call(capsys, "attention", model, "--prompt", "anna", "--json").records
    shades = {}
    page = Page("a.html")
    start = next(i for i, (_, a) in enumerate(page.tags) if a.get("id") == "l1h2m")
    for tag, attributes in page.tags[start + 1 :]:
        if tag == "path" and attributes["class"].startswith("s") and attributes["class"] != "seen":
            for cell in attributes["d"].split("M")[1:]:
                x, y = cell.partition("h")[0].split()
                shades[int(y) // 10, int(x) // 10] = int(attributes["class"][1:])
        if tag == "text":
            break
    weights = np.array(found["layers"])[1, 2]
    assert len(shades) == 15
    for (row, column), shade in shades.items():
        assert shade == pytest.approx(20 * weights[row, column] ** 0.5, abs=0.52)


def test_attention_mistakes(model, capsys):
    assert "The word --prompt is missing" in call(capsys, "attention", model).sentence()
    assert "not one this model knows" in call(capsys, "attention", model, "--prompt", "Z").err
    long = call(capsys, "attention", model, "--prompt", "a" * 64)
    assert "sees 64 tokens at a time, and the text has 65" in long.sentence()


# ---- embeddings


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_embeddings(method, model, capsys):
    flags = ["embeddings", model, "--method", method]
    found = checkpoints.load(model)
    tokenizer = found.tokenizer()
    names = [tokenizer.token_text(i) for i in range(tokenizer.vocab_size)]
    (record,) = call(capsys, *flags, "--json").records
    assert record["method"] == method and record["tokens"] == names
    assert np.array(record["points"]).shape == (len(names), 2)
    assert ("shares" if method == "pca" else "perplexity") in record
    answer = call(capsys, *flags)
    rows = [line.split("\t") for line in answer.out.splitlines()]
    assert [row[0] for row in rows] == names and all(len(row) == 4 for row in rows)
    assert [[float(v) for v in row[1:3]] for row in rows] == pytest.approx(
        np.array(record["points"]), abs=1e-4
    )
    assert all(row[3].split() == others for row, others in zip(rows, record["alike"]))
    assert call(capsys, *flags, "--html", "e.html").code == 0
    page = Page("e.html")
    page.check()
    assert sum(tag == "circle" for tag, _ in page.tags) == len(names)
    assert set(names) <= set(page.text)
    places = [(a["cx"], a["cy"]) for tag, a in page.tags if tag == "circle"]
    assert all(0 < float(x) < 900 and 0 < float(y) < 900 for x, y in places)


def test_a_seed_and_a_perplexity_for_tsne(model, capsys):
    flags = ["embeddings", model, "--method", "tsne", "--json"]
    plain = call(capsys, *flags).out
    assert plain == call(capsys, *flags, "--seed", 0).out
    assert plain != call(capsys, *flags, "--seed", 1).out
    assert json.loads(call(capsys, *flags, "--perplexity", 3).out)["perplexity"] == 3


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ("--perplexity 5", "--perplexity is for --method tsne."),
        ("--method tsne --perplexity 500", "below the number of points, "),
        ("--method tsne --perplexity 0", "--perplexity must be a number of at least 1, not 0.0."),
        ("--method umap", "--method must be one of pca, tsne, not 'umap'."),
        ("--method tsen", "did you mean tsne?"),
    ],
)
def test_embeddings_mistakes(flags, sentence, model, capsys):
    assert sentence in call(capsys, "embeddings", model, *flags.split()).sentence()
