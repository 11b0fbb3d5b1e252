"""Chat: the small model that ships answers as in the terminal, and nothing that is said is lost."""

import itertools
import json
import re
from dataclasses import replace

import axe
import numpy as np
import pytest
from microgpt import checkpoint
from microgpt.data.conversations.messages import ConversationFile
from microgpt.dialogue import Dialogue
from playwright.sync_api import expect
from steps import PATIENCE, RECORD_MESSAGES, button, go
from visit import ROOT

pytestmark = pytest.mark.slow

SHIPPED = ROOT / "fallback_data" / "story-chat.safetensors"
QUESTIONS = ["Who are you?", "What is 12 times 7?", "How do you spell lighthouse?"]
STOP = """async () => {
  const area = document.querySelector("#say");
  area.value = "Tell me a story.";
  const from = heard.length;
  const later = (type) => heard.slice(from).find((message) => message.type === type);
  const until = async (type) => {
    for (const began = performance.now(); !later(type); ) {
      if (performance.now() - began > 20000) throw new Error(`no ${type}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  area.form.requestSubmit();
  await until("chat-said");
  const at = performance.now();
  area.form.querySelector("[type=submit]").click();
  await until("chat-answered");
  return [performance.now() - at, later("chat-answered").reason];
}"""
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
    del meta["copied"]  # the index of copied text, which is no weight
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
    expect(notes(chat).filter(has_text="the same questions get the same answers")).to_be_visible(
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


def test_a_first_visit_with_the_keyboard_alone_and_nothing_is_lost(page, tmp_path):
    """Asked before Python is there, stopped, branched, saved; and there again after a reload."""
    page.add_init_script(RECORD_MESSAGES)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("./#chat")
    area(page).focus()
    page.keyboard.type("What is 12 times 7?")
    page.keyboard.press("Enter")
    assert re.search(r"12\*7 = .*84 That makes 84\.$", answers(page)[0])
    expect(page.locator(".tool__result")).to_have_text(re.compile("84$"))
    page.locator(".turn").last.get_by_role("button", name="Again").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 of 2")).to_be_visible(timeout=PATIENCE)
    answers(page)
    page.get_by_role("button", name="The one before").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 of 2")).to_be_visible()
    area(page).focus()
    page.keyboard.type("/te")
    page.keyboard.press("Tab")
    page.keyboard.type("30")
    page.keyboard.press("Enter")
    expect(notes(page).filter(has_text="temperature is 30")).to_be_visible(timeout=PATIENCE)
    waited, reason = page.evaluate(STOP)
    assert reason == "stopped" and waited < 1000  # 50 where nothing else runs
    expect(page.locator(".turn__end").filter(has_text="Stopped.")).to_be_visible()
    with page.expect_download() as download:
        button(page, "Save as a file").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    (saved,) = (ConversationFile(path)[i] for i in range(len(ConversationFile(path))))
    assert saved[1].parts[:2] == (("python", "12*7"), ("python_output", "84"))
    before = answers(page)
    page.reload()
    expect(page.locator(".turn")).to_have_count(4)
    assert answers(page) == before


def test_a_message_is_changed_copied_and_deleted_by_keyboard(chat):
    chat.context.grant_permissions(["clipboard-read", "clipboard-write"])
    say(chat, "What is 12 times 7?")
    answers(chat)
    mine, said = chat.locator(".turn--you").last, chat.locator(".turn").last
    button(mine, "Edit").press("Enter")
    changed = chat.get_by_role("textbox", name="The message, changed")
    expect(changed).to_be_focused()
    chat.keyboard.press("ControlOrMeta+A")
    chat.keyboard.type("What is 12 times 8?")
    chat.keyboard.press("Enter")
    expect(said).to_contain_text("96", timeout=PATIENCE)
    assert answers(chat)[-1].endswith("That makes 96.")
    button(said, "Copy").press("Enter")
    chat.wait_for_function("navigator.clipboard.readText().then((text) => text.includes('96'))")
    expect(button(said, "Copy")).to_be_focused()
    said.get_by_role("button", name=re.compile("^Delete")).press("Enter")
    expect(chat.locator(".turn")).to_have_count(1)
    expect(area(chat)).to_be_focused()


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
    button(chat, "Make my own").click()
    chat.get_by_text("Your own conversations").click()
    chat.get_by_label("Conversations as JSON lines, to paste").fill(line.decode())
    button(chat, "Check and take these lines").click()
    read = chat.locator(".rendered__talk")
    expect(read).to_contain_text("[U+202E]cba␇␛[2J", timeout=PATIENCE)
    chat.set_viewport_size({"width": 390, "height": 844})
    assert chat.evaluate("document.documentElement.scrollWidth") <= 390
    button(chat, "Use the made-up ones again").click()
    button(chat, "Close").click()


def test_axe_finds_nothing_in_any_state_and_nothing_sticks_out(chat):
    found = []

    looks = itertools.cycle([(1440, "light"), (390, "dark")])  # in turns: a look takes a second

    def check(state):
        width, scheme = next(looks)
        chat.set_viewport_size({"width": width, "height": 900})
        chat.emulate_media(color_scheme=scheme)
        found.extend(f"{state}, {width}, {scheme}: {each}" for each in axe.violations(chat))
        for width in (320, 390, 1440):
            chat.set_viewport_size({"width": width, "height": 900})
            if chat.evaluate("document.documentElement.scrollWidth") > width:
                found.append(f"{state}, {width}: too wide")

    say(chat, "What is 12 times 7?")
    answers(chat)
    say(chat, "/help")
    expect(notes(chat).filter(has_text="Enter sends")).to_be_visible(timeout=PATIENCE)
    check("answered, with a tool, and help")
    chat.get_by_label("how sure it was").check()
    chat.locator(".sure__tok:not([aria-disabled])").first.click()
    others = chat.get_by_role("list", name="What could have come here")
    expect(others.get_by_role("listitem").first).to_be_visible(timeout=PATIENCE)
    button(chat, "Edit").click()
    check("how sure it was, and an edit")
    instead = others.get_by_role("button", name=re.compile("go on from this one")).last
    chat.set_viewport_size({"width": 390, "height": 844})
    one_line = chat.locator(".turn__row .act").first.bounding_box()["height"]
    assert instead.bounding_box()["height"] < 1.5 * one_line
    instead.click()
    expect(chat.get_by_text("2 of 2")).to_be_visible(timeout=PATIENCE)
    answers(chat)
    chat.get_by_label("how sure it was").uncheck()
    button(chat, "Ask them").click()
    table = chat.get_by_role("region", name="Right answers").get_by_role("row")
    expect(table.nth(1)).to_have_text(re.compile(r"Sums2[0-4] of 24"), timeout=PATIENCE)
    check("the table fills")
    judge = chat.locator("[data-component='chat/judge']")
    judge.get_by_role("button").first.click()
    expect(button(judge, "Ask them again")).to_be_visible(timeout=PATIENCE)
    assert not found, "\n".join(found)


def test_a_model_elsewhere_is_fetched_when_the_reader_says_so_and_not_before(ready, faults):
    faults.expect("third party: https://models.example/")
    asked = []

    def serve(route):
        asked.append(route.request.url)
        headers = {"Access-Control-Allow-Origin": "*"}
        route.fulfill(body=SHIPPED.read_bytes(), headers=headers)

    ready.context.route("https://models.example/**", serve)
    ready.evaluate("location.hash = '#model=https://models.example/small.safetensors'")
    fetch = button(ready, "Fetch it")
    expect(fetch).to_be_visible(timeout=PATIENCE)
    expect(ready.get_by_text("It is at models.example")).to_be_visible()
    assert asked == []
    assert axe.violations(ready) == []
    fetch.click()
    expect(ready.locator(".chat__name")).to_have_text("small.safetensors", timeout=PATIENCE)
    expect(ready.get_by_text("A model from a file")).to_be_visible(timeout=PATIENCE)
    assert asked == ["https://models.example/small.safetensors"]
    ready.context.unroute_all(behavior="wait")
    button(ready, "Back to story-chat").click()


def test_a_model_that_does_not_come_is_said_and_comes_later(page, faults):
    """Without Python, which this does not wait for."""
    faults.expect("ERR_FAILED|story-chat")
    page.route("**/story-chat*", lambda route: route.abort())
    page.goto("./#chat")
    expect(page.get_by_text("The model could not be fetched")).to_be_visible(timeout=PATIENCE)
    assert axe.violations(page) == []
    page.unroute_all(behavior="wait")
    button(page, "Fetch it again").click()
    expect(page.get_by_text("The model could not be fetched")).to_have_count(0, timeout=PATIENCE)
    say(page, "Who are you?")
    assert answers(page)
