"""`bench scale`: the model of many machines, what it is told, and what it is shown as."""

import json
import math
import random
import statistics
from pathlib import Path
from types import SimpleNamespace

import pytest
from microgpt.bench import scale
from microgpt.bench.scale import check, losses, measure
from microgpt.bench.scale.model import (
    MACHINES,
    NETWORKS,
    Network,
    efficiency,
    exchange,
    fit_network,
    lost,
    slowest,
    step,
)
from microgpt.bench.scale.report import as_page, as_table
from program import call

FAST = Network("fast", 1e-6, 1e10, 1e9)


def test_the_slowest_of_many_is_what_drawing_shows():
    chance = random.Random(1)
    for count in (2, 4, 16):
        drawn = statistics.fmean(max(chance.gauss(0, 1) for _ in range(count)) for _ in range(4000))
        assert slowest(count) == pytest.approx(drawn, abs=0.05)


def test_a_step_is_work_waiting_and_exchange():
    assert step(1, 2.0, 0.1, 10**6, FAST) == 2.0
    assert step(4, 2.0, 0.1, 0, Network("none", 0, 1e12, 1)) == pytest.approx(2.103, abs=1e-3)
    slow = Network("slow", 0.01, 1e6, 1e9)
    assert exchange(2, 10**6, slow) == pytest.approx(0.03 + 1.0, rel=1e-3)
    assert exchange(4, 10**6, slow) == pytest.approx(0.06 + 1.5, rel=1e-3)
    air = Network("air", 0.01, 1e6, 1e9, shared=True)
    assert exchange(4, 10**6, air) == pytest.approx(0.06 + 6.0, rel=1e-3)
    # Of many steps together the sum varies less, and there is one exchange.
    assert step(4, 2.0, 0.1, 10**6, slow, 100) - 2 == pytest.approx(0.01029 + 0.0156, rel=1e-2)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_efficiency_falls_with_machines_and_rises_with_seldom_meetings(network):
    parts = [efficiency(n, 0.05, 0.005, 400_000, network) for n in MACHINES]
    assert parts[0] == pytest.approx(1) and parts == sorted(parts, reverse=True)
    seldom = [efficiency(n, 0.05, 0.005, 400_000, network, 50) for n in MACHINES]
    assert all(a < b <= 1 for a, b in zip(parts[1:], seldom[1:]))


def test_checkpoints_are_as_far_apart_as_is_best():
    network = Network("x", 0, 1e9, 10)
    failures, saving = 16 / 36_000, 3 * 10**9 / 200e6
    others = [saving / apart + failures * (15 + apart / 2) for apart in range(20, 2000, 5)]
    assert lost(16, 10**9, network) == pytest.approx(min(others), rel=1e-3)


@pytest.mark.parametrize("count", [2, 4])
def test_a_network_is_found_in_its_times(count):
    known = Network("known", 2e-4, 1e8, 1)
    sizes = (4096, 65_536, 1 << 20, 1 << 25)
    found = fit_network({size: exchange(count, size, known) for size in sizes}, count)
    assert found.latency == pytest.approx(2e-4, rel=1e-3)
    assert found.bandwidth == pytest.approx(1e8, rel=1e-3)


def some_results(with_check=True):
    shards = {
        "small": dict(mean=0.01, spread=1e-3, bytes=4e5, tokens=64, parameters=9, measured=True),
        "large": dict(mean=9.0, spread=0.1, bytes=4e8, tokens=64, parameters=9, measured=False),
    }
    row = {"what": "L1", "ranks": 2, "predicted": 0.011, "measured": 0.01, "error": 0.1}
    row["rounds"] = [0.3, -0.05, 0.1]
    networks = [vars(network) for network in NETWORKS]
    return {
        "shards": shards,
        "exchanges": {"threads": {4096: 1e-5}, "MPI": None},
        "absent": ["MPI"],
        "assumed": {"networks": networks, "message": 5e-6, "restart": 15.0, "disk": 2e8},
        "efficiency": scale.predictions(shards),
        "check": [row] if with_check else [],
        "losses": losses.kept_losses(),
    }


