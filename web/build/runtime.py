"""The pinned files the site is built on: found, checked against the lock, kept in a cache.

A source is a function from {name: entry of the lock} to {name: bytes} for those it has. What it
gives is checked here, so that no source needs to be trusted.
"""

import hashlib
import http.client
import json
import os
import shutil
import socket
import sys
import tarfile
import tempfile
import threading
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

from . import Failure

LOCK = Path(__file__).with_name("runtime.lock.json")
CDN_SECONDS = 10  # for each answer, once the name is known
LOOK_UP_SECONDS = 2
REGISTRY_SECONDS = 600


class NotHere(Exception):
    """Why a source cannot help; the next one is asked."""


def read_lock():
    return json.loads(LOCK.read_text(encoding="utf-8"))


def cache_dir():
    """The user's cache folder; the same rule as in the package's files.py."""
    if os.environ.get("MICROGPT_CACHE"):
        return Path(os.environ["MICROGPT_CACHE"]).expanduser()
    try:
        if sys.platform == "win32":
            local = os.environ.get("LOCALAPPDATA")
            return (Path(local) if local else Path.home() / "AppData" / "Local") / "microgpt"
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Caches" / "microgpt"
        shared = os.environ.get("XDG_CACHE_HOME", "")
        return (Path(shared) if os.path.isabs(shared) else Path.home() / ".cache") / "microgpt"
    except RuntimeError:  # a user without a home, as in some containers
        return Path(tempfile.gettempdir()) / "microgpt"


def collect(files, folder, cache, sources, say):
    """The bytes of all pinned files, as {name: bytes}.

    `folder` is the user's own, `sources` are (name, function) pairs in the order they are asked.
    """
    found = from_folder(files, folder) if folder else {}
    found.update(from_cache({n: f for n, f in files.items() if n not in found}, cache, say))
    reasons = []
    for label, source in sources:
        missing = {n: f for n, f in files.items() if n not in found}
        if not missing:
            break
        try:
            for name, data in source(missing).items():
                if is_right(data, files[name]):
                    found[name] = data
                    write_whole(cached_path(cache, name, files[name]), data)
                else:
                    reasons.append(f"{label} gave another {name} than the pinned one")
        except NotHere as reason:
            reasons.append(f"{label}: {reason}")
            say(f"- {label}: {reason}")
    missing = [name for name in files if name not in found]
    if missing:
        why = "; ".join(reasons) or "no source was asked"
        raise Failure(
            f"Could not get {some(missing)} ({why})."
            " Where there is a network, try again; `--runtime DIR` names a folder with the files."
        )
    return found


def some(names):
    """Names in a sentence, without the long tail."""
    names = list(names)
    more = f" and {len(names) - 3} more files" if len(names) > 4 else ""
    return ", ".join(names[:3] if more else names) + more


def is_right(data, entry):
    return len(data) == entry["bytes"] and sha256(data) == entry["sha256"]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def from_folder(files, folder):
    """What the folder has of them. A wrong file there is an error: the user named it."""
    if not Path(folder).is_dir():
        raise Failure(f"--runtime {folder} is not a folder.")
    found = {}
    for name, entry in files.items():
        data = read(Path(folder, name))
        if data is not None and not is_right(data, entry):
            raise Failure(
                f"{Path(folder, name)} is not the pinned {name}"
                f" (its SHA-256 should begin with {entry['sha256'][:12]})."
            )
        if data is not None:
            found[name] = data
    return found


def from_cache(files, cache, say):
    found = {}
    for name, entry in files.items():
        path = cached_path(cache, name, entry)
        data = read(path)
        if data is not None and is_right(data, entry):
            found[name] = data
        elif data is not None:
            say(f"- {path} is damaged and will be fetched anew")
    return found


def cached_path(cache, name, entry):
    # Versions stand side by side: a branch with other pins does not empty the cache.
    return Path(cache, "runtime", f"{entry['sha256'][:12]}-{name}")


def read(path):
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Failure(f"Could not read {path} ({error.strerror or error}).") from error


