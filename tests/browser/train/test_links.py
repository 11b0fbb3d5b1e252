"""Links and the command: the same run, or the same model, somewhere else."""

import json
import re
import shlex

import pytest
from microgpt.cli import build_parser
from playwright.sync_api import expect
from program import ROOT, run
from steps import (
    FALLBACK_NAMES,
    FEW_NAMES,
    PATIENCE,
    SHORT_LOOKS,
    button,
    drop,
    expect_status,
    expect_step,
    facts,
    field,
    go,
    group,
    losses_in,
    notice,
    save,
    setting,
    step_number,
    train,
    unfold,
)

pytestmark = pytest.mark.slow


def link_in(page, name):
    return page.get_by_role("textbox", name=name).input_value()


# Links


def test_a_link_brings_the_settings_back(ready, new_context, load):
    ready.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chosen = {"Stop at step": "120", "Learning rate": "0.02", "Seed": "9", "Width": "24"}
    for name, value in chosen.items():
        setting(ready, name, value)
    setting(ready, "Schedule", "cosine")
    group(ready, "Data").get_by_role("radio", name="Stories").check()
    expect(field(ready, "Context")).to_have_value("64", timeout=PATIENCE)  # the data want it so
    button(ready, "Copy link").click()
    expect(group(ready, "Keep")).to_contain_text("Copied.")
    link = link_in(ready, "A link to these settings")
    assert ready.evaluate("navigator.clipboard.readText()") == link
    assert ready.url == link  # the address says the same

    other = new_context().new_page()
    load(other, link)
    unfold(other)
    for name, value in {**chosen, "Context": "64"}.items():
        expect(field(other, name)).to_have_value(value)
    expect(field(other, "Schedule")).to_have_value("cosine")
    expect(facts(other)).to_contain_text("stories", timeout=PATIENCE)
    expect(other.get_by_role("radio", name="Stories")).to_be_checked()


def test_a_link_with_a_model_writes_at_once(ready, faults, new_context, load):
    go(ready, f"#train?steps=150&{SHORT_LOOKS}")
    train(ready)
    button(ready, "Copy link").click()
    button(ready, "Make a link with the model").click()
    box = ready.get_by_role("textbox", name="A link with the model inside")
    expect(box).to_have_value(re.compile("model=mgpt"), timeout=PATIENCE)
    expect(group(ready, "Keep")).to_contain_text("A model can remember parts of what")
    link = box.input_value()
    assert len(link) < 8000

    other = new_context().new_page()
    sent = []
    other.on("request", lambda request: sent.append(request.url + (request.post_data or "")))
    other.goto(link)
    expect_status(other, "A model is open")
    names = other.get_by_role("region", name="What it writes").locator(".name--plain")
    expect(names).to_have_count(20, timeout=PATIENCE)
    expect(other.locator("[data-story]")).to_contain_text("trained for 150 steps on names")
    other.get_by_role("textbox", name="Prompt").fill("ka")
    button(other, "Write").click()
    expect(other.locator(".typed__out")).to_have_class(
        "typed__out typed__out--end", timeout=PATIENCE
    )
    model = re.search("model=(mgpt[^&]{40})", link)[1]
    assert not any(model in url for url in sent)  # what stands after the # is never sent


def test_a_broken_link_says_so_and_all_else_works(ready):
    step = step_number(ready) if ready.locator("[data-stamp]").is_hidden() else 0
    for model in ("mgptAAAA", "mgpt!", "hello"):
        go(ready, f"#train?model={model}")
        broken = notice(ready, "The model in this link did not open")
        expect(broken).to_be_visible(timeout=PATIENCE)
        go(ready, "#train")
        expect(broken).to_be_hidden()
    button(ready, "Step").click()
    expect_step(ready, step + 1)


# The command


def test_the_command_runs_in_the_terminal(ready, faults, tmp_path):
    for name, value in {"Stop at step": 8, "Learning rate": 0.02, "Heads": 2, "Seed": 3}.items():
        setting(ready, name, value)
    button(ready, "Copy as command").click()
    box = ready.get_by_role("textbox", name="The same run in a terminal")
    expect(box).to_have_value(re.compile("^python -m py.microgpt train"), timeout=PATIENCE)
    words = shlex.split(box.input_value())
    assert words[:4] == ["python", "-m", "py.microgpt", "train"]
    args = build_parser(words[3]).parse_args(words[3:])
    assert (args.steps, args.lr, args.n_head, args.seed) == (8, 0.02, 2, 3)
    assert (ROOT / args.data).samefile(FALLBACK_NAMES)
    path = tmp_path / "terminal.safetensors"
    answer = run(*words[3:], "--out", path, cwd=ROOT)
    assert answer.code == 0, answer
    train(ready)
    # In float32 the last digits of two platforms differ.
    assert abs(losses_in(save(ready, tmp_path)) - losses_in(path)).max() <= 1e-5


def test_the_command_names_the_file(ready, faults, tmp_path):
    data = tmp_path / "my names.txt"
    data.write_text("\n\n".join(FEW_NAMES))
    drop(ready, data.name, data.read_bytes())
    expect(facts(ready)).to_contain_text("my names.txt: 60 lines", timeout=PATIENCE)
    ready.get_by_role("combobox", name="A document is").select_option(label="paragraphs")
    expect(facts(ready)).to_contain_text("60 paragraphs", timeout=PATIENCE)
    setting(ready, "Stop at step", 5)
    button(ready, "Copy as command").click()
    box = ready.get_by_role("textbox", name="The same run in a terminal")
    expect(box).to_have_value(re.compile("my names"), timeout=PATIENCE)
    words = shlex.split(box.input_value())
    args = build_parser(words[3]).parse_args(words[3:])
    assert (args.data, args.split, args.steps) == ("my names.txt", "blank", 5)
    answer = run(*words[3:], "--json", cwd=tmp_path)
    assert answer.code == 0, answer
    assert json.loads(answer.out.splitlines()[-1])


def test_after_a_run_a_link_sets_the_page_and_asks_a_question(ready, faults):
    train(ready, steps=20)
    link = ready.get_by_role("link", name="What does a model know before it has learned anything?")
    link.click()
    question = ready.locator(".plan [data-component='shell/question']")
    expect(question).to_contain_text("Question 1 of 6. Press the green button")
    expect(ready.get_by_role("textbox", name="Steps")).to_have_value("1")
    assert "question=guess" in ready.url
    button(ready, "Start a new run").click()
    expect_status(ready, "^Finished")
    ready.get_by_role("link", name="Which letter surprises it?").click()
    expect(ready.get_by_role("textbox", name="Prompt")).to_have_value("q")
    button(question, "Close").click()
    expect(question).not_to_contain_text("Question")
    assert "question" not in ready.url
