"""Settings: every value is checked, and what is wrong with one is a sentence."""

from dataclasses import dataclass, fields

import pytest
from microgpt.errors import UserError
from microgpt.gpt.config import GPTConfig
from microgpt.inference.sampling import Sampling
from microgpt.settings import Settings, setting
from microgpt.training.config import TrainConfig


@dataclass(frozen=True)
class Some(Settings):
    count: int = setting(3, "how many", low=1, high=9)
    part: float = setting(0.5, "how much", above=0, below=1)
    free: float = setting(0.0, "anything")
    kind: str = setting("a", "which", choices=("a", "b"))
    on: bool = setting(False, "whether")


@pytest.mark.parametrize("cls", [Some, GPTConfig, TrainConfig, Sampling])
def test_the_defaults_are_valid_and_survive_a_dictionary(cls):
    assert cls.from_dict(cls().to_dict()) == cls()
    assert cls.defaults() == cls().to_dict()
    assert all(f.metadata["help"] for f in fields(cls))


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (
            {"count": 0},
            "The setting count must be a whole number of at least 1 and at most 9, not 0.",
        ),
        ({"count": 10}, "not 10."),
        ({"count": 2.0}, "not 2.0."),
        ({"count": True}, "not True."),
        ({"count": "2"}, "not '2'."),
        ({"count": None}, "not None."),
        ({"part": 0}, "The setting part must be a number above 0 and below 1, not 0."),
        ({"part": 1.0}, "not 1.0."),
        ({"free": float("nan")}, "The setting free must be a number, not nan."),
        ({"free": float("inf")}, "not inf."),
        ({"free": 10**400}, "The setting free must be a number"),
        ({"kind": "c"}, "The setting kind must be one of a, b, not 'c'."),
        ({"kind": ["a"]}, "not ['a']."),
        ({"on": 1}, "The setting on must be true or false, not 1."),
        ({"off": 1}, "This version knows no setting named off; update microgpt."),
        ([], "The settings are not a table of names and values; use another copy."),
    ],
)
def test_what_is_wrong_is_a_sentence(values, problem):
    with pytest.raises(UserError) as found:
        Some.from_dict(values)
    assert problem in str(found.value) and str(found.value).endswith(".")


def test_the_width_divides_among_the_heads():
    with pytest.raises(UserError, match=r"^The width, 15, does not .* 4 heads .*; change one"):
        GPTConfig(n_embd=15)


def test_a_block_that_no_memory_holds_is_refused():
    with pytest.raises(UserError, match="block_size must be .* at most"):
        GPTConfig(block_size=10**9)
