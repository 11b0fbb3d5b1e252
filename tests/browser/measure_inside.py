"""How fast Inside is in the tab: `.venv/bin/python tests/browser/measure_inside.py`.

Builds the page where it is not built yet. Four things, or the one that --only names:

- `answers`: milliseconds from a question to the worker until its answer is here, in a worker of its
  own for each line, of microgpt and of a model with 4 layers of width 128 whose run has made three
  steps. `first` is the first of its kind, `others` the median of those after it; nothing was
  prepared.
- `clicks`: milliseconds from a click on a number in a picture until its whole story stands on the
  page, as a reader has it: the page has been at rest for a moment.
- `training`: what the picture of the machine costs a run at full speed. The view is changed again
  and again, between Inside and one where nothing is drawn, and the steps a second are compared
  round by round; and how many pictures a second are drawn.
- `start`: what is fetched until the page is ready, and what Inside fetches when it is opened.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import expect, sync_playwright
from visit import ARGUMENTS, ROOT, chromium_options, serving, wait_until_ready

LARGE = {"n_layer": 4, "n_embd": 128, "n_head": 4, "block_size": 64, "batch_size": 4}
MODELS = {
    "microgpt": {"preset": "microgpt", "steps": 20},
    "L4 C128": {"preset": "classic", **LARGE, "steps": 20, "eval_every": 0},
}
TEXT = "amelia"
# What is asked: (name, answer, questions).
PLANS = [
    ("one number's story", "story", [{"type": "story", "texts": [TEXT]}]
     + [{"type": "story", "texts": [TEXT], "seed": seed} for seed in range(7)]),
    ("each part off", "without", [{"type": "without", "text": TEXT}] * 4),
    ("a part off", "intervened", [
        {"type": "intervene", "text": TEXT, "off": [f"layer0.head{i}"]} for i in range(4)]),
    ("early guesses", "lens", [{"type": "lens", "text": TEXT}] * 4),
    ("what heads do", "heads", [{"type": "heads"}] * 3),
    ("a neuron in the data", "neuron", [{"type": "neuron", "text": TEXT}] * 3),
]  # fmt: skip
ASK = """async ({ settings, answer, questions }) => {
  const site = await (await fetch("site.json")).json();
  const worker = new Worker("worker.js", { type: "module" });
  const ask = (message, type) => new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`no ${type}`)), 120_000);
    const began = performance.now();
    worker.onmessage = ({ data }) => {
      if (["refused", "crashed", "failed"].includes(data.type)) reject(new Error(data.message));
      if (data.type === type) resolve(performance.now() - began);
    };
    worker.postMessage(message);
  });
  await ask({ type: "load", site }, "ready");
  await ask({ type: "data", id: 1, kind: "names" }, "data");
  await ask({ type: "new", run: 1, settings }, "created");
  await ask({ type: "train", run: 1, until: 3 }, "stopped");
  const took = [];
  for (const [i, question] of questions.entries())
    took.push(await ask({ ...question, id: 10 + i }, answer));
  worker.terminate();
  return took;
}"""


# From a click on a weight in the machine's sum, or at a place of a picture, until its story stands.
CLICK = """([name, x, y]) => new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error("no story")), 60_000);
  const canvas = [...document.querySelectorAll("canvas.mat")].find((each) =>
    each.ariaLabel.startsWith(`${name}:`));
  const chain = document.querySelector("[data-chain]");
  const box = canvas?.getBoundingClientRect();
  const began = performance.now();
  new MutationObserver(() => {
    if (chain.childElementCount) resolve(performance.now() - began);
  }).observe(chain, { childList: true });
  if (!canvas) return document.querySelector(".bench__terms [data-weight]").click();
  const at = { clientX: box.left + x * box.width, clientY: box.top + y * box.height };
  canvas.dispatchEvent(new MouseEvent("click", { bubbles: true, ...at }));
})"""
CLICKED = [
    ("layer0.wq", 0.3, 0.4),
    ("layer0.fc1", 0.7, 0.2),
    ("wte", 0.5, 0.5),
    ("layer0.wo", 0.1, 0.9),
]


def clicks(browser, address):
    """{what: milliseconds}: first in the machine, before there is a step; then in its pictures."""
    found = {}
    for model, settings in MODELS.items():
        page = browser.new_context(base_url=address, service_workers="block").new_page()
        given = "&".join(f"{name}={value}" for name, value in {**settings, "steps": 3}.items())
        page.goto(f"./#train?{given}&pace=full")
        wait_until_ready(page)
        page.locator("[data-main]").click()
        expect(page.locator("[data-status]")).to_have_text(re.compile("^Finished"), timeout=60_000)
        page.evaluate("location.hash = location.hash.replace('#train', '#inside')")
        page.wait_for_timeout(SETTLE)
        page.locator("[data-key='layer0.units']").click(timeout=60_000)
        page.locator(".bench__terms [data-weight]").first.wait_for(timeout=60_000)
        page.wait_for_timeout(REST)
        first, *others = [page.evaluate(CLICK, list(place)) for place in [("", 0, 0), *CLICKED]]
        found[f"{model}, a click to its story, first"] = first
        found[f"{model}, a click to its story, then"] = statistics.median(others)
        page.context.close()
    return found


# Counts the steps of the run and the pictures of the machine.
COUNT = """(() => {
  globalThis.seen = { step: 0, pictures: 0, looking: 0 };
  globalThis.Worker = class extends Worker {
    constructor(...given) {
      super(...given);
      super.addEventListener("message", ({ data }) => {
        if (data.type === "progress") seen.step = data.step;
        if (data.type === "machine") seen.looking += data.seconds;
      });
    }
  };
  const { clearRect } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.clearRect = function (...given) {
    if (this.canvas.classList.contains("machine__canvas")) seen.pictures += 1;
    return clearRect.apply(this, given);
  };
})()"""
SEEN = "[seen.step, seen.pictures, seen.looking, performance.now() / 1000]"
REST = 2500  # milliseconds in which the reader looks at what stands there
SETTLE, PHASE = 700, 4000  # milliseconds after a change of the view, and of one measurement
FULL_SPEED = "preset=microgpt&pace=full&steps=1000000"


def rates(page, view):
    """[steps, pictures, seconds of looking] a second, in a view."""
    page.evaluate("view => location.hash = location.hash.replace(/#\\w+/, `#${view}`)", view)
    page.wait_for_timeout(SETTLE)
    *before, began = page.evaluate(SEEN)
    page.wait_for_timeout(PHASE)
    *after, now = page.evaluate(SEEN)
    return [(b - a) / (now - began) for a, b in zip(before, after, strict=True)]


def training(browser, address, rounds):
    """{what: number} of a run at full speed, with the machine's picture and without it."""
    page = browser.new_context(
        base_url=address, service_workers="block", viewport={"width": 1440, "height": 900}
    ).new_page()
    page.add_init_script(COUNT)
    page.goto(f"./#train?{FULL_SPEED}")
    wait_until_ready(page)
    page.locator("[data-main]").click()
    page.wait_for_timeout(2000)
    rates(page, "inside")  # its code comes, and is compiled
    pairs = [(rates(page, "benchmark"), rates(page, "inside")) for _ in range(rounds)]
    page.close()
    without, shown = zip(*pairs, strict=True)
    median = statistics.median
    return {
        "steps a second without": median(steps for steps, *_ in without),
        "steps a second with": median(steps for steps, *_ in shown),
        "share of the steps": median(b[0] / a[0] for a, b in pairs),
        "pictures a second": median(pictures for _, pictures, _ in shown),
        "share of looking": median(looking for *_, looking in shown),
    }


