"""The real page in a real browser: the built site under a sub-path, and an eye on all it does.

A console error, a failed request or one to another host fails a test, unless the test says before
that it expects it: `faults.expect("pattern")`. What a failed test leaves is in test-results/.
"""

import contextlib
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error
from steps import begin_anew
from visit import (
    ARGUMENTS,
    ONE_PROCESS,
    ROOT,
    SharedPage,
    chromium_options,
    hold_python,
    serving,
    wait_until_ready,
)

KEPT_BY_THE_PAGE = "cookies,local_storage,indexeddb,cache_storage,file_systems,service_workers"
BUILD_SECONDS = 900  # the first time on a machine all of Pyodide is fetched


def pytest_configure(config):
    # Unless the command line says otherwise, what a failure looked like is kept.
    if config.getoption("--screenshot", "off") == "off":
        config.option.screenshot = "only-on-failure"


# The browser


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args, playwright):
    options = chromium_options(playwright)
    if options is None:
        reason = "no Chromium: `python3 build.py test` installs one, MICROGPT_CHROMIUM names one"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return {**browser_type_launch_args, **options, "args": [*ARGUMENTS, ONE_PROCESS]}


# The site


@contextlib.contextmanager
def one_at_a_time(folder):
    """No two processes are within: a folder can be made by one alone."""
    while True:
        try:
            folder.mkdir()
            break
        except FileExistsError:
            time.sleep(0.1)
    try:
        yield
    finally:
        folder.rmdir()


@pytest.fixture(scope="session")
def built_site(browser_type_launch_args, tmp_path_factory):
    """The folder of the built site. Built only where a browser can look at it.

    Where several processes test, the first one fetches Pyodide and the others find it in the cache.
    """
    out = tmp_path_factory.mktemp("site") / "dist"
    command = [sys.executable, ROOT / "build.py", "build", "--out", out]
    shared = tmp_path_factory.getbasetemp()
    one_of_many = "PYTEST_XDIST_WORKER" in os.environ
    with one_at_a_time((shared.parent if one_of_many else shared) / "builds"):
        done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS)
    if done.returncode:
        pytest.fail("the site could not be built:\n" + done.stderr, pytrace=False)
    return out


@pytest.fixture(scope="session")
def base_url(built_site):
    """Where the site is; `page.goto("./")` goes there."""
    with serving(built_site) as address:
        yield address


# What must not happen


class Faults:
    """All that goes wrong in the pages of a test, but for what it expects."""

    def __init__(self):
        self.seen = []
        self.expected = []
        self.watched = []

    def expect(self, pattern):
        """Say before it happens that a fault that matches the pattern is part of the test."""
        self.expected.append(re.compile(pattern))

    def watch(self, context):
        home = []  # the host of the first page; any other is a third party

        def on_request(request):
            url = urlsplit(request.url)
            if url.scheme in ("http", "https", "ws", "wss"):
                home[:] = home or [url.netloc]
                if url.netloc != home[0]:
                    self.seen.append(f"third party: {request.url}")

        def on_response(response):
            if response.status >= 400:
                self.seen.append(f"status {response.status}: {response.url}")

        def on_failed(request):
            # Aborted: the page went elsewhere, or ended its worker. That is no fault. Nor is a
            # look into the browser's own cache, which in a private window may have nothing.
            if request.failure not in ("net::ERR_ABORTED", "net::ERR_CACHE_MISS"):
                self.seen.append(f"request failed: {request.url} {request.failure}")

        def on_console(message):
            if message.type == "error":
                at = message.location.get("url", "")
                self.seen.append(f"console: {message.text} {at}")

        def on_error(error):
            self.seen.append(f"page error: {error.error}")

        listeners = {
            "request": on_request,
            "response": on_response,
            "requestfailed": on_failed,
            "console": on_console,
            "weberror": on_error,
        }
        for event, listener in listeners.items():
            context.on(event, listener)
            self.watched.append((context, event, listener))

    def unwatch(self):
        for context, event, listener in self.watched:
            context.remove_listener(event, listener)

    def unexpected(self):
        return [s for s in self.seen if not any(pattern.search(s) for pattern in self.expected)]


