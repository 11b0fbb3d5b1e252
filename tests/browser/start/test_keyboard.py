"""Everything works by keyboard alone, and one always sees where one is."""

from contextlib import suppress

import pytest
from playwright.sync_api import TimeoutError, expect
from steps import PATIENCE, button, expect_status, expect_step, field, group, step_number

pytestmark = pytest.mark.slow

# What has the focus: its name, and whether that can be seen.
FOCUSED = """
  () => {
    const at = document.activeElement;
    if (at === document.body) return null;
    const style = getComputedStyle(at);
    const box = at.getBoundingClientRect();
    const middle = [box.x + box.width / 2, box.y + box.height / 2];
    const label = at.getAttribute("aria-labelledby");
    return {
      tag: at.tagName,
      name: at.getAttribute("aria-label")
        ?? (label && document.getElementById(label).textContent)
        ?? (at.labels?.[0] ?? at).textContent.trim(),
      outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
      seen: box.width > 0 && middle[0] >= 0 && middle[1] >= 0
        && middle[0] <= innerWidth && middle[1] <= innerHeight,
    };
  }
"""


def focused(page):
    """What has the focus, when the page has had the time to scroll there."""
    at = page.evaluate(FOCUSED)
    if at and not at["seen"]:
        with suppress(TimeoutError):
            page.wait_for_function(f"() => ({FOCUSED.strip()})().seen", timeout=2000)
        at = page.evaluate(FOCUSED)
    return at


def tab_to(page, name, tag="BUTTON", backwards=False, most=80):
    """Press Tab until it is reached, as a reader would."""
    for _ in range(most):
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
        at = focused(page)
        if at and (at["name"], at["tag"]) == (name, tag):
            assert at["outline"] >= 2 and at["seen"], at
            return
    pytest.fail(f"{name} cannot be reached with Tab", pytrace=False)


def test_every_stop_on_the_way_is_named_and_seen(ready, faults):
    stops = []
    for _ in range(120):
        ready.keyboard.press("Tab")
        at = focused(ready)
        if at is None or (stops and at == stops[0] and at["name"] == "Skip to the page"):
            break
        stops.append(at)
    assert stops[0]["name"] == "Skip to the page"
    assert [s for s in stops if not (s["name"] and s["outline"] >= 2 and s["seen"])] == []
    names = [s["name"] for s in stops]
    for name in ("Dark theme", "Model", "Steps", "Start training", "Step", "Prompt", "Held out"):
        assert name in names
    assert len(names) < 46  # of the dotted terms of a part, and of a toolbar, one is a stop
    # The order is that of the page: plan, settings, record. The stop of a toolbar is what was used
    # last in it: to save or to open.
    kept = next(name for name in names if name in ("Open…", "Save model"))
    order = ["Start training", "Pace", kept, "As a table", "Prompt"]
    assert [name for name in dict.fromkeys(names) if name in order] == order


def test_the_way_past_the_head(ready, faults):
    ready.keyboard.press("Tab")
    expect(ready.get_by_role("link", name="Skip to the page")).to_be_focused()
    ready.keyboard.press("Enter")
    expect(ready.get_by_role("main")).to_be_focused()
    tab_to(ready, "Model", "SELECT", most=1)
    expect_status(ready, "^Ready")  # the address has changed, and nothing else


def test_a_run_by_keyboard(ready, faults):
    tab_to(ready, "Steps", "INPUT")
    ready.keyboard.press("ControlOrMeta+A")
    ready.keyboard.type("500")
    tab_to(ready, "Start training")
    ready.keyboard.press("Enter")
    expect_status(ready, "^Training, [1-9]")  # some steps are done
    expect(button(ready, "Pause")).to_be_focused()  # the same place, with its new meaning
    ready.keyboard.press("Space")
    expect_status(ready, "^Paused")
    expect(button(ready, "Go on")).to_be_focused()
    step = step_number(ready)
    tab_to(ready, "Step", most=1)
    ready.keyboard.press("Enter")
    expect_step(ready, step + 1)
    expect_status(ready, "^Paused")  # the button says again what it does
    tab_to(ready, "Go on", backwards=True, most=3)
    ready.keyboard.press("Enter")
    expect_status(ready, "^Training")
    tab_to(ready, "Stop", most=2)
    ready.keyboard.press("Enter")
    expect_status(ready, "^Stopped")
    expect(button(ready, "Stop")).to_be_focused()  # it can do nothing more, and keeps the focus
    tab_to(ready, "Reset", most=1)
    ready.keyboard.press("Enter")
    expect_step(ready, 0)
    expect(button(ready, "Reset").first).to_be_focused()


def test_step_by_step_by_keyboard(ready, faults):
    tab_to(ready, "Step")
    for step in (1, 2, 3):
        ready.keyboard.press("Enter")
        expect_step(ready, step)
        expect(button(ready, "Step")).to_be_enabled()
    expect(button(ready, "Step")).to_be_focused()


