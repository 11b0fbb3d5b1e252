"""The README's pictures of the page: `python tests/browser/pictures.py` makes them anew.

Needs what `build.py test` installs, and builds the page if `dist/` is not there. One run is
trained at full speed and photographed in both themes; so is the view Inside. With `--inside FOLDER`
all of Inside is photographed, on a phone, a tablet and a desktop in both themes, into that folder:
these pictures are to look at and are not kept.
"""

import argparse
import subprocess
import sys
import zlib
from pathlib import Path

from playwright.sync_api import expect, sync_playwright
from visit import ARGUMENTS, LOAD_MILLISECONDS, ROOT, chromium_options, serving, wait_until_ready

OUT = ROOT / ".github"
SIZE = {"width": 1200, "height": 760}
WIDTHS = (390, 1024, 1440)
LARGEST = 200_000  # bytes a picture may have, so that a clone stays small


def photograph(page, theme):
    """A finished run in one theme, as the bytes of a PNG."""
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.goto("./")
    wait_until_ready(page)
    page.get_by_label("Pace", exact=True).select_option(label="full speed")
    page.get_by_role("button", name="Start training").click()
    status = page.locator("[data-status]")
    expect(status).to_have_text("Finished", timeout=LOAD_MILLISECONDS)
    page.evaluate("scrollTo(0, 0)")
    return smaller(page.screenshot())


def photograph_inside(page, theme, whole=False):
    """The small model that comes with the page, a head of it off and a step taken."""
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.goto("./#inside?look=isabel")
    wait_until_ready(page)
    parts = page.locator("[data-component='inside/intervene']")
    parts.get_by_role("switch", name="Head 1 on").click(timeout=LOAD_MILLISECONDS)
    told = parts.locator("[data-told]:visible")
    expect(told).to_contain_text("without head 1", timeout=LOAD_MILLISECONDS)
    step = page.locator("[data-component='inside/one-step'] [data-next]")
    for words in ("Back: how does each number change it?", "Move, and read again", "Take it again"):
        step.click()
        expect(step).to_have_text(words, timeout=LOAD_MILLISECONDS)
    chain = page.locator("[data-chain] li")
    expect(chain.first).to_be_visible(timeout=LOAD_MILLISECONDS)
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
    return smaller(page.screenshot(full_page=whole))


def smaller(png):
    """The same picture, packed as tightly as zlib can: a browser writes for speed."""
    parts, at = [png[:8]], 8
    data = b""
    while at < len(png):
        length, kind = int.from_bytes(png[at : at + 4], "big"), png[at + 4 : at + 8]
        body = png[at + 8 : at + 8 + length]
        at += 12 + length
        if kind == b"IDAT":
            data += body
            continue
        if data:
            parts.append(chunk(b"IDAT", zlib.compress(zlib.decompress(data), 9)))
            data = b""
        parts.append(chunk(kind, body))
    return b"".join(parts)


def chunk(kind, body):
    check = zlib.crc32(kind + body).to_bytes(4, "big")
    return len(body).to_bytes(4, "big") + kind + body + check


def write(path, png):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png)
    print(f"{path}: {len(png):,} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dist", default=ROOT / "dist", type=Path, help="the built site")
    parser.add_argument("--out", default=OUT, type=Path, help="where the pictures go")
    parser.add_argument("--inside", type=Path, metavar="FOLDER", help="all of Inside instead")
    options = parser.parse_args()
    if not (options.dist / "index.html").is_file():
        build = [sys.executable, ROOT / "build.py", "build", "--out", options.dist]
        subprocess.run(build, check=True)
    with sync_playwright() as playwright, serving(options.dist) as address:
        start = chromium_options(playwright) or {}
        browser = playwright.chromium.launch(**start, args=ARGUMENTS)
        for theme in ("light", "dark"):
            if options.inside:
                for width in WIDTHS:
                    page = browser.new_page(
                        base_url=address, viewport={"width": width, "height": 900}
                    )
                    png = photograph_inside(page, theme, whole=True)
                    write(options.inside / f"inside-{width}-{theme}.png", png)
                    page.close()
                continue
            for name, take in (("page", photograph), ("inside", photograph_inside)):
                page = browser.new_page(base_url=address, viewport=SIZE)
                png = take(page, theme)
                if len(png) > LARGEST:
                    raise SystemExit(f"The {theme} picture has {len(png):,} bytes: too many.")
                write(options.out / f"{name}-{theme}.png", png)
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
