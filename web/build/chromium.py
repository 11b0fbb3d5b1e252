"""A Chromium for the browser's tests: the user's, the system's, Playwright's, or apt's."""

import os
import shutil

from . import Failure
from .processes import quietly, step

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def answers(program):
    """Whether a program starts: Ubuntu's chromium-browser may be a stub that asks for a snap."""
    try:
        return quietly([program, "--version"], timeout=30)[0] == 0
    except OSError:
        return False


def of_system(env):
    """The Chromium the user names or the system has, or None."""
    named = env.get("MICROGPT_CHROMIUM")
    if named:
        if not shutil.which(named):
            raise Failure(f"MICROGPT_CHROMIUM is {named}, which is not a program.")
        return named
    folders = env.get("PATH", "") + os.pathsep + "/usr/bin"
    found = (shutil.which(name, path=folders) for name in CHROMIUM_NAMES)
    return next((program for program in found if program and answers(program)), None)


def playwright_has_chromium(python):
    code = (
        "import os, sys; from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p: sys.exit(not os.path.exists(p.chromium.executable_path))"
    )
    return quietly([python, "-c", code], timeout=60)[0] == 0


def find_or_install(python):
    """Return (found, program); the program is None where Playwright brings its own."""
    program = of_system(os.environ)
    if program or playwright_has_chromium(python):
        return True, program
    install = [python, "-m", "playwright", "install", "chromium"]
    if step("installing Chromium with Playwright", install, timeout=600):
        return True, None
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            silent = {"DEBIAN_FRONTEND": "noninteractive"}
            step("apt-get " + " ".join(command), [apt, *command], timeout=600, **silent)
        program = of_system(os.environ)
    return program is not None, program