def test_settings_and_their_words_by_keyboard(ready, faults):
    tab_to(ready, "Learning rate", "INPUT")
    tab_to(ready, "Learning rate", backwards=True, most=1)  # its term is beside it
    ready.keyboard.press("Enter")
    words = group(ready, "Setup").get_by_text("is how far a step moves the numbers.")
    expect(words).to_be_visible()
    expect(button(ready, "Learning rate")).to_have_attribute("aria-expanded", "true")
    ready.keyboard.press("Escape")
    expect(words).to_be_hidden()
    expect(button(ready, "Learning rate")).to_be_focused()
    expect(button(ready, "Learning rate")).to_have_attribute("aria-expanded", "false")
    tab_to(ready, "Learning rate", "INPUT", most=1)
    ready.keyboard.press("ControlOrMeta+A")
    ready.keyboard.type("0.05")
    tab_to(ready, "Pace", "SELECT")
    assert "lr=0.05" in ready.url
    ready.keyboard.type("full")
    expect(field(ready, "Pace")).to_have_value("full")


def test_the_words_of_the_chart_by_keyboard(ready, faults):
    tab_to(ready, "Held out")
    ready.keyboard.press("ArrowRight")
    expect(button(ready, "guessing")).to_be_focused()
    ready.keyboard.press("Space")
    words = ready.get_by_text("Guessing is what a model that knows nothing does")
    expect(words).to_be_visible()
    expect(button(ready, "guessing")).to_be_focused()
    ready.keyboard.press("Escape")
    expect(words).to_be_hidden()
    expect(button(ready, "guessing")).to_have_attribute("aria-expanded", "false")


def test_the_tables_by_keyboard(ready, faults):
    tab_to(ready, "As a table")
    ready.keyboard.press("Enter")
    region = ready.get_by_role("region", name="Loss as a table")
    expect(region).to_be_visible()
    tab_to(ready, "Loss as a table", "DIV", most=3)
    ready.keyboard.press("End")  # it scrolls
    tab_to(ready, "As a table", backwards=True, most=3)
    ready.keyboard.press("Space")
    expect(region).to_be_hidden()


def test_the_paste_box_by_keyboard(ready, faults):
    names = ready.get_by_role("radio", name="Names")
    names.focus()
    ready.keyboard.press("ArrowLeft")  # the last of the three: your text
    box = ready.get_by_role("textbox", name="Your text")
    expect(box).to_be_focused()
    ready.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(names).to_be_checked()
    expect(names).to_be_focused()  # not lost
    ready.keyboard.press("ArrowLeft")
    ready.keyboard.press("ControlOrMeta+a")  # another test's text may be there
    ready.keyboard.type("anna\nbert\n")
    tab_to(ready, "Use this text", most=1)
    ready.keyboard.press("Enter")
    expect(group(ready, "Data").locator(".facts").first).to_contain_text(
        "your text: 2 lines", timeout=PATIENCE
    )
    expect(ready.get_by_role("radio", name="Your text")).to_be_focused()


def test_links_by_keyboard(ready, faults):
    # The toolbar is one stop, at the first of its buttons that can be used.
    first = "Save model" if button(ready, "Save model").is_enabled() else "Open…"
    tab_to(ready, first)
    for _ in range(1 + (first != "Open…")):
        ready.keyboard.press("ArrowRight")
    expect(button(ready, "Copy link")).to_be_focused()
    ready.keyboard.press("Enter")
    panel = ready.get_by_role("textbox", name="A link to these settings")
    expect(panel).to_be_visible()
    tab_to(ready, "A link to these settings", "TEXTAREA", most=5)
    tab_to(ready, "Copy", most=1)
    ready.keyboard.press("Enter")
    expect(
        group(ready, "Keep")
        .get_by_text("Copied.")
        .or_(group(ready, "Keep").get_by_text("Select it and copy it yourself"))
    ).to_be_visible()
    expect(button(ready, "Copy")).to_be_focused()
    ready.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(button(ready, "Copy link")).to_be_focused()


def test_writing_by_keyboard(ready, faults):
    tab_to(ready, "Start training")
    tab_to(ready, "Step", most=1)
    ready.keyboard.press("Enter")
    expect_step(ready, 1)
    tab_to(ready, "Prompt", "INPUT")
    ready.keyboard.press("ControlOrMeta+A")
    ready.keyboard.type("an")
    ready.keyboard.press("Enter")
    out = ready.get_by_role("region", name="Write with it").locator("output")
    expect(out).not_to_be_empty(timeout=PATIENCE)
    tab_to(ready, "Temperature", "INPUT", most=3)
    ready.keyboard.press("ArrowUp")  # as the slider does
    temperature = ready.get_by_role("textbox", name="Temperature")
    expect(temperature).to_have_value("0.55")
    expect(ready.get_by_role("slider", name="Temperature")).to_have_value("0.55")
    ready.get_by_text("min-p, seed, greedy, cache").click()
    tab_to(ready, "Greedy", "INPUT")
    ready.keyboard.press("Space")
    expect(ready.get_by_role("checkbox", name="Greedy")).to_be_checked()
    # While it writes, the button stops that; and the focus is still on it.
    tab_to(ready, "Stop writing", most=4)
    ready.keyboard.press("Space")
    expect(button(ready, "Write")).to_be_focused(timeout=PATIENCE)
    before = out.inner_text()
    ready.keyboard.press("Space")
    expect(out).not_to_have_text(before, timeout=PATIENCE)
    expect(button(ready, "Stop writing")).to_be_focused()
    ready.keyboard.press("Space")
    expect(out).not_to_have_class("typed__out typed__out--live", timeout=PATIENCE)
