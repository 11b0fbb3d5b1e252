"""What each command of build.py does: run, test, build, serve."""

import contextlib
import os
import time
from pathlib import Path

from . import Failure, assemble, chromium, environment, runtime, server
from .processes import ROOT, become, clean_environment, meanwhile, quietly, say, step

MOST_PROCESSES = 8  # of tests: each loads its own Python, and three of them a browser


def main(options, rest):
    """Do what the command line says; return the exit code."""
    commands = {"run": run, "test": test, "build": build, "serve": serve}
    try:
        return commands[options.command](options, rest)
    except Failure as failure:
        say(f"build.py: {failure}")
        return 1
    except KeyboardInterrupt:
        say("\nbuild.py: interrupted")
        return 130


def run(_, arguments):
    python, key = environment.ensure_venv()
    environment.once("run", key, lambda: environment.install_dependencies(python))
    # The root on the path, not a change of folder: the user's own file names stay right.
    env = clean_environment(PYTHONPATH=str(ROOT))
    return become([python, "-m", "py.microgpt", *arguments], env)


def test(options, arguments):
    python, key = environment.ensure_venv()
    environment.once("test", key, lambda: environment.install_test_tools(python))
    environment.once("run", key, lambda: "")  # the test tools brought all that `run` needs
    missing = [names_missing(os.environ)]
    env = clean_environment()
    # The tests start hundreds of Pythons: where none may keep what it has compiled, each compiles
    # numpy and us again, which takes it three times as long as starting does otherwise.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    # In several processes, two more than cores, for tests of the browser wait half of their time;
    # tests/conftest.py says what stays together.
    if not arguments and (cores := os.cpu_count() or 1) > 1:
        processes = str(min(cores + 2, MOST_PROCESSES))
        arguments = ["-n", processes, "--dist", "loadscope", "--no-loadscope-reorder"]
    if options.fast:
        arguments = ["--ignore=tests/browser", "-m", "not slow", *arguments]
    else:
        missing.append(environment.once("torch", key, lambda: install_torch(python, env)))
        found, program = chromium.find_or_install(python)
        if program:
            env["MICROGPT_CHROMIUM"] = program
        if not found:
            missing.append("Chromium: not found, not installable. MICROGPT_CHROMIUM can name one.")
            if env.get("CI") == "true":
                raise Failure(missing[-1])
    ruff = [python, "-m", "ruff"]
    step("ruff format --check", [*ruff, "format", "--check", "."], "`ruff format .` mends this.")
    step("ruff check", [*ruff, "check", "."], "ruff names above what it found.")
    # Said before pytest starts, so that pytest's own summary is the last word.
    for sentence in filter(None, missing):
        say("- missing: " + sentence)
    os.chdir(str(ROOT))
    return become([python, "-m", "pytest", *arguments], env)


def install_torch(python, env):
    """PyTorch; and as that uses one core, the tests are compiled beside it.

    Else each of pytest's processes would compile them all, at the same time.
    """
    with meanwhile([python, "-m", "pytest", "--collect-only", "-q"], env):
        return environment.install_torch(python)


def names_missing(env):
    """How to get those tests run that are skipped without the full names file, or ""."""
    named = env.get("MICROGPT_NAMES")
    path = Path(named) if named else runtime.cache_dir() / "names.txt"
    if path.is_file():
        return ""
    return (
        f"the full names file: not at {path}, so the tests that need it are skipped by name."
        " `python3 build.py run` downloads it; MICROGPT_NAMES can name one."
    )


def build(options, _=()):
    start = time.monotonic()
    sources = runtime.standard_sources(say, quietly, environment.python_with_pip)
    # Paths are the caller's, whatever folder the commands below run in.
    folder = options.runtime and Path(options.runtime).absolute()
    assemble.build(
        ROOT,
        Path(options.out).absolute(),
        lock=runtime.read_lock(),
        sources=sources,
        cache=runtime.cache_dir().absolute(),
        say=say,
        run=quietly,
        folder=folder,
        cdn=options.cdn,
        compiled=not options.no_compile,
        repository=options.repository,
    )
    say(f"- built in {time.monotonic() - start:.1f} s")
    return 0


def serve(options, _=()):
    out = Path(options.out).absolute()
    wanted = (runtime.read_lock(), options.cdn, not options.no_compile, options.repository)
    if not options.no_build and not assemble.is_current(ROOT, out, *wanted):
        build(options)
    if not (out / "index.html").is_file():
        raise Failure(f"There is no page in {options.out}; `python3 build.py build` makes it.")
    cache = runtime.cache_dir().absolute()
    listening = server.open_server(out, cache, options.host, options.port)
    address = server.address(listening, options.host)
    if listening.server_address[1] != options.port and options.port:
        say(f"- port {options.port} is taken")
    print(f"microgpt is at {address}  (Ctrl-C ends it)", flush=True)
    if options.open:
        import webbrowser  # only here: it looks for browsers when it is imported

        webbrowser.open(address)
    with listening, contextlib.suppress(KeyboardInterrupt):
        listening.serve_forever()
    return 0
