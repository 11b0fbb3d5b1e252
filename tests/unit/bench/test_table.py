"""The benchmark's table says what could not be recorded."""

from microgpt.bench.table import print_table

FIGURES = {
    "machine": {"numpy": "2"},
    "reference": {
        "tokens_per_step": 7.0,
        "microseconds_per_step": {"numpy": 60.0, "scalar": 6000.0},
        "numpy_is_faster_than": {"scalar": 100.0},
    },
    "process": {"seconds": {"numpy": 0.4}, "numpy_is_faster_than": {}},
    "batches": [],
    "medium": [],
    "threads": [
        {
            "shape": "L2 C64 T64 B32",
            "tokens_per_second": {"uncut": 8e4, "2 threads": 1.4e5},
            "times_as_fast": {"uncut": 1.0, "2 threads": 1.75},
            "best_is_faster_than_best_of": {"pytorch": 1.7},
        }
    ],
    "reading": [],
    "sampling": {"tokens_per_second": {"numpy": 1e5}, "numpy_is_faster_than": {}},
    "side by side": [
        {"model": "chat", "tokens_per_second": {"one": 3e3, "32": 2.1e4}, "times": 7.0}
    ],
}


def test_what_could_not_be_recorded_has_a_line(capsys):
    print_table({**FIGURES, "refusals": []})
    usual = capsys.readouterr().out
    assert "21,000 tokens/s, 7.0 times as many" in usual
    assert "140,000 tokens/s   1.75 times as fast as uncut" in usual
    assert "numpy at its best is 1.70x as fast as pytorch at its best" in usual
    assert "numpy is 100.0x as fast" in usual and "not recorded" not in usual
    print_table({**FIGURES, "refusals": ["This cannot be recorded: a branch on a value."]})
    added = capsys.readouterr().out.removeprefix(usual)
    assert "slower" in added and added.endswith("a branch on a value.\n")