@pytest.fixture
def faults():
    faults = Faults()
    yield faults
    faults.unwatch()
    assert faults.unexpected() == []


@pytest.fixture
def service_workers():
    """Only tests of what it keeps have one: it costs every new page a second."""
    return "block"


class LastingWindow:
    """A window with a profile on the disk, lent to one test after another, each time empty.

    A private window fetches and prepares all of the page anew, which takes twice the CPU time.
    """

    def __init__(self, context, base_url):
        self.context = context
        self.origin = "{0.scheme}://{0.netloc}".format(urlsplit(base_url))
        self.holder = hold_python(context)
        self.session = context.new_cdp_session(self.holder)

    def take_back(self, picture=None):
        for number, page in enumerate(self.context.pages):
            if page == self.holder:
                continue
            if picture:
                page.screenshot(path=f"{picture}-{number}.png")
            page.close()
        self.context.unroute_all()
        self.context.clear_permissions()
        self.context.set_offline(False)
        what = {"origin": self.origin, "storageTypes": KEPT_BY_THE_PAGE}
        self.session.send("Storage.clearDataForOrigin", what)


@pytest.fixture(scope="session")
def lasting_window(browser_type, browser_type_launch_args, base_url, tmp_path_factory):
    """A function that gives the window with service workers allowed, or that without."""
    windows = {}

    def window(service_workers):
        if service_workers not in windows:
            context = browser_type.launch_persistent_context(
                tmp_path_factory.mktemp("profile"),
                **browser_type_launch_args,
                base_url=base_url,
                service_workers=service_workers,
            )
            windows[service_workers] = LastingWindow(context, base_url)
        return windows[service_workers]

    yield window
    for each in windows.values():
        each.context.close()


@pytest.fixture
def new_context(new_context, service_workers, faults, request, output_path):
    """Every context of a test is watched, and traced; where the test fails the trace is kept.

    The trace has what the test did, the network and the console, but no pictures: with them every
    test takes four times as long. `--tracing retain-on-failure` brings the whole.

    The first context is the lasting window, unless the test wants something special of it.
    """
    traced, windows = [], []

    def create(**options):
        options = {"service_workers": service_workers, **options}
        if len(options) == 1 and not windows:
            window = request.getfixturevalue("lasting_window")
            windows.append(window(options["service_workers"]))
            context = windows[0].context
        else:
            context = new_context(**options)
        faults.watch(context)
        if request.config.getoption("--tracing") == "off":
            context.tracing.start()
            traced.append(context)
        return context

    yield create
    report = getattr(request.node, "rep_call", None)
    failed = report is None or report.failed or faults.unexpected()
    for number, context in enumerate(traced):
        path = Path(output_path, f"trace-{number}.zip") if failed else None
        with contextlib.suppress(Error):  # the test has closed it
            context.tracing.stop(path=path)
    for window in windows:
        window.take_back(Path(output_path, "page") if failed else None)


# A page that tests share


@pytest.fixture(scope="session")
def shared_page(browser, base_url):
    shared = SharedPage(browser, base_url)
    yield shared
    shared.close()


@pytest.fixture
def ready(shared_page, faults, request, output_path):
    """The shared page, back at its beginning. A test that needs a page of its own has `page`."""
    with shared_page.lent(faults, request, output_path) as page:
        begin_anew(page)
        yield page


@pytest.fixture
def load():
    """A function that opens the page, unless said otherwise with the reference run, and waits
    until it can train: load(page, "#train").
    """

    def open_page(page, address="./#train?preset=microgpt"):
        page.goto(address)
        wait_until_ready(page)

    return open_page
