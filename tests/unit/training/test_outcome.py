"""What is said of a run at its end, from nothing but its losses."""

import numpy as np
import pytest
from microgpt.training.loop import Evaluation
from microgpt.training.outcome import ahead_since, outcome

UNIFORM, PAIRS = 3.3, 2.5


def looks(*losses, every=100):
    return [Evaluation(i * every, loss, loss) for i, loss in enumerate(losses)]


def falling(start, end, count=500):
    return np.linspace(start, end, count).tolist()


def test_memorising_is_said_with_its_step_and_what_to_try():
    found = outcome(falling(3.3, 1.7), looks(3.3, 2.47, 2.6, 2.7, 2.8, 2.94), PAIRS, UNIFORM, 0.01)
    assert (found.kind, found.best_step) == ("memorising", 100)
    for words in ("since step 100", "2.47", "2.94", "dropout", "fewer steps", "better: 2.50"):
        assert words in found.text


def test_a_model_that_still_improves():
    found = outcome(falling(3.3, 2.1), looks(3.3, 2.6, 2.4, 2.3, 2.2, 2.1), PAIRS, UNIFORM, 0.01)
    assert (found.kind, found.best_step, found.ahead_since) == ("improving", 500, 200)
    assert "More steps" in found.text


def test_a_level_curve_level_with_counting_pairs():
    found = outcome(falling(3.3, 2.5), looks(3.3, 2.51, 2.5, 2.5, 2.5, 2.5), PAIRS, UNIFORM, 0.01)
    assert found.kind == "level off"
    assert "no better than counting pairs" in found.text


@pytest.mark.parametrize(("end", "words"), [(1_154_837.84, "1,154,838"), (18.75, "18.75")])
def test_a_finite_explosion_is_no_success(end, words):
    """Nothing stopped being a number, so the loop went on to the end."""
    found = outcome([3.3] * 50 + [end] * 100, looks(3.3, end), PAIRS, UNIFORM, 50)
    assert found.kind == "diverged" and found.ahead_since is None
    for each in (f"climbed to {words}, and", "3.30", "50", "Try 0.01"):
        assert each in found.text


def test_a_smaller_rate_is_named_where_the_usual_one_was_too_large():
    assert "Try 0.001" in outcome([9.0] * 60, [], None, UNIFORM, 0.01).text


def test_both_losses_rising_is_not_memorising():
    found = outcome(falling(2.3, 2.9), looks(3.3, 2.3, 2.5, 2.8), PAIRS, UNIFORM, 0.01)
    assert found.kind == "worse"
    assert "rose to 2.80" in found.text


def test_one_look_at_held_out_data_says_nothing_of_levelling_off():
    found = outcome(falling(3.3, 2.4), looks(3.3, 2.35), PAIRS, UNIFORM, 0.01)
    assert found.kind == "short"
    assert found.text.startswith("The held-out loss is 2.35. Counting pairs")


def test_with_little_to_go_by_little_is_said():
    assert outcome([], [], PAIRS, UNIFORM, 0.01) is None
    assert outcome([3.0], [], PAIRS, UNIFORM, 0.01) is None


def test_a_mark_is_withdrawn_when_it_stops_being_true():
    assert ahead_since(looks(3.3, 2.4, 2.3), PAIRS) == 100
    assert ahead_since(looks(3.3, 2.4, 2.6), PAIRS) is None
    assert ahead_since(looks(3.3, 2.4, 2.6, 2.4), PAIRS) == 300
    assert ahead_since(looks(3.3, 2.4), None) is None


def test_the_end_of_a_falling_rate_is_not_called_level():
    found = outcome(
        falling(3.3, 2.7, 60), looks(3.3, 3.1, 2.9, 2.76, 2.71, 2.7, every=12), PAIRS, UNIFORM, 0.01
    )
    assert found.kind == "improving"
    assert "fell by 0.20 since step 24" in found.text


def test_a_run_too_short_for_two_looks_far_apart_is_measured_from_its_start():
    """Looks at 0, 50 and 60 of 60 steps: nearly level between the last two, but far from level."""
    found = outcome(
        falling(3.3, 2.7, 60),
        [Evaluation(step, loss, loss) for step, loss in [(0, 3.3), (50, 2.71), (60, 2.70)]],
        *(PAIRS, UNIFORM, 0.01),
    )
    assert found.kind == "improving"
    assert "fell by 0.60 since step 0" in found.text


def test_a_run_stopped_before_its_first_look_is_not_judged_by_the_look_before_training():
    found = outcome(falling(3.3, 2.6, 101), looks(3.32), PAIRS, UNIFORM, 0.01)
    assert found.kind == "short"
    assert "3.32" not in found.text and "Counting" not in found.text
    assert "not looked at yet" in found.text
