"""The reference run in the tab gives the numbers of the terminal, and its twenty names."""

import re
from dataclasses import replace

import numpy as np
import pytest
from microgpt import checkpoint
from microgpt.data.builtin import NAMES_URL
from microgpt.presets import FIRST, PRESETS
from microgpt.training.config import TrainConfig
from playwright.sync_api import expect
from program import run
from steps import (
    FALLBACK_NAMES,
    PATIENCE,
    RECORD_MESSAGES,
    button,
    drop,
    expect_status,
    facts,
    field,
    group,
    losses_in,
    save,
    train,
)

pytestmark = pytest.mark.slow

FIRST_LOSSES = [3.3660, 3.4243, 3.1778, 3.0664, 3.2209]
GOLDEN = [
    *("kamon", "ann", "karai", "jaire", "vialan", "karia", "yeran"),
    *("anna", "areli", "kaina", "konna", "keylen", "liole", "alerin"),
    *("earan", "lenne", "kana", "lara", "alela", "anton"),
]


def terminal_losses(data, folder, *flags):
    """The losses of the terminal program itself, from the file it saves."""
    path = folder / "terminal.safetensors"
    answer = run("train", "--data", data, "--out", path, "--samples", 0, "--quiet", *flags)
    assert answer.code == 0, answer
    return losses_in(path)


def written_at_the_end(page):
    """All that was written at the end of the run; the page shows some of it."""
    return page.evaluate("heard.filter(({ type }) => type === 'samples').at(-1).samples")


def test_the_names_file_gives_the_reference(page, load, faults, names_file, tmp_path):
    page.add_init_script(RECORD_MESSAGES)
    load(page)
    drop(page, "names.txt", names_file.read_bytes())
    expect(facts(page)).to_have_text(
        "names.txt: 32,033 lines, 27 tokens, longest 15 characters; 3,203 held out",
        timeout=PATIENCE,
    )
    train(page)
    losses = losses_in(save(page, tmp_path))
    assert losses.dtype == np.float64 and len(losses) == 1000
    assert [round(loss, 4) for loss in losses[:5]] == FIRST_LOSSES
    assert np.mean(losses[-50:]) == pytest.approx(2.323, abs=5e-4)

    written = written_at_the_end(page)
    assert [sample["text"] for sample in written] == GOLDEN
    last = page.get_by_role("region", name="What it writes").locator(".sample").last
    expect(last.get_by_role("heading")).to_have_text("1,000")
    shown = last.locator(".name").all_inner_texts()
    assert [text.split()[0] for text in shown] == GOLDEN[: len(shown)] and len(shown) >= 6
    expect(last).to_contain_text("45% new")

    theirs = terminal_losses(names_file, tmp_path)
    assert np.abs(losses[:20] - theirs[:20]).max() <= 1e-6
    assert np.abs(losses - theirs).max() <= 1e-6


def test_the_names_of_every_clone_give_the_terminal_s_numbers(page, load, faults, tmp_path):
    page.add_init_script(RECORD_MESSAGES)
    load(page)
    train(page, steps=400)
    expect(page.get_by_role("status").first).to_contain_text("Finished at step 400.")
    losses = losses_in(save(page, tmp_path))
    theirs = terminal_losses(FALLBACK_NAMES, tmp_path, "--steps", 400)
    assert len(losses) == len(theirs) == 400 and len(set(losses)) > 360
    assert np.abs(losses[:20] - theirs[:20]).max() <= 1e-6
    assert np.abs(losses - theirs).max() <= 1e-6
    texts = run("train", "--resume", tmp_path / "terminal.safetensors", "--quiet", "--json")
    assert texts.code == 0, texts
    written = [sample["text"] for sample in written_at_the_end(page)]
    assert written == [r["text"] for r in texts.records if r.get("type") == "sample"]


def test_the_first_run_is_the_one_that_learns_and_the_reference_is_one_press_away(
    ready, faults, tmp_path
):
    """That it clearly beats counting pairs, the same run shows outside of a tab."""
    page = ready
    expect(field(page, "Pace")).to_have_value("watch")
    button(page, "Start training").click()
    expect_status(page, "^Training, [1-9]")
    button(page, "Stop").click()
    expect_status(page, "^Stopped")
    begun = checkpoint.load(save(page, tmp_path))
    found = TrainConfig.from_dict(begun.meta["training"])
    assert found.shards == 1  # what was chosen is kept
    assert replace(found, eval_every=FIRST.eval_every, shards=FIRST.shards) == FIRST
    assert begun.model_config() == replace(PRESETS["microgpt"].model, vocab_size=27)
    button(page, "The exact reference run").click()
    expect(group(page, "Setup")).to_contain_text(
        "4,192 parameters, 33.5 kB; the reference run, digit for digit"
    )
    expect(page.get_by_role("textbox", name="Steps")).to_have_value("1,000")
    expect(field(page, "Batch")).to_have_value("1")
    expect(button(page, "The exact reference run")).to_be_hidden()


def test_the_full_names_are_fetched_when_asked_for(new_context, load, faults, names_file):
    faults.expect("third party: https://raw.githubusercontent.com/")
    context = new_context(service_workers="block")
    asked = []

    def answer(route):
        asked.append(route.request.url)
        headers = {"Access-Control-Allow-Origin": "*", "Content-Type": "text/plain"}
        route.fulfill(body=names_file.read_bytes(), headers=headers)

    context.route(re.compile("^https:"), answer)
    page = context.new_page()
    load(page)
    assert asked == []
    page.get_by_role("button", name="All 32,033 names").click()
    expect(facts(page)).to_have_text(
        "32,033 names, 27 tokens, longest 15 letters; 3,203 held out", timeout=PATIENCE
    )
    assert asked == [NAMES_URL]
