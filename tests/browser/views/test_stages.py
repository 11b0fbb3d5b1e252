"""The stages of a chat model in the view Chat: made with the keyboard alone, kept over a reload."""

import re

import axe
import pytest
from playwright.sync_api import expect
from steps import PATIENCE, button
from visit import wait_until_ready

pytestmark = pytest.mark.slow


def stage(page, name):
    return page.locator(f"[data-stage={name}]")


def press(where, name):
    """Press a button with the keyboard."""
    expect(button(where, name)).to_be_visible(timeout=PATIENCE)
    button(where, name).press("Enter")


def type_into(page, field, text):
    field.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(text)
    page.keyboard.press("Tab")


def crash(page):
    """The worker dies of an error that nobody catches, as if of ours."""
    page.workers[0].evaluate("() => { setTimeout(() => { throw new Error('it is gone') }) }")
    expect(button(page, "Start Python again")).to_be_visible()
    assert axe.violations(page) == []
    press(page, "Start Python again")


def go_on(page, name):
    expect(page.get_by_text(f"{name} was stopped")).to_be_visible(timeout=PATIENCE)
    assert axe.violations(page) == []
    press(page, "Continue")


def test_a_model_is_made_stage_by_stage_and_nothing_is_lost(page, faults):
    """Tokens, a base and a fine-tuning of few steps. What is typed outlives a reload; in the first
    stage the worker dies, in the second the page is loaded again, in the third the tab is closed.
    """
    page.goto("./#chat")
    press(page, "Make my own")
    fine = stage(page, "chat")
    fine.locator("summary").focus()
    page.keyboard.press("Enter")
    press(page, "A system line, conversation 1")
    page.keyboard.type("Be short.")
    press(page, "With the tool, conversation 1")
    page.keyboard.type("2+3")
    type_into(page, page.get_by_label("Conversations as JSON lines, to paste"), '{"messages": 3}')
    type_into(page, page.get_by_label("The tool gives, conversation 1"), "5")
    type_into(page, page.get_by_label("You say, conversation 1"), "What is 2 + 3?")
    page.get_by_label("It answers, conversation 1").focus()
    page.keyboard.type("It is 5.")  # and the field still has the focus
    page.reload()
    wait_until_ready(page)
    press(page, "Make my own")
    for name in ("base", "chat"):
        type_into(page, stage(page, name).get_by_label("Steps", exact=True), "3")
    type_into(page, stage(page, "tokens").get_by_label("Tokens", exact=True), "300")
    fine.locator("summary").focus()
    page.keyboard.press("Enter")
    press(page, "Check and take these lines")
    wrong = "Line 1: The conversation has no list of messages."
    expect(fine).to_contain_text(wrong, timeout=PATIENCE)
    assert axe.violations(page) == []
    press(page, "One more turn, conversation 1")
    page.keyboard.type("Who made you?")
    press(page, "Take these")
    expect(fine).to_contain_text("Conversation 1, turn 2: what it answers is empty.")
    type_into(page, page.get_by_label("It answers, conversation 1, turn 2"), "Ada.")
    press(page, "Take these")
    expect(fine).to_contain_text("1 of yours (typed here).", timeout=PATIENCE)
    read = fine.get_by_role("region", name="Conversations as the model reads them")
    expect(read.locator("mark").first).to_have_text("<|python_start|>")
    expect(read).to_contain_text("Be short.\n\nWhat is 2 + 3?", use_inner_text=True)

    press(page, "Make all three")
    expect(stage(page, "tokens").get_by_role("progressbar")).to_be_visible(timeout=PATIENCE)
    crash(page)
    go_on(page, "Tokens")
    expect(stage(page, "base").get_by_text("Step 1 of 3")).to_be_visible(timeout=PATIENCE)
    assert axe.violations(page) == []
    page.reload()
    press(page, "Go on with mine")
    go_on(page, "Pre-training")
    expect(fine.get_by_text(re.compile(r"Step \d of 3"))).to_be_visible(timeout=PATIENCE)
    page.close()
    page = page.context.new_page()
    page.goto("./#chat")
    press(page, "Go on with mine")
    expect(stage(page, "chat")).to_contain_text("1 of yours (typed here).")
    go_on(page, "Fine-tuning")
    ladder = page.locator(".path")
    expect(ladder).to_contain_text("0 of 1 questions it was taught right", timeout=2 * PATIENCE)
    head = page.locator("[data-component='chat/head']")
    expect(head).to_contain_text("your model", timeout=PATIENCE)
    base = stage(page, "base")
    press(base, "As a table")
    table = base.get_by_role("region", name="Loss as a table")
    expect(table.get_by_role("columnheader")).to_have_text(["Step", "Smoothed", "Held out"])
    expect(table.get_by_role("row").last).to_have_text(re.compile(r"^3\d\.\d{3}\d\.\d{3}$"))
    expect(stage(page, "chat").get_by_role("region", name="Loss as a table")).to_have_count(0)
    press(page, "Ask")
    expect(page.get_by_role("heading", name="before fine-tuning")).to_be_visible(timeout=PATIENCE)
    assert axe.violations(page) == []
    with page.expect_download() as saved:
        press(page, "Download the chat model")
    assert saved.value.suggested_filename == "chat.safetensors"
    page.reload()
    expect(ladder).to_contain_text("0 of 1 questions it was taught right", timeout=PATIENCE)
    expect(head).to_contain_text("your model", timeout=PATIENCE)
