"""What outlives the tab: the run kept in the browser, and files that go on in a terminal."""

import pytest
from playwright.sync_api import expect
from program import ROOT, run
from steps import (
    FALLBACK_NAMES,
    FEW_NAMES,
    PATIENCE,
    SHORT_LOOKS,
    button,
    button_in,
    drop,
    expect_status,
    expect_step,
    facts,
    field,
    full_speed,
    go,
    group,
    losses_in,
    notice,
    open_file,
    runs,
    save,
    setting,
    step_number,
    train,
    unfold,
    use_text,
)
from visit import wait_until_ready

pytestmark = pytest.mark.slow


@pytest.fixture
def ready(ready):
    """The shared page with the reference run."""
    go(ready, f"#train?preset=microgpt&{SHORT_LOOKS}")
    return ready


@pytest.fixture(scope="module")
def made_in_the_terminal(tmp_path_factory):
    """A run of forty steps of which twenty-five are done, on the names that come with the page."""
    path = tmp_path_factory.mktemp("terminal") / "names.safetensors"
    flags = ("--steps", 25, "--schedule", "constant", "--samples", 0, "--quiet")
    answer = run("train", "--data", FALLBACK_NAMES, "--out", path, *flags)
    assert answer.code == 0, answer
    return path


def kept(page, step):
    expect(group(page, "Keep")).to_contain_text(
        f"Kept in this browser, at step {step:,}.", timeout=PATIENCE
    )


# Kept in the browser

# Settings that do not stay within their column.
STICKING_OUT = """() => {
  const { right } = document.querySelector("#settings").getBoundingClientRect();
  return [...document.querySelectorAll("#settings .field *")]
    .filter((each) => each.getBoundingClientRect().right > right + 1)
    .map((each) => each.textContent);
}"""


def test_a_reload_goes_on_where_it_left_off(ready, faults, tmp_path):
    setting(ready, "Stop at step", 100)
    setting(ready, "Seed", 5)
    button(ready, "Start training").click()
    expect_status(ready, "^Training, [1-9]")
    button(ready, "Pause").click()  # at the slow pace: at full speed it might be too late
    expect_status(ready, "^Paused at")
    step = step_number(ready)
    kept(ready, step)
    before = losses_in(save(ready, tmp_path))
    ready.reload()
    wait_until_ready(ready)
    expect(notice(ready, "Continue where you left off")).to_contain_text(
        f"microgpt on names, {step:,} of 100 steps"
    )
    button(ready, "Continue").click()
    expect_step(ready, step)
    unfold(ready)
    assert ready.evaluate(STICKING_OUT) == []
    expect(field(ready, "Seed")).to_have_value("5")
    full_speed(ready)
    button(ready, "Go on").click()
    expect_status(ready, "^Finished")
    expect_step(ready, 100)
    losses = losses_in(save(ready, tmp_path))
    assert len(losses) == 100 and (losses[:step] == before).all()
    # And it is the run of a terminal that was never interrupted.
    path = tmp_path / "terminal.safetensors"
    flags = ("--steps", 100, "--seed", 5, "--samples", 0, "--quiet")
    answer = run("train", "--data", FALLBACK_NAMES, "--out", path, *flags)
    assert answer.code == 0, answer
    assert abs(losses - losses_in(path)).max() <= 1e-6


def test_a_run_on_the_earlier_names_goes_on(ready, faults):
    """A file of the version that came with 1,800 names."""
    open_file(ready, ROOT / "tests" / "data" / "names-1800.safetensors")
    expect_step(ready, 20)
    expect(facts(ready)).to_contain_text("1,800 names, 27 tokens")
    setting(ready, "Stop at step", 30)
    button(ready, "Go on to 30").click()
    expect_status(ready, "^Finished")
    group(ready, "Data").get_by_role("radio", name="Names").check()
    expect(facts(ready)).to_contain_text("12,000 names, 27 tokens")


def test_one_s_own_text_is_kept_with_its_run(ready, faults):
    use_text(ready, "\n".join(FEW_NAMES))
    train(ready, steps=10)
    kept(ready, 10)
    ready.reload()
    wait_until_ready(ready)
    button(ready, "Continue").click()
    expect_step(ready, 10)
    expect(facts(ready)).to_contain_text("your text: 60 lines")
    setting(ready, "Stop at step", 20)
    button(ready, "Go on to 20").click()
    expect_status(ready, "^Finished")
    expect_step(ready, 20)


def test_a_finished_run_is_there_again_after_a_reload(ready, faults):
    train(ready, steps=40)
    kept(ready, 40)
    names = ready.get_by_role("region", name="What it writes").locator(".name")
    before = names.all_inner_texts()
    ready.reload()
    expect_status(ready, "^Finished")
    expect_step(ready, 40)
    expect(names).to_have_count(len(before))
    assert names.all_inner_texts() == before


def test_a_new_run_leaves_the_kept_ones_alone(ready, faults, tmp_path):
    train(ready, steps=10)
    kept(ready, 10)
    first = losses_in(save(ready, tmp_path))
    setting(ready, "Learning rate", 0.02)
    button(ready, "Start a new run").click()
    expect(runs(ready)).to_have_count(2, timeout=PATIENCE)
    oldest = runs(ready).last
    button_in(oldest, "Rename").click()
    ready.get_by_role("textbox", name="Name of the run").fill("the slow one")
    ready.keyboard.press("Enter")
    expect(oldest).to_contain_text("the slow one", timeout=PATIENCE)
    with ready.expect_download() as download:
        button_in(oldest, "Download").click()
    assert download.value.suggested_filename == "the-slow-one.safetensors"
    path = tmp_path / "again.safetensors"
    download.value.save_as(path)
    assert (losses_in(path) == first).all()
    button_in(oldest, "Open").click()
    expect(field(ready, "Learning rate")).to_have_value("0.01")
    expect_step(ready, 10)
    expect(oldest).to_contain_text("(this run)")
    for left in (1, 0):
        button_in(runs(ready).last, "Delete").press("Enter")
        expect(runs(ready)).to_have_count(left)
        if left:  # the focus goes to the next of its kind, not to the top of the page
            expect(button_in(runs(ready).last, "Delete")).to_be_focused()
    ready.reload()
    wait_until_ready(ready)
    expect(button(ready, "Continue")).to_have_count(0)


