"""The stages of a chat model in the view Chat: made with the keyboard alone, kept over a reload."""

import axe
import pytest
from playwright.sync_api import expect
from steps import PATIENCE, button
from visit import wait_until_ready

pytestmark = pytest.mark.slow


def stage(page, name):
    return page.locator(f"[data-stage={name}]")


def press(page, name):
    """Press a button with the keyboard."""
    expect(button(page, name)).to_be_visible(timeout=PATIENCE)
    button(page, name).focus()
    page.keyboard.press("Enter")


def type_into(page, field, text):
    field.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(text)
    page.keyboard.press("Tab")


def test_a_model_is_made_stage_by_stage_and_survives_a_reload(page):
    """Tokens, a base and a fine-tuning of few steps; in the middle the page is loaded again."""
    page.goto("./#chat")
    wait_until_ready(page)
    press(page, "Make my own")
    type_into(page, stage(page, "tokens").get_by_label("Tokens", exact=True), "300")
    for name in ("base", "chat"):
        type_into(page, stage(page, name).get_by_label("Steps", exact=True), "3")
    stage(page, "chat").locator("summary").focus()
    page.keyboard.press("Enter")
    type_into(page, page.get_by_label("Conversations as JSON lines, to paste"), '{"messages": 3}')
    press(page, "Check and take these lines")
    wrong = "Line 1: The conversation has no list of messages."
    expect(stage(page, "chat")).to_contain_text(wrong, timeout=PATIENCE)
    type_into(page, page.get_by_label("You say, conversation 1"), "What is your name?")
    type_into(page, page.get_by_label("It answers, conversation 1"), "I am Zog.")
    press(page, "Take these")
    expect(stage(page, "chat")).to_contain_text("1 of yours (typed here).", timeout=PATIENCE)
    press(page, "Make all three")
    running = stage(page, "base").get_by_text("Step 1 of 3")
    expect(running).to_be_visible(timeout=PATIENCE)
    assert axe.violations(page) == []
    page.reload()  # in the middle of the second stage
    press(page, "Go on with mine")
    expect(page.get_by_text("it is kept and can go on")).to_be_visible(timeout=PATIENCE)
    expect(stage(page, "chat")).to_contain_text("1 of yours (typed here).")
    press(page, "Continue")
    ladder = page.locator(".path")
    expect(ladder).to_contain_text("0 of 1 questions it was taught right", timeout=2 * PATIENCE)
    head = page.locator("[data-component='chat/head']")
    expect(head).to_contain_text("your model", timeout=PATIENCE)
    press(page, "Ask")
    expect(page.get_by_role("heading", name="before fine-tuning")).to_be_visible(timeout=PATIENCE)
    assert axe.violations(page) == []
    with page.expect_download() as saved:
        press(page, "Download the chat model")
    assert saved.value.suggested_filename == "chat.safetensors"
    page.reload()
    expect(ladder).to_contain_text("0 of 1 questions it was taught right", timeout=PATIENCE)
    expect(head).to_contain_text("your model", timeout=PATIENCE)
