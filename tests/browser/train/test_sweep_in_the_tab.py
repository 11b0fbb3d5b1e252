"""The fold Sweep: runs in workers of their own, each as one that is started by itself."""

import re

from playwright.sync_api import expect
from steps import button, expect_status, full_speed, go, start

SHORT = "steps=20&batch_size=2&eval_tokens=600&seed=3"


def fold(page):
    return page.locator("details[data-later=sweep]")


def row(page, name):
    return fold(page).get_by_role("row", name=re.compile(f"^{name}"))


def test_a_small_grid_is_trained_and_the_best_is_taken(ready, faults):
    page = ready
    go(page, f"train?{SHORT}")
    sweep = fold(page)
    sweep.locator("summary").click()
    values = sweep.get_by_label("Values of Learning rate", exact=True)
    values.fill("0.02 much")
    button(sweep, "Start the sweep").click()
    expect(sweep.get_by_role("alert")).to_have_text(re.compile("much is not a number"))
    values.fill("0.0002, 0.02")
    button(sweep, "Start the sweep").click()
    best = row(page, "learning rate 0.02, the best")
    expect(best).to_contain_text(re.compile(r"\d\.\d+.*20"), timeout=120_000)
    expect(row(page, "learning rate 0.0002")).to_contain_text(re.compile(r"\d\.\d+"))
    expect(button(sweep, "Start the sweep")).to_be_visible(timeout=60_000)
    assert sweep.locator("polyline").count() == 2
    button(sweep, "Take learning rate 0.02").click()
    expect(page).to_have_url(re.compile("lr=0.02"))
    # The same run, started by itself.
    found = best.get_by_role("cell").first.inner_text()
    full_speed(page)
    start(page)
    expect_status(page, "^Finished")
    expect(page.locator("[data-component='train/readout'] [data-held]")).to_contain_text(found)
    # Nothing of the sweep is kept.
    assert page.locator("details[data-component='train/kept-runs'] li").count() <= 1
