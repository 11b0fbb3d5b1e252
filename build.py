#!/usr/bin/env python3
"""Run, test, build and serve microgpt with nothing but Python: `python3 build.py run`, and so on.

Standard library only, and the package is never imported. `run` and `test` happen in `.venv`, which
this script makes and keeps up to date; `build` and `serve` make the page (see web/build). The file
parses on any Python 3, so that an old one gets a sentence and not a syntax error.
"""

import argparse
import contextlib
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
OLDEST_PYTHON = (3, 11)
TORCH_VERSION = "2.13.0"
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


class Failure(Exception):
    """Something the user can act on: shown as it is, without a traceback."""


def say(text, end="\n"):
    """Progress goes to stderr: stdout belongs to the program that is run."""
    print(text, end=end, file=sys.stderr, flush=True)


def environment(**extra):
    """Our environment, without what would change which modules a Python finds."""
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    return {**env, **extra}


def quietly(command, timeout=None, **extra):
    """Run a command without a terminal or a keyboard; return (exit code, what it printed)."""
    child = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=str(ROOT),
        env=environment(**extra),
        # A group of its own, so that its children end with it (Playwright starts Node).
        start_new_session=os.name != "nt",
    )
    with child:
        try:
            output, _ = child.communicate(timeout=timeout)
            return child.returncode, output.decode("utf-8", "replace").strip()
        except BaseException as error:
            if os.name == "nt":
                child.kill()
            else:
                os.killpg(child.pid, signal.SIGKILL)
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            return 1, f"no end after {timeout} s"


def step(name, command, sentence=None, **options):
    """Run a named command quietly and say how long it took; return whether it succeeded.

    With a sentence, failing is the end: all the command printed is shown, and the sentence.
    """
    say("- " + name + " ... ", end="")
    start = time.monotonic()
    code, output = quietly(command, **options)
    say(f"{'failed, ' if code else ''}{time.monotonic() - start:.1f} s")
    if code and sentence:
        say(output + "\n")
        raise Failure(sentence)
    return code == 0


def become(command, env):
    """Hand over to a command: from here on its exit code and signals (Ctrl-C) are ours."""
    command = [str(part) for part in command]
    if os.name != "nt":
        os.execve(command[0], command, env)
    # Windows has no real exec. Ctrl-C reaches the child by itself; we only wait for its answer.
    child = subprocess.Popen(command, env=env)
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            return child.wait()


def side_by_side(commands, env):
    """Run two named commands at once; what the second says is shown when the first is through.

    Returns the first exit code that is not zero, and says whose it was.
    """
    first, second = commands.values()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as open_files:
        path = Path(folder, "second")
        words = open_files.enter_context(path.open("wb"))
        said = open_files.enter_context(path.open("rb"))

        def show():
            sys.stdout.flush()
            sys.stdout.buffer.write(said.read())
            sys.stdout.buffer.flush()

        before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        both = [
            subprocess.Popen(first, env=env),
            subprocess.Popen(
                second, env=env, stdin=subprocess.DEVNULL, stdout=words, stderr=subprocess.STDOUT
            ),
        ]
        try:
            both[0].wait()
            while both[1].poll() is None:
                show()
                time.sleep(0.2)
        except KeyboardInterrupt:
            for child in both:  # it has reached them, too: they say what they have come to
                child.wait()
        finally:
            for child in both:
                if child.poll() is None:
                    child.terminate()
                child.wait()
            signal.signal(signal.SIGTERM, before)
            show()
    codes = dict(zip(commands, (child.returncode for child in both)))
    for name, code in codes.items():
        if code:
            say(f"- {name}: exit code {code}")
    return next(filter(None, codes.values()), 0)


def require_python(version):
    if tuple(version[:2]) < OLDEST_PYTHON:
        needed, found = (".".join(map(str, v[:2])) for v in (OLDEST_PYTHON, version))
        raise Failure(f"microgpt needs Python {needed} or newer; this is Python {found}.")


def require_venv_module(find_spec=importlib.util.find_spec):
    # Debian ships venv without ensurepip, so having the one says nothing of the other.
    if not (find_spec("venv") and find_spec("ensurepip")):
        raise Failure(
            "This Python cannot make virtual environments. "
            "On Debian and Ubuntu, `apt-get install python3-venv` adds what is missing."
        )