def start(browser, address):
    """{what: number}: requests and bytes until the page is ready, and those of opening Inside."""
    context = browser.new_context(base_url=address, service_workers="block")
    page = context.new_page()
    sizes = []
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page.goto("./#train")
    wait_until_ready(page)
    until_ready = list(sizes)
    page.evaluate("location.hash = location.hash.replace('#train', '#inside')")
    page.wait_for_selector("[data-component='inside/machine'] canvas", state="attached")
    page.wait_for_load_state("networkidle")
    opened = sizes[len(until_ready) :]
    context.close()
    return {
        "requests until ready": len(until_ready),
        "bytes until ready": sum(until_ready),
        "requests of Inside": len(opened),
        "bytes of Inside": sum(opened),
    }


def answers(browser, address):
    page = browser.new_page(base_url=address)
    page.goto("./404.html")
    found = {}
    for model, settings in MODELS.items():
        for name, answer, questions in PLANS:
            given = {"settings": settings, "answer": answer, "questions": questions}
            first, *others = page.evaluate(ASK, given)
            found[f"{model}, {name}, first"] = first
            found[f"{model}, {name}, then"] = statistics.median(others)
    page.close()
    return found


KINDS = ("answers", "clicks", "training", "start")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dist", default=ROOT / "dist", type=Path, help="the built site")
    parser.add_argument("--only", choices=KINDS, help="one of the four")
    parser.add_argument("--rounds", type=int, default=6, help="of the run at full speed (6)")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    options = parser.parse_args()
    if not (options.dist / "index.html").is_file():
        build = [sys.executable, ROOT / "build.py", "build", "--out", options.dist]
        subprocess.run(build, check=True, stdout=sys.stderr)
    found = {}
    with sync_playwright() as playwright, serving(options.dist) as address:
        executable = chromium_options(playwright) or {}
        browser = playwright.chromium.launch(**executable, args=ARGUMENTS)
        measures = {
            "answers": lambda: answers(browser, address),
            "clicks": lambda: clicks(browser, address),
            "training": lambda: training(browser, address, options.rounds),
            "start": lambda: start(browser, address),
        }
        for kind in [options.only] if options.only else KINDS:
            found |= measures[kind]()
        browser.close()
    if options.json:
        print(json.dumps(found))
        return
    for name, number in found.items():
        print(f"{name:<40} {number:12,.3f}")


if __name__ == "__main__":
    main()
