"""The model family in the page: the terminal's losses, every part, kept curves, the cache."""

import re
from dataclasses import fields
from urllib.parse import urlencode

import numpy as np
import pytest
from microgpt import checkpoint
from microgpt.gpt.config import GPTConfig
from microgpt.page.data import read_data
from microgpt.page.settings import configs, presets
from microgpt.presets import PRESETS
from microgpt.training.config import TrainConfig
from microgpt.training.loop import take_step
from microgpt.training.run import Run
from playwright.sync_api import expect
from steps import FEW_NAMES, SHORT_LOOKS, go, train, use_text
from visit import LOAD_MILLISECONDS

pytestmark = pytest.mark.slow

FEW = {"steps": 3, "batch_size": 4, "dtype": "float64"}
PATIENCE = LOAD_MILLISECONDS
NOT_IN_THE_FORM = {"vocab_size", "eval_every", "eval_tokens"}


def control(page, name):
    return page.locator(f"[name$='-settings-{name}']")


def open_parts(page):
    page.locator("details[data-fold=parts] > summary").click()


def facts(page, group="setup"):
    return page.locator(f"[data-group={group}] .facts")


# The same numbers


@pytest.mark.parametrize("name", ["microgpt", "classic", "llama", "nanochat"])
def test_the_first_losses_are_those_of_the_terminal(ready, tmp_path, name):
    page = ready
    go(page, f"#train?preset={name}&{urlencode(FEW)}")
    use_text(page, "\n".join(FEW_NAMES))  # of many names the held-out ones take longest
    train(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save model").click()
    download.value.save_as(tmp_path / "tab.safetensors")
    kept = checkpoint.load(tmp_path / "tab.safetensors")

    model_config, config = configs({**presets()[name], **FEW})
    corpus, _ = read_data("\n".join(FEW_NAMES).encode())
    run = Run.start(corpus, model_config, config)
    for _ in range(config.steps):
        take_step(run)
    assert kept.model_config() == run.model.config
    np.testing.assert_allclose(np.array(kept.losses), run.losses, rtol=0, atol=1e-6)


# Models and parts


def test_a_model_brings_its_settings_and_stands_in_the_address(ready):
    page = ready
    page.locator("[data-size]").select_option("llama")
    expect(facts(page)).to_contain_text("94,400 parameters", timeout=PATIENCE)
    expect(control(page, "norm")).to_be_hidden()
    open_parts(page)
    expect(control(page, "norm")).to_have_value("rms-gain")
    expect(control(page, "lr")).to_have_value(str(PRESETS["llama"].training.lr))
    expect(facts(page)).to_contain_text("measured here", timeout=PATIENCE)
    assert page.url.endswith("#train?preset=llama")
    page.locator("details[data-fold=all] > summary").click()
    page.locator("[name=model-family-family]").select_option("small")
    expect(page.locator("[data-size]")).to_have_value("small")
    expect(facts(page)).to_contain_text("26,816 parameters", timeout=PATIENCE)


def test_an_address_brings_a_family_and_its_changed_parts(ready):
    page = ready
    go(page, "#train?activation=gelu&preset=llama&n_kv_head=4&positions=learned&qk_norm=true")
    expect(page.locator("[data-size]")).to_have_value("llama, changed")
    expect(page.locator("details[data-fold=parts] > summary")).to_contain_text(
        "llama with learned positions"
    )
    open_parts(page)
    expect(control(page, "activation")).to_have_value("gelu")
    expect(control(page, "qk_norm")).to_be_checked()
    control(page, "activation").select_option("swiglu")
    expect(page).to_have_url(
        re.compile(r"preset=llama&positions=learned&n_kv_head=4&qk_norm=true$")
    )


def test_every_switch_can_be_reached(ready):
    page = ready
    open_parts(page)
    page.locator("details[data-fold=all] > summary").click()
    wanted = {f.name for kind in (GPTConfig, TrainConfig) for f in fields(kind)} - NOT_IN_THE_FORM
    control(page, "positions").select_option("rope")
    control(page, "rope_factor").fill("8")
    control(page, "rope_factor").press("Tab")
    control(page, "window").fill("SL")
    control(page, "window").press("Tab")
    control(page, "schedule").select_option("warmdown")
    for name in sorted(wanted):
        expect(control(page, name)).to_be_visible()
        expect(control(page, name)).not_to_have_attribute("aria-invalid", "true")
    # Each explains itself.
    for term in page.locator(".parts .term:visible").all():
        term.click()
        note = page.locator(f"#{term.get_attribute('aria-controls')}")
        expect(note).to_contain_text(term.inner_text())


def test_what_does_not_fit_is_said_at_the_control(ready):
    page = ready
    open_parts(page)
    control(page, "smear").click()
    control(page, "smear").click()
    window = control(page, "window")
    window.fill("SX")
    window.press("Tab")
    said = page.locator("#attention-bad")
    expect(said).to_contain_text("pattern of L and S", timeout=PATIENCE)
    expect(window).to_have_attribute("aria-invalid", "true")
    expect(page.locator("details[data-fold=parts] > summary")).to_contain_text("does not fit")
    window.fill("SL")
    window.press("Tab")
    expect(said).to_be_hidden()
    expect(window).not_to_have_attribute("aria-invalid", "true")


# Two runs on one chart


def test_a_kept_curve_stays_beside_the_next_run(ready):
    page = ready
    go(page, f"#train?steps=60&{SHORT_LOOKS}")
    curves = page.locator("[data-component='train/kept-curves']")
    expect(curves).to_be_hidden()
    train(page)
    curves.get_by_role("button", name="Keep this curve").click()
    open_parts(page)
    control(page, "activation").select_option("gelu")
    expect(curves.locator("li:visible")).to_have_text([re.compile("A.*microgpt, ReLU.*at step 60")])
    train(page)
    expect(curves.locator("li:visible")).to_have_text(
        [re.compile("This run.*microgpt, GELU"), re.compile("A.*microgpt, ReLU")]
    )
    expect(page.locator(".plot__kept")).to_have_text(["A"])
    page.locator("[data-component='train/chart']").get_by_role("button", name="As a table").click()
    table = page.get_by_role("region", name="Loss as a table")
    expect(table.get_by_role("columnheader", name="A held out")).to_be_visible()
    last = table.locator("tbody tr").last.locator("td")
    assert all(float(cell) > 1 for cell in last.all_inner_texts())
    curves.get_by_role("button", name="Remove A").click()
    expect(curves.locator("li:visible")).to_have_count(0)
    expect(page.locator(".plot__kept")).to_have_count(0)


# The cache


def test_writing_is_measured_with_the_cache_and_without(ready):
    page = ready
    go(page, f"#train?steps=3&{SHORT_LOOKS}")
    train(page)
    write, out = page.locator("[data-write]"), page.locator(".typed__out")
    page.locator(".more > summary").click()
    said = page.locator("[data-component='writing/write'] [data-speed]")
    write.click()
    expect(said).to_have_text(
        re.compile(r"^[\d,.k ]+ tokens/s with the cache, at the end of its context of 16$"),
        timeout=PATIENCE,
    )
    first = out.inner_text()
    page.get_by_role("checkbox", name="Cache").uncheck()
    write.click()
    expect(said).to_have_text(
        re.compile("with the cache, .* without, at the end"), timeout=PATIENCE
    )
    assert out.inner_text() == first


def test_nothing_of_it_stands_in_the_way(ready):
    page = ready
    axe = pytest.importorskip("axe")
    go(page, f"#train?steps=40&{SHORT_LOOKS}")
    train(page)
    page.locator("[data-keep]").click()
    open_parts(page)
    control(page, "positions").select_option("rope")
    control(page, "window").fill("SX")
    control(page, "window").press("Tab")
    expect(page.locator("#attention-bad")).to_be_visible(timeout=PATIENCE)
    page.locator("#blocks-settings-activation").click()
    page.locator("details.more > summary").click()
    page.locator("#cache-term").click()
    for scheme, width in (("light", 390), ("dark", 1440)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        assert axe.violations(page) == []


OVERLAPS = """(selector) => {
  const boxes = [...document.querySelectorAll(selector)]
    .filter((text) => text.getAttribute("visibility") !== "hidden")
    .map((text) => text.getBoundingClientRect());
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
    && a.top + 4 < b.bottom && b.top + 4 < a.bottom;
  const meeting = boxes.filter((a, i) => boxes.some((b, j) => j > i && meet(a, b)));
  return [boxes.length, meeting.length];
}"""


def test_byte_pairs_are_dots_with_the_names_of_the_most_frequent(ready, faults):
    page = ready
    go(page, f"#train?tokenizer=bpe&vocab=340&steps=3&{SHORT_LOOKS}")
    train(page)
    bars = page.locator("[data-component='writing/next-tokens']")
    expect(bars.locator(".odds__row")).to_have_count(12, timeout=PATIENCE)
    expect(bars.locator(".odds__rest")).to_contain_text("all other tokens")
    page.get_by_role("navigation", name="Views").get_by_role("link", name="Inside").click()
    points = page.get_by_role("slider", name="The token that is pointed at")
    expect(points).to_have_attribute("aria-valuenow", "1", timeout=PATIENCE)
    used = int(points.get_attribute("aria-valuemax"))
    assert 60 < used < 200 and page.locator(".dot").count() == used  # not the unused bytes
    expect(page.locator("[data-component='inside/embeddings'] [data-note]")).to_contain_text(
        f"{340 - used} tokens that the data do not use are left out"
    )
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(100)  # it is drawn again for its size
        shown, overlapping = page.evaluate(OVERLAPS, ".dot__name:not(.dot__name--told)")
        assert 8 <= shown <= 40 and overlapping == 0
    told = page.locator(".dot__name--told")
    expect(told).to_be_hidden()
    points.focus()
    first = points.get_attribute("aria-valuetext")
    points.press("ArrowRight")
    expect(points).not_to_have_attribute("aria-valuetext", first)
    expect(told).to_be_visible()
    points.press("End")
    expect(points).to_have_attribute("aria-valuetext", re.compile(f"{used} of {used}$"))
    expect(page.locator("[data-component='inside/head'] [data-about]")).to_contain_text(
        "every token may look back"
    )
