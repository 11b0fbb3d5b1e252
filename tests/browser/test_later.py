"""What comes after a start: a view that is loaded when it is opened, and what is kept of it."""

import pytest
from playwright.sync_api import expect
from steps import button, save, train
from visit import (
    LOAD_MILLISECONDS,
    serving,
    wait_until_all_is_kept,
    wait_until_kept,
    wait_until_ready,
)

pytestmark = pytest.mark.slow

VIEW = "ui/tokens/index.js"
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


def test_a_view_is_loaded_when_it_is_opened_and_only_its_own_code(frugal, load, asked):
    load(frugal)
    assert not [url for url in asked if VIEW in url]
    began = len(asked)
    open_tokens(frugal)
    works(frugal)
    scripts = [url for url in asked[began:] if url.endswith(".js")]
    assert scripts and all(url.endswith(VIEW) for url in scripts)  # and nothing a second time


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


def test_a_run_needs_nothing_of_the_second_archive(frugal, load, asked, tmp_path):
    """What a start imports is enough to train, to write, to save and to look inside."""
    load(frugal)
    train(frugal, 20)
    save(frugal, tmp_path)
    button(frugal, "Copy link").click()
    frugal.get_by_role("link", name="Inside").click()
    attention = frugal.get_by_role("region", name="Attention of this head")
    expect(attention.get_by_role("table")).to_be_visible()
    assert any("numpy-" in url for url in asked)  # the worker's questions are seen
    assert not list(filter(is_archive, asked))


def test_an_import_brings_the_second_archive_at_once(frugal, base_url, asked, faults):
    """Cutting by words needs a package, and installing that needs modules a start does without."""
    faults.expect("favicon")  # of a page without one
    frugal.goto(base_url + "404.html")
    assert frugal.evaluate(LEARN) == "learned"
    assert len(list(filter(is_archive, asked))) == 1


def test_a_wrong_second_archive_is_not_used(frugal, base_url, faults):
    frugal.context.route("**/later.zip*", lambda route: route.fulfill(body=b"something else"))
    faults.expect("favicon")  # of a page without one
    frugal.goto(base_url + "404.html")
    assert frugal.evaluate(LEARN) != "learned"
    frugal.context.unroute_all(behavior="wait")
    assert frugal.evaluate(LEARN) == "learned"


def test_the_second_archive_is_there_without_a_network(page, built_site, faults):
    faults.expect("sw.js")
    with serving(built_site) as address:
        page.goto(address)
        wait_until_ready(page)
        wait_until_all_is_kept(page, built_site)
    page.goto("about:blank")
    page.add_init_script(SAVES_DATA)  # so that it is the import that asks
    page.goto(address)
    assert page.evaluate(LEARN) == "learned"


def test_a_link_to_a_view_opens_it(frugal, load):
    load(frugal, "./#tokens")
    works(frugal)


def test_a_view_that_does_not_come_says_so_and_can_be_asked_for_again(frugal, load, faults):
    faults.expect("ERR_FAILED")
    frugal.route("**/" + VIEW, lambda route: route.abort())
    load(frugal)
    open_tokens(frugal)
    notice = frugal.get_by_role("alert").filter(has_text="This view could not be loaded")
    expect(notice).to_be_visible()
    frugal.unroute_all(behavior="wait")
    notice.get_by_role("button", name="Try again").click()
    works(frugal)
    expect(notice).to_have_count(0)


def test_an_idle_page_keeps_all_views_for_a_visit_without_a_network(page, built_site, faults):
    faults.expect("sw.js")
    with serving(built_site) as address:
        page.goto(address)
        wait_until_ready(page)
        wait_until_all_is_kept(page, built_site)
    page.goto("about:blank")
    page.goto(address + "#tokens")
    wait_until_ready(page)
    works(page)


def test_saving_data_only_what_was_opened_is_kept(frugal, load):
    load(frugal)
    frugal.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    frugal.wait_for_timeout(3000)  # longer than an idle page waits
    assert not frugal.evaluate(IS_KEPT, VIEW)
    assert frugal.evaluate(IS_KEPT, "main.js")
    open_tokens(frugal)
    wait_until_kept(frugal, VIEW)
