"""The view Chat talks to a real `serve` in place of the model in the tab."""

import json
import re
from dataclasses import replace

import axe
import pytest
from family import FAMILIES
from microgpt import checkpoint as checkpoints
from microgpt.data.conversations.corpus import ConversationCorpus
from microgpt.data.conversations.messages import read_messages
from microgpt.data.text import corpus_from_bytes
from microgpt.tokenizer import CharTokenizer
from microgpt.tokenizer.special import with_chat_tokens
from microgpt.training.config import TrainConfig
from microgpt.training.finetune import finetune
from microgpt.training.run import Run
from playwright.sync_api import expect
from serving import program
from steps import PATIENCE, button, go
from talker import LETTERS, Source, line

pytestmark = pytest.mark.slow

# Press Stop as soon as some of the answer stands there; how much there is a while later, and then.
STOP = """async () => {
  const until = async (there) => {
    for (const began = performance.now(); !there(); ) {
      if (performance.now() - began > 20000) throw new Error("nothing came");
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const said = () => [...document.querySelectorAll(".turn__said")].at(-1)?.textContent ?? "";
  const area = document.querySelector("#say");
  area.value = "hi";
  area.form.requestSubmit();
  await until(() => document.querySelector(".caret") && said() && said() !== "hi");
  area.form.querySelector("[type=submit]").click();
  const stopped = said();
  await new Promise((resolve) => setTimeout(resolve, 200));
  return [stopped, said()];
}"""


@pytest.fixture(scope="module")
def slow(tmp_path_factory):
    """A model that has learned nothing and says it slowly: its answers are long."""
    config = replace(FAMILIES["nanochat"], n_layer=6, n_embd=256, block_size=512)
    corpus = corpus_from_bytes(b"one\ntwo\n" * 9, "numbers")
    run = Run.start(corpus, config, TrainConfig(val_fraction=0.0), CharTokenizer(LETTERS))
    source = Source([read_messages(json.loads(line("hi")))])
    base = checkpoints.from_bytes(checkpoints.to_bytes(run.checkpoint()))
    few = TrainConfig(steps=1, batch_size=1, optimizer="adamw", val_fraction=0.0, dtype="float32")
    talks = ConversationCorpus("known", source, "a few conversations")
    run = finetune(base, talks, few, with_chat_tokens(base.tokenizer()))
    path = tmp_path_factory.mktemp("slow") / "slow.safetensors"
    checkpoints.save(run.checkpoint(), path)
    return path


@pytest.fixture(scope="module")
def server(slow, base_url, tmp_path_factory):
    """A server that wants a key, and lets the pages of the test's site ask."""
    keys = tmp_path_factory.mktemp("keys") / "keys.txt"
    keys.write_text("right-key\n")
    with program("story-chat", slow, "--cors", origin(base_url), "--tokens", keys) as server:
        yield server


def origin(url):
    return re.match(r"http://[^/]+", url)[0]


@pytest.fixture
def chat(ready, faults):
    """Chat on the shared page, with a talk that has just begun, and the form open."""
    faults.expect("third party: http://127.0.0.1:")
    go(ready, "#chat")
    expect(ready.get_by_role("textbox", name="Your message")).to_be_visible(timeout=PATIENCE)
    if button(ready, "New talk").is_visible():
        button(ready, "New talk").click()
    ready.locator(".server summary").click()
    yield ready
    if ready.get_by_label("Address").is_hidden():
        ready.locator(".server summary").click()
    button(ready, "Forget it").click()
    first = ready.locator(".turn").first
    if first.is_visible():
        first.get_by_role("button", name=re.compile("^Delete")).click()
    assert ready.evaluate("localStorage['microgpt.server']") is None


def fill(page, label, text):
    page.get_by_label(label).fill(text)
    page.get_by_label(label).press("Tab")


def say(page, text):
    page.get_by_role("textbox", name="Your message").fill(text)
    page.get_by_role("textbox", name="Your message").press("Enter")


def answers(page, count):
    """The texts of all answers, when so many are whole."""
    said = page.locator(".turn:not(.turn--you) .turn__text")
    expect(said).to_have_count(count, timeout=PATIENCE)
    expect(page.locator(".caret")).to_have_count(0, timeout=PATIENCE)
    return said.all_inner_texts()