def write_whole(path, data):
    """Write a file of the cache: wholly, or not at all."""
    part = path.with_name(f".{path.name}.{os.urandom(4).hex()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(data)
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise Failure(
            f"Could not write {path} ({error.strerror or error});"
            " free some space, or name another folder with MICROGPT_CACHE."
        ) from error


# The sources


def standard_sources(say, run, python_with_pip):
    """The CDN and the package registries. `run(command, timeout)` gives (exit code, output)."""
    return [
        ("the CDN", lambda wanted: from_cdn(wanted, say)),
        ("npm", lambda wanted: from_npm(wanted, say, run)),
        ("pip", lambda wanted: from_pip(wanted, say, run, python_with_pip)),
    ]


def from_cdn(wanted, say):
    look_up({urlsplit(entry["cdn"]).hostname for entry in wanted.values()})
    found = {}
    for name, entry in wanted.items():
        say(f"- {name}, {megabytes(entry['bytes'])}, from the CDN")
        try:
            with urllib.request.urlopen(entry["cdn"], timeout=CDN_SECONDS) as answer:
                found[name] = answer.read(entry["bytes"] + 1)
        except urllib.error.HTTPError as error:
            error.close()
            say(f"- the CDN answers {error.code} for {name}")
        except (OSError, http.client.HTTPException) as error:
            if not found:
                raise NotHere("not reachable") from error
            break  # what came is kept; the next source brings the rest
    return found


def look_up(hosts):
    """Give up soon where names do not resolve: the system's own patience may be a minute."""
    if urllib.request.getproxies():
        return  # then the proxy resolves
    for host in hosts:
        answers = []
        thread = threading.Thread(target=resolve, args=(host, answers), daemon=True)
        thread.start()
        thread.join(LOOK_UP_SECONDS)
        if not answers:
            raise NotHere("not reachable")


def resolve(host, answers):
    try:
        answers.append(socket.getaddrinfo(host, 443))
    except (OSError, UnicodeError):
        return


def from_npm(wanted, say, run):
    if not shutil.which("npm"):
        raise NotHere("not installed")
    return from_packages(wanted, "npm", say, lambda spec, to: npm_pack(spec, to, run))


def from_pip(wanted, say, run, python_with_pip):
    def download(spec, to):
        return pip_download(spec, to, run, python_with_pip())

    return from_packages(wanted, "pip", say, download)


def from_packages(wanted, registry, say, download):
    """Each package once, and out of it all that is wanted."""
    members = {}
    for name, entry in wanted.items():
        if registry in entry:
            package, member = entry[registry]
            members.setdefault(package, {})[name] = member
    if not members:
        raise NotHere("it has none of these")
    found = {}
    for package, names in members.items():
        say(f"- {package} from {registry}, for {some(names)} (this can take a minute)")
        try:
            with tempfile.TemporaryDirectory(prefix="microgpt-") as folder:
                archive = download(package, Path(folder))
                found.update(extract(archive, names))
        except (OSError, KeyError, tarfile.TarError, zipfile.BadZipFile) as error:
            raise NotHere(f"{package} could not be unpacked ({error})") from error
    return found


def extract(archive, names):
    """Some members of a package: nothing is written, so no member can leave its folder."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return {name: wheel.read(member) for name, member in names.items()}
    with tarfile.open(archive) as tar:
        return {name: tar.extractfile(member).read() for name, member in names.items()}


def npm_pack(package, folder, run):
    options = ["--silent", "--fetch-retries=1", "--fetch-timeout=60000"]
    return one_file(
        folder, run, [shutil.which("npm"), "pack", *options, "--pack-destination", folder, package]
    )


def pip_download(package, folder, run, python):
    options = ["--no-deps", "--only-binary=:all:", "--python-version", "3.12", "--no-input"]
    options += ["--disable-pip-version-check", "--retries", "1", "--timeout", "30"]
    # Its own cache would keep a hundred megabytes of which ours keeps three.
    options += ["--no-cache-dir", "--dest", folder]
    return one_file(folder, run, [python, "-m", "pip", "download", *options, package])


def one_file(folder, run, command):
    """Run a command that puts one file into the folder."""
    code, output = run(command, timeout=REGISTRY_SECONDS)
    got = sorted(folder.iterdir())
    if code or len(got) != 1:
        last = (output.strip().splitlines() or ["it says nothing"])[-1]
        raise NotHere(f"it failed ({last.removeprefix('ERROR: ')[:160]})")
    return got[0]


def megabytes(size):
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"