def test_two_tabs_never_write_one_run(ready, faults):
    train(ready, steps=10)
    kept(ready, 10)
    other = ready.context.new_page()
    other.goto("./#train?steps=10&seed=1")  # so that the run is not reopened by itself
    wait_until_ready(other)
    button(other, "Continue").click()
    expect_step(other, 10)
    setting(other, "Stop at step", 20)
    button(other, "Go on to 20").click()
    expect_status(other, "^Finished")
    kept(other, 20)
    expect(runs(other)).to_have_count(2)  # it went on as a copy
    other.close()
    expect(runs(ready)).to_have_count(2)  # the first tab has heard of it
    expect(runs(ready).filter(has_text="finished, 10 steps")).to_have_count(1)


def test_the_run_of_an_earlier_version_is_taken_over(page, load, faults):
    faults.expect("favicon")
    page.goto("./404.html")  # of the same origin, and it opens no storage
    page.evaluate(KEEP_AS_VERSION_1, list((ROOT / OLD_RUN).read_bytes()))
    load(page)
    expect(notice(page, "Continue where you left off")).to_contain_text("20 of 40 steps")
    button(page, "Continue").click()
    expect_step(page, 20)
    expect(facts(page)).to_contain_text("1,800 names, 27 tokens")  # it is kept with them, too


OLD_RUN = "tests/data/names-1800.safetensors"
KEEP_AS_VERSION_1 = """
  (bytes) => new Promise((resolve, reject) => {
    const request = indexedDB.open("microgpt", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("autosave");
    request.onerror = reject;
    request.onsuccess = () => {
      const { result } = request;
      const store = result.transaction("autosave", "readwrite").objectStore("autosave");
      const data = { kind: "names-1800", name: "names", split: "line", digest: "" };
      const about = { step: 20, steps: 40, parameters: 4192, bytes: bytes.length, saved: 1 };
      store.put(new Uint8Array(bytes), "checkpoint");
      store.put({ ...about, settings: { preset: "microgpt", steps: 40 }, data }, "about");
      store.transaction.oncomplete = () => resolve(result.close());
    };
  })
"""


# Files


def test_saved_in_the_tab_it_goes_on_in_the_terminal(ready, faults, tmp_path):
    train(ready, steps=50)
    path = save(ready, tmp_path)
    assert path.name == "microgpt-step-50.safetensors"
    answer = run("sample", path, "--prompt", "ma", "-n", 5, "--seed", 1)
    assert answer.code == 0, answer
    texts = answer.out.splitlines()
    assert len(texts) == 5 and all(text.startswith("ma") for text in texts)
    longer = tmp_path / "longer.safetensors"
    flags = ("--steps", 60, "--data", FALLBACK_NAMES, "--samples", 0)
    answer = run("train", "--resume", path, "--out", longer, *flags)
    assert answer.code == 0, answer
    losses = losses_in(longer)
    assert len(losses) == 60 and (losses[:50] == losses_in(path)).all()


def test_saved_in_the_tab_it_resumes_without_a_word_more(ready, faults, tmp_path):
    train(ready, steps=10)
    path = save(ready, tmp_path)
    answer = run("train", "--resume", path, "--steps", 12, "--samples", 0)
    assert answer.code == 0, answer
    assert len(losses_in(path)) == 12


@pytest.mark.parametrize("way", ["chosen", "dropped"])
def test_a_file_of_the_terminal_opens_and_trains_on(
    ready, faults, made_in_the_terminal, tmp_path, way
):
    path = made_in_the_terminal
    if way == "chosen":
        open_file(ready, path)
    else:
        drop(ready, path.name, path.read_bytes())
    expect_step(ready, 25)
    expect_status(ready, "^Finished")
    expect(ready.get_by_role("region", name="What it writes").locator(".name")).not_to_have_count(0)
    setting(ready, "Stop at step", 40)
    full_speed(ready)
    button(ready, "Go on to 40").click()
    expect_step(ready, 40)
    expect_status(ready, "^Finished")
    losses = losses_in(save(ready, tmp_path))
    longer = tmp_path / "longer.safetensors"
    answer = run("train", "--resume", path, "--steps", 40, "--out", longer, "--samples", 0)
    assert answer.code == 0, answer
    assert abs(losses - losses_in(longer)).max() <= 1e-6


def test_a_file_on_other_data_says_which(ready, faults, tmp_path):
    data, path = tmp_path / "mine.txt", tmp_path / "mine.safetensors"
    data.write_text("\n".join(FEW_NAMES))
    answer = run("train", "--data", data, "--steps", 12, "--samples", 0, "--out", path)
    assert answer.code == 0, answer
    open_file(ready, path)
    expect(notice(ready, "It can write, but not be trained further")).to_contain_text("mine.txt")
    expect_status(ready, "A model is open")
    expect(button(ready, "Write")).to_be_enabled()
    drop(ready, "mine.txt", data.read_bytes())
    expect(facts(ready)).to_contain_text("60 lines", timeout=PATIENCE)
    open_file(ready, path)
    setting(ready, "Stop at step", 20)
    button(ready, "Go on to 20").click(timeout=PATIENCE)
    expect_step(ready, 20)
