"""Loading: what the page says while Python comes, when it does not, and without a network."""

import hashlib
import json
import re
import shutil
import subprocess
import sys

import pytest
from playwright.sync_api import expect
from steps import button, notice
from visit import LOAD_MILLISECONDS, ROOT, serving, wait_until_all_is_kept, wait_until_ready

from web.build import runtime

pytestmark = pytest.mark.slow

# Something is drawn in the chart: the line is in the colour of the accent or of the ink.
INK = """() => {
  const picture = document.querySelector(".plot canvas");
  const { data } = picture.getContext("2d").getImageData(0, 0, picture.width, picture.height);
  return data.some((value, i) => i % 4 === 3 && value === 255 && data[i - 3] < 60);
}"""
STAGES = ("python", "library", "numpy", "microgpt", "check")


@pytest.fixture
def service_workers():
    return "allow"


@pytest.fixture
def alone(new_context):
    """A page without a service worker, so that every request can be seen and tampered with."""
    return new_context(service_workers="block").new_page()


def failure(page):
    return page.locator("[data-component='shell/failure']")


def site_of(folder):
    return json.loads((folder / "site.json").read_text())


def train_a_little(page):
    """Press the one big button, and see steps being made."""
    page.locator("[data-main]").click()
    expect(page.locator("[data-status]")).to_have_text(
        re.compile("Training|Paused|Stopped|Finished"), timeout=LOAD_MILLISECONDS
    )
    expect(page.locator("[data-component='train/readout'] [data-step]")).to_have_text(
        re.compile(r"^[1-9]"), timeout=LOAD_MILLISECONDS
    )


def test_it_becomes_ready_under_a_sub_path_and_asks_nothing_of_others(page, load):
    """The watch on every context fails this test if another host is asked."""
    load(page)
    expect(page.locator(".still")).to_be_visible()  # the recorded example, drawn without a library
    library = page.locator("script[src*=uPlot]")
    expect(library).to_have_count(0)
    train_a_little(page)
    expect(page.locator(".plot canvas")).to_be_visible()
    page.wait_for_function(INK)
    expect(library).to_have_count(1)
    urls = page.evaluate("() => performance.getEntriesByType('resource').map((e) => e.name)")
    origin = page.evaluate("() => location.origin")
    assert urls and all(url.startswith(origin) for url in urls)


def test_the_page_can_be_read_before_python_is_there(alone, faults, base_url):
    faults.expect("ERR_FAILED|Failed to fetch")
    held = []
    alone.route("**/runtime/**", lambda route: held.append(route))  # nothing comes
    alone.goto(base_url)
    expect(alone.get_by_role("heading", level=1)).to_have_count(1)
    expect(alone.locator("[data-main]")).to_be_enabled()
    expect(alone.locator("[data-status]")).to_contain_text("Loading Python")
    for stage in STAGES:
        expect(alone.locator(f"[data-stage={stage}]")).to_be_visible()
    for route in held:
        route.abort()


def test_a_wrong_address_leads_home(alone, faults, built_site, base_url):
    faults.expect("404|File not found")
    body = (built_site / "404.html").read_text()
    alone.route("**/no/such/page", lambda route: route.fulfill(status=404, body=body))
    alone.goto(base_url + "no/such/page")
    expect(alone.get_by_role("link")).to_have_attribute("href", base_url)


def test_stages_say_their_bytes_and_no_service_worker_is_needed(alone, built_site, load):
    load(alone)
    loaded = alone.locator("[data-component='shell/loading']")
    total = sum(f["bytes"] for f in site_of(built_site)["files"] if f["stage"] in STAGES)
    expect(loaded.locator("[data-bytes]")).to_contain_text(f"{total / 1e6:.1f}")
    for stage in STAGES:
        expect(loaded.locator(f"[data-stage={stage}]")).to_have_class(re.compile("stage--done"))
    assert alone.evaluate("() => navigator.serviceWorker?.controller ?? null") is None
    train_a_little(alone)


def test_what_is_loaded_is_what_site_json_says(built_site):
    site = site_of(built_site)
    for entry in site["files"]:
        body = (built_site / entry["url"]).read_bytes()
        assert len(body) == entry["bytes"]
        assert hashlib.sha256(body).hexdigest() == entry["sha256"]
    assert {entry["stage"] for entry in site["files"]} >= set(STAGES) - {"check"}


def blocked(route):
    route.abort()


def missing(route):
    route.fulfill(status=404, body="none")


