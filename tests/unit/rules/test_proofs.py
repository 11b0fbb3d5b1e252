"""A few rounds of every proof; `python -m tests.proof NAME` does thousands."""

import sys

import pytest
from proof import commands, kills, resume, sweep
from proof.__main__ import PROOFS
from proof.damage import checkpoints, convert, files, networks

# The proof `gradient` stands in tests/unit/microscope, family by family.
ROUNDS = {checkpoints: 150, commands: 30, convert: 4, files: 200, networks: 5, resume: 3}


@pytest.mark.parametrize("proof", ROUNDS, ids=lambda proof: proof.__name__)
def test_some_rounds(proof):
    assert list(proof.prove(ROUNDS[proof], seed=1)) is not None


@pytest.mark.skipif(sys.platform == "win32", reason="kills as Unix does")
def test_some_kills():
    assert list(kills.prove(3, seed=1)) == []


@pytest.mark.skipif(sys.platform == "win32", reason="kills as Unix does")
def test_a_sweep_of_several_processes():
    assert list(sweep.prove(1, seed=1, trials=3)) == [1]


def test_a_proof_says_what_failed(monkeypatch):
    monkeypatch.setattr(checkpoints, "damaged", lambda random, data: data.replace(b"anna", b"ANNA"))
    monkeypatch.setattr(checkpoints, "from_bytes", lambda data, name="": data)
    with pytest.raises(AttributeError):
        list(checkpoints.prove(1, seed=1))


def test_every_proof_is_listed():
    assert set(PROOFS) >= {proof.__name__.rpartition(".")[2] for proof in (*ROUNDS, kills)}
