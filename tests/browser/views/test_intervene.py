"""See and intervene: by keyboard alone, on a desktop and on a phone, with axe in every state."""

import axe
import pytest
from playwright.sync_api import expect
from steps import FITS, LISTEN, PATIENCE, button, go

pytestmark = pytest.mark.slow

PANELS = ["Switch off", "Patch", "Layer by layer", "A neuron", "What heads do"]


def section(page):
    return page.locator("[data-component='inside/intervene']")


def whole(page, width, scheme):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    assert axe.violations(page) == []
    page.wait_for_function(FITS, timeout=3000)


def test_parts_by_keyboard_before_any_training(ready):
    page = ready
    go(page, "#inside?preset=microgpt&look=isabel")  # the small model that comes with the page
    here = section(page)
    told = here.locator("[data-told]:visible")
    expect(told).to_contain_text("After isabel, with every part on", timeout=PATIENCE)
    expect(here.get_by_role("switch")).to_have_count(6)  # the layer, four heads, the MLP
    losses = here.locator(".partlist__loss").all_inner_texts()
    numbers = [float(text.replace("−", "-")) for text in losses]
    assert numbers == sorted(numbers, reverse=True)
    whole(page, 1440, "dark")

    switch = here.get_by_role("switch", name="Head 1 on")
    page.evaluate(LISTEN)
    switch.focus()
    page.keyboard.press("Space")
    expect(switch).to_have_attribute("aria-checked", "false")
    expect(switch).to_be_focused()
    expect(told).to_contain_text("without head 1", timeout=PATIENCE)
    expect(told).to_contain_text("The loss of the text")
    assert any("without head 1" in words for words in page.evaluate("spoken"))
    whole(page, 390, "light")
    button(here, "All on again").press("Enter")
    expect(switch).to_have_attribute("aria-checked", "true")
    expect(told).to_contain_text("with every part on")
    expect(here.get_by_role("switch").first).to_be_focused()

    here.get_by_role("radio", name=PANELS[0]).focus()
    for panel, words in zip(
        PANELS[1:],
        ("with the feed-forward part as for amelia", "Before all layers", "It is highest", "%"),
        strict=True,
    ):
        page.keyboard.press("ArrowRight")
        expect(here.get_by_role("radio", name=panel)).to_be_focused()
        expect(here).to_contain_text(words, timeout=PATIENCE)
        whole(page, 390, "dark")
    page.set_viewport_size({"width": 1440, "height": 900})


def test_patches_and_neurons_answer_to_what_is_typed(ready):
    page = ready
    go(page, "#inside?preset=microgpt&look=isabel")
    here = section(page)
    here.get_by_role("radio", name="Patch").check()
    told = here.locator("[data-told]:visible")
    here.get_by_role("combobox", name="Part").select_option("the whole layer")
    here.get_by_role("textbox", name="Another text").fill("mar")
    expect(told).to_contain_text("with the whole layer as for mar", timeout=PATIENCE)
    here.get_by_role("radio", name="at every letter").check()
    problem = here.locator("[data-problem]")
    expect(problem).to_contain_text("both texts need as many tokens", timeout=PATIENCE)
    here.get_by_role("textbox", name="Another text").fill("marina")
    expect(told).to_contain_text("The loss of the text rises", timeout=PATIENCE)
    expect(problem).to_be_hidden()

    here.get_by_role("radio", name="A neuron").check()
    letters = here.locator(".letter")
    expect(letters).to_have_count(7, timeout=PATIENCE)
    unit = here.get_by_label("unit")
    unit.fill("3")
    unit.press("Enter")
    button(here, "As a table").press("Enter")
    table = here.get_by_role("region", name="The neuron as a table")
    expect(table).to_contain_text("Unit 3", timeout=PATIENCE)
    expect(table.get_by_role("row")).to_have_count(8)
    expect(here.locator(".exciting li")).to_have_count(10, timeout=PATIENCE)
    here.get_by_role("radio", name="Switch off").check()
