"""Inside: where the heads look, and the letters as points."""

import re

import pytest
from playwright.sync_api import expect
from steps import LISTEN, SHORT_LOOKS, begin_anew, go, setting, start, train
from visit import LOAD_MILLISECONDS

pytestmark = pytest.mark.slow

PATIENCE = LOAD_MILLISECONDS
SETTINGS = f"steps=20&n_layer=2&seed=3&{SHORT_LOOKS}"


def status(page, pattern):
    expect(page.locator("[data-status]")).to_have_text(re.compile(pattern), timeout=3 * PATIENCE)


def about(page):
    return page.locator("[data-component='inside/head'] [data-about]")


def view(page, name):
    page.get_by_role("navigation", name="Views").get_by_role("link", name=name).click()


def cells(page):
    """The percents of the table, row by row."""
    rows = page.locator(".heat tbody tr").all()
    return [[int(cell) for cell in row.locator("td").all_inner_texts()] for row in rows]


@pytest.fixture(scope="module")
def trained_pages():
    return []


@pytest.fixture
def trained(trained_pages, shared_page, faults, request, output_path):
    """The shared page with a small model of two layers that has made 20 steps, looked into.

    It is trained once: the tests that want it stand together.
    """
    with shared_page.lent(faults, request, output_path) as page:
        if page not in trained_pages:
            begin_anew(page)
            go(page, f"#train?{SETTINGS}")
            train(page)
            trained_pages.append(page)
        go(page, f"#inside?{SETTINGS}")
        expect(page.locator(".heat")).to_be_visible(timeout=PATIENCE)
        page.get_by_role("textbox", name="Text to look at").fill("amelia")
        expect(page.locator(".heat tbody tr")).to_have_count(7)
        page.get_by_role("button", name="Layer 1, head 1").click()
        page.get_by_role("radio", name="PCA").check()
        yield page


def test_a_small_model_is_there_until_the_readers_own_has_learned(page, load):
    load(page, f"#inside?steps=10&n_layer=2&{SHORT_LOOKS}")
    expect(page.get_by_role("heading", name="Inside the model")).to_be_attached()
    expect(about(page)).to_contain_text("comes with the page: microgpt, 4,192 numbers")
    expect(about(page)).to_contain_text("in the one layer")
    # Its first head, at the end of amelia.
    expect(page.locator(".heat tbody tr").nth(6).locator("td").nth(6)).to_have_text("96")
    page.get_by_role("button", name="Start training").click()
    status(page, "^Finished")
    expect(about(page)).to_contain_text("in each of two layers")
    expect(about(page)).to_contain_text("step 10")
    expect(page.get_by_role("button", name="Layer 2, head 1")).to_be_visible(timeout=PATIENCE)
    view(page, "Train")
    expect(page.locator("[data-shipped]")).to_be_hidden()
    page.locator(".transport [data-reset]").click()
    expect(page.locator("[data-shipped]")).to_contain_text("Yours will replace it")
    page.locator("[data-write]").click()
    expect(page.locator(".typed__out")).to_have_class(re.compile("--end"), timeout=PATIENCE)
    assert len(page.locator(".typed__out").inner_text()) >= 1


def test_the_settings_stay_when_the_view_changes(ready):
    page = ready
    go(page, "#train?preset=llama&lr=0.02")
    view(page, "Inside")
    expect(page).to_have_url(re.compile("#inside.preset=llama&lr=0.02$"))
    expect(page).to_have_title(re.compile("^Inside"))
    page.go_back()
    expect(page).to_have_url(re.compile("#train.preset=llama&lr=0.02$"))
    expect(page.locator("[name=setup-settings-lr]")).to_have_value("0.02")
    page.evaluate("location.hash = '#inside'")
    expect(page).to_have_url(re.compile("#inside.preset=llama&lr=0.02$"))


def test_it_speaks_of_what_the_reader_has_moved_and_not_as_the_model_learns(ready, faults):
    page = ready
    setting(page, "Pace", "slow")
    start(page)
    status(page, "^Training")
    view(page, "Inside")
    expect(page.locator(".heat")).to_be_visible(timeout=PATIENCE)
    page.evaluate(LISTEN)
    before = page.locator(".heat").inner_text()
    expect(page.locator(".heat")).not_to_have_text(before, timeout=PATIENCE)  # it is drawn anew
    assert page.evaluate("spoken") == []
    page.get_by_role("button", name="Layer 1, head 3").click()
    page.wait_for_function("spoken.length === 1")
    assert "this head" in page.evaluate("spoken[0]")


