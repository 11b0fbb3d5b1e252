"""Tokens: a text cut up, merges learned and replayed, tokenizer files."""

import re

import pytest
from microgpt.cli import main
from microgpt.terminal.find import load_tokenizer
from microgpt.tokenizer.files.formats import write
from playwright.sync_api import expect
from steps import FALLBACK_NAMES, LISTEN, PATIENCE, button, drop, group
from tokens_view import (
    figure,
    ids_in_table,
    learn,
    learned,
    merge_slider,
    panel,
    text_box,
    tokens,
    tokens_view,
)
from visit import ROOT

pytestmark = pytest.mark.slow

TEXT = "Anna and Otto saw the fox.\nThe fox saw Anna, café 🦊!"
NAMES = FALLBACK_NAMES.read_text(encoding="utf-8").split()


# Presses Play; how long the first merge stands. However slow the machine, not less than it should.
UNTIL_NEXT_MERGE = """async (slider) => {
  const at = () => slider.getAttribute("aria-valuetext");
  const late = performance.now() + 60_000;
  const until = (text) => new Promise((resolve, reject) => {
    const look = () => {
      if (at().startsWith(text)) resolve(performance.now());
      else if (performance.now() > late) reject(new Error(`not ${text}: ${at()}`));
      else setTimeout(look, 1);
    };
    look();
  });
  const play = document.querySelector("[data-component='tokens/replay'] [data-play]");
  play.click();
  const first = await until("merge 1 ");
  const second = await until("merge 2 ");
  play.click();
  return second - first;
}"""


@pytest.fixture
def view(ready):
    return tokens_view(ready)


def test_at_first_it_shows_characters_and_what_regex_is_for_is_not_loaded(page, load):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    load(page, "#tokens")
    expect(page).to_have_title(re.compile("^Tokens"))
    expect(panel(page).get_by_role("heading")).to_contain_text("Cut into characters")
    text = text_box(page).input_value()
    expect(figure(page, "Characters")).to_have_text(str(len(text)))
    expect(figure(page, "Bytes")).to_have_text(str(len(text.encode())))
    expect(figure(page, "Tokens")).to_have_text(str(len(text)))
    assert not [url for url in asked if "/regex-" in url and page.url in url]
    learn(page, 5)
    assert [url for url in asked if "/regex-" in url]


def test_tokens_are_those_of_the_terminal(view, tmp_path, capsys):
    page = view
    tokenizer = learned(NAMES, 60)
    path = tmp_path / "names.json"
    path.write_bytes(write(tokenizer, "microgpt")[""])
    drop(page, path.name, path.read_bytes())
    expect(panel(page).get_by_role("heading")).to_contain_text(
        "Cut by names.json", timeout=PATIENCE
    )
    text_box(page).fill(TEXT)
    assert main(["tokenize", "encode", TEXT, "--tokenizer", str(path)]) == 0
    expected = [int(id) for id in capsys.readouterr().out.split()]
    expect(figure(page, "Tokens")).to_have_text(str(len(expected)))
    expect(figure(page, "Vocabulary")).to_have_text(str(tokenizer.vocab_size))
    assert ids_in_table(page) == expected
    page.get_by_role("radio", name="ids").check()
    labels = panel(page).locator(".tok__label")
    expect(labels).to_have_text([str(id) for id in expected])
    page.get_by_role("radio", name="bytes").check()
    expect(labels.last).to_have_text("21")


def test_fifty_merges_on_names_and_back_through_them(view):
    page = view
    text_box(page).fill("anna\nmaria")
    learn(page, 50, "the names")
    tokenizer = learned(NAMES, 50)
    expect(merge_slider(page)).to_have_value("50")
    expect(figure(page, "Tokens")).to_have_text(str(len(tokenizer.encode("anna\nmaria"))))
    assert ids_in_table(page) == tokenizer.encode("anna\nmaria")
    aside = page.get_by_role("complementary", name="Merges")
    expect(aside.locator("[aria-current=true]")).to_contain_text("50")

    merge_slider(page).fill("0")
    expect(figure(page, "Tokens")).to_have_text("10")
    expect(aside).to_contain_text("No merge yet")
    button(page, "Forward").click()
    left, right = tokenizer.merges[0]
    pair = bytes([left]).decode() + " + " + bytes([right]).decode()
    expect(aside.locator("[aria-current=true]")).to_contain_text(pair)
    expect(page.locator(".scrub__now")).to_contain_text(re.compile(r" → \S+, [\d,]+ times$"))
    expect(panel(page).locator(".tok--last").first).to_have_text(bytes([left, right]).decode())
    button(page, "Back").click()
    expect(figure(page, "Tokens")).to_have_text("10")
    expect(button(page, "Back")).to_be_disabled()

    aside.get_by_role("button", name=re.compile("^7 ")).click()
    expect(merge_slider(page)).to_have_value("7")
    expect(panel(page).get_by_role("heading")).to_contain_text("Cut by 7 of 50 merges")
    aside.get_by_role("button", name="All merges as a table").click()
    rows = page.get_by_role("region", name="All merges").locator("tbody tr")
    expect(rows).to_have_count(50)


