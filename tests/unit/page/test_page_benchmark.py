"""How fast it is here, as the page asks for it. Natively there is no kernel, and it says so."""

import pytest
from microgpt.page import benchmark
from microgpt.recorder import kinds
from page_caller import Caller


def all_of(call, works):
    started = call("start_benchmark", works=works)
    assert started == {"works": works, "kernel": call.session.kernel is not None}
    answer, count = call("go_on_measuring", milliseconds=0), 0
    assert answer["results"] == [] and not answer["done"]
    while not answer["done"]:
        answer, count = call("go_on_measuring", milliseconds=0.001), count + 1  # a piece at a time
    assert count > benchmark.TURNS
    return answer


@pytest.fixture(autouse=True)
def short_turns(monkeypatch):
    for name in ("TURN_SECONDS", "WARM_SECONDS"):
        monkeypatch.setattr(benchmark, name, 0.001)


def test_without_a_kernel_two_ways_are_compared():
    call = Caller(None)
    answer = all_of(call, ["reference", "product"])
    assert answer["kernel"] is False
    ways = [(result["work"], result["way"]) for result in answer["results"]]
    assert ways == [("reference", "trace"), ("reference", "numpy"), ("product", "numpy")]
    for result in answer["results"]:
        assert result["stepsPerSecond"] > 0 and result["gflops"] > 0
        tokens = result["tokensPerSecond"]
        if result["work"] == "product":
            assert tokens is None
        else:
            assert tokens == pytest.approx(7 * result["stepsPerSecond"])
    assert "refused" in call("go_on_measuring", milliseconds=1)  # it is over


class Product:
    """A step of the stub."""

    def __init__(self, a, b, out):
        self.arrays = a, b, out

    def pack(self):
        return self.arrays


class Stub:
    """A kernel that takes products only, and counts."""

    def __init__(self):
        self.asked, self.made = 0, 0

    def encode(self, kind, function, ins, out):
        self.asked += 1
        return [Product(*ins, out)] if kind is kinds.MATMUL else None

    def runner(self, steps, arrays):
        def run():
            self.made += len(steps)
            for a, b, out in steps:
                out[...] = a @ b

        return run


def test_a_kernel_is_compared_with_numpy():
    call, stub = Caller(None), Stub()
    call.session.kernel = stub
    answer = all_of(call, ["reference", "product"])
    assert [result["way"] for result in answer["results"]] == [
        *("kernel", "trace", "numpy"),
        *("kernel", "numpy"),
    ]
    assert stub.made > stub.asked > 20


def test_a_benchmark_is_asked_for_before_it_goes_on():
    assert "refused" in Caller(None)("go_on_measuring", milliseconds=1)
