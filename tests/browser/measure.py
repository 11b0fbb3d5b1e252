"""How fast the page is: after `build.py test`, `.venv/bin/python tests/browser/measure.py`.

Builds the page where it is not built yet.

Not a test: figures depend on the machine. Medians, on loopback, with gzip; each cold load in a
browser with an empty profile that has finished its own start. Prints a table, or with --json one
object.
"""

import argparse
import contextlib
import gzip
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import expect, sync_playwright
from visit import ARGUMENTS, ROOT, chromium_options

sys.path.insert(0, str(ROOT))  # Python's own first entry is the folder of this file

from web.build import runtime, server

MINUTE = 60_000  # milliseconds
SETTLED = 1500  # milliseconds after which a browser is done with starting itself

# Notes when the page says it can train, without asking it again and again.
WATCH = """
new MutationObserver(() => {
  if (!window.readyAt && document.querySelector("[data-status]")?.textContent === "Ready") {
    window.readyAt = performance.now();
  }
}).observe(document, { childList: true, subtree: true, characterData: true });
window.longTasks = [];
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) window.longTasks.push([task.startTime, task.duration]);
}).observe({ entryTypes: ["longtask"] });
"""

# The yardstick of a start: Pyodide and numpy as they come, in a worker, and nothing else.
STOCK = {
    "index.html": """<!doctype html><title>stock</title><p data-status>Loading</p>
<script type="module" src="main.js"></script>""",
    "main.js": """new Worker("worker.js", { type: "module" }).onmessage = () => {
  document.querySelector("[data-status]").textContent = "Ready";
};""",
    "worker.js": """import { loadPyodide } from "./runtime/pyodide.mjs";
const indexURL = new URL("./runtime/", import.meta.url).href;
const python = await loadPyodide({ indexURL, packages: ["numpy"] });
python.runPython("import numpy");
postMessage("ready");""",
    "site.json": "{}",
}

# A worker of our own, driven as fast as it goes: {run, stop} in milliseconds.
DRIVE = """async ({ steps, stops }) => {
  const site = await (await fetch("site.json")).json();
  const worker = new Worker("worker.js", { type: "module" });
  const waiting = [];
  worker.onmessage = ({ data: message }) => {
    for (const wait of [...waiting]) {
      if (wait.types.includes(message.type)) {
        waiting.splice(waiting.indexOf(wait), 1);
        wait.resolve(message);
      }
    }
  };
  const next = (...types) => new Promise((resolve, reject) => {
    waiting.push({ types, resolve });
    setTimeout(() => reject(new Error(`no ${types}`)), 120_000);
  });
  const ask = async (message, ...types) => {
    const answer = next(...types, "refused", "crashed", "failed");
    worker.postMessage(message);
    const found = await answer;
    if (!types.includes(found.type)) throw new Error(JSON.stringify(found));
    return found;
  };
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  await ask({ type: "load", site }, "ready");
  await ask({ type: "data", id: 1, kind: "names" }, "data");
  await ask({ type: "new", run: 1, settings: { steps } }, "created");
  const began = performance.now();
  await ask({ type: "train", run: 1, until: steps }, "stopped");
  const run = performance.now() - began;
  await ask({ type: "new", run: 2, settings: { steps: 1_000_000 } }, "created");
  const stop = [];
  for (let i = 0; i < stops; i++) {
    worker.postMessage({ type: "train", run: 2, until: 1_000_000 });
    await sleep(150 + 37 * i);
    const asked = performance.now();
    await ask({ type: "pause", run: 2 }, "stopped");
    stop.push(performance.now() - asked);
  }
  return { run, stop };
}"""


class Wire:
    """How many bytes the server has sent, heads included."""

    sent = 0


@contextlib.contextmanager
def served(folder):
    """Our own server, for it packs; and what it sends."""
    listening = server.open_server(folder, runtime.cache_dir(), "127.0.0.1", 0)
    plain = listening.RequestHandlerClass

    class Counting(plain):
        def setup(self):
            super().setup()
            write = self.wfile.write

            def counted(data):
                Wire.sent += len(data)
                return write(data)

            self.wfile.write = counted

    listening.RequestHandlerClass = Counting
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{listening.server_address[1]}/"
    try:
        warm_up(folder, plain.site)
        yield address
    finally:
        listening.shutdown()


