"""What comes after a start: a view that is loaded when it is opened, and what is kept of it."""

import re

import pytest
from playwright.sync_api import expect
from steps import PATIENCE, button, save, train
from visit import (
    LOAD_MILLISECONDS,
    serving,
    wait_until_all_is_kept,
    wait_until_kept,
    wait_until_ready,
)

pytestmark = pytest.mark.slow

VIEW = "ui/tokens/index.js"
MODEL = "story-chat"
SAVES_DATA = """
  const kind = Object.getPrototypeOf(navigator.connection);
  Object.defineProperty(kind, "saveData", { get: () => true });
"""
IS_KEPT = """async (name) => {
  for (const key of await caches.keys())
    for (const { url } of await (await caches.open(key)).keys())
      if (url.split("?")[0].endsWith(name)) return true;
  return false;
}"""


@pytest.fixture
def service_workers():
    return "allow"


@pytest.fixture
def asked(page):
    """The addresses the page and its worker have asked for, not what the service worker did."""
    asked = []
    page.context.on("request", lambda r: r.service_worker or asked.append(r.url))
    return asked


@pytest.fixture
def frugal(page):
    """A reader who saves data: nothing comes before it is asked for."""
    page.add_init_script(SAVES_DATA)
    return page


def open_tokens(page):
    page.get_by_role("link", name="Tokens").click()
    expect(page.get_by_role("heading", name="Tokens", exact=True)).to_be_attached()


def works(page):
    learn = page.get_by_role("button", name="Learn the merges")
    expect(learn).to_be_enabled(timeout=LOAD_MILLISECONDS)
    expect(page.get_by_role("listbox").first.get_by_role("option").first).to_be_visible()


LEARN = """async () => {
  const site = await (await fetch("site.json")).json();
  const worker = new Worker("worker.js", { type: "module" });
  const ended = new Promise((resolve) => {
    worker.onmessage = ({ data }) => {
      if (["learned", "refused", "crashed", "failed"].includes(data.type)) resolve(data.type);
    };
  });
  worker.postMessage({ type: "load", site });
  worker.postMessage({ type: "data", id: 1, kind: "names" });
  worker.postMessage({ type: "learn", id: 2, source: "data", merges: 5, pattern: "gpt2" });
  return ended;
}"""


def is_archive(url):
    return "/later.zip" in url


def test_a_reader_who_saves_data_gets_what_they_ask_for(frugal, load, asked, tmp_path):
    """What a start imports is enough to train, to write, to save and to look inside. A view comes
    when it is opened, of it only its own code, and is kept from then on; so does the model that is
    talked to, once."""
    load(frugal)
    ready_at = frugal.evaluate("() => navigator.serviceWorker.ready.then(() => performance.now())")
    train(frugal, 20)
    save(frugal, tmp_path)
    button(frugal, "Copy link").click()
    frugal.get_by_role("link", name="Inside").click()
    attention = frugal.get_by_role("region", name="Attention of this head")
    expect(attention.get_by_role("table")).to_be_visible()
    # Longer than an idle page waits.
    frugal.wait_for_function("(at) => performance.now() > at + 3000", arg=ready_at)
    assert any("numpy-" in url for url in asked)  # the worker's questions are seen
    assert not [url for url in asked if VIEW in url or is_archive(url)]
    assert frugal.evaluate(IS_KEPT, "main.js") and not frugal.evaluate(IS_KEPT, VIEW)
    began = len(asked)
    open_tokens(frugal)
    works(frugal)
    scripts = [url for url in asked[began:] if url.endswith(".js")]
    assert scripts and all(url.endswith(VIEW) for url in scripts)  # and nothing a second time
    wait_until_kept(frugal, VIEW)
    assert not [url for url in asked if MODEL in url]
    frugal.get_by_role("link", name="Chat").click()
    said = frugal.get_by_label("Your message")
    said.fill("What is 12 times 7?")
    said.press("Enter")
    expect(frugal.locator(".turn__said").get_by_text("That makes 84.")).to_be_visible(
        timeout=LOAD_MILLISECONDS
    )
    assert len([url for url in asked if MODEL in url]) == 1
    assert not list(filter(is_archive, asked))  # making one's own takes it, and only then it comes
    button(frugal, "Make my own").click()
    expect(frugal.get_by_text(re.compile("All of it takes about"))).to_be_visible(timeout=PATIENCE)
    assert len(list(filter(is_archive, asked))) == 1


def test_an_import_brings_the_second_archive_at_once_if_it_is_the_right_one(
    frugal, base_url, asked, faults
):
    """Cutting by words needs a package, and installing that needs modules a start does without."""
    faults.expect("favicon")  # of a page without one
    frugal.context.route("**/later.zip*", lambda route: route.fulfill(body=b"something else"))
    frugal.goto(base_url + "404.html")
    assert frugal.evaluate(LEARN) != "learned"
    frugal.context.unroute_all(behavior="wait")
    began = len(asked)
    assert frugal.evaluate(LEARN) == "learned"
    assert len(list(filter(is_archive, asked[began:]))) == 1


def test_all_of_it_works_without_a_network_after_one_visit(page, built_site, faults):
    """An idle page has the rest kept: views, and the second archive."""
    faults.expect("sw.js")
    with serving(built_site) as address:
        page.goto(address)
        wait_until_ready(page)
        wait_until_all_is_kept(page, built_site)
    # The server is gone: a stricter "offline" than the browser's own switch.
    page.goto("about:blank")
    page.add_init_script(SAVES_DATA)  # so that it is the import that asks for the archive
    page.goto(address)
    wait_until_ready(page)
    train(page, 20)
    page.goto("about:blank")
    page.goto(address + "?anything=1#tokens")
    works(page)
    assert page.evaluate(LEARN) == "learned"


def test_a_view_that_does_not_come_says_so_and_can_be_asked_for_again(frugal, load, faults):
    faults.expect("ERR_FAILED")
    frugal.route("**/" + VIEW, lambda route: route.abort())
    load(frugal)
    open_tokens(frugal)
    notice = frugal.get_by_role("alert").filter(has_text="This part could not be loaded")
    expect(notice).to_be_visible()
    frugal.unroute_all(behavior="wait")
    notice.get_by_role("button", name="Try again").click()
    works(frugal)
    expect(notice).to_have_count(0)
