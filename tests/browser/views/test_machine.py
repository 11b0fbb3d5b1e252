"""The machine of Inside: by keyboard alone on a desktop and a phone, and axe in every state."""

import re

import axe
import pytest
from playwright.sync_api import expect
from steps import FITS, PATIENCE, go, train

pytestmark = pytest.mark.slow

MOST_STOPS = 45  # presses of Tab to go through the view
FOCUSED = "(() => { const at = document.activeElement; return at.dataset.key ?? at.dataset.at; })()"


@pytest.fixture
def machine(ready):
    """The small model that comes with the page, on a text of ours."""
    page = ready
    go(page, "#inside?preset=microgpt")
    page.get_by_label("Text to look at").fill("amelia")
    expect(page.locator(".machine__letter")).to_have_count(7, timeout=PATIENCE)
    yield page
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light", reduced_motion="no-preference", forced_colors="none")


def look(page, width, **media):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(**media)
    page.wait_for_function(FITS, timeout=3000)
    assert axe.violations(page) == []


def bench(page):
    return page.locator("[data-bench]")


def test_by_keyboard_on_a_desktop(machine):
    page = machine
    verdict = page.locator("[data-verdict]")
    expect(verdict).to_contain_text("The end, 82%")
    look(page, 1440, color_scheme="light")
    # The letter that is followed: one Tab stop, arrows choose.
    page.get_by_role("button", name="letter 6, a").focus()
    page.keyboard.press("ArrowUp")
    expect(verdict).to_contain_text("After ameli: ")
    expect(page.locator("[data-component='inside/machine'] [data-voice]")).to_contain_text(
        "After ameli"
    )
    page.keyboard.press("ArrowDown")
    expect(verdict).to_contain_text("The end, 82%")
    # The blocks: one more stop, arrows go to the neighbours, Enter opens, Escape closes.
    page.keyboard.press("Tab")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert page.evaluate(FOCUSED) == "layer0.query"
    page.keyboard.press("Enter")
    expect(bench(page)).to_contain_text("Query: what a looks for")
    expect(bench(page).locator("[data-what]")).to_contain_text("Number 0 of the query of head 1")
    look(page, 1440, color_scheme="dark")
    page.keyboard.press("Escape")
    expect(bench(page)).to_be_hidden()
    assert page.evaluate(FOCUSED) == "layer0.query"
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(bench(page)).to_contain_text("Head 1: looks at the letter itself, a")
    # Its table is a stop; a number there says what it is, with its own values in the formula.
    numbers = bench(page).locator("td button[aria-pressed=true]")
    numbers.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(bench(page).locator("[data-what]")).to_contain_text(
        "How much head 1 looks at i, place 5"
    )
    expect(bench(page).locator("[data-lines]")).to_contain_text(re.compile(r"÷ √4 = .*%"))
    # Off and on again: the bars of before are hollow.
    bench(page).get_by_role("button", name="Switch this head off").press("Enter")
    expect(verdict).not_to_contain_text("82%")
    expect(page.locator(".machine__hollow")).to_contain_text("with every part on")
    look(page, 1024, color_scheme="light")
    bench(page).get_by_role("button", name="Switch this head on again").press("Enter")
    expect(verdict).to_contain_text("The end, 82%")
    # Temperature bends the bars at once.
    slider = page.get_by_role("slider", name="Temperature").locator("visible=true")
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    expect(verdict).to_contain_text("The end, 97%")
    slider.press("ArrowRight")
    page.get_by_role("button", name="As a table").first.press("Enter")
    table = page.get_by_role("region", name="The machine as a table")
    expect(table).to_contain_text("looks at the start")
    look(page, 1440, color_scheme="light")
    # A weight leads on to its story.
    page.locator("[data-key='layer0.units']").press("Enter")
    weight = bench(page).locator("td [data-weight]").first
    name = weight.get_attribute("data-weight")
    weight.press("Enter")
    expect(page.locator("#number-title")).to_be_focused(timeout=PATIENCE)
    assert page.locator("[data-component='inside/number'] select").input_value() in name
    page.get_by_role("button", name="As a table").first.press("Enter")
    page.get_by_label("Text to look at").focus()
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('[data-view=inside]') === null"):
            break
    else:
        pytest.fail(f"more than {MOST_STOPS} Tab stops")


def test_by_keyboard_on_a_phone(machine):
    page = machine
    look(page, 390, color_scheme="dark", reduced_motion="reduce")
    page.get_by_role("button", name="letter 6, a").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-verdict]")).to_contain_text("After ameli")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(FOCUSED) == "place"
    page.keyboard.press("Enter")
    step = page.locator("[data-step='place']")
    expect(step).to_contain_text("stands at place 5")  # it opens under its block
    look(page, 390, color_scheme="light", forced_colors="active")
    page.keyboard.press("Escape")
    expect(bench(page)).to_be_hidden()
    assert page.evaluate(FOCUSED) == "place"
    draw = page.get_by_role("button", name=re.compile("Draw the next letter|Start again"))
    draw.press("Enter")
    expect(page.get_by_label("Text to look at")).to_have_value(re.compile("^ameli.?$"))


def test_it_moves_while_the_model_learns(ready):
    page = ready
    go(page, "#train?preset=nanochat&n_layer=3&n_embd=32&steps=3")
    train(page)
    go(page, "#inside?preset=nanochat&n_layer=3&n_embd=32&steps=3")
    expect(page.locator("[data-key='backout']")).to_be_visible(timeout=PATIENCE)
    page.locator("[data-key='layer2']").click()  # layers are folded, but for one
    expect(page.locator("[data-key='layer2.in']")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("[data-key='layer0']")).to_be_visible()
    look(page, 1440, color_scheme="light")
    # Its turned pairs and its bends are pictures, and beside them in words.
    figure = bench(page).locator(".figure")
    page.locator("[data-key='layer2.query']").press("Enter")
    expect(figure).to_contain_text(re.compile(r"as it stands at place \d"), timeout=PATIENCE)
    expect(figure.locator("svg circle.chosen")).to_have_count(1)
    look(page, 1440, color_scheme="dark")
    page.locator("[data-key='layer2.units']").press("Enter")
    expect(figure).to_contain_text("The curve of relu2", timeout=PATIENCE)
    look(page, 390, color_scheme="light")
