"""How fast the view Chat is: `.venv/bin/python tests/browser/measure_chat.py`, after a build.

Not a test: figures depend on the machine. `first` is the first answer of cold visits, `stop` how
soon what is going on ends and what the page's own thread does meanwhile, `path` all stages of a
chat model in one tab: a matter of minutes. Of `path` the processor's seconds are said too, for
they do not depend on what else the machine does. Prints a table, or with --json one object.
"""

import argparse
import json
import re
from pathlib import Path

from measure import WATCH, build_site, served
from playwright.sync_api import expect, sync_playwright
from visit import ARGUMENTS, ROOT, chromium_options

PARTS = ("first", "stop", "path")
PATIENCE = 3_600_000  # milliseconds: a machine may be busy

# All that the worker says, with the time at which the page hears it; how long a pressed Stop stays.
HEAR = """
window.heard = [];
window.Worker = class extends Worker {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", ({ data }) => {
      const { bytes, ...rest } = data;
      heard.push([performance.now(), rest]);
    });
  }
};
window.after = async (type, from, patience = 30000) => {
  for (const began = performance.now(); performance.now() - began < patience; ) {
    const found = heard.slice(from).find(([, message]) => message.type === type);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error(`no ${type}: ${heard.slice(from).map(([, { type }]) => type)}`);
};
window.gone = async (button, label = "Stop") => {
  const at = performance.now();
  button.click();
  while (button.textContent === label)
    await new Promise((resolve) => requestAnimationFrame(resolve));
  return performance.now() - at;
};
"""

# Milliseconds from a press of Pause until the page shows the stage at rest, and until the worker is
# there and what is made is kept.
PAUSE = """async (wait) => {
  await new Promise((resolve) => setTimeout(resolve, wait));
  const buttons = [...document.querySelectorAll("button")];
  const button = buttons.find((each) => each.textContent === "Pause" && each.checkVisibility());
  const [from, at] = [heard.length, performance.now()];
  const seen = await gone(button, "Pause");
  const [end] = await after("stages-paused", from);
  return [seen, end - at];
}"""

# Say something at a temperature at which an answer goes on for long, and stop it; nothing where it
# was over before.
STOP_ANSWER = """async (wait) => {
  const area = document.querySelector("#say");
  const main = area.form.querySelector("[type=submit]");
  // What ends an answer is heard here before it is drawn; until then the button is still Stop.
  while (main.textContent !== "Send")
    await new Promise((resolve) => requestAnimationFrame(resolve));
  const from = heard.length;
  area.value = "Tell me a long story about a fox and a river.";
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.form.requestSubmit();
  await after("chat-said", from);
  await new Promise((resolve) => setTimeout(resolve, wait));
  if (heard.slice(from).some(([, { type }]) => type === "chat-answered")) return null;
  const [asked, at] = [heard.length, performance.now()];
  main.click();
  const [end] = await after("chat-answered", asked);
  return end - at;
}"""

# Milliseconds until the table has stopped.
STOP_TABLE = """async (wait) => {
  await new Promise((resolve) => setTimeout(resolve, wait));
  const buttons = [...document.querySelectorAll("button")];
  return gone(buttons.find((each) => each.textContent === "Stop" && each.checkVisibility()));
}"""

# Milliseconds until a comparison has ended; nothing where it was over before.
STOP_COMPARING = """async (wait) => {
  const form = document.querySelector("[data-stages=compare] form");
  const button = form.querySelector("[type=submit]");
  form.requestSubmit();
  await new Promise((resolve) => setTimeout(resolve, wait));
  return button.textContent === "Stop" ? gone(button) : null;
}"""

MADE = "heard.find(([, m]) => m.type === 'stages-made' && m.stage === stage)"
MADE_ABOUT = f"(stage) => {MADE}[1].about"


