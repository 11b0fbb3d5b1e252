"""Loading: what the page says while Python comes, when it does not, and without a network."""

import hashlib
import json
import re

import pytest
from conftest import LOAD_MILLISECONDS, serving, wait_until_ready
from playwright.sync_api import expect

pytestmark = pytest.mark.slow

STAGES = ("python", "library", "numpy", "microgpt", "check")


@pytest.fixture
def alone(new_context):
    """A page without a service worker, so that every request can be seen and tampered with."""
    return new_context(service_workers="block").new_page()


def failure(page):
    return page.locator("[data-part=failure]")


def site_of(folder):
    return json.loads((folder / "site.json").read_text())


def train_a_little(page):
    """Press the one big button, and see steps being made."""
    page.locator("[data-main]").click()
    expect(page.locator("[data-status]")).to_have_text(
        re.compile("Training|Paused|Stopped|Finished"), timeout=LOAD_MILLISECONDS
    )
    expect(page.locator("[data-part=readout] [data-step]")).to_have_text(
        re.compile(r"^[1-9]"), timeout=LOAD_MILLISECONDS
    )


def test_it_becomes_ready_under_a_sub_path(page, load):
    load(page)
    train_a_little(page)


def test_the_page_can_be_read_before_python_is_there(alone, faults, base_url):
    alone.route("**/runtime/**", lambda route: None)  # nothing ever comes
    alone.goto(base_url)
    expect(alone.locator("h1")).to_have_count(1)
    expect(alone.locator("[data-main]")).to_be_enabled()
    expect(alone.locator("[data-status]")).to_contain_text("Loading Python")
    for stage in STAGES:
        expect(alone.locator(f"[data-stage={stage}]")).to_be_visible()
    alone.unroute_all(behavior="ignoreErrors")


def test_stages_say_their_bytes(alone, built_site, load):
    load(alone)
    loaded = alone.locator("[data-part=loading]")
    total = sum(f["bytes"] for f in site_of(built_site)["files"] if f["stage"] in STAGES)
    expect(loaded.locator("[data-bytes]")).to_contain_text(f"{total / 1e6:.1f}")
    for stage in STAGES:
        expect(loaded.locator(f"[data-stage={stage}]")).to_have_class(re.compile("stage--done"))


def test_what_is_loaded_is_what_site_json_says(built_site):
    site = site_of(built_site)
    for entry in site["files"]:
        body = (built_site / entry["url"]).read_bytes()
        assert len(body) == entry["bytes"]
        assert hashlib.sha256(body).hexdigest() == entry["sha256"]
    assert {entry["stage"] for entry in site["files"]} >= set(STAGES) - {"check"}


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("pyodide.mjs", "Python"),
        ("pyodide.asm.wasm", "Python"),
        ("python_stdlib.zip", "its standard library"),
        ("numpy-*.whl", "numpy"),
        ("microgpt-*.whl", "microgpt itself"),
    ],
)
def test_a_blocked_file_is_named_and_retry_works(alone, faults, name, stage, base_url):
    faults.expect("ERR_FAILED")
    alone.route(f"**/{name}", lambda route: route.abort())
    alone.goto(base_url)
    expect(failure(alone)).to_contain_text(f"stopped loading at {stage}", timeout=LOAD_MILLISECONDS)
    expect(failure(alone)).to_contain_text(name.split("*")[0])
    retry_works(alone)


def test_a_missing_file_is_named_and_retry_works(alone, faults, base_url):
    faults.expect("404")
    alone.route("**/numpy-*.whl", lambda route: route.fulfill(status=404, body="none"))
    alone.goto(base_url)
    expect(failure(alone)).to_contain_text("stopped loading at numpy", timeout=LOAD_MILLISECONDS)
    expect(failure(alone)).to_contain_text("404")
    retry_works(alone)