def version_of(python):
    """The version of a virtual environment's Python, or None where it cannot be used."""
    if not python.exists():
        return None
    code, output = quietly([python, "-c", "import sys, pip; print(*sys.version_info[:3])"])
    version = tuple(int(part) for part in output.split()) if code == 0 else ()
    return version if version >= OLDEST_PYTHON else None


def ensure_venv():
    """Make `.venv`, or reuse it if it works; return its Python and a key for `once`."""
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if version_of(python) is None:
        require_venv_module()
        make = [sys.executable, "-m", "venv", "--clear", VENV]
        step("making .venv", make, "The virtual environment could not be made.")
    return python, fingerprint((ROOT / "pyproject.toml").read_bytes(), version_of(python), ROOT)


def fingerprint(pyproject, version, root):
    """What an install depends on: while it stays the same, there is nothing to install."""
    parts = (pyproject, version, str(root), TORCH_VERSION)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def once(name, key, action, venv=None):
    """Do the action unless a stamp says it was done with this key; return what it answered."""
    stamp = (venv or VENV) / ("done-" + name)
    if stamp.exists():
        done, _, answer = stamp.read_text(encoding="utf-8").partition("\n")
        if done == key:
            return answer
    answer = action() or ""
    stamp.write_text(key + "\n" + answer, encoding="utf-8")
    return answer


def pip_install(python, *arguments):
    return [python, "-m", "pip", "install", "--quiet", "--no-input", *arguments]


PIP_FAILED = "pip could not install this; its own words are above. Is there a network?"


def install_dependencies(python):
    """Only what the package needs: the package itself runs from its folder."""
    import tomllib  # not at the top: older Pythons do not have it

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    step("installing numpy", pip_install(python, *project["dependencies"]), PIP_FAILED)


def install_test_tools(python):
    step("installing the test tools", pip_install(python, "--editable", ".[dev]"), PIP_FAILED)


def torch_requirement(platform):
    # A plain Linux build brings gigabytes for GPUs; only a CPU build is called "+cpu".
    return "torch==" + TORCH_VERSION + ("+cpu" if platform == "linux" else "")


def install_torch(python):
    """Try to install PyTorch, which only the parity tests want; answer what is missing."""
    wanted = ["--only-binary=:all:", torch_requirement(sys.platform)]
    own_index = ["--index-url", TORCH_CPU_INDEX, "--retries", "0", "--timeout", "15"]
    for name, index in (("its own index", own_index), ("pip's", [])):
        if step("installing PyTorch from " + name, pip_install(python, *index, *wanted)):
            return ""
    return "PyTorch: not installable here, so the parity tests are skipped by name."


def answers(program):
    """Whether a program starts: Ubuntu's chromium-browser may be a stub that asks for a snap."""
    try:
        return quietly([program, "--version"], timeout=30)[0] == 0
    except OSError:
        return False


def chromium_of_system(env):
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


def find_or_install_chromium(python):
    """Return (found, program); the program is None where Playwright brings its own."""
    program = chromium_of_system(os.environ)
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
        program = chromium_of_system(os.environ)
    return program is not None, program


def run(arguments):
    python, key = ensure_venv()
    once("run", key, lambda: install_dependencies(python))
    # The root on the path, not a change of folder: the user's own file names stay right.
    env = environment(PYTHONPATH=str(ROOT))
    return become([python, "-m", "py.microgpt", *arguments], env)


def test(arguments, fast):
    python, key = ensure_venv()
    once("test", key, lambda: install_test_tools(python))
    once("run", key, lambda: "")  # the test tools brought all that `run` needs
    missing = []
    # No bytecode beside the sources, where a build would find it.
    env = environment(PYTHONDONTWRITEBYTECODE="1")
    if fast:
        arguments = ["--ignore=tests/browser", "-m", "not slow", *arguments]
    else:
        missing.append(once("torch", key, lambda: install_torch(python)))
        found, program = find_or_install_chromium(python)
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
    pytest = [python, "-m", "pytest"]
    if fast or arguments or (os.cpu_count() or 1) < 2:
        return become([*pytest, *arguments], env)
    # The browser's tests wait a lot: the others run in the meantime. Each has its own notes.
    rest = [*pytest, "--ignore=tests/browser", "-p", "no:playwright"]
    browser = [*pytest, "tests/browser", "-o", "cache_dir=.pytest_cache/browser"]
    commands = {"the tests without a browser": rest, "the browser's tests": browser}
    return side_by_side({name: list(map(str, c)) for name, c in commands.items()}, env)