def warm_up(folder, site):
    """Have every file packed before the clock runs."""
    for path in folder.rglob("*"):
        if path.is_file():
            site.load(path)


@contextlib.contextmanager
def browser(playwright, **options):
    """A browser with an empty profile on disk, as a visitor has one."""
    launch = {**chromium_options(playwright), "args": ARGUMENTS, **options}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        context = playwright.chromium.launch_persistent_context(profile, **launch)
        context.add_init_script(WATCH)
        try:
            yield context
        finally:
            context.close()


def load(page, address):
    """Milliseconds from the navigation until the page can train."""
    page.goto(address)
    # Looked at now and then only: an assertion that keeps asking takes a tenth of the time.
    page.wait_for_function("() => window.readyAt", polling=100, timeout=MINUTE)
    return page.evaluate("() => window.readyAt")


def measure_loads(playwright, address, rounds):
    ours, stock = [], []
    with tempfile.TemporaryDirectory() as folder, served(stock_site(Path(folder))) as yardstick:
        for _ in range(rounds):  # in turns, for machines are not the same from minute to minute
            stock.append(first_and_later(playwright, yardstick))
            ours.append(first_and_later(playwright, address, kept=True))
    cold, warm, wire = zip(*ours, strict=True)
    stock_cold, stock_warm, _ = zip(*stock, strict=True)
    return {
        "cold ms": cold,
        "warm ms": warm,
        "wire MB": [n / 1e6 for n in wire],
        "stock cold ms": stock_cold,
        "stock warm ms": stock_warm,
        "cold / stock": [a / b for a, b in zip(cold, stock_cold, strict=True)],
        "warm / stock": [a / b for a, b in zip(warm, stock_warm, strict=True)],
    }


def stock_site(folder):
    """Pyodide and numpy as their makers ship them."""
    pinned = runtime.read_lock()["files"]
    cache = runtime.cache_dir()
    for name, body in runtime.from_cache(pinned, cache, print).items():
        (folder / "runtime").mkdir(exist_ok=True)
        (folder / "runtime" / name).write_bytes(body)
    for name, text in STOCK.items():
        (folder / name).write_text(text)
    return folder


def first_and_later(playwright, address, kept=False):
    """(cold, warm, bytes sent for the cold one); `kept`: a service worker keeps the site."""
    with browser(playwright) as context:
        page = context.new_page()
        page.wait_for_timeout(SETTLED)
        before = Wire.sent
        cold = load(page, address)
        sent = Wire.sent - before  # the service worker begins only after this
        if kept:
            page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        page.wait_for_timeout(2000)  # the browser writes down what it compiled
        visits = []
        for _ in range(3):
            page.goto("about:blank")
            page.wait_for_timeout(SETTLED / 3)
            visits.append(load(page, address))
    return cold, statistics.median(visits), sent


def measure_runs(playwright, address, rounds, stops):
    """The reference run at full speed, in turns with the terminal's; and how soon it stops."""
    tab, stop, terminal = [], [], []
    for _ in range(rounds):
        with browser(playwright) as context:
            page = context.new_page()
            page.goto(address + "404.html")
            found = page.evaluate(DRIVE, {"steps": 1000, "stops": stops})
            tab.append(found["run"])
            stop += found["stop"]
        terminal.append(terminal_run())
    ratio = statistics.median(tab) / statistics.median(terminal)
    figures = {"run in tab ms": tab, "run in terminal ms": terminal}
    return {**figures, "tab / terminal": [ratio], "stop ms": stop, "slowest stop ms": [max(stop)]}


def terminal_run():
    """Milliseconds of the same thousand steps, as the terminal's own last line says."""
    command = [sys.executable, "-m", "py.microgpt", "train", "--json", "--offline"]
    command += ["--data", str(ROOT / "fallback_data" / "names.txt")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])["seconds"] * 1000