def wrong(route):
    answer = route.fetch()
    body = bytearray(answer.body())
    body[len(body) // 2] ^= 1
    route.fulfill(response=answer, body=bytes(body))


def test_what_does_not_come_is_named_and_retry_works(alone, faults, base_url):
    """One file after another, and every time the page is asked to try again."""
    faults.expect("ERR_FAILED|404")
    for name, fault, said in [
        ("pyodide.mjs", blocked, "Loading stopped at Python"),
        ("pyodide.asm.wasm", blocked, "Loading stopped at Python"),
        ("pyodide.asm.mjs", wrong, "checksum"),
        ("python_stdlib.zip*", blocked, "Loading stopped at the standard library"),
        ("python_stdlib.zip*", wrong, "checksum"),
        ("numpy-*.whl*", blocked, "Loading stopped at numpy"),
        ("numpy-*.whl*", missing, "404"),
        ("numpy-*.whl*", wrong, "checksum"),
        ("microgpt-*.whl*", blocked, "Loading stopped at microgpt itself"),
    ]:
        alone.unroute_all(behavior="wait")
        alone.route(f"**/{name}", fault)
        try_again(alone) if failure(alone).is_visible() else alone.goto(base_url)
        expect(failure(alone)).to_contain_text(said, timeout=LOAD_MILLISECONDS)
        expect(failure(alone)).to_contain_text(name.split("*")[0])
    alone.unroute_all(behavior="wait")
    try_again(alone)
    wait_until_ready(alone)
    expect(failure(alone)).to_be_hidden()


def try_again(page):
    page.get_by_role("button", name=re.compile("Retry|again", re.I)).first.click()


def test_a_download_that_stalls_is_told_and_retry_works(alone, faults, base_url):
    held = []  # the first answer never comes; to let it come later would take the notice away
    alone.clock.install()
    alone.route("**/numpy-*.whl*", lambda route: route.fallback() if held else held.append(route))
    alone.goto(base_url)
    library = alone.locator("[data-stage=library]")
    expect(library).to_have_class(re.compile("done"), timeout=LOAD_MILLISECONDS)
    alone.clock.fast_forward(10_000)
    told = notice(alone, "The download has stalled")
    expect(told).to_be_visible(timeout=LOAD_MILLISECONDS)  # later, if a last byte came after that
    button(told, "Retry").click()
    expect(alone.locator("[data-status]")).to_have_text("Ready", timeout=LOAD_MILLISECONDS)
    expect(told).to_be_hidden()


# Updates


KEPT = """async () => {
  const names = await caches.keys();
  const cache = await caches.open(names[0]);
  return [names, (await cache.keys()).map((request) => request.url)];
}"""


def test_an_update_is_offered_and_taken_and_fetches_only_what_changed(page, built_site, tmp_path):
    """Two builds that differ in one file, one after the other at the same address. Nothing changes
    until the reader says so."""
    folder = tmp_path / "site"
    shutil.copytree(built_site, folder)
    styled = "() => getComputedStyle(document.body).outlineStyle"
    fetched = []
    with serving(folder) as address:
        page.goto(address)
        wait_until_ready(page)
        wait_until_all_is_kept(page, folder)
        style, worker = folder / "styles" / "chat.css", folder / "sw.js"
        before = hashlib.sha256(style.read_bytes()).hexdigest()
        style.write_bytes(style.read_bytes() + b"\nbody { outline-style: dotted; }\n")
        after = hashlib.sha256(style.read_bytes()).hexdigest()
        worker.write_text(worker.read_text().replace(before, after))
        page.context.on(
            "request", lambda request: request.service_worker and fetched.append(request.url)
        )
        page.reload()
        wait_until_ready(page)
        offer = page.get_by_role("banner").get_by_text("An update is ready")
        expect(offer).to_be_visible(timeout=LOAD_MILLISECONDS)
        assert page.evaluate(styled) == "none"
        page.get_by_role("button", name="Reload").click()
        page.wait_for_function("() => getComputedStyle(document.body).outlineStyle === 'dotted'")
        wait_until_ready(page)
        expect(offer).to_be_hidden()
        names, kept = page.evaluate(KEPT)
    assert len(names) == 1
    assert any(url.endswith("chat.css?sha256=" + after) for url in kept)
    assert not any(before in url for url in kept)
    files = {url.split("/")[-1] for url in fetched}
    assert "chat.css" in files and files <= {"chat.css", "sw.js"}


def test_the_policy_is_strict_and_holds(page, base_url, faults):
    faults.expect("Content Security Policy")
    page.goto(base_url)
    policy = page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content")
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy and "'unsafe-eval'" not in policy
    with pytest.raises(Exception, match="unsafe-eval|Content Security Policy"):
        page.add_script_tag(content="window.inline = 1")
    assert page.evaluate("() => window.inline") is None


def test_with_cdn_the_runtime_comes_from_there(page, faults, tmp_path):
    """The CDN is played by the cache, which holds the same files."""
    out = tmp_path / "dist"
    command = [sys.executable, ROOT / "build.py", "build", "--cdn", "--out", out]
    subprocess.run(command, check=True, capture_output=True)
    site = site_of(out)
    pinned = {entry["name"]: entry["sha256"] for entry in site["files"]}
    cache = runtime.cache_dir() / "runtime"
    asked = []

    def answer(route):
        name = route.request.url.rsplit("/", 1)[1]
        asked.append(name)
        kept = cache / f"{pinned[name][:12]}-{name}"
        types = {"mjs": "text/javascript", "wasm": "application/wasm"}
        kind = types.get(name.rsplit(".", 1)[1], "application/octet-stream")
        headers = {"Access-Control-Allow-Origin": "*", "Content-Type": kind}
        route.fulfill(body=kept.read_bytes(), headers=headers)

    page.context.route("https://cdn.jsdelivr.net/**", answer)
    faults.expect("third party: https://cdn.jsdelivr.net/pyodide/")
    with serving(out) as address:
        page.goto(address)
        wait_until_ready(page)
        train_a_little(page)
        wait_until_all_is_kept(page, out)
    assert {"pyodide.mjs", "pyodide.asm.wasm", "pyodide-lock.json"} <= set(asked)


def test_train_knows_how_long_it_took_whatever_was_seen_first(page, load):
    load(page, "#tokens")
    page.get_by_role("navigation", name="Views").get_by_role("link", name="Train").click()
    told = page.locator("[data-component='shell/loading']")
    expect(told).to_contain_text(re.compile(r"ready after (0\.[1-9]|[1-9])"))


def test_the_chart_library_makes_no_formatter_as_it_loads(built_site):
    """One of numbers and one of dates took a phone 0.2 s, and the page writes its own numbers."""
    assert "Intl" not in (built_site / "vendor" / "uPlot.iife.min.js").read_text()