def site_tools():
    """The modules of web/build. Loaded by path: `web` and `build` are names others use, too."""
    name = "microgpt_site"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, ROOT / "web" / "build" / "__init__.py")
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        sys.dont_write_bytecode = True  # the folder holds sources only
        spec.loader.exec_module(module)
    return [
        importlib.import_module(name + "." + part) for part in ("assemble", "runtime", "server")
    ]


def python_with_pip():
    return sys.executable if importlib.util.find_spec("pip") else ensure_venv()[0]


def build(options):
    assemble, runtime, _ = site_tools()
    start = time.monotonic()
    sources = runtime.standard_sources(say, quietly, python_with_pip)
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
    )
    say(f"- built in {time.monotonic() - start:.1f} s")
    return 0


def serve(options):
    assemble, runtime, server_tools = site_tools()
    out = Path(options.out).absolute()
    wanted = (runtime.read_lock(), options.cdn, not options.no_compile)
    if not options.no_build and not assemble.is_current(ROOT, out, *wanted):
        build(options)
    if not (out / "index.html").is_file():
        raise Failure(f"There is no page in {options.out}; `python3 build.py build` makes it.")
    cache = runtime.cache_dir().absolute()
    server = server_tools.open_server(out, cache, options.host, options.port)
    address = server_tools.address(server, options.host)
    if server.server_address[1] != options.port and options.port:
        say(f"- port {options.port} is taken")
    print(f"microgpt is at {address}  (Ctrl-C ends it)", flush=True)
    if options.open:
        import webbrowser  # only here: it looks for browsers when it is imported

        webbrowser.open(address)
    with server, contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    return 0


def parse(argv):
    """The command line as (options, the arguments of the program that is run)."""
    parser = argparse.ArgumentParser(prog="build.py", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    commands.add_parser("run", help="run microgpt; everything after `run` is its own")
    tests = commands.add_parser(
        "test", help="style and tests; further arguments go to pytest", allow_abbrev=False
    )
    tests.add_argument("--fast", action="store_true", help="no PyTorch, no browser, nothing slow")
    build = commands.add_parser("build", help="make the page: a folder for any static server")
    serve = commands.add_parser("serve", help="make the page if needed, and serve it here")
    for command in (build, serve):
        command.add_argument("--out", default=str(ROOT / "dist"), help="the folder (default: dist)")
        command.add_argument("--runtime", metavar="DIR", help="take Pyodide's files from here")
        command.add_argument(
            "--cdn", action="store_true", help="the page gets Pyodide from its CDN"
        )
        command.add_argument("--no-compile", action="store_true", help="leave Python as source")
    serve.add_argument("--port", type=int, default=8000, help="default: 8000, or a free one")
    serve.add_argument("--host", default="127.0.0.1", help="default: this machine only")
    serve.add_argument("--no-build", action="store_true", help="serve what is there")
    serve.add_argument("--open", action="store_true", help="open it in the browser")
    # What follows `run`, its --help included, is for the program: argparse must not see it.
    if argv[:1] == ["run"]:
        return parser.parse_args(argv[:1]), argv[1:]
    options, rest = parser.parse_known_args(argv)
    if rest and options.command != "test":
        parser.error("unrecognized arguments: " + " ".join(rest))
    return options, rest


def main(argv):
    try:
        require_python(sys.version_info)
        options, rest = parse(argv)
        if options.command == "run":
            return run(rest)
        if options.command == "test":
            return test(rest, options.fast)
        try:
            return {"build": build, "serve": serve}[options.command](options)
        except site_tools()[1].SiteError as error:
            raise Failure(str(error)) from error
    except Failure as failure:
        say(f"build.py: {failure}")
        return 1
    except KeyboardInterrupt:
        say("\nbuild.py: interrupted")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
