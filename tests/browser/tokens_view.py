"""What tests of the view Tokens do again and again: learn merges, find the tokens of a cut text."""

import re

from microgpt.tokenizer.bpe import BPETokenizer
from microgpt.tokenizer.patterns import Splitter
from microgpt.tokenizer.train import count_words, learn_merges
from playwright.sync_api import expect
from steps import PATIENCE, SHORT_LOOKS, button, go


def learned(texts, count, pattern="gpt2"):
    merges = learn_merges(count_words(texts, Splitter(pattern)))
    pairs = [(merge.left, merge.right) for merge, _ in zip(merges, range(count))]
    return BPETokenizer.from_merges(pairs, pattern)


def panel(page, side="cut"):
    return page.locator(f"[data-component='tokens/cut'][data-side={side}]")


def tokens(page, side="cut"):
    return panel(page, side).get_by_role("listbox").get_by_role("option")


def figure(page, name, side="cut"):
    """One of the counts above a cut text."""
    term = (
        panel(page, side)
        .locator("dl div")
        .filter(has=page.locator("dt", has_text=re.compile(f"^{name}$")))
    )
    return term.locator("dd")


def text_box(page):
    return page.get_by_role("textbox", name="Text", exact=True)


def learn(page, merges=50, source=None):
    if source:
        page.get_by_label("Learn from").select_option(label=source)
    box = page.get_by_role("textbox", name="Merges")
    box.fill(str(merges))
    box.press("Tab")
    page.locator("[data-learn]").click()  # from now on, and until all are there, it says Stop
    expect(page.locator("[data-learn]")).not_to_have_text("Stop", timeout=PATIENCE)
    expect(merge_slider(page)).to_have_attribute("max", str(merges))


def merge_slider(page):
    return page.get_by_role("slider", name="Merge")


def ids_in_table(page):
    """The ids of the table of tokens."""
    toggle = panel(page).get_by_role("button", name="As a table")
    if toggle.get_attribute("aria-expanded") == "false":
        toggle.click()
    rows = page.get_by_role("region", name="Tokens as a table").locator("tbody tr")
    expect(rows.first).to_be_visible()
    return [int(text) for text in rows.locator("td:nth-of-type(1)").all_inner_texts()]


def tokens_view(page):
    """The view Tokens of the shared page, as it is at first; what was learned stays."""
    go(page, f"#tokens?{SHORT_LOOKS}")
    expect(tokens(page).first).to_be_visible(timeout=PATIENCE)
    choices = {"Cut by": "chars", "Compare with": "", "Texts are first cut": "gpt2"}
    for label, value in choices.items():
        page.get_by_role("combobox", name=re.compile("^" + label)).select_option(value)
    page.get_by_label("Learn from").select_option("names")
    page.get_by_role("radio", name="text only").check()
    page.get_by_role("checkbox", name="Show spaces").check()
    if button(page, "The first text again").is_visible():
        button(page, "The first text again").click()
    expect(figure(page, "Characters")).to_have_text("260", timeout=PATIENCE)
    return page