def test_a_server_answers_after_a_click_and_each_refusal_is_a_sentence(chat, server, faults):
    faults.expect("status 401: .*/v1/models|console: Failed to load resource.* 401")
    asked = []
    chat.context.on("request", lambda request: asked.append(request.url))
    chat.get_by_label("Address").fill(server.host)
    chat.evaluate("dispatchEvent(new Event('resize'))")  # whatever draws the page anew meanwhile
    chat.evaluate("new Promise(requestAnimationFrame)")
    expect(chat.get_by_label("Address")).to_have_value(server.host)
    chat.get_by_label("Address").press("Tab")
    assert not [url for url in asked if server.host in url]
    button(chat, "Ask for its models").click()
    expect(chat.get_by_text("wants a key, and you have given none")).to_be_visible(timeout=PATIENCE)
    fill(chat, "Key, if it wants one", "wrong")
    button(chat, "Ask for its models").click()
    expect(chat.get_by_text("does not take this key")).to_be_visible(timeout=PATIENCE)
    fill(chat, "Key, if it wants one", "right-key")
    button(chat, "Ask for its models").click()
    expect(chat.locator("#server-models")).to_have_value("story-chat", timeout=PATIENCE)
    assert not [url for url in asked if "completions" in url]
    chat.set_viewport_size({"width": 390, "height": 844})
    assert axe.violations(chat) == []
    assert chat.evaluate("document.documentElement.scrollWidth") <= 390
    button(chat, "Talk to it").click()
    expect(chat.locator(".recipe:visible")).to_have_text(f"Talking to story-chat at {server.host}.")
    say(chat, "What is 12 times 7?")
    assert "That makes 84." in answers(chat, 1)[0]
    expect(chat.locator(".turn__by")).to_have_text(f"story-chat at {server.host}")
    chat.get_by_label("how sure it was").check()
    expect(chat.get_by_text("How sure it was is not known")).to_be_visible()
    chat.locator(".turn").last.get_by_role("button", name="Again").click()
    expect(chat.get_by_text("2 of 2")).to_be_visible(timeout=PATIENCE)
    answers(chat, 1)
    chat.locator(".sure__tok").first.click()
    others = chat.get_by_role("list", name="What could have come here").get_by_role("listitem")
    expect(others).to_have_count(5)
    chat.get_by_label("how sure it was").uncheck()
    button(chat, "Back to story-chat").click()
    say(chat, "Who are you?")
    answers(chat, 2)
    expect(chat.locator(".turn__by").last).to_have_text("story-chat, in this tab")
    kept = chat.evaluate("Object.values(localStorage).join()")
    assert f'"by":"story-chat","at":"{server.host}"' in kept


def test_stop_in_the_middle_ends_it_there_and_here(chat, server, slow):
    fill(chat, "Address", server.url)
    fill(chat, "Key, if it wants one", "right-key")
    fill(chat, "Model’s name", "slow")
    button(chat, "Talk to it").click()
    say(chat, "/temperature 0")
    expect(chat.locator(".chat__notes")).to_contain_text("temperature is 0", timeout=PATIENCE)
    stopped, later = chat.evaluate(STOP)
    assert stopped == later
    expect(chat.locator(".turn__end")).to_have_text("Stopped.")
    assert " 499 " in server.read_until("slow")


def test_a_server_that_lets_no_other_page_read_is_told_from_none(chat, faults):
    faults.expect("console: (Access to fetch|Failed to load)|request failed: http://127.0.0.1")
    with program("story-chat") as closed:
        fill(chat, "Address", closed.url)
        button(chat, "Ask for its models").click()
        where = chat.evaluate("location.origin")
        expect(chat.get_by_text("is there, but does not let pages from")).to_be_visible(
            timeout=PATIENCE
        )
        expect(chat.locator(".server .command code")).to_have_text(
            f"python -m py.microgpt serve story-chat --cors {where}"
        )
    button(chat, "Ask for its models").click()
    expect(chat.get_by_text("Nothing answers at")).to_be_visible(timeout=PATIENCE)
    fill(chat, "Model’s name", "story-chat")
    button(chat, "Talk to it").click()
    say(chat, "Hi")
    expect(chat.locator(".composer [role=alert]")).to_contain_text("Nothing answers at")
    expect(button(chat, "Again")).to_be_visible()  # the question stays, without an empty answer
    expect(chat.get_by_text("It broke off here.")).to_have_count(0)


def test_the_page_that_a_server_hands_out_talks_to_it_from_the_start(page, built_site):
    with program("story-chat", "--page", built_site) as server:
        page.goto(f"http://{server.host}/#chat")
        expect(page.locator(".recipe:visible")).to_have_text(
            f"Talking to story-chat at {server.host}.", timeout=PATIENCE
        )
        say(page, "What is 12 times 7?")
        assert "That makes 84." in answers(page, 1)[0]
        page.close()  # before the server: an idle page fetches the other views
