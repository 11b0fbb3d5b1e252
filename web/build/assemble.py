"""The site, put together: runtime, wheel, page and data become one folder for any static server."""

import base64
import contextlib
import hashlib
import html
import json
import os
import re
import shutil
from pathlib import Path

from . import Failure, compiler, minify, runtime
from .join import by_address, changed, dressed, is_page, join, styled, unlinked
from .repack import LATER
from .runtime import megabytes, sha256
from .wheel import make_wheel, version_of

# The terminal has no place in a tab, nor have servers, the files of other programs and what
# compares with PyTorch: bytes saved.
NOT_IN_WHEEL = {"bench", "convert", "lessons", "serve", "terminal", "cli.py", "__main__.py"}
DATA = ("names.txt", "names-1800.txt", "names-model.mgpt", "stories.txt", "story-chat.safetensors")
LATER_DATA = ("story-chat.safetensors",)  # what a view asks for
BUILDERS = ("assemble.py", "join.py", "minify.py", "wheel.py")
SCRIPTS = ("main.js", "worker.js")  # what the page starts, besides
BOOT = "boot.js"  # which comes before all others, written into the page

# Strict for the page. A worker has its own policy, from its own response (none, on a static
# host), in the browsers of today; wasm and the data's address are named for those of yesterday.
POLICY = {
    "default-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "worker-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    # What the reader asks for: the full names, a model that a link names, a server to talk to.
    "connect-src": "'self' https: http://localhost:* http://127.0.0.1:*",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
}
POLICY_TAG = re.compile(r'(<meta\s+http-equiv="Content-Security-Policy"\s+content=")[^"]*(")', re.I)
FILES_LINE = re.compile(r"^const FILES = .*$", re.M)  # in sw.js
LATER_LINE = re.compile(r"^const LATER = .*$", re.M)
SITE_LINE = re.compile(r"^ *const SITE = .*$", re.M)  # in boot.js
INLINE = {  # in a page: what the policy has to allow by its hash
    "script-src": re.compile(r"<script(?: type=\"module\")?>(.+?)</script>", re.S),
    "style-src": re.compile(r"<style>(.+?)</style>", re.S),
}


def build(
    root,
    out,
    *,
    lock,
    sources,
    cache,
    say,
    run,
    folder=None,
    cdn=False,
    compiled=True,
    repository="",
):
    """Make the site at `out`, whole or not at all; return what site.json says."""
    refuse_foreign_folder(out)
    inputs = read_inputs(root, repository)
    node = node_for(compiled, cdn)
    if compiled and not cdn and not node:
        say("- Node is not here: Python is not compiled ahead, the page starts a second later")
    digest = digest_of(inputs, lock, cdn, bool(node))
    pinned = runtime.collect(wanted(lock["files"], cdn), folder, cache, sources, say)
    wheel_name, wheel = make_wheel(inputs)
    if node:
        pinned, wheel = compiler.compile_all(pinned, wheel_name, wheel, lock, cache, run, node, say)
    files = site_files(inputs, pinned, wheel_name, wheel, lock, cdn, digest)
    write_site(out, files)
    size = sum(map(len, files.values()))
    say(f"- {out}: {len(files)} files, {megabytes(size)}")
    return json.loads(files["site.json"])


def node_for(compiled, cdn):
    """The program that compiles; with --cdn there is little to compile."""
    return shutil.which("node") if compiled and not cdn else None


def wanted(files, cdn):
    """The pinned files a build needs: with --cdn none of the runtime."""
    return {name: f for name, f in files.items() if f["stage"] == "vendor" or not cdn}


# What goes in


def read_inputs(root, repository=""):
    """Every source file of the site as {path: bytes}, and the address of the code."""
    inputs = {"repository": repository.encode()}
    inputs |= {name: read_input(root, name) for name in ("pyproject.toml", "LICENSE")}
    for name in DATA:
        inputs["fallback_data/" + name] = read_input(root, "fallback_data/" + name)
    for folder, pattern in (("web", "*"), ("py/microgpt", "*")):
        for path in Path(root, folder).rglob(pattern):
            name = path.relative_to(root).as_posix()
            if is_input(name) and path.is_file():
                inputs[name] = read_input(root, name)
    return inputs


def is_input(name):
    parts = name.split("/")
    if any(part.startswith(".") or part == "__pycache__" for part in parts):
        return False
    if parts[0] == "py":
        return parts[2] not in NOT_IN_WHEEL and not name.endswith((".pyc", ".pyo", ".c", ".h"))
    return parts[1] not in ("build", "__init__.py") and not name.endswith(".d.ts")