def measure_long_tasks(playwright, address):
    """The page's own thread while it trains at full speed and draws."""
    with browser(playwright) as context:
        page = context.new_page()
        page.goto(address + "404.html")
        page.evaluate("() => localStorage.setItem('microgpt.page', '{\"pace\":\"full\"}')")
        page.goto(address + "#train?steps=20000")
        expect(page.locator("[data-status]")).to_have_text("Ready", timeout=MINUTE)
        page.wait_for_timeout(500)
        began = page.evaluate("() => performance.now()")
        page.locator("[data-main]").click()
        expect(page.locator("[data-status]")).to_have_text(
            re.compile("Training, ([1-9]|..)|Finished"), timeout=MINUTE
        )
        page.wait_for_timeout(5000)
        tasks = page.evaluate("() => window.longTasks")
        during = [duration for start, duration in tasks if start + duration > began]
        return {"long tasks": [len(during)], "longest task ms": [max(during, default=0)]}


def own_size(folder):
    """The page's own HTML, CSS and JavaScript, gzipped, vendored library included."""
    kinds = {".html", ".css", ".js"}
    names = [p for p in folder.rglob("*") if p.suffix in kinds and p.name not in ("404.html",)]
    total = sum(len(gzip.compress(path.read_bytes(), 9, mtime=0)) for path in names)
    return {"own page kB gzipped": [total / 1e3]}


def lighthouse(playwright, address):
    """Lighthouse's four scores, where npm can bring it."""
    npx = shutil.which("npx")
    if not npx:
        return {}
    program = chromium_options(playwright).get("executable_path")
    env = {**os.environ, "CHROME_PATH": program or playwright.chromium.executable_path}
    command = [npx, "--yes", "lighthouse", address, "--quiet", "--output=json"]
    flags = " ".join(["--headless=new", *ARGUMENTS])
    command += [f"--chrome-flags={flags}"]
    command += ["--only-categories=performance,accessibility,best-practices,seo"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=600)
    if done.returncode:
        print("Lighthouse: " + (done.stderr.strip().splitlines() or ["?"])[-1], file=sys.stderr)
        return {}
    found = json.loads(done.stdout)
    for name, audit in found["audits"].items():
        weak = audit["score"] is not None and audit["score"] < 0.9
        if weak and audit["scoreDisplayMode"] in ("binary", "numeric", "metricSavings"):
            print(f"Lighthouse: {name}: {audit.get('displayValue', '')}", file=sys.stderr)
    return {
        f"Lighthouse {name}": [100 * category["score"]]
        for name, category in found["categories"].items()
    }


def build_site(folder):
    """What is measured must be there: the build says by itself what it does, or why it cannot."""
    command = [sys.executable, ROOT / "build.py", "build", "--out", folder]
    done = subprocess.run(command, stdout=sys.stderr)
    if done.returncode:
        sys.exit(done.returncode)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--site",
        type=Path,
        default=ROOT / "dist",
        help="a built site, or where to build one; default: dist",
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=("loads", "runs", "tasks", "lighthouse"))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    site = options.site.resolve()
    if not (site / "site.json").is_file():
        build_site(site)
    figures = own_size(site)
    wanted = (options.only,) if options.only else ("loads", "runs", "tasks", "lighthouse")
    with sync_playwright() as playwright, served(site) as address:
        if "loads" in wanted:
            figures |= measure_loads(playwright, address, options.rounds)
        if "runs" in wanted:
            figures |= measure_runs(playwright, address, options.rounds, stops=10)
        if "tasks" in wanted:
            figures |= measure_long_tasks(playwright, address)
        if "lighthouse" in wanted:
            figures |= lighthouse(playwright, address)
    if options.json:
        print(json.dumps(figures))
        return
    for name, values in figures.items():
        spread = f"{min(values):10.2f} .. {max(values):.2f}" if len(values) > 1 else ""
        print(f"{name:28}{statistics.median(values):10.2f}{spread}")


if __name__ == "__main__":
    main()
