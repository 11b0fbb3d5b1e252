"""What a reader does on the page, for tests: by the names that stand on it."""

import base64
import re

import numpy as np
from microgpt import checkpoint
from playwright.sync_api import expect
from visit import LOAD_MILLISECONDS, ROOT

FALLBACK_NAMES = ROOT / "fallback_data" / "names.txt"
FEW_NAMES = ["anna", "bert", "carla", "dan", "eve", "frank", "gina", "hugo", "ida", "jon"] * 6
PATIENCE = LOAD_MILLISECONDS
STARTS = re.compile(
    "^(Start training|Train again|Start a new run)$"
)  # the button that begins a run

# In an address: looks at held-out data take most of a short run, and here few tokens will do.
SHORT_LOOKS = "eval_tokens=600"

KEPT_RUNS = "details[data-component='train/kept-runs']"

# Every message of the worker, as the page gets it.
RECORD_MESSAGES = """
  globalThis.heard = [];
  globalThis.Worker = class extends Worker {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => heard.push(data));
    }
  };
"""
# Folds are closed, and the next Tab goes to the first stop of the page.
FROM_THE_TOP = """() => {
  for (const fold of document.querySelectorAll("details")) fold.open = false;
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute("tabindex");
  scrollTo(0, 0);
}"""
# What a screen reader is told from now on, in `spoken`.
LISTEN = """() => {
  globalThis.spoken = [];
  globalThis.listeners?.forEach((listener) => listener.disconnect()); // of a test before
  globalThis.listeners = [];
  for (const region of document.querySelectorAll("[aria-live], [role=status], output")) {
    const listener = new MutationObserver(() => spoken.push(region.textContent));
    listener.observe(region, { childList: true, characterData: true, subtree: true });
    listeners.push(listener);
  }
}"""
# What sticks out to the right, but for what stands in a box that scrolls by itself.
TOO_FAR = """
  [...document.querySelectorAll("body :not(.table *, .bars__table *, pre *, .scroll *)")]
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
    .map((element) => `${element.tagName} ${element.className}`)
"""
FITS = f"() => document.documentElement.scrollWidth <= innerWidth && !{TOO_FAR.strip()}.length"
# A file that falls on the page, as the browser tells the page of it.
DROP = """
  ([name, text]) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], name));
    const at = { bubbles: true, cancelable: true, dataTransfer };
    for (const type of ["dragenter", "dragover", "drop"])
      document.body.dispatchEvent(new DragEvent(type, at));
  }
"""


def button(where, name):
    return where.get_by_role("button", name=name, exact=True)


def group(page, name):
    """A group of the settings: Data, Setup or Keep, and in the fold Tokens, Model and Run."""
    return page.get_by_role("form", name="Every setting").get_by_role("group", name=name)


def field(page, name):
    """A setting in the form, by its label."""
    form = page.get_by_role("form", name="Every setting")
    return form.locator("input, select").and_(form.get_by_label(name, exact=True)).first


def unfold(page):
    """Open the settings that are folded away; what is in a closed fold is not built."""
    fold = page.locator("details[data-fold=all]")
    if fold.get_attribute("open") is None:
        fold.locator("summary").first.click()


def reach(page, control):
    """Unfold what hides it: once more where the page changed while the fold opened."""
    for _ in range(4):
        if control.is_visible():
            return
        unfold(page)
        try:
            expect(control).to_be_visible()
        except AssertionError:
            page.locator("details[data-fold=all]").evaluate("fold => { fold.open = false }")
    expect(control).to_be_visible()


def setting(page, name, value):
    control = field(page, name)
    reach(page, control)
    if control.evaluate("control => control.tagName") == "SELECT":
        control.select_option(label=value)
    else:
        control.fill(str(value))
        control.press("Tab")


def full_speed(page):
    setting(page, "Pace", "full speed")


def expect_status(page, pattern, timeout=PATIENCE):
    expect(page.locator("[data-status]")).to_have_text(re.compile(pattern), timeout=timeout)


def step_number(page):
    text = page.locator("[data-component='train/readout'] [data-step]").inner_text()
    return int(text.split()[0].replace(",", ""))


