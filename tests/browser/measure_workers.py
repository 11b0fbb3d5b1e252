"""What a second worker of a tab gains: `.venv/bin/python tests/browser/measure_workers.py`.

Builds the page where it is not built yet. Not a test: figures depend on the machine. Milliseconds
of a step, in turns: one worker, two that share each step, and two that have a run each, which is
the most that two can do here; with how long Pause took and the memory of the worker that has the
run. At the end, how many times as fast two are as one, and as two with a run each would be.
"""

import argparse
import statistics
from pathlib import Path

from measure import build_site, served
from playwright.sync_api import sync_playwright
from visit import ARGUMENTS, ROOT, chromium_options

LARGE = {"preset": "llama", "n_layer": 4, "n_embd": 128, "block_size": 64, "batch_size": 12}
MODELS = {
    "adamw": {**LARGE, "optimizer": "adamw", "lr": 0.001},
    "muon": {**LARGE, "optimizer": "muon", "lr": 0.01},
}
ONE, SHARED, SIDE = "one", "two", "side by side"

# A worker of our own with the stories: `measure(settings, workers)` begins a run, waits until so
# many share its steps, and looks on for a while.
WORKER = """async () => {
  const site = await (await fetch("site.json")).json();
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  window.measuring = async () => {
    const worker = new Worker("worker.js", { type: "module" });
    let [run, told, heard] = [0, [], () => {}];
    worker.onmessage = ({ data }) => {
      if (data.type === "progress") told.push(data);
      else heard(data);
    };
    const ask = (message, type) =>
      new Promise((resolve, reject) => {
        heard = (data) => {
          if (data.type === type) resolve(data);
          if (["refused", "crashed", "failed"].includes(data.type))
            reject(new Error(JSON.stringify(data)));
        };
        worker.postMessage(message);
      });
    await ask({ type: "load", site }, "ready");
    await ask({ type: "data", id: 1, kind: "stories" }, "data");
    return async (settings, workers, seconds) => {
      worker.postMessage({ type: "pace", stepsPerSecond: 0, workers });
      const more = { steps: 1_000_000, eval_every: 0, eval_tokens: 100 };
      await ask({ type: "new", run: ++run, settings: { ...settings, ...more } }, "created");
      told = [];
      worker.postMessage({ type: "train", run, until: 1_000_000 });
      const last = () => told.at(-1) ?? { step: 0 };
      while (!(last().step > 6 && last().workers === workers)) await sleep(50);
      await sleep(300); // the first steps together are recorded
      const from = last();
      await sleep(1000 * seconds);
      const [to, asked] = [last(), performance.now()];
      await ask({ type: "pause", run }, "stopped");
      const took = (1000 * (to.seconds - from.seconds)) / (to.step - from.step);
      return [took, performance.now() - asked, to.memory / 1e6];
    };
  };
  const measure = await window.measuring();
  let beside = null;
  window.measured = async (settings, how, seconds) => {
    if (how !== "side by side") return [await measure(settings, how === "two" ? 2 : 1, seconds)];
    beside ??= await window.measuring();
    return Promise.all([measure, beside].map((each) => each(settings, 1, seconds)));
  };
}"""


def measure(page, seconds, rounds, models):
    """{model: {how: [milliseconds]}}, and a line for each that is printed at once."""
    page.evaluate(WORKER)
    found = {name: {how: [] for how in (ONE, SHARED, SIDE)} for name in models}
    for _ in range(rounds):
        for name in models:
            for how in found[name]:
                given = [MODELS[name], how, seconds]
                for took, stop, memory in page.evaluate("(given) => measured(...given)", given):
                    found[name][how].append(took)
                    line = f"{took:8.1f} ms a step  {stop:6.1f} ms to pause  {memory:6.1f} MB"
                    print(f"{name:6} {how:14}", line, flush=True)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--site", type=Path, default=ROOT / "dist", help="a built site")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each, in each round")
    parser.add_argument("--only", choices=MODELS)
    options = parser.parse_args()
    site = options.site.resolve()
    if not (site / "site.json").is_file():
        build_site(site)
    models = [options.only] if options.only else list(MODELS)
    with sync_playwright() as playwright, served(site) as address:
        browser = playwright.chromium.launch(**chromium_options(playwright), args=ARGUMENTS)
        page = browser.new_page()
        page.goto(address + "404.html")
        found = measure(page, options.seconds, options.rounds, models)
        browser.close()
    for name, times in found.items():
        one, shared, side = (statistics.median(times[how]) for how in (ONE, SHARED, SIDE))
        print(f"{name}: {one / shared:.2f} times one; at most {2 * one / side:.2f} here")


if __name__ == "__main__":
    main()