def test_tsne_can_be_stopped_and_the_page_answers_meanwhile(ready):
    page = ready
    go(page, f"#train?steps=1&{SHORT_LOOKS}")  # many letters, so that it takes its time
    page.get_by_role("radio", name="Your text").check()
    letters = "".join(chr(n) for n in range(0x4E00, 0x4E00 + 900))
    text = "\n".join(letters[i : i + 9] for i in range(0, 900, 9))
    page.get_by_role("textbox", name="Your text").fill(text)
    page.get_by_role("button", name="Use this text").click()
    expect(page.locator("[data-component='train/data'] .facts").first).to_contain_text(
        "901", timeout=PATIENCE
    )
    page.locator("[data-main]").click()
    status(page, "^Finished")
    view(page, "Inside")
    page.get_by_role("radio", name="t-SNE").check()
    note = page.locator("[data-component='inside/embeddings'] [data-note]")
    expect(note).to_contain_text(re.compile(r"step \d+ of 1,000"), timeout=PATIENCE)
    page.get_by_role("textbox", name="Text to look at").fill(letters[:3])
    expect(page.locator(".heat tbody tr")).to_have_count(4, timeout=PATIENCE)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(note).to_contain_text("stopped at step", timeout=PATIENCE)
    expect(page.get_by_role("button", name="Draw again")).to_be_visible()


def test_attention_is_a_table_whose_rows_say_where_they_look(trained):
    page = trained
    percents = cells(page)
    assert [len(row) for row in percents] == [1, 2, 3, 4, 5, 6, 7]
    assert all(abs(sum(row) - 100) <= len(row) for row in percents)
    expect(page.locator(".heads canvas")).to_have_count(8)
    sentence = page.locator("[data-sentence]")
    expect(sentence).to_contain_text("Reading letter 6, a")
    row = page.locator(".heat__row").nth(3)
    row.focus()
    expect(sentence).to_contain_text("Reading letter 3, e")
    page.locator(".heat__row").nth(2).hover()
    expect(sentence).to_contain_text("Reading letter 2, m")
    row.click()
    expect(row).to_have_attribute("aria-pressed", "true")
    other = page.get_by_role("button", name="Layer 2, head 3")
    other.click()
    expect(other).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-component='inside/attention'] [data-which]")).to_have_text(
        "Layer 2, head 3"
    )
    assert cells(page) != percents


def test_the_reader_chooses_the_text_and_the_address_keeps_it(trained):
    page = trained
    text = page.get_by_role("textbox", name="Text to look at")
    text.fill("bob")
    expect(page.locator(".heat tbody tr")).to_have_count(4)
    expect(page).to_have_url(re.compile("look=bob"))
    text.fill("Ω")
    expect(page.locator("[data-component='inside/attention'] [data-problem]")).to_be_visible()
    text.fill("")
    expect(page.locator(".heat tbody tr")).to_have_count(1)


def test_letters_as_points_by_pca_and_by_tsne(trained):
    page = trained
    points = page.locator("[data-component='inside/embeddings'] .point")
    expect(points).to_have_count(27)
    note = page.locator("[data-component='inside/embeddings'] [data-note]")
    expect(note).to_contain_text("PCA shows")
    page.get_by_role("radio", name="t-SNE").check()
    expect(note).to_contain_text("(1,000 steps)", timeout=PATIENCE)
    page.get_by_role("button", name="As a table").last.click()
    rows = page.get_by_role("region", name="Places as a table").locator("tbody tr")
    expect(rows).to_have_count(27)
    page.get_by_role("textbox", name="Perplexity").fill("50")
    page.get_by_role("textbox", name="Perplexity").press("Tab")
    expect(page.locator("[data-component='inside/embeddings'] [data-problem]")).to_contain_text(
        "perplexity"
    )
    page.get_by_role("radio", name="PCA").check()
    expect(note).to_contain_text("PCA shows")


def test_nothing_of_it_stands_in_the_way(trained):
    axe = pytest.importorskip("axe")
    page = trained
    page.get_by_role("button", name="As a table").last.click()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (1440, 768, 390, 320):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            if (scheme, width) in (("light", 1440), ("dark", 390)):
                assert axe.violations(page) == []
