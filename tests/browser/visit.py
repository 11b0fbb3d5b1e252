"""What a visit needs: a browser, a server for the built site, and the patience to wait for it."""

import contextlib
import functools
import json
import os
import re
import shutil
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import expect

ROOT = Path(__file__).resolve().parents[2]
SUB_PATH = "/some/where/"
SYSTEM_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
# Quiet: nothing of the browser's own on the network. The sandbox does not work in containers.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# All pages of the site in one process. V8 then compiles Python and numpy once for all of them, and
# what runs often once more and well, as long as one page has both.
ONE_PROCESS = "--process-per-site"
HOLD_PYTHON = """async () => {
  const site = await (await fetch("site.json")).json();
  globalThis.python = new Worker("worker.js", { type: "module" });
  python.postMessage({ type: "load", site, trial: true });
  return new Promise((resolve) => {
    python.onmessage = ({ data: { type } }) => {
      if (["ready", "failed"].includes(type)) resolve(type);
    };
  });
}"""
# Asks again and again in the page itself: what `wait_for_function` calls may not be async.
UNTIL_KEPT = """async ([ending, count, patience]) => {
  await navigator.serviceWorker.ready;
  for (const began = performance.now(); performance.now() - began < patience; ) {
    const [name] = await caches.keys();
    const kept = name ? await (await caches.open(name)).keys() : [];
    if (kept.filter(({ url }) => url.split("?")[0].endsWith(ending)).length >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`not kept: ${count} of ${ending}`);
}"""
LOAD_MILLISECONDS = 60_000  # on a busy machine; the page itself takes one second


def chromium_options(playwright):
    """How to start Chromium, or None where there is none."""
    named = os.environ.get("MICROGPT_CHROMIUM")
    if named:
        return {"executable_path": shutil.which(named) or named}
    if Path(playwright.chromium.executable_path).exists():
        return {}  # Playwright's own
    found = next(filter(None, map(shutil.which, SYSTEM_CHROMIUM)), None)
    return {"executable_path": found} if found else None


class PlainHandler(SimpleHTTPRequestHandler):
    """What any static server does, and nothing more: so the page needs nothing more."""

    def send_head(self):
        if not self.path.startswith(SUB_PATH):
            return self.send_error(404, "outside the site")
        self.path = self.path.removeprefix(SUB_PATH[:-1])
        return super().send_head()

    def log_message(self, format, *arguments):
        pass


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # of connections that wait: a page opens many at once

    def handle_error(self, request, client_address):
        """A page that is closed while it loads hangs up early."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextlib.contextmanager
def serving(folder):
    """Serve a folder under the sub-path; gives its address."""
    handler = functools.partial(PlainHandler, directory=str(folder))
    with QuietServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}{SUB_PATH}"
        server.shutdown()


def wait_until_all_is_kept(page, site):
    """The service worker keeps what comes later when the page has been idle; then all is there."""
    listed = re.search(r"^const FILES = (.*);$", Path(site, "sw.js").read_text(), re.M)[1]
    wait_until_kept(page, "", len(json.loads(listed)))


def wait_until_kept(page, ending, count=1):
    """The service worker has kept so many files whose address ends like this."""
    page.evaluate(UNTIL_KEPT, [ending, count, LOAD_MILLISECONDS])


def wait_until_ready(page):
    expect(page.locator("[data-status]")).to_have_text("Ready", timeout=LOAD_MILLISECONDS)


def hold_python(context):
    """A page of the site that stays, and has a Python of its own, whose compiled code all others of
    its window share."""
    page = context.pages[0] if context.pages else context.new_page()
    page.goto("./404.html")
    assert page.evaluate(HOLD_PYTHON) == "ready"
    return page


class SharedPage:
    """A page for all tests that leave it usable: loading Python takes longer than most of them."""

    def __init__(self, browser, base_url, **options):
        self.browser, self.options = browser, {"base_url": base_url, **options}
        self.page = None

    def open(self):
        if self.page is None:
            context = self.browser.new_context(**self.options)
            hold_python(context)
            self.page = context.new_page()
            self.page.goto("./")
            wait_until_ready(self.page)
        return self.page

    def close(self):
        """After a failure, too: what it has left must not fail the next test."""
        if self.page:
            self.page.context.close()
        self.page = None

    @contextlib.contextmanager
    def lent(self, faults, request, output_path):
        """The page for one test."""
        page = self.open()
        faults.watch(page.context)
        yield page
        report = getattr(request.node, "rep_call", None)
        if report is None or report.failed:
            page.screenshot(path=Path(output_path, "shared-page.png"))
            self.close()
