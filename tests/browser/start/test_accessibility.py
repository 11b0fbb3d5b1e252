"""axe finds nothing in any state, light and dark, wide and narrow; nothing sticks out; no motion
where none is wanted."""

import itertools
import re

import axe
import pytest
from playwright.sync_api import TimeoutError, expect
from steps import (
    FITS,
    PATIENCE,
    SHORT_LOOKS,
    TOO_FAR,
    button,
    drop,
    expect_status,
    full_speed,
    go,
    group,
    notice,
    setting,
    train,
)
from visit import wait_until_ready

pytestmark = pytest.mark.slow

# Colours are those of the scheme, and what stands where is of the width. axe takes a second for one
# look: the states take the two in turns, and the state that shows the most is looked at in all.
LOOKS = ((1440, "light"), (390, "dark"))
ALL_LOOKS = (*LOOKS, (1440, "dark"), (390, "light"))
TURNS = itertools.cycle(LOOKS)
WIDTHS = (320, 768, 1440)
ALL_WIDTHS = (320, 360, 390, 600, 768, 900, 1024, 1152, 1280, 1440, 1920)


@pytest.fixture
def alone(new_context):
    """A page without a service worker, so that what it loads can be held back."""
    return new_context(service_workers="block").new_page()


def check(page, state, looks=None, widths=WIDTHS):
    """Everything that can be looked at without touching the page."""
    found = []
    for width, scheme in looks or [next(TURNS)]:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        found += [f"{state}, {scheme}, {width}: {each}" for each in axe.violations(page)]
    found += overflow(page, state, widths)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light")
    assert not found, "\n".join(found)


def overflow(page, state, widths):
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        try:  # the chart is drawn anew a little later
            page.wait_for_function(FITS, timeout=3000)
        except TimeoutError:
            found.append(f"{state}: in a window of {width}: {page.evaluate(TOO_FAR)} stick out")
    return found


def test_while_it_loads_and_when_that_fails(alone, faults, base_url):
    faults.expect("ERR_FAILED")
    held = []
    alone.route("**/python_stdlib.zip*", lambda route: held.append(route))
    alone.goto(base_url)
    expect_status(alone, "^Loading Python")
    expect(alone.locator("[data-stage=python]")).to_have_class(re.compile("done"), timeout=PATIENCE)
    check(alone, "loading")
    button(alone, "Start training").click()
    expect_status(alone, "^Starts by itself")
    check(alone, "started before it is there")
    held[0].abort()
    expect(alone.get_by_role("alert").first).to_be_visible(timeout=PATIENCE)
    expect_status(alone, "^Python did not load")
    alone.get_by_text("Details", exact=True).click()
    check(alone, "failed")


def test_before_and_during_a_run(ready, faults):
    page = ready
    check(page, "ready")
    chart = page.locator("[data-component='train/chart']")
    button(chart, "As a table").click()
    button(page.locator("[data-component='writing/next-tokens']"), "As a table").click()
    check(page, "tables")
    for term in ("Learning rate", "Width", "Temperature", "guessing"):
        button(page, term).click()
    button(chart, "Stretch the start").click()
    check(page, "explained")
    setting(page, "Stop at step", 1_000_000)
    setting(page, "Pace", "slow")
    button(page, "Start training").click()
    expect_status(page, "^Training")
    check(page, "running")
    button(page, "Pause").click()
    expect_status(page, "^Paused")
    check(page, "paused")
    setting(page, "Learning rate", 0.5)
    setting(page, "Width", 18)
    expect(group(page, "Setup").get_by_role("alert")).to_be_visible(timeout=PATIENCE)
    check(page, "a setting that cannot be")


def test_after_a_run(ready, faults):
    page = ready
    go(page, f"#train?preset=microgpt&{SHORT_LOOKS}")
    train(page, steps=60)
    check(page, "finished", ALL_LOOKS, ALL_WIDTHS)
    button(page, "Copy link").click()
    button(page, "Make a link with the model").click()
    box = page.get_by_role("textbox", name="A link with the model inside")
    expect(box).to_be_visible(timeout=PATIENCE)
    link = box.input_value()
    check(page, "link with a model")
    button(page, "Copy as command").click()
    expect(page.get_by_role("textbox", name="The same run in a terminal")).to_be_visible(
        timeout=PATIENCE
    )
    group(page, "Data").get_by_role("radio", name="Your text").check()
    check(page, "command, paste box")
    drop(page, "mine.txt", b"\0")
    expect(group(page, "Data").get_by_role("alert")).to_be_visible(timeout=PATIENCE)
    check(page, "a bad text")
    expect(group(page, "Keep")).to_contain_text("at step 60", timeout=PATIENCE)
    page.reload()
    wait_until_ready(page)
    expect(notice(page, "Continue where you left off")).to_be_visible()
    check(page, "continue offered")
    page.goto("about:blank")
    page.goto(link)
    expect_status(page, "^A model is open")
    check(page, "a model from a link")


def test_a_theme_of_one_s_own(page, load, faults):
    load(page)
    for name, scheme in (("Dark theme", "light"), ("Light theme", "dark")):
        button(page, name).click()
        page.emulate_media(color_scheme=scheme)
        assert axe.violations(page) == []
    page.emulate_media(color_scheme="light")
    button(page, "Dark theme").click()
    page.route("**/main.js", lambda route: None)  # it is remembered, before any other script runs
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_forced_colours_keep_arrows_and_rings(ready, faults):
    ready.emulate_media(forced_colors="active")
    style = "(element, name) => getComputedStyle(element)[name]"
    looks = [each.evaluate(style, "appearance") for each in ready.locator("select:visible").all()]
    assert looks == ["auto"] * 3
    probes = [ready.locator(f".probe--{name}") for name in ("ink", "paper")]
    ink, paper = (probe.evaluate(style, "color") for probe in probes)
    ready.emulate_media(forced_colors="none")
    assert ink != paper


def moving(page):
    return page.evaluate(
        "() => document.getAnimations().filter((a) => a.playState === 'running').length"
    )


def test_nothing_moves_where_none_is_wanted(alone, faults, base_url):
    alone.route("**/runtime/**", lambda route: None)
    alone.emulate_media(reduced_motion="no-preference")
    alone.goto(base_url)
    expect_status(alone, "^Loading Python")
    assert moving(alone) > 0  # the lamp turns: so the test can see motion
    alone.emulate_media(reduced_motion="reduce")
    assert moving(alone) == 0
    alone.unroute_all(behavior="ignoreErrors")


def test_still_pictures_while_it_trains(ready, faults):
    page = ready
    page.emulate_media(reduced_motion="reduce")
    full_speed(page)
    setting(page, "Stop at step", 1_000_000)
    button(page, "Start training").click()
    expect_status(page, "^Training")
    assert moving(page) == 0
    style = "getComputedStyle(document.documentElement).scrollBehavior"
    assert page.evaluate(style) == "auto"


def test_without_a_script_it_can_be_read(new_context, faults, base_url):
    page = new_context(java_script_enabled=False).new_page()
    page.goto(base_url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Train a GPT")
    expect(page.locator("noscript .notice")).to_contain_text(
        "trains with JavaScript and WebAssembly"
    )
    expect(page.get_by_text("In this recorded run the loss")).to_be_visible()
    expect(button(page, "Start training")).to_be_hidden()
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        expect(page.locator("nav.views")).to_be_hidden()  # its links would do nothing
