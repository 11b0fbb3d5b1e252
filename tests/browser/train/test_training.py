"""Training in the tab: the loss falls, and every button does what it says, at once."""

import re
import time

import pytest
from playwright.sync_api import expect
from steps import (
    FEW_NAMES,
    PATIENCE,
    SHORT_LOOKS,
    button,
    expect_status,
    expect_step,
    facts,
    field,
    full_speed,
    go,
    group,
    losses_in,
    notice,
    save,
    setting,
    start,
    step_number,
    table,
    train,
    use_text,
)

pytestmark = pytest.mark.slow

POEM = "The moon is up, the moon is round, it rolls its light along the ground.\n" * 40


def long_run(page):
    """A run that goes on at full speed until it is stopped."""
    full_speed(page)
    setting(page, "Stop at step", 1_000_000)
    start(page)
    expect_status(page, "^Training")
    expect(page.locator("[data-component='train/readout'] [data-step]")).not_to_have_text(
        "0 of 1,000,000", timeout=PATIENCE
    )


def test_the_loss_falls_on_names(ready, faults):
    train(ready, steps=300)
    rows = table(ready)
    assert [step for step, _, _ in rows] == list(range(0, 301, 30))
    held_out = [loss for _, _, loss in rows]
    assert abs(held_out[0] - 3.3) < 0.2  # ln 27: it knows nothing
    assert held_out[-1] < 2.8 and held_out[-1] < held_out[len(rows) // 2] < held_out[0]
    assert rows[-1][1] < rows[2][1]  # the smoothed training loss falls too


def test_the_loss_falls_on_a_pasted_text(ready, faults):
    use_text(ready, POEM)
    expect(facts(ready)).to_contain_text("40 lines")
    train(ready, steps=100)
    rows = table(ready)
    assert rows[-1][2] < 0.6 * rows[0][2]


def test_start_is_pressed_before_python_is_there(page, faults):
    page.goto("./")
    button(page, "Start training").click()
    expect_status(page, "^(Training|Finished)")
    expect(page.locator("[data-component='train/readout'] [data-stamp]")).to_be_hidden()


def test_pause_and_go_on(ready, faults, tmp_path):
    go(ready, f"#train?steps=400&{SHORT_LOOKS}")
    start(ready)  # at the pace that can be watched
    expect_status(ready, "^Training, [1-9]")  # before its first step there is nothing to go on from
    expect(ready.locator(".sample").first.locator(".name").first).to_be_visible()
    button(ready, "Pause").click()
    expect_status(ready, "^Paused at")
    step = step_number(ready)
    assert 0 <= step < 400
    expect(ready.locator("[data-status]")).to_have_text(f"Paused at {step:,}")
    full_speed(ready)
    button(ready, "Go on").click()
    expect_status(ready, "^Finished")
    expect_step(ready, 400)
    # An interrupted run is the run it would have been.
    interrupted = losses_in(save(ready, tmp_path))
    button(ready, "Train again").click()
    expect_status(ready, "^Training|^Starting")
    expect_status(ready, "^Finished")
    assert (losses_in(save(ready, tmp_path)) == interrupted).all()


def test_stop_acts_while_it_trains_and_keeps_the_state(ready, faults, tmp_path):
    long_run(ready)
    began = time.monotonic()
    button(ready, "Stop").click()
    expect_status(ready, "^Stopped at")
    assert time.monotonic() - began < 5  # the figure itself is measured by measure.py
    step = step_number(ready)
    expect(ready.locator("[data-status]")).to_have_text(f"Stopped at {step:,}")
    losses = losses_in(save(ready, tmp_path))
    assert len(losses) == step > 0
    # It stands still, and can go on from there.
    button(ready, "Step").click()
    expect_step(ready, step + 1)
    more = losses_in(save(ready, tmp_path))
    assert len(more) == step + 1 and (more[:-1] == losses).all()


def test_it_writes_while_it_trains(ready, faults):
    long_run(ready)
    prompt = ready.get_by_role("textbox", name="Prompt")
    prompt.fill("an")
    prompt.press("Enter")
    # It may also find that the name ends there.
    written = ready.locator(".typed__out:not(:empty), .typed__out--end")
    expect(written).to_have_count(1, timeout=PATIENCE)
    expect_status(ready, "^Training")
    button(ready, "Stop").click()
    expect_status(ready, "^Stopped")
    prompt.fill("")
    button(ready, "One letter").click()
    expect(ready.locator(".typed__out")).to_have_text(re.compile("^.$"), timeout=PATIENCE)


def test_writing_repeats_with_its_seed(ready, faults):
    use_text(ready, "\n".join(FEW_NAMES))
    train(ready, steps=300)
    ready.get_by_role("textbox", name="Prompt").fill("")
    out = ready.locator(".typed__out")

    def write():
        button(ready, "Write").click()
        expect(out).to_have_class("typed__out typed__out--end", timeout=PATIENCE)
        return out.inner_text()

    first = write()
    button(ready, "Write").click()
    expect(out).to_have_text(first, timeout=PATIENCE)
    assert first


def hide(page, hidden):
    """As when the reader looks at another tab; headless browsers always show all of theirs."""
    page.evaluate(
        """(hidden) => {
          Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_a_hidden_tab_goes_on_unless_it_shall_pause(ready, faults):
    long_run(ready)
    hide(ready, True)
    before = step_number(ready)
    expect(ready.locator("[data-component='train/readout'] [data-step]")).not_to_have_text(
        f"{before:,} of 1,000,000", timeout=PATIENCE
    )
    expect_status(ready, "^Training")
    hide(ready, False)
    setting(ready, "When I leave the tab", "pause")
    hide(ready, True)
    expect_status(ready, "^Paused at")
    hide(ready, False)
    expect_status(ready, "^Training")


def test_a_run_that_breaks_says_so_and_can_be_tried_again(ready, faults):
    setting(ready, "Stop at step", 200)
    setting(ready, "Optimizer", "AdamW")
    setting(ready, "Learning rate", 100)
    setting(ready, "Weight decay", 10)  # each step makes every number a thousand times larger
    setting(ready, "Precision", "float32")
    train(ready, until="Diverged at")
    broken = notice(ready, "The run broke at step")
    expect(broken).to_contain_text("learning rate")
    setting(ready, "Learning rate", 0.01)
    setting(ready, "Weight decay", 0)
    button(broken, "Try again with clip 1").click()
    expect_status(ready, "^(Training|Starting)")
    expect(field(ready, "Clip")).to_have_value("1")
    expect_status(ready, "^Finished")


def test_a_file_is_chosen(ready, faults, tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("\n".join(FEW_NAMES))
    group(ready, "Data").get_by_role("radio", name="Your text").check()
    with ready.expect_file_chooser() as chooser:
        group(ready, "Data").locator(".paste").get_by_role("button", name="Choose a file").click()
    chooser.value.set_files(path)
    expect(facts(ready)).to_contain_text("mine.txt: 60 lines", timeout=PATIENCE)
    expect(ready.get_by_role("combobox", name="Data", exact=True)).to_have_value("text")
    train(ready, steps=5)


CUT = """() => [...document.querySelectorAll(".sample .name, .passage")]
  .filter((element) => element.scrollWidth > element.clientWidth + 1).map((e) => e.innerText)"""


def test_a_text_has_one_column_that_wraps_and_a_slider_over_its_steps(ready, faults):
    go(ready, f"#train?data=stories&steps=40&{SHORT_LOOKS}")
    expect(facts(ready)).to_contain_text("608 stories", timeout=PATIENCE)
    train(ready)
    texts = ready.locator(".passage")
    expect(texts).to_have_count(3, timeout=PATIENCE)
    last = texts.first.inner_text()
    slider = ready.get_by_role("slider", name="Step whose text is shown")
    slider.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "step 0")
    expect(texts).to_have_count(1)
    assert texts.first.inner_text() != last
    slider.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "step 40, the last")
    expect(texts.first).to_have_text(last)
    for width in (1440, 390):
        ready.set_viewport_size({"width": width, "height": 844})
        # The chart is drawn again for the new width.
        fits = "width => document.documentElement.scrollWidth === width"
        ready.wait_for_function(fits, arg=width, timeout=PATIENCE)
        assert ready.evaluate(CUT) == []
        # All of it is there, in several lines.
        assert texts.first.bounding_box()["height"] > 60

    # It writes until it is stopped, says what it no longer sees, and goes on.
    ready.get_by_role("textbox", name="Prompt").fill("Once upon a time")
    button(ready, "Write").click()
    expect(ready.locator(".typed__out u")).to_be_visible(timeout=PATIENCE)
    expect(ready.locator("[data-component='writing/write'] [data-note]")).to_contain_text(
        "forgotten"
    )
    stop = button(ready, "Stop writing")
    if stop.is_visible():
        stop.click()
    button(ready, "Go on").click(timeout=PATIENCE)
    expect(button(ready, "Write").or_(stop)).to_be_visible()
    if stop.is_visible():
        stop.click()
    expect(button(ready, "Write")).to_be_visible(timeout=PATIENCE)


def test_no_name_is_cut(ready, faults):
    train(ready, steps=5)  # what it writes then is as long as it can be
    for width in (1440, 1024, 390):
        ready.set_viewport_size({"width": width, "height": 844})
        expect(ready.locator(".sample .name").nth(20)).to_be_visible(timeout=PATIENCE)
        assert ready.evaluate(CUT) == []
