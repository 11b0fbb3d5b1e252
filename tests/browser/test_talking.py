"""Chat: the small model that ships answers as in the terminal, and nothing that is said is lost."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from microgpt import checkpoint
from microgpt.dialogue import Dialogue
from playwright.sync_api import expect
from steps import PATIENCE, button, go
from visit import ROOT

pytestmark = pytest.mark.slow

SHIPPED = ROOT / "fallback_data" / "story-chat.safetensors"
QUESTIONS = ["Who are you?", "What is 12 times 7?", "How do you spell lighthouse?"]
HOSTILE = "<img src=x onerror=boom()><script>boom()</script>\u202ecba\u0007\u001b[2J " + "x" * 3000


def area(page):
    return page.get_by_role("textbox", name="Your message")


def say(page, text):
    area(page).fill(text)
    area(page).press("Enter")


def notes(page):
    """What commands have said."""
    return page.locator(".chat__notes").get_by_role("listitem")


def answers(page):
    """The texts of all whole answers, in their order."""
    expect(page.locator(".caret")).to_have_count(0, timeout=PATIENCE)
    expect(button(page, "Send")).to_be_visible(timeout=PATIENCE)
    said = page.locator(".turn:not(.turn--you) .turn__text")
    return [re.sub(r"\s+", " ", text).strip() for text in said.all_inner_texts()]


def in_float64():
    """The shipped model as a file of float64, which computes the same on any machine."""
    found = checkpoint.load(SHIPPED)
    tensors = {
        name: found.tensor(name, shape, found.dtype) for name, shape in found.shapes().items()
    }
    tensors = {name: np.asarray(tensor, np.float64) for name, tensor in tensors.items()}
    tensors["history.losses"] = np.zeros(found.meta["progress"]["step"])
    meta = {**found.meta, "training": {**found.meta["training"], "dtype": "float64"}}
    return checkpoint.to_bytes(replace(found, tensors=tensors, meta=meta))


@pytest.fixture
def chat(ready):
    """Chat on the shared page, with a talk that has just begun."""
    go(ready, "#chat")
    expect(area(ready)).to_be_visible(timeout=PATIENCE)
    if button(ready, "New talk").is_visible():
        button(ready, "New talk").click()
    return ready


def choose_file(page, label, name, content):
    page.get_by_label(label).set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def ids_of_answers(page):
    """The tokens of every answer of the talk that was kept last."""
    return page.evaluate("""() => {
      const kept = Object.keys(localStorage).filter((key) => key.startsWith("microgpt.talk."))
        .map((key) => JSON.parse(localStorage[key])).sort((a, b) => b.saved - a.saved)[0];
      return kept.talk.turns.filter(({ tokens }) => tokens).map(({ tokens }) =>
        tokens.map(({ id }) => id));
    }""")


def test_the_same_questions_and_seed_give_the_answers_of_the_terminal(chat):
    """Token for token, in float64."""
    content = in_float64()
    choose_file(chat, "A chat model’s file", "double.safetensors", content)
    expect(chat.locator(".chat__name")).to_have_text("double.safetensors", timeout=PATIENCE)
    say(chat, "/seed 7")
    expect(notes(chat).filter(has_text="chance is the same each time")).to_be_visible(
        timeout=PATIENCE
    )
    found = checkpoint.from_bytes(content)
    dialogue = Dialogue(found.model(), found.tokenizer(), seed=7)
    expected = []
    for number, question in enumerate(QUESTIONS, 1):
        say(chat, question)
        expect(chat.locator(".turn")).to_have_count(2 * number, timeout=PATIENCE)
        answers(chat)
        expected.append([said.id for said in dialogue.ask(question)])
    assert ids_of_answers(chat) == expected
    button(chat, "Back to story-chat").click()
    expect(chat.locator(".chat__name")).to_have_text("story-chat")


def test_what_a_hostile_model_says_stays_text(chat):
    said = [("user", HOSTILE), ("assistant", HOSTILE)]
    messages = [{"role": role, "content": text} for role, text in said]
    line = json.dumps({"messages": messages}).encode()
    choose_file(chat, "A file with a talk", "talk.jsonl", line)
    expect(chat.locator(".turn")).to_have_count(2, timeout=PATIENCE)
    for text in chat.locator(".turn__said").all_inner_texts():
        assert "<img src=x onerror=boom()><script>" in text
        assert "[U+202E]cba␇␛[2J" in text
    assert chat.locator(".talk :is(img, script)").count() == 0
    chat.set_viewport_size({"width": 390, "height": 844})
    assert chat.evaluate("document.documentElement.scrollWidth") <= 390