def test_the_page_and_the_table_show_all():
    title, body, _ = as_page(some_results())
    assert title == "What more machines would bring"
    assert body.count("<svg") == len(NETWORKS)
    assert body.count("<polyline") == len(NETWORKS) * 4  # two presets, each shared and seldom
    for words in (
        "+10.0%",
        "-5.0% to +30.0%",
        "1.5316 (-1.8%)",
        "Not measured: MPI",
        "9,000.00 ms, reckoned",
    ):
        assert words in body
    assert "The page shows it: under Train" in body
    text = "\n".join(as_table(some_results()))
    for words in (
        "2 ranks, L1",
        "4 workers, agree every  50: 1.5316, -1.8%",
        "by MPI: not",
        "read it below the buttons",
    ):
        assert words in text
    assert all(network.name in text and network.name in body for network in NETWORKS)
    assert "2 ranks" not in "\n".join(as_table(some_results(with_check=False)))


def test_one_round_that_was_disturbed_is_not_what_counts():
    row = check._row("L1", 2, [(0.010, 0.010), (0.019, 0.011), (0.012, 0.010)])
    assert (row["predicted"], row["measured"]) == (0.012, 0.010)
    assert row["error"] == pytest.approx(0.2) and max(row["rounds"]) == pytest.approx(8 / 11)


def test_losses_of_runs_that_read_the_same():
    said = []
    found = losses.compare_losses(said.append, workers=(2,), every=(1, 4), steps=4, seeds=(1, 2))
    assert [row["sync_every"] for row in found["rows"]] == [1, 4] and len(said) == 3
    assert all(0 < loss < 5 for row in found["rows"] for loss in row["losses"])
    json.dumps(found)
    kept = losses.kept_losses()
    same = ("data", "preset", "parameters", "outer", "rows_a_step")
    assert {name: kept[name] for name in same} == {name: found[name] for name in same}
    assert kept.keys() == found.keys() and kept["rows"][0].keys() == found["rows"][0].keys()
    of = {(row["workers"], row["sync_every"]): row["worse"] for row in kept["rows"]}
    assert set(of) == {(p, h) for p in losses.WORKERS for h in losses.EVERY} and of[4, 50] < 0.02


def test_exchanges_are_measured():
    times = measure.threads()
    assert list(times) == list(measure.SIZES) and min(times.values()) > 0
    assert measure.mean_and_spread([1.0, 2.0, 3.0, 100.0]) == (2.0, 1.0)


@pytest.mark.skipif(not measure.launcher(), reason="there is no MPI here")
def test_ranks_are_measured(monkeypatch):
    monkeypatch.setattr(check, "SHAPES", ((1, 16, 16, 2, 2),))
    monkeypatch.setattr(check, "COUNTS", {"steps": 1, "sleeps": 3})
    monkeypatch.setattr(check, "ROUNDS", 1)
    monkeypatch.setattr(measure, "SIZES", (4096, 65_536))
    monkeypatch.setattr(check, "SLEEPERS", (2,))  # four start slowly where there are two cores
    rows = check.check_model({2: measure.mpi(2, rounds=2)}, print)
    assert [row["ranks"] for row in rows] == [2, 2]
    assert all(row["measured"] > 0 and math.isfinite(row["error"]) for row in rows)
    assert rows[1]["measured"] >= check.SLEEP


def test_without_mpi_it_is_stated(monkeypatch):
    monkeypatch.setattr(measure, "find_spec", lambda name: None)
    assert measure.mpi(2) is None and measure.launcher() is None


def test_flags_of_scale_alone(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = call(capsys, "bench", "--check").sentence()
    assert "bench scale" in said
    assert not any(Path().iterdir())


def test_the_command_writes_its_page(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(scale, "measured", lambda args, say: some_results())
    args = SimpleNamespace(json=True, report="r.html")
    written = []
    scale.bench_scale(args, lambda text: None, lambda *given: written.append(given))
    assert json.loads(capsys.readouterr().out)["shards"]["small"]["mean"] == 0.01
    assert written[0][:2] == ("r.html", "What more machines would bring")
