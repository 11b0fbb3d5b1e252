"""The benchmark, in its own place: it measures, it can be stopped, and the kernel is there."""

import re

from playwright.sync_api import expect
from steps import PATIENCE


def panel(page):
    return page.locator("[data-component='benchmark/benchmark']")


def test_it_measures_with_the_kernel_and_can_be_stopped(ready):
    page = ready
    page.get_by_role("link", name="Benchmark").click()
    expect(page.get_by_role("heading", level=1, name="Benchmark")).to_be_visible()
    panel(page).get_by_role("button", name="Measure").click()
    table = panel(page).get_by_role("table")
    row = table.get_by_role("row", name=re.compile("a name a step recorded, with the kernel"))
    expect(row.get_by_role("cell").nth(1)).to_have_text(re.compile(r"\d"), timeout=PATIENCE)
    panel(page).get_by_role("button", name="Stop").click()
    expect(panel(page)).to_contain_text("Stopped early")
    expect(panel(page).get_by_role("button", name="Measure again")).to_be_enabled()
    expect(panel(page).get_by_role("button", name="Copy as text")).to_be_visible()


def test_it_waits_for_the_training_to_pause(ready):
    page = ready
    page.get_by_role("button", name="Start training").first.click()
    page.get_by_role("link", name="Benchmark").click()
    expect(panel(page)).to_contain_text("Pause the training first", timeout=PATIENCE)
    expect(panel(page).get_by_role("button", name="Measure")).to_be_disabled()
    page.get_by_role("link", name="Train").click()
    page.get_by_role("button", name="Stop", exact=True).first.click()
    page.get_by_role("link", name="Benchmark").click()
    expect(panel(page).get_by_role("button", name="Measure")).to_be_enabled(timeout=PATIENCE)
