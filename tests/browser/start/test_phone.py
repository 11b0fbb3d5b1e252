"""A phone held upright: what stands above the fold, the sheet of settings, long words."""

import axe
import pytest
from playwright.sync_api import expect
from steps import PATIENCE, button, expect_status, field, go, setting
from visit import SharedPage

SIZE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def shared_phone(browser, base_url):
    shared = SharedPage(browser, base_url, viewport=SIZE, has_touch=True, is_mobile=True)
    yield shared
    shared.close()


@pytest.fixture
def phone(shared_phone, faults, request, output_path):
    """A phone whose page the tests share, with the settings of the beginning and no run."""
    with shared_phone.lent(faults, request, output_path) as page:
        go(page, "#train")
        button(page, "Settings").click()
        reset = button(page, "Reset the run")
        if reset.is_enabled():
            reset.click()
        else:
            page.keyboard.press("Escape")
        expect_status(page, "^Ready")
        yield page
        if button(page, "Pause").is_visible():
            button(page, "Pause").click()
            expect_status(page, "^Paused")


def bottom_bar(page):
    return page.get_by_role("group", name="Run").bounding_box()["y"]


# The height of the report on loading while Python comes, and when it is there.
HEIGHTS = """(report) => ["loading", "loading loading--over"].map((name) => {
  report.hidden = false;
  report.className = name;
  return report.getBoundingClientRect().height;
})"""


# Where the line ends: before a comma it must not.
COMMA = """(term) => {
  const after = document.createRange();
  after.setStart(term.nextSibling, 0);
  after.setEnd(term.nextSibling, 1);
  return after.getBoundingClientRect().left - term.getBoundingClientRect().right;
}"""


def test_what_the_button_says_stands_in_one_line(phone):
    words = phone.locator("[data-main] span")
    said, height = words.inner_text(), words.bounding_box()["height"]
    words.evaluate("words => { words.textContent = 'Start a new run' }")
    assert words.bounding_box()["height"] == height < 30
    words.evaluate("(words, said) => { words.textContent = said }", said)


def test_no_line_begins_with_the_comma_after_a_term(phone):
    term = phone.locator("[data-story] .term")
    for width in range(320, 420, 10):
        phone.set_viewport_size({"width": width, "height": 844})
        assert 0 <= term.evaluate(COMMA) < 10
    phone.set_viewport_size(SIZE)


def test_nothing_moves_up_when_python_is_there(phone):
    coming, there = phone.locator("[data-component='shell/loading']").evaluate(HEIGHTS)
    assert coming == there > 50


def test_a_run_is_followed_without_scrolling(phone):
    button(phone, "Start training").click()
    now = phone.get_by_role("listitem").filter(has_text="now, step").first
    expect(now).to_contain_text("new", timeout=PATIENCE)
    sentence = phone.get_by_text("Training").and_(phone.locator(".recipe"))
    for part in (sentence, phone.locator(".plot"), now):
        box = part.bounding_box()
        assert box["y"] >= 0 and box["y"] + min(box["height"], 90) < bottom_bar(phone)
    assert phone.evaluate("scrollY") == 0
    # Nothing covers the curve: the numbers of its axis stand beside it.
    edges = phone.locator(".plot__y").evaluate_all(
        "labels => labels.map(label => label.getBoundingClientRect()).map(r => [r.left, r.right])"
    )
    plot = phone.locator(".plot").bounding_box()
    assert len(edges) > 2
    assert all(left >= 0 and right <= plot["x"] + 1 for left, right in edges)


def test_settings_are_a_sheet_that_gives_the_focus_back(phone):
    opens = button(phone, "Settings")
    form = phone.get_by_role("form", name="Every setting")
    expect(form).to_be_hidden()
    opens.click()
    expect(form).to_be_visible()
    assert axe.violations(phone) == []
    setting(phone, "Width", 32)
    phone.keyboard.press("Escape")
    expect(form).to_be_hidden()
    expect(opens).to_be_focused()
    opens.click()
    expect(field(phone, "Width")).to_have_value("32")
    button(form, "Done").click()
    expect(form).to_be_hidden()


def test_reset_lives_in_the_sheet(phone):
    button(phone, "Step").click()
    expect_status(phone, "^Paused at 1")
    expect(button(phone, "Reset")).to_be_hidden()
    button(phone, "Settings").click()
    button(phone, "Reset the run").click()
    expect_status(phone, "^Ready")
    expect(phone.get_by_role("form", name="Every setting")).to_be_hidden()


def test_a_long_prompt_does_not_widen_the_page(phone):
    button(phone, "Step").click()
    expect_status(phone, "^Paused at 1")
    phone.get_by_role("textbox", name="Prompt").fill("marianna" * 10)
    caption = phone.locator("[data-component='writing/next-tokens'] figcaption")
    expect(caption).to_contain_text("…", timeout=PATIENCE)
    assert phone.evaluate("document.documentElement.scrollWidth") == SIZE["width"]


def test_a_small_window_is_not_half_covered(ready, faults):
    place = "bar => getComputedStyle(bar).position"
    bar = ready.get_by_role("group", name="Run")
    ready.set_viewport_size(SIZE)
    assert bar.evaluate(place) == "fixed"
    ready.set_viewport_size({"width": 320, "height": 256})  # 1280 by 1024 at 400 %
    assert bar.evaluate(place) == "static"


def test_the_stages_of_a_chat_model_are_no_wider_than_the_phone(phone):
    go(phone, "#chat")
    phone.get_by_role("button", name="Make my own").click()
    expect(phone.get_by_role("heading", name="Make your own")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") == SIZE["width"]
    phone.get_by_role("button", name="Close").click()