def test_it_plays_and_pauses(view):
    page = view
    learn(page, 30, "the names")
    page.evaluate(LISTEN)
    button(page, "Play").click()
    expect(merge_slider(page)).to_have_value(re.compile("^[2-5]$"), timeout=PATIENCE)
    button(page, "Pause").click()
    assert page.evaluate("spoken") == []  # ten times a second nobody wants to hear it
    expect(button(page, "Play")).to_be_visible()
    stopped = merge_slider(page).input_value()
    assert 0 < int(stopped) < 30
    page.get_by_role("navigation", name="Views").get_by_role("link", name="Train").click()
    page.get_by_role("navigation", name="Views").get_by_role("link", name="Tokens").click()
    expect(merge_slider(page)).to_have_value(stopped)
    merge_slider(page).fill("28")
    button(page, "Back").click()
    page.wait_for_function("spoken.some((words) => words.startsWith('merge 27 of 30'))")
    button(page, "Play").click()
    expect(merge_slider(page)).to_have_value("30")
    button(page, "Forward").press("Enter")
    expect(button(page, "Forward")).to_be_focused()  # it can go no further, and keeps the focus
    expect(button(page, "Play")).to_be_visible()


def test_merges_of_the_text_below(view):
    page = view
    text_box(page).fill("aaabdaaabac")
    page.get_by_label("Texts are first cut").select_option(label="nowhere")
    page.get_by_label("Learn from").select_option(label="the text below")
    page.get_by_role("textbox", name="Merges").fill("9")
    page.get_by_role("textbox", name="Merges").press("Enter")
    expect(merge_slider(page)).to_have_attribute("max", "3", timeout=PATIENCE)
    aside = page.get_by_role("complementary", name="Merges")
    expect(aside.locator("ol button")).to_have_count(3)
    expect(aside).to_contain_text("all that were learned")
    expect(tokens(page)).to_have_text(["aaab", "d", "aaab", "a", "c"])
    expect(figure(page, "Characters a token")).to_have_text("2.20")


def test_learning_can_be_stopped_and_the_page_answers_meanwhile(view):
    page = view
    # Every line is new, so that there is much to count and to merge.
    text = "\n".join(f"{i * 7919 % 100_003} {i * 104_729 % 99_991}" for i in range(150_000))
    page.goto("#train")
    group(page, "Data").get_by_role("radio", name="Your text").check()
    page.get_by_role("textbox", name="Your text").fill("x")
    drop(page, "numbers.txt", text.encode())
    expect(group(page, "Data").locator(".facts").first).to_contain_text(
        "150,000 lines", timeout=PATIENCE
    )
    page.goto("#tokens")
    page.get_by_role("textbox", name="Merges").fill("20000")
    page.get_by_role("textbox", name="Merges").press("Tab")
    page.locator("[data-learn]").click()
    progress = page.locator("[data-component='tokens/learn'] [data-progress]")
    expect(progress).to_contain_text(re.compile("Counting|Merge"), timeout=PATIENCE)
    text_box(page).fill("while it learns")
    expect(figure(page, "Characters")).to_have_text("15", timeout=PATIENCE)
    expect(progress).to_contain_text(re.compile("^Merge [1-9]"), timeout=PATIENCE)
    button(page, "Stop").click()
    expect(merge_slider(page)).to_be_visible(timeout=PATIENCE)
    assert 0 < int(merge_slider(page).get_attribute("max")) < 20_000


def test_two_tokenizers_side_by_side(view):
    page = view
    text_box(page).fill("maria maria")
    learn(page, 40, "the names")
    page.get_by_role("combobox", name="Compare with").select_option(label="characters")
    expect(figure(page, "Tokens", "other")).to_have_text("11")
    both = len(learned(NAMES, 40).encode("maria maria"))
    expect(figure(page, "Tokens")).to_have_text(str(both))
    share = round(100 * (1 - both / 11))
    expect(panel(page)).to_contain_text(f"{share}% fewer tokens than the other one")
    page.get_by_role("combobox", name="Compare with").select_option(label="nothing")
    expect(panel(page, "other")).to_be_hidden()


def test_each_token_says_what_it_is_by_pointer_and_by_keys(view):
    page = view
    text_box(page).fill("ab é\tc")
    expect(tokens(page)).to_have_count(6)
    told = panel(page).locator("[data-told]")
    tokens(page).nth(3).hover()
    expect(told).to_have_text(re.compile(r"^Token 4 of 6: “é”, id \d+, 2 bytes c3 a9$"))
    box = panel(page).get_by_role("listbox")
    box.focus()
    page.keyboard.press("Home")
    expect(told).to_contain_text("Token 1 of 6: “a”")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(told).to_contain_text("Token 3 of 6: “·”")
    selected = box.get_by_role("option", selected=True)
    expect(selected).to_have_accessible_name(re.compile("^Token 3 of 6"))
    page.keyboard.press("End")
    expect(told).to_contain_text("Token 6 of 6")
    page.get_by_role("checkbox", name="Show spaces").uncheck()
    expect(tokens(page).nth(2)).not_to_contain_text("·")


