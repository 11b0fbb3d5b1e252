"""What goes wrong is said in one clear sentence, in its place, and everything else goes on."""

import json
import re
import struct

import pytest
import steps
from playwright.sync_api import expect
from program import run
from steps import (
    FALLBACK_NAMES,
    PATIENCE,
    button,
    drop,
    expect_status,
    expect_step,
    facts,
    field,
    group,
    losses_in,
    open_file,
    save,
    setting,
    step_number,
    unfold,
)
from visit import ARGUMENTS, chromium_options, wait_until_ready

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def settled(shared_page):
    """The shared page at its beginning."""
    page = shared_page.open()
    steps.begin_anew(page)
    return page


@pytest.fixture
def ready(settled, faults):
    """That page as it is: each failure leaves it as good as it was."""
    faults.watch(settled.context)
    return settled


@pytest.fixture(scope="module")
def checkpoint_bytes(tmp_path_factory):
    path = tmp_path_factory.mktemp("checkpoint") / "sound.safetensors"
    data = ("--data", FALLBACK_NAMES, "--steps", 4, "--samples", 0, "--quiet")
    answer = run("train", *data, "--out", path)
    assert answer.code == 0, answer
    return path.read_bytes()


def still_trains(page):
    before = step_number(page) if page.locator("[data-stamp]").is_hidden() else 0
    button(page, "Step").click()
    expect_step(page, before + 1)


def begin_anew(page):
    """A run on the data that is chosen now."""
    still_trains(page)
    button(page, "Reset").click()
    expect_step(page, 0)


def said(page, part):
    return group(page, part).get_by_role("alert")


# Checkpoints


def flipped(data):
    changed = bytearray(data)
    changed[-40] ^= 1
    return bytes(changed)


def foreign(_):
    header = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(4)


