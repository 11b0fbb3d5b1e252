"""Training with tokens that were learned, opened, or made for a run."""

import re

import pytest
from microgpt.cli import main
from playwright.sync_api import expect
from steps import (
    PATIENCE,
    SHORT_LOOKS,
    button,
    expect_status,
    field,
    go,
    group,
    save,
    setting,
    train,
    unfold,
)
from tokens_view import learn, tokens_view

pytestmark = pytest.mark.slow


@pytest.fixture
def view(ready):
    return tokens_view(ready)


def held_out(page):
    return page.locator("[data-component='train/readout'] [data-held]")


def test_train_uses_the_tokenizer_and_its_loss_falls(view, tmp_path):
    page = view
    learn(page, 30, "the names")
    button(page, "Train a model on these tokens").click()
    page.get_by_role("link", name="Go there").click()
    unfold(page)
    expect(field(page, "Tokenizer")).to_have_value("trained")
    expect(group(page, "Tokens")).to_contain_text("287 tokens", timeout=PATIENCE)
    train(page, 200)
    expect(held_out(page)).to_contain_text("bits a byte")
    assert float(held_out(page).inner_text().split()[0]) < 4.6  # guessing is 5.66
    path = save(page, tmp_path)
    assert main(["info", str(path)]) == 0
    page.get_by_label("A model file").set_input_files(path)
    expect_status(page, "^Finished")
    expect(field(page, "Tokenizer")).to_have_value("file", timeout=PATIENCE)
    page.get_by_role("button", name="Copy as command").click()
    expect(page.get_by_label("The same run in a terminal")).to_have_value(
        re.compile("--tokenizer microgpt-tokenizer.json")
    )


def test_byte_pairs_are_learned_for_a_run_and_compared_in_bits_a_byte(ready):
    page = ready
    go(page, f"#train?steps=60&tokenizer=bpe&vocab=300&{SHORT_LOOKS}")
    unfold(page)
    expect(group(page, "Tokens")).to_contain_text("300 tokens", timeout=PATIENCE)
    train(page)
    expect(held_out(page)).to_contain_text("bits a byte")
    setting(page, "Tokenizer", "characters")
    expect(page).not_to_have_url(re.compile("tokenizer="))
    button(page, "Keep this curve to compare").click()
    button(page, "Start a new run").click()
    expect_status(page, "^Training")
    expect_status(page, "^Finished")
    kept = page.get_by_role("list", name="Kept curves")
    expect(kept).to_contain_text("bits a byte")
    expect(kept).to_contain_text("byte pairs")
    button(page, "Copy as command").click()
    expect(page.get_by_label("The same run in a terminal")).not_to_have_value(
        re.compile("tokenizer")
    )


def test_without_one_train_says_where_to_get_it(page, load):
    load(page, "#train?tokenizer=trained")
    unfold(page)
    expect(field(page, "Tokenizer")).to_have_value("chars")
    setting(page, "Tokenizer", "opened in Tokens")
    expect(group(page, "Tokens").get_by_role("alert")).to_contain_text("drop one on Tokens")
    setting(page, "Tokenizer", "byte pairs")
    expect(group(page, "Tokens").get_by_role("alert")).to_be_hidden()
    expect(group(page, "Tokens")).to_contain_text("512 tokens", timeout=PATIENCE)
