"""What the page says of the machine's numbers is what the model computed, in all four families: the
formula with its values in it gives the number, and the line that is read shows it rounded."""

import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from family import FAMILIES, configuration, new_model
from microgpt.autograd.ops import softmax
from microgpt.gpt.positions import rope_frequencies
from microgpt.microscope.activations import activations, ids_of
from microgpt.page.inside import microscope
from microgpt.tokenizer import CharTokenizer
from test_javascript import node  # noqa: F401, the fixture

SCRIPT = Path(__file__).with_name("machine-numbers.js")
LETTERS = CharTokenizer("abcdefghij")
TEXT, FOCUS = "abcabca", 5
# Every family, mixtures of switches, and one of which the page gets only the followed row whole.
CASES = [(name, False) for name in (*FAMILIES, 1)] + [("nanochat", True)]


class Shown:
    """A model as the page's session has it."""

    run = model = None

    def __init__(self, model):
        self.shown = lambda: (model, LETTERS)

    def when_replaced(self, drop):
        pass


def ask(program, given):
    done = subprocess.run(
        [program, SCRIPT], input=json.dumps(given), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def by_definition(seen, told):
    """The number itself, from what the model showed."""
    key, number, layer = told["key"], told["number"], told["key"].split(".")[0]
    if told["kind"] == "head":
        size = seen[f"{layer}.heads"].shape[2]
        if number < size:
            return seen[f"{layer}.heads"][FOCUS, told["head"], number]
        return seen[f"{layer}.weights"][told["head"], FOCUS, min(number - size, FOCUS)]
    return seen["logits" if key == "scores" else key][FOCUS].reshape(-1)[number]


def check_figure(figure, told, config):
    """A pair is turned by place times speed; a curve goes through its point."""
    if figure["kind"] == "curve":
        x, y = figure["at"]
        if told["kind"] == "units" and config.activation != "swiglu":
            assert (x, y) == (told["sums"][0]["total"], told["value"])
        left, right = figure["points"][0], figure["points"][-1]
        assert left[0] < x < right[0]
        assert min(abs(x - a) + abs(y - b) for a, b in figure["points"]) < 0.5
        return
    pairs = figure["pairs"]
    assert len(pairs) == config.head_size // 2
    sign = -1 if config.rope_reverse else 1
    for pair, speed in zip(pairs, rope_frequencies(config), strict=True):
        assert pair["angle"] == pytest.approx(sign * FOCUS * speed, abs=1e-12)
        turned = complex(*pair["from"]) * np.exp(1j * pair["angle"])
        assert complex(*pair["to"]) == pytest.approx(turned, abs=1e-12)
    number = told["number"] % config.head_size
    assert figure["chosen"] == number % len(pairs)
    if not config.qk_norm:
        made = pairs[figure["chosen"]]["to"][number // len(pairs)]
        assert made * config.qk_scale == pytest.approx(told["value"], abs=1e-12)


def answered(model, asked, large):
    requests = microscope.MicroscopeRequests(Shown(model))
    for matrices in asked:
        answer = requests.machine(text=TEXT, focus=FOCUS, matrices=matrices)
        assert answer.facts["summarised"] == large
        yield {**answer.facts, "numbers": answer.arrays["numbers"].tolist()}


@pytest.fixture(scope="module")
def said(node):  # noqa: F811
    """What the page says in each case."""
    models = {case: new_model(configuration(case[0])) for case in CASES}
    given = []
    for model in models.values():
        config = model.config
        about = {"settings": config.to_dict(), "time": len(TEXT) + 1, "layer": config.n_layer - 1}
        given.append(about)
    for (case, model), about, asked in zip(models.items(), given, ask(node, given), strict=True):
        with pytest.MonkeyPatch.context() as patch:
            if case[1]:
                patch.setattr(microscope, "MANY", 100)
            about["answers"] = [*answered(model, asked, case[1])]
    return dict(zip(CASES, ask(node, given), strict=True))


@pytest.mark.parametrize(("name", "large"), CASES)
def test_what_is_said_of_a_number_gives_that_number(name, large, said):
    config = configuration(name)
    model = new_model(config)
    assert model.dtype == np.float64
    found, seen = said[name, large], activations(model, ids_of(model, LETTERS, TEXT))
    figures = {told["kind"] for told in found if told["figure"]}
    assert ("query" in figures) == (config.positions == "rope") and "units" in figures
    kinds = {told["kind"] for told in found}
    assert {"token", "query", "key", "value", "head", "add", "units", "scores"} <= kinds
    for told in found:
        number, what = by_definition(seen, told), (told["key"], told["head"], told["number"])
        assert told["value"] == pytest.approx(number, abs=1e-12), what
        for each in told["sums"]:
            products = [term["factor"] * term["number"] for term in each["terms"]]
            assert sum(products) == pytest.approx(each["total"], abs=1e-12), what
        if told["figure"]:
            check_figure(told["figure"], told, config)
        # The last line ends with the number as it is read: rounded, a share in percent.
        line = told["lines"][-1]
        if "outside the window" not in line:
            shown = re.search(r"= ([−\d.e]+)%?$", line)[1].replace("−", "-")
            digits = len(shown.partition(".")[2].partition("e")[0])
            if told["kind"] == "scores":
                number = 100 * softmax(seen["logits"][FOCUS])[told["number"]]
            elif line.endswith("%"):
                number *= 100
            close = 0.5 * 10**-digits * (10 ** int(shown.partition("e")[2] or 0)) + 1e-9
            assert float(shown) == pytest.approx(number, abs=close), (what, line)