def test_a_long_text_is_counted_whole_and_drawn_in_part(view):
    page = view
    drop(page, "long.txt", b"long words " * 9999)
    expect(panel(page).locator("[data-note]")).to_contain_text(
        "The first 3,000 of 100,000 tokens are drawn", timeout=PATIENCE
    )
    expect(panel(page).locator("[data-note]")).to_contain_text("The last 9,989 characters")
    expect(tokens(page)).to_have_count(3000)
    button(page, "The first text again").click()
    expect(figure(page, "Characters")).to_have_text("260")


def test_what_is_no_tokenizer_is_said_in_a_sentence(view):
    page = view
    alert = page.locator("[data-component='tokens/text']").get_by_role("alert")
    drop(page, "words.tiktoken", b"these are words\n")
    expect(alert).to_contain_text("words.tiktoken, line 1", timeout=PATIENCE)
    drop(page, "other.json", b'{"a": "b"}')
    expect(alert).to_contain_text("no tokenizer", timeout=PATIENCE)
    good = write(learned(NAMES, 10), "huggingface")[""]
    page.get_by_label("A tokenizer file").set_input_files(
        {"name": "tokenizer.json", "mimeType": "application/json", "buffer": good}
    )
    expect(panel(page).get_by_role("heading")).to_contain_text("tokenizer.json", timeout=PATIENCE)
    expect(alert).to_be_hidden()


def test_gpt2s_pair_of_files(view):
    page = view
    tokenizer = learned(NAMES, 10)
    files = write(tokenizer, "gpt2")
    page.get_by_label("A tokenizer file").set_input_files(
        [{"name": name, "mimeType": "text/plain", "buffer": data} for name, data in files.items()]
    )
    expect(figure(page, "Vocabulary")).to_have_text("267", timeout=PATIENCE)
    text_box(page).fill("maria")
    expect(figure(page, "Tokens")).to_have_text(str(len(tokenizer.encode("maria"))))


def test_what_was_learned_can_be_saved_for_the_terminal(view, tmp_path):
    page = view
    learn(page, 20, "the names")
    with page.expect_download() as download:
        button(page, "Save tokenizer").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert load_tokenizer(path).merges == learned(NAMES, 20).merges


# Whoever reads it, on whatever


def test_by_keyboard_alone(view):
    page = view
    page.get_by_role("textbox", name="Merges").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    expect(merge_slider(page)).to_have_value("12", timeout=PATIENCE)
    expect(page.locator("[data-live-region]")).to_have_text("12 merges learned.")
    merge_slider(page).focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(merge_slider(page)).to_have_value("10")
    page.keyboard.press("Home")
    expect(merge_slider(page)).to_have_value("0")
    button(page, "Forward").focus()
    page.keyboard.press("Enter")
    expect(merge_slider(page)).to_have_value("1")


def test_nothing_stands_in_the_way_in_any_light_or_width(view):
    axe = pytest.importorskip("axe")
    page = view
    learn(page, 20, "the names")
    merge_slider(page).fill("9")
    page.get_by_role("combobox", name="Compare with").select_option(label="characters")
    panel(page).get_by_role("button", name="As a table").click()
    page.get_by_role("button", name="All merges as a table").click()
    page.get_by_role("radio", name="ids").check()
    expect(figure(page, "Tokens", "other")).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (1440, 768, 390, 320):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            if (scheme, width) in (("light", 1440), ("dark", 390)):
                assert axe.violations(page) == []


def test_motion_that_is_not_wanted_is_slow(view):
    page = view
    page.emulate_media(reduced_motion="reduce")
    learn(page, 20, "the names")
    waited = page.evaluate(UNTIL_NEXT_MERGE, merge_slider(page).element_handle())
    assert waited >= 990  # milliseconds; 420 otherwise


def test_five_hundred_merges_on_stories_are_quick(view, record_property):
    page = view
    stories = (ROOT / "fallback_data" / "stories.txt").read_text(encoding="utf-8").split("\n")
    learn(page, 500, "the stories")
    clock = """
      () => new Promise((resolve) => {
        const replay = document.querySelector("[data-component='tokens/learn'] [data-learn]");
        const began = performance.now();
        replay.click();
        const look = () =>
          replay.textContent === "Stop"
            ? requestAnimationFrame(look)
            : resolve(performance.now() - began);
        look();
      })
    """
    milliseconds = page.evaluate(clock)
    record_property("milliseconds", milliseconds)
    assert milliseconds < 3000
    text_box(page).fill(stories[0])
    expected = learned([line for line in stories if line], 500).encode(stories[0])
    expect(figure(page, "Tokens")).to_have_text(str(len(expected)))
