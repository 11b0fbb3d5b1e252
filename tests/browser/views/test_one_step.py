"""One step, slowly, and one number's story: by keyboard alone, on a desktop and on a phone."""

import re

import axe
import pytest
from playwright.sync_api import expect
from steps import FITS, PATIENCE, button, go, train

pytestmark = pytest.mark.slow


def links(page):
    """{title: (number, sentence)} of the story."""
    items = page.locator("[data-chain] li").all()
    return {
        item.locator("h3").inner_text(): (
            float(item.locator(".chain__value").inner_text().replace("−", "-")),
            item.locator(".prose").inner_text(),
        )
        for item in items
    }


def whole(page, width, scheme):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    assert axe.violations(page) == []
    page.wait_for_function(FITS, timeout=3000)


def test_a_step_and_a_number_by_keyboard(ready):
    page = ready
    go(page, "#train?steps=20&seed=3")
    train(page)
    go(page, "#inside?steps=20&seed=3")
    press = page.locator("[data-component='inside/one-step'] [data-next]")
    expect(press).to_have_text("Take a step", timeout=PATIENCE)
    whole(page, 1440, "light")
    press.focus()
    page.keyboard.press("Enter")
    told = page.locator("[data-component='inside/one-step'] [data-told]")
    expect(told).to_contain_text("The mean is the loss", timeout=PATIENCE)
    before = page.locator("[data-before] li")
    expect(before).to_have_count(7)  # six letters, and the end
    assert float(before.first.locator("b").inner_text()) > 0
    page.keyboard.press("Enter")
    expect(told).to_contain_text("how does the loss change with each number?")
    page.keyboard.press("Enter")
    expect(told).to_contain_text("the loss falls from")
    assert page.locator(".mat").count() == 9
    button(page, "Walk it from here").press("Enter")
    here = page.locator("[data-node]")
    expect(here).to_contain_text("linear", timeout=PATIENCE)
    for _ in range(30):  # up to the loss
        if "cross entropy" in here.inner_text():
            break
        page.locator(".walk .act").first.press("Enter")
    expect(here).to_contain_text("cross entropy")
    expect(here).to_be_focused()

    # Down again to weights, and on to the steepest number in one of them.
    story = page.locator("[data-component='inside/number']")
    button(page, "Walk it from here").press("Enter")
    expect(here).to_contain_text("linear", timeout=PATIENCE)
    page.locator(".walk .act").last.press("Enter")
    onwards = story.get_by_role("button", name=re.compile(r"^[\w.]+\[[\d,]+\]$")).last
    weight = onwards.inner_text()
    onwards.press("Enter")
    expect(story.locator(".weight-path svg")).to_have_count(1)
    expect(story).to_contain_text("at step 20. Every step is known.", timeout=PATIENCE)
    story.get_by_text("As a table").last.press("Enter")
    expect(story.get_by_role("table", name=f"{weight} by step")).to_contain_text("20")

    found = links(page)
    assert found["Back"][0] == pytest.approx(found["Check"][0], abs=1e-6)
    assert "Adam keeps two numbers" in found["Remember"][1]
    whole(page, 390, "dark")
    # On to the number's own controls, and another one.
    page.set_viewport_size({"width": 1440, "height": 900})
    name = page.locator(".number__pick select")
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        if name.evaluate("at => at === document.activeElement"):
            break
    page.keyboard.type("layer0.fc2")
    expect(page.locator("[data-chain]")).to_contain_text("to number", timeout=PATIENCE)
    page.keyboard.press("Tab")
    page.keyboard.type("3")
    page.keyboard.press("Tab")
    expect(page.locator("[data-chain]")).to_contain_text("to number 3 of the line")
    button(page, "Another").press("Enter")
    expect(page.locator("[data-component='inside/number'] [data-voice]")).to_contain_text("One of")
    go(page, "#train?steps=20&seed=3")
    expect(page.locator("[data-status]")).to_have_text(re.compile("^Finished"))  # it did not go on


def test_a_number_is_picked_in_its_picture(ready):
    page = ready
    go(page, "#inside?preset=microgpt")  # the small model that comes with the page
    press = page.locator("[data-component='inside/one-step'] [data-next]")
    for _ in range(2):
        press.click(timeout=PATIENCE)
        expect(press).not_to_have_attribute("aria-busy", "true", timeout=PATIENCE)
    expect(press).to_have_text("Move, and read again")
    picture = page.get_by_role("img", name=re.compile("^layer0.wv: 16 by 16 numbers"))
    picture.hover(position={"x": 3, "y": 3})
    cell = page.locator("[data-component='inside/one-step'] [data-cell]")
    expect(cell).to_contain_text("layer0.wv[0,0]")
    picture.click(position={"x": 3, "y": 3})
    chain = page.locator("[data-chain]")
    expect(chain).to_contain_text("what head 1 passes on", timeout=PATIENCE)
    assert float(cell.inner_text().split()[0].replace("−", "-")) == pytest.approx(
        links(page)["Back"][0], abs=2e-6
    )
    page.get_by_label("Text to look at").fill("")
    expect(press).to_have_text("Take a step")
    press.click()
    problem = page.locator("[data-component='inside/one-step'] [data-problem]")
    expect(problem).to_contain_text("nothing to learn from", timeout=PATIENCE)