@pytest.mark.parametrize("name", ["pyodide.asm.mjs", "python_stdlib.zip", "numpy-*.whl"])
def test_a_wrong_file_is_named_and_retry_works(alone, faults, name, base_url):
    def tamper(route):
        answer = route.fetch()
        body = bytearray(answer.body())
        body[len(body) // 2] ^= 1
        route.fulfill(response=answer, body=bytes(body))

    alone.route(f"**/{name}", tamper)
    alone.goto(base_url)
    expect(failure(alone)).to_contain_text(name.split("*")[0], timeout=LOAD_MILLISECONDS)
    expect(failure(alone)).to_contain_text("checksum")
    retry_works(alone)


def retry_works(page):
    page.unroute_all()
    page.get_by_role("button", name=re.compile("Retry|again", re.I)).first.click()
    wait_until_ready(page)
    expect(failure(page)).to_be_hidden()


# Offline

# Resolves once every file of the site is kept: the worker that waits for it is active then.
KEPT = "() => navigator.serviceWorker.ready.then((found) => Boolean(found.active))"


def test_offline_it_trains_after_one_visit(page, built_site, faults):
    faults.expect("ERR_CONNECTION_REFUSED.*sw.js|sw.js.*ERR_CONNECTION_REFUSED|ERR_FAILED.*sw.js")
    with serving(built_site) as address:
        page.goto(address)
        wait_until_ready(page)
        assert page.evaluate(KEPT)
    # The server is gone: a stricter "offline" than the browser's own switch.
    page.goto("about:blank")
    page.goto(address)
    wait_until_ready(page)
    train_a_little(page)


def test_a_deep_link_works_offline(page, built_site, faults):
    faults.expect("sw.js")
    with serving(built_site) as address:
        page.goto(address)
        wait_until_ready(page)
        assert page.evaluate(KEPT)
    page.goto("about:blank")
    page.goto(address + "?anything=1#train")
    wait_until_ready(page)


def test_it_works_without_a_service_worker(alone, load):
    load(alone)
    assert alone.evaluate("() => navigator.serviceWorker?.controller ?? null") is None
    train_a_little(alone)


def test_an_update_fetches_only_what_changed(page, built_site, tmp_path, faults):
    """Two builds that differ in one file, one after the other at the same address."""
    import shutil

    folder = tmp_path / "site"
    shutil.copytree(built_site, folder)
    with serving(folder) as address:
        page.goto(address)
        wait_until_ready(page)
        assert page.evaluate(KEPT)
        style = folder / "style.css"
        before = hashlib.sha256(style.read_bytes()).hexdigest()
        style.write_bytes(style.read_bytes() + b"\n/* changed */\n")
        after = hashlib.sha256(style.read_bytes()).hexdigest()
        worker = folder / "sw.js"
        worker.write_text(worker.read_text().replace(before, after))
        fetched = []
        page.context.on(
            "request", lambda request: request.service_worker and fetched.append(request.url)
        )
        page.evaluate(
            """async () => {
              const registration = await navigator.serviceWorker.ready;
              await registration.update();
              const waiting = () => registration.waiting?.state === "installed";
              while (!waiting()) await new Promise((resolve) => setTimeout(resolve, 20));
              const changed = new Promise((resolve) => {
                navigator.serviceWorker.addEventListener("controllerchange", resolve);
                setTimeout(resolve, 5000);
              });
              registration.waiting.postMessage({ type: "skipWaiting" });
              while (registration.waiting) await new Promise((resolve) => setTimeout(resolve, 20));
              await Promise.race([changed, new Promise((r) => setTimeout(r, 500))]);
            }"""
        )
        kept = page.evaluate(
            """async () => {
              const names = await caches.keys();
              const cache = await caches.open(names[0]);
              return [names, (await cache.keys()).map((request) => request.url)];
            }"""
        )
        assert len(kept[0]) == 1
        assert any(url.endswith("style.css?sha256=" + after) for url in kept[1])
        assert not any(before in url for url in kept[1])
        assert {url.split("/")[-1] for url in fetched} <= {"style.css", "sw.js"}


def test_nothing_is_asked_of_others(page, load):
    """The watch on every context fails this test if another host is asked."""
    load(page)
    urls = page.evaluate("() => performance.getEntriesByType('resource').map((e) => e.name)")
    assert urls
    origin = page.evaluate("() => location.origin")
    assert all(url.startswith(origin) for url in urls)


def test_the_policy_is_strict_and_holds(page, base_url, faults):
    faults.expect("Content Security Policy")
    page.goto(base_url)
    policy = page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content")
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy and "'unsafe-eval'" not in policy
    with pytest.raises(Exception, match="unsafe-eval|Content Security Policy"):
        page.add_script_tag(content="window.inline = 1")
    assert page.evaluate("() => window.inline") is None
