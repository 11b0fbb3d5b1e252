"""How fast Inside answers in the tab: `.venv/bin/python tests/browser/measure_inside.py`.

Builds the page where it is not built yet. Milliseconds from a question to the worker until its
answer is here, in a worker of its own for each line, of microgpt and of a model with 4 layers of
width 128 whose run has made three steps. `first` is the first of its kind, `others` the median of
those after it; nothing was prepared.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright
from visit import ARGUMENTS, ROOT, chromium_options, serving

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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dist", default=ROOT / "dist", type=Path, help="the built site")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    options = parser.parse_args()
    if not (options.dist / "index.html").is_file():
        build = [sys.executable, ROOT / "build.py", "build", "--out", options.dist]
        subprocess.run(build, check=True, stdout=sys.stderr)
    found = {}
    with sync_playwright() as playwright, serving(options.dist) as address:
        start = chromium_options(playwright) or {}
        browser = playwright.chromium.launch(**start, args=ARGUMENTS)
        page = browser.new_page(base_url=address)
        page.goto("./404.html")
        for model, settings in MODELS.items():
            for name, answer, questions in PLANS:
                given = {"settings": settings, "answer": answer, "questions": questions}
                first, *others = page.evaluate(ASK, given)
                found[f"{model}, {name}"] = {"first": first, "others": statistics.median(others)}
        browser.close()
    if options.json:
        print(json.dumps(found))
        return
    for name, took in found.items():
        print(f"{name:<32} first {took['first']:7.0f} ms, then {took['others']:7.0f} ms")


if __name__ == "__main__":
    main()