def read_input(root, name):
    try:
        return Path(root, name).read_bytes()
    except OSError as error:
        raise Failure(f"Could not read {name} ({error.strerror or error}).") from error


def digest_of(inputs, lock, cdn, compiled):
    """What a site depends on: while it stays the same, building again changes nothing."""
    parts = sorted((name, sha256(body)) for name, body in inputs.items())
    # The code that builds is an input, too.
    parts += [json.dumps(lock), cdn, compiled, compiler.own_digest()]
    parts += [sha256(Path(__file__).with_name(n).read_bytes()) for n in BUILDERS]
    return sha256(repr(parts).encode())


def is_current(root, out, lock, cdn, compiled, repository=""):
    """Whether `out` is what a build would make now, without making it."""
    try:
        made_of = json.loads(Path(out, "site.json").read_bytes())["inputs"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    node = node_for(compiled, cdn)
    return made_of == digest_of(read_inputs(root, repository), lock, cdn, bool(node))


# The site


def site_files(inputs, pinned, wheel_name, wheel, lock, cdn, digest):
    """Every file of the site as {path: bytes}."""
    packages = packages_of(lock)
    files = {path[4:]: body for path, body in inputs.items() if path.startswith("web/")}
    files, later = joined(files, packages)
    later |= {"data/" + name for name in LATER_DATA}
    files["LICENSE.txt"] = inputs["LICENSE"]
    told_repository = f'data-repository="{html.escape(inputs["repository"].decode())}"'.encode()
    files["index.html"] = files["index.html"].replace(b'data-repository=""', told_repository)
    for name in DATA:
        files["data/" + name] = inputs["fallback_data/" + name]
    stages = {name: entry["stage"] for name, entry in lock["files"].items()} | {LATER: "later"}
    for name in [name for name in pinned if stages[name] == "vendor"]:
        body = changed(name, pinned[name], lock["files"].get(name, {}).get("change", {}))
        files["vendor/" + name] = by_address("vendor/" + name, body, packages)
    parts = {name: body for name, body in pinned.items() if stages[name] != "vendor"}
    if cdn:
        base = lock["cdn"]
        described = [
            {"name": name, "url": base + name, **pick(entry, "stage", "bytes", "sha256")}
            for name, entry in lock["files"].items()
            if entry["stage"] != "vendor"
        ]
    else:
        parts["pyodide-lock.json"] = own_lock(parts, lock)
        # A folder of its own for every version: no cache can mix the files of two.
        base = f"./runtime/{short(parts)}/"
        described = [describe(name, base, stages[name], body) for name, body in parts.items()]
        files |= {file["url"][2:]: parts[file["name"]] for file in described}
    own = describe(wheel_name, f"./runtime/{sha256(wheel)[:8]}/", "microgpt", wheel)
    described.append(own)
    files[own["url"][2:]] = wheel
    site = {
        "version": version_of(inputs),
        "inputs": digest,
        "runtime": base,
        "files": described,
        "data": {Path(name).stem: "./data/" + name for name in DATA},
    }
    if BOOT in files:
        listed = pick(site, "version", "runtime", "files", "data")
        files[BOOT] = told(files, BOOT, SITE_LINE, "  const SITE = ", listed)
        files = inlined(files, minify.file(BOOT, files[BOOT]))
    files = dressed(files)
    files = {
        path: with_policy(body, cdn) if is_page(path) else body for path, body in files.items()
    }
    files["site.json"] = (json.dumps(site, indent=1) + "\n").encode()
    files[".nojekyll"] = b""
    if "sw.js" in files:
        listed = kept_files(files, described if cdn else [])
        files["sw.js"] = told(files, "sw.js", FILES_LINE, "const FILES = ", listed)
        late = ["./" + path for path in sorted(later)]
        late += [entry["url"] for entry in described if entry["stage"] in ("later", "extra")]
        files["sw.js"] = told(files, "sw.js", LATER_LINE, "const LATER = ", late)
    return files


def packages_of(lock):
    """The vendored files that are imported by the name of their package: {name: path}."""
    named = {name: entry["import"] for name, entry in lock["files"].items() if "import" in entry}
    return {package: "vendor/" + name for name, package in named.items()}


def joined(files, packages):
    """The page's files with its many modules as a few, and the names of those that come later."""
    modules = {path: body.decode() for path, body in files.items() if path.endswith(".js")}
    gone, scripts = set(), {}
    for entry in [name for name in SCRIPTS if name in modules]:
        made, parts = join(entry, modules, packages)
        scripts |= {path: source.encode() for path, source in made.items()}
        gone.update(parts)
    left = {path: body for path, body in files.items() if path not in gone}
    files = styled(left | scripts)
    later = (set(scripts) - set(SCRIPTS)) | unlinked(files)
    # What the build has yet to write a line in stays as it is, until then or for good.
    small = {
        path: body if path in (BOOT, "sw.js") else minify.file(path, body)
        for path, body in files.items()
    }
    return small, later


def inlined(files, script):
    """The first script as part of the pages that ask for it: one answer less to wait for."""
    tag = f'<script src="{BOOT}"></script>'.encode()
    whole = b"<script>\n" + script + b"</script>"
    if not any(tag in body for path, body in files.items() if is_page(path)):
        raise Failure(f"No page in web/ has the line {tag.decode()}.")
    files = {path: body.replace(tag, whole) for path, body in files.items()}
    del files[BOOT]
    return files


def pick(entry, *keys):
    return {key: entry[key] for key in keys}


def describe(name, base, stage, body):
    # Not ".gz": some servers would have the browser unpack it, and the checksum would differ.
    url = base + name + (".gzipped" if body.startswith(b"\x1f\x8b") else "")
    return {"name": name, "url": url, "stage": stage, "bytes": len(body), "sha256": sha256(body)}


def short(parts):
    return sha256(repr(sorted((name, sha256(body)) for name, body in parts.items())).encode())[:8]


def own_lock(parts, lock):
    """Pyodide's lock with those packages only that it may have to load for itself."""
    stock = json.loads(parts["pyodide-lock.json"])
    packages = {name: stock["packages"][name] for name in lock["packages"]}
    for package in packages.values():
        package["sha256"] = sha256(parts[package["file_name"]])
    return (json.dumps({"info": stock["info"], "packages": packages}, indent=1) + "\n").encode()


def with_policy(page, cdn):
    """Put the policy where the page has a tag for one, else first in its head."""
    policy = dict(POLICY)
    if cdn:
        for kind in ("script-src", "connect-src"):
            policy[kind] += " https://cdn.jsdelivr.net"
    page = page.decode()
    for kind, part in INLINE.items():
        for found in part.findall(page):
            hashed = base64.b64encode(hashlib.sha256(found.encode()).digest()).decode()
            policy[kind] += f" 'sha256-{hashed}'"
    text = "; ".join(f"{kind} {value}" for kind, value in policy.items())
    if POLICY_TAG.search(page):
        return POLICY_TAG.sub(lambda tag: tag[1] + text + tag[2], page).encode()
    tag = f'<meta http-equiv="Content-Security-Policy" content="{text}">'
    return re.sub(r"(<head[^>]*>)", lambda head: head[0] + "\n" + tag, page, count=1).encode()


def told(files, name, line, begin, value):
    """A script of which one line is the build's to write."""
    written = f"{begin}{json.dumps(value, sort_keys=True)};"
    text, count = line.subn(lambda _: written, files[name].decode())
    if count != 1:
        raise Failure(f"web/{name} should have exactly one line that begins `{begin}`.")
    return text.encode()


def kept_files(files, elsewhere):
    """What the service worker keeps: {address: hash}."""
    listed = {"./" + path: sha256(body) for path, body in files.items() if is_kept(path)}
    return listed | {entry["url"]: entry["sha256"] for entry in elsewhere}


def is_kept(path):
    return path not in ("sw.js", ".nojekyll", "404.html")


# Writing it


def refuse_foreign_folder(out):
    """Never replace a folder that is not a site made here."""
    out = Path(out)
    if out.is_dir() and not (out / "site.json").is_file() and any(out.iterdir()):
        raise Failure(f"{out} is not a site made by this command; name an empty folder instead.")
    if out.exists() and not out.is_dir():
        raise Failure(f"{out} is a file; the site needs a folder.")


def write_site(out, files):
    """Write beside `out`, then swap: at no moment is there half a site."""
    out = Path(out).absolute()
    mark = os.urandom(4).hex()
    new, old = (out.with_name(f".{out.name}.{mark}.{kind}") for kind in ("new", "old"))
    try:
        for path, body in files.items():
            target = new / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body)
        for path in (new, *new.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)  # whatever the umask
        if out.exists():
            os.replace(out, old)
        try:
            os.replace(new, out)
        except OSError:
            if old.exists():
                os.replace(old, out)
            raise
    except OSError as error:
        raise Failure(
            f"Could not write {out} ({error.strerror or error});"
            " free some space or choose another folder with --out."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(new, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)