def expect_step(page, number):
    expect(page.locator("[data-component='train/readout'] [data-step]")).to_have_text(
        re.compile(rf"^{number:,} of "), timeout=PATIENCE
    )


def start(page):
    """Begin a run with the settings of now, whether there is one already or not."""
    page.get_by_role("group", name="Run").get_by_role("button", name=STARTS).click()


def train(page, steps=None, until="Finished"):
    """Start at full speed, and wait for the end."""
    full_speed(page)
    if steps:
        setting(page, "Stop at step", steps)
    start(page)
    expect_status(page, f"^{until}")


def go(page, address):
    """To another address of the same page: Python stays, the settings are those of the address."""
    asked = address if "?" in address else address + "?split=line"  # else only the view changes
    page.evaluate("asked => { location.hash = asked }", asked)
    expect(page).to_have_url(re.compile(re.escape(address.split("?")[0])))


def begin_anew(page):
    """What a test before has left is undone, but for Python: that would have to load again."""
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    page.set_viewport_size({"width": 1280, "height": 720})
    go(page, "#train")
    expect(page.locator("[data-status]")).not_to_have_text(
        re.compile("^(Starting|Opening)"), timeout=PATIENCE
    )
    if button(page, "Pause").is_visible():
        button(page, "Stop").click()
        expect_status(page, "^(Stopped|Finished|Diverged)")
    setting(page, "Pace", "watch")
    expect(facts(page)).to_contain_text(" names, 27 tokens", timeout=PATIENCE)
    if page.locator("[data-stamp]").is_hidden() and step_number(page):
        button(page, "Reset").click(timeout=PATIENCE)
        expect_step(page, 0)
    for left in (re.compile("^Remove [ABC],"), re.compile("^Close$")):
        while page.get_by_role("button", name=left).count():
            page.get_by_role("button", name=left).first.click()
    forget_runs(page)
    opened = page.locator("[aria-expanded=true]:visible")
    while opened.count():
        opened.first.click()
    page.evaluate(FROM_THE_TOP)


def runs(page):
    """The list of kept runs, unfolded."""
    fold = page.locator(KEPT_RUNS)
    if fold.get_attribute("open") is None:
        fold.locator("summary").click()
    return fold.get_by_role("listitem")


def button_in(item, name):
    return item.get_by_role("button").filter(has_text=name)


def forget_runs(page):
    while page.locator(KEPT_RUNS).is_visible():
        left = runs(page).count()
        button_in(runs(page).last, "Delete").press("Enter")
        expect(page.locator(KEPT_RUNS).get_by_role("listitem")).to_have_count(left - 1)


def drop(page, name, content):
    page.evaluate(DROP, [name, base64.b64encode(content).decode()])


def facts(page):
    """What the page says of the data."""
    return group(page, "Data").locator(".facts").first


def use_text(page, text):
    """Paste a text of one's own and take it."""
    group(page, "Data").get_by_role("radio", name="Your text").check()
    page.get_by_role("textbox", name="Your text").fill(text)
    button(page, "Use this text").click()
    expect(facts(page)).to_contain_text("your text:", timeout=PATIENCE)


def table(page):
    """The chart's table as numbers: (step, smoothed, held out)."""
    toggle = page.locator("[data-component='train/chart']").get_by_role("button", name="As a table")
    if toggle.get_attribute("aria-expanded") == "false":
        toggle.click()
    rows = page.get_by_role("region", name="Loss as a table").locator("tbody tr")
    expect(rows.first).to_be_visible()

    def number(text):
        return float(text.replace(",", "")) if text != "–" else None

    return [tuple(map(number, row.locator("th, td").all_inner_texts())) for row in rows.all()]


def save(page, folder):
    """Save the model in the tab; the path of the file."""
    with page.expect_download() as download:
        button(page, "Save model").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def losses_in(path):
    return np.array(checkpoint.load(path).losses)


def open_file(page, path):
    page.get_by_label("A model file").set_input_files(path)


def notice(page, title):
    notices = page.locator("[data-component='shell/notices'] .notice")
    return notices.filter(has=page.get_by_role("heading", name=title))