def visit(browser, address):
    """A page of a visitor who comes for the first time."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(WATCH + HEAR)
    return context.new_page()


def measure_first(browser, address, rounds):
    """The question is typed while Python loads: what follows its being ready."""
    found = {"model open ms": [], "first token ms": [], "answered ms": [], "ready ms": []}
    for _ in range(rounds):
        page = visit(browser, address)
        page.goto(f"{address}#chat")
        page.get_by_label("Your message").fill("What is 12 times 7?")
        page.keyboard.press("Enter")
        at = page.evaluate(
            """async () => {
              await after("chat-answered", 0, 60000);
              const types = ["ready", "chat-opened", "chat-said", "chat-answered"];
              return types.map((type) => heard.find(([, message]) => message.type === type)[0]);
            }"""
        )
        found["ready ms"].append(at[0])
        for name, time in zip(("model open ms", "first token ms", "answered ms"), at[1:]):
            found[name].append(time - at[0])
        page.context.close()
    return found


def measure_stop(browser, address, rounds):
    page = visit(browser, address)
    page.goto(f"{address}#chat")
    page.wait_for_function("() => heard.some(([, m]) => m.type === 'chat-opened')")
    said = page.get_by_label("Your message")
    said.fill("/temperature 3")
    said.press("Enter")
    page.wait_for_timeout(2000)
    found = {"stop the table ms": []}
    began = page.evaluate("() => performance.now()")
    stopped = [page.evaluate(STOP_ANSWER, 40 + 23 * i) for i in range(rounds)]
    found["stop an answer ms"] = [took for took in stopped if took is not None]
    for i in range(rounds):
        page.get_by_role("button", name=re.compile("^Ask them")).click()
        found["stop the table ms"].append(page.evaluate(STOP_TABLE, 150 + 371 * i))
    compared = [page.evaluate(STOP_COMPARING, 20 + 37 * i) for i in range(rounds)]
    found["stop a comparison ms"] = [took for took in compared if took is not None]
    page.get_by_role("button", name="Make my own").click()
    page.evaluate("() => after('stages-estimated', 0, 240000)")
    # The stages that come before are made of little, for the sake of the last.
    wait = {"tokens": 300, "base": 1500, "chat": 2500}
    for stage, least in wait.items():
        part = page.locator(f"[data-stage={stage}]")
        part.locator(":scope > .row > button").click()
        times = []
        for i in range(rounds):
            times.append(page.evaluate(PAUSE, least + 61 * i))
            # Until that is drawn, the button of the stage says Continue too, and cannot be pressed.
            expect(page.get_by_text(re.compile("was stopped"))).to_be_visible()
            page.get_by_role("button", name="Continue", exact=True).click()
        seen, kept = zip(*times)
        found |= {f"stop {stage} ms": seen, f"stop {stage}, and keep it ms": kept}
        if stage != "chat":
            steps = page.locator(f"[data-stage={stage}]")
            page.evaluate("() => window.from = heard.length")
            if stage == "base":
                expect(steps.get_by_text(re.compile("^Step [1-9]"))).to_be_visible(timeout=60_000)
                page.get_by_role("button", name="Stop here").click()
            page.evaluate("() => after('stages-made', from, 120000)")
    tasks = [(start, took) for start, took in page.evaluate("longTasks") if start > began]
    found["tasks over 50 ms"] = [len(tasks)]
    found["longest task ms"] = [max([0, *(took for _, took in tasks)])]
    page.context.close()
    return found


def measure_path(browser, address, steps=None, keep=None):
    """Tokens, base and chat model, after their times were estimated: of the page's own steps, or of
    fewer of the base and of the chat model. `keep` is where the chat model's file goes.
    """
    session = browser.new_browser_cdp_session()

    def processor():
        """Seconds of all processes that run pages, of which there is one."""
        found = session.send("SystemInfo.getProcessInfo")["processInfo"]
        return sum(each["cpuTime"] for each in found if each["type"] == "renderer")

    page = visit(browser, address)
    page.goto(f"{address}#chat")
    page.get_by_role("button", name="Make my own").click()
    page.evaluate("() => after('stages-estimated', 0, 600000)")
    before = page.evaluate("() => heard.length")
    for stage, wanted in zip(("base", "chat"), steps or ()):
        field = page.locator(f"[data-stage={stage}]").get_by_label("Steps", exact=True)
        field.fill(wanted)
        field.press("Tab")
        page.wait_for_timeout(200)
    if steps:
        page.evaluate("(from) => after('stages-estimated', from, 600000)", before)
        page.wait_for_timeout(3000)  # perhaps it began anew
    estimated = page.evaluate(
        "() => heard.findLast(([, { type }]) => type === 'stages-estimated')[1].seconds"
    )
    page.wait_for_timeout(1000)
    began, before = page.evaluate("() => performance.now()"), processor()
    page.get_by_role("button", name=re.compile("^Make all three")).click()
    found, last = {}, None
    for stage in ("tokens", "base", "chat"):
        page.wait_for_function(f"(stage) => {MADE}", arg=stage, timeout=PATIENCE, polling=500)
        now, last = processor(), page.evaluate(MADE_ABOUT, stage)
        found[f"{stage} s"] = [last["seconds"]]
        found[f"{stage} processor s"] = [now - before]
        found[f"{stage} estimated s"] = [estimated[stage]]
        if "watching" in last:  # of a training: at what is held out, and questions
            found[f"{stage} looking s"] = [last["watching"]]
        before = now
    found["path s"] = [(page.evaluate("() => performance.now()") - began) / 1000]
    found["path processor s"] = [
        sum(found[f"{s} processor s"][0] for s in ("tokens", "base", "chat"))
    ]
    exact = last["exact"][-1]
    found["sums right"] = [exact["right"] / exact["tries"]]
    found["sums right without the tool"] = [last["alone"][0] / last["alone"][1]]
    if keep:
        with page.expect_download() as download:
            page.get_by_role("button", name="Download the chat model").click()
        download.value.save_as(keep)
    page.context.close()
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--site", type=Path, default=ROOT / "dist", help="a built site")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--steps", metavar="BASE,CHAT", help="of `path`, where it shall be short")
    parser.add_argument("--keep", metavar="FILE", help="of `path`: where the chat model goes")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    site = options.site.resolve()
    if not (site / "site.json").is_file():
        build_site(site)
    wanted, figures = (options.only,) if options.only else PARTS, {}
    with sync_playwright() as playwright, served(site) as address:
        browser = playwright.chromium.launch(**chromium_options(playwright), args=ARGUMENTS)
        if "first" in wanted:
            figures |= measure_first(browser, address, options.rounds)
        if "stop" in wanted:
            figures |= measure_stop(browser, address, options.rounds)
        if "path" in wanted:
            steps = options.steps.split(",") if options.steps else None
            figures |= measure_path(browser, address, steps, options.keep)
        browser.close()
    if options.json:
        print(json.dumps(figures))
        return
    for name, values in figures.items():
        print(f"{name:30}", "  ".join(f"{value:9.2f}" for value in values))


if __name__ == "__main__":
    main()