BAD_FILES = {
    "changed": (flipped, "is damaged: the numbers of .* are not those that were saved"),
    "cut short": (lambda data: data[: len(data) // 2], "is cut short"),
    "cut in its header": (lambda data: data[:200], "is cut short: it ends inside its header"),
    "of another program": (foreign, "not one of microgpt's"),
    "no model": (lambda data: b"\x89PNG and so on, and on", "is not a checkpoint"),
    "empty": (lambda data: b"", "is empty"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_model_file(ready, faults, checkpoint_bytes, tmp_path, kind):
    spoil, words = BAD_FILES[kind]
    path = tmp_path / "model.safetensors"
    path.write_bytes(spoil(checkpoint_bytes))
    open_file(ready, path)
    expect(said(ready, "Keep")).to_have_text(
        re.compile(f"^model.safetensors .*{words}.*\\.$"), timeout=PATIENCE
    )
    still_trains(ready)


def test_a_good_file_after_a_bad_one(ready, faults, checkpoint_bytes, tmp_path):
    drop(ready, "bad.safetensors", checkpoint_bytes[:100])
    expect(said(ready, "Keep")).to_contain_text("bad.safetensors", timeout=PATIENCE)
    drop(ready, "good.safetensors", checkpoint_bytes)
    expect_step(ready, 4)
    expect(said(ready, "Keep")).to_be_hidden()
    still_trains(ready)


# Texts

BAD_TEXTS = {
    "binary": (b"\x89PNG\r\n\x1a\n\0\0", "looks like a PNG picture"),
    "with NUL": (b"one\ntwo\0three", "has a NUL character"),
    "not UTF-8": (b"caf\xe9\nth\xe9\n", r"is not in UTF-8 .line 1 has the byte 0xE9.*Windows text"),
    "UTF-16": ("anna\nbert".encode("utf-16"), "is text in UTF-16, not in UTF-8"),
    "empty": (b"", "is empty"),
    "white space": (b" \n\t\r\n", "has only white space"),
}


def test_a_text_of_windows_is_read_as_one(ready, faults):
    drop(ready, "mine.txt", "zoë\njürgen\n".encode("windows-1252"))
    button(ready, "Read it as Windows text").click()
    expect(facts(ready)).to_contain_text("2 lines", timeout=PATIENCE)
    expect(said(ready, "Data")).to_be_hidden()


@pytest.mark.parametrize("kind", BAD_TEXTS)
def test_a_bad_text(ready, faults, kind):
    content, words = BAD_TEXTS[kind]
    drop(ready, "mine.txt", content)
    expect(said(ready, "Data")).to_have_text(re.compile(f"^mine.txt .*{words}"), timeout=PATIENCE)
    # The way back is one click.
    group(ready, "Data").get_by_role("radio", name="Names").check()
    expect(facts(ready)).to_have_text(
        "12,000 names, 27 tokens, longest 12 letters; 1,200 held out", timeout=PATIENCE
    )
    expect(said(ready, "Data")).to_be_hidden()
    still_trains(ready)


def test_nothing_pasted_is_said(ready, faults):
    group(ready, "Data").get_by_role("radio", name="Your text").check()
    button(ready, "Use this text").click()
    expect(group(ready, "Data")).to_contain_text("There is no text yet.")
    ready.get_by_role("textbox", name="Your text").fill(" \n ")
    button(ready, "Use this text").click()
    expect(group(ready, "Data")).to_contain_text("There is no text yet.")
    group(ready, "Data").get_by_role("button", name="Close").click()
    expect(ready.get_by_role("radio", name="Names")).to_be_checked()


def test_nothing_comes_above_the_box_for_a_text_and_moves_it_from_under_the_pointer(ready, faults):
    verdict = group(ready, "Data").get_by_text("tokens to learn from")
    expect(verdict).to_be_visible(timeout=PATIENCE)
    group(ready, "Data").get_by_role("radio", name="Your text").check()
    expect(verdict).to_be_hidden()
    group(ready, "Data").get_by_role("button", name="Close").click()
    expect(verdict).to_be_visible()


def test_a_megabyte_pasted_does_not_freeze_the_page(ready, faults):
    ready.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ready.evaluate(
        """() => {
          const lines = Array.from({ length: 60_000 }, (_, i) => `line number ${i}`);
          globalThis.longest = 0;
          new PerformanceObserver((list) => {
            for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
          }).observe({ type: "longtask" });
          return navigator.clipboard.writeText(lines.join("\\n"));
        }"""
    )
    group(ready, "Data").get_by_role("radio", name="Your text").check()
    box = ready.get_by_role("textbox", name="Your text")
    box.press("ControlOrMeta+V")
    expect(group(ready, "Data")).to_contain_text("1.1 MB pasted; only its beginning is shown here.")
    button(ready, "Use this text").click()
    expect(facts(ready)).to_contain_text("60,000 lines", timeout=PATIENCE)
    assert ready.evaluate("longest") < 1000  # milliseconds, on a busy machine
    begin_anew(ready)
    still_trains(ready)
    group(ready, "Data").get_by_role("radio", name="Names").check()
    expect(facts(ready)).to_contain_text("12,000 names", timeout=PATIENCE)


def test_a_full_names_file_that_cannot_be_had(new_context, load, faults):
    faults.expect("third party: https://raw.githubusercontent.com/")
    faults.expect("ERR_FAILED")
    context = new_context(service_workers="block")
    context.route(re.compile("^https:"), lambda route: route.abort())
    page = context.new_page()
    load(page)
    page.get_by_role("button", name="All 32,033 names").click()
    expect(group(page, "Data")).to_contain_text(
        "The full names file could not be had, so these are the 12,000 names that come with the "
        "page. There was no connection to fetch it.",
        timeout=PATIENCE,
    )
    expect(facts(page)).to_contain_text("12,000 names")
    still_trains(page)


# Settings and prompts


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("Width", "0", "Width must be a whole number from 1 to 2048."),
        ("Batch", "many", "Batch must be a whole number from 1 to 4096."),
        ("Learning rate", "-1", "Learning rate must be a number from 0 to 100."),
        ("Stop at step", "1.5", "Stop at step must be a whole number from 0 to 10,000,000."),
    ],
)
def test_a_setting_that_cannot_be(ready, faults, name, typed, words):
    unfold(ready)
    usual = field(ready, name).input_value()
    setting(ready, name, typed)
    part = "Run" if name == "Stop at step" else "Setup"
    expect(said(ready, part)).to_have_text(words)
    expect(field(ready, name)).to_have_attribute("aria-invalid", "true")
    setting(ready, name, usual)
    expect(said(ready, part)).to_be_hidden()
    expect(field(ready, name)).not_to_have_attribute("aria-invalid", "true")


def test_settings_that_do_not_fit_together(ready, faults):
    setting(ready, "Width", 18)
    expect(said(ready, "Setup")).to_contain_text("does not divide evenly", timeout=PATIENCE)
    setting(ready, "Width", 16)
    expect(said(ready, "Setup")).to_be_hidden(timeout=PATIENCE)


def test_a_letter_that_the_model_does_not_know(ready, faults):
    begin_anew(ready)
    expect(button(ready, "Write")).to_be_enabled(timeout=PATIENCE)
    prompt = ready.get_by_role("textbox", name="Prompt")
    said_there = ready.get_by_role("region", name="Write with it").get_by_role("alert")
    for text in ("Zoë", "ma😀"):
        prompt.fill(text)
        expect(said_there).to_have_text(re.compile(r"\S"), timeout=PATIENCE)
        button(ready, "Write").click()
        expect(said_there).to_have_text(re.compile(r"\S"), timeout=PATIENCE)
    prompt.fill("ma")
    expect(said_there).to_be_hidden(timeout=PATIENCE)
    button(ready, "Write").click()
    expect(said_there).to_be_hidden()


# Storage


def test_without_storage_all_else_works(playwright, base_url, faults, tmp_path):
    """The browser's own switch: no cookies, no IndexedDB, no localStorage, no service worker."""
    folder = tmp_path / "profile" / "Default"
    folder.mkdir(parents=True)
    denied = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (folder / "Preferences").write_text(json.dumps(denied))
    options = {**chromium_options(playwright), "args": ARGUMENTS, "base_url": base_url}
    context = playwright.chromium.launch_persistent_context(folder.parent, **options)
    try:
        faults.watch(context)
        page = context.new_page()
        page.goto("./")
        wait_until_ready(page)
        assert page.evaluate("() => { try { localStorage } catch (e) { return e.name } }")
        expect(group(page, "Keep")).to_contain_text(
            "The browser allows no storage here: the run is not kept; save it to a file instead.",
            timeout=PATIENCE,
        )
        still_trains(page)
        assert len(losses_in(save(page, tmp_path))) == 1
        page.get_by_role("link", name="Chat").click()
        page.get_by_label("Your message").fill("What is 12 times 7?")
        page.keyboard.press("Enter")
        expect(page.locator(".turn__said").get_by_text("That makes 84.")).to_be_visible(
            timeout=PATIENCE
        )
        expect(page.get_by_text("The browser keeps nothing here: save the talk")).to_be_visible()
        page.get_by_role("button", name="Make my own").click()
        page.get_by_role("button", name="Learn the tokens").click()
        no_storage = page.get_by_text("The browser allows no storage here").last
        expect(no_storage).to_be_visible(timeout=PATIENCE)
    finally:
        context.close()


def test_full_storage_is_said_and_training_goes_on(page, load, faults, base_url):
    origin = re.match("https?://[^/]+", base_url)[0]
    devtools = page.context.new_cdp_session(page)
    load(page)
    quota = {"origin": origin, "quotaSize": 1}
    devtools.send("Storage.overrideQuotaForOrigin", quota)
    button(page, "Step").click()
    expect_step(page, 1)
    expect(group(page, "Keep")).to_contain_text(
        "The browser's storage is full: the run is not kept", timeout=PATIENCE
    )
    button(page, "Step").click()
    expect_step(page, 2)
    expect_status(page, "^Paused at 2")


def test_nothing_is_written_with_a_number_that_cannot_be_read(ready, faults):
    writing = ready.get_by_role("region", name="Write with it")
    expect(button(writing, "Write")).to_be_enabled(timeout=PATIENCE)
    for name, typed in (("Temperature", "warm"), ("Top-k", "few")):
        control = writing.get_by_role("textbox", name=name)
        control.fill(typed)
        control.press("Tab")
    for words in ("Temperature must be a number from", "Top-k must be a whole number from"):
        expect(writing.get_by_role("alert").filter(has_text=words)).to_be_visible()
    for name in ("Write", "One letter"):
        expect(button(writing, name)).to_be_disabled()
    for name, value in (("Temperature", "0.5"), ("Top-k", "0")):
        control = writing.get_by_role("textbox", name=name)
        control.fill(value)
        control.press("Tab")
    expect(button(writing, "Write")).to_be_enabled()
