"""The one way a file is written, whole or not at all; where built-in files and downloads are."""

import os
import re
import stat
import sys
import time
from contextlib import suppress
from pathlib import Path

from .errors import UserError

try:
    import fcntl
except ImportError:  # Windows, where an open file cannot be deleted anyway
    fcntl = None

PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)  # seconds between attempts where another program holds a file
HELD = (5, 32)  # Windows' numbers for that: access denied, sharing violation


def cache_dir():
    """The folder for downloaded files; it need not exist."""
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
        import tempfile

        return Path(tempfile.gettempdir()) / "microgpt"


def fallback_path(name):
    """Where a file of `fallback_data` lies: in the installed package, or in the repository."""
    package = Path(__file__).resolve().parent
    for folder in (package, *package.parents[1:2]):
        path = folder / "fallback_data" / name
        if path.is_file():
            return path
    raise UserError(f"The built-in file {name} is missing; install microgpt again.")


def write_whole(path, data):
    """Write a file that is there in the end, whole, or as it was; returns its size."""
    with AtomicFile(path) as file:
        file.write(data)
    return len(data)


class AtomicFile:
    """A file to write that takes the place of `path` when all went well, else vanishes.

    What is written goes to a temporary neighbour, which is renamed at the end. A link stays a
    link, and the file it leads to is replaced; a file keeps its permissions. A failure to write,
    now or later, is a UserError.
    """

    def __init__(self, path):
        self.path = Path(path)
        self._file = None

    def __enter__(self):
        try:
            # The parts of a path that is in a circle of links are as they are written.
            self._target = Path(os.path.realpath(self.path))
            mode = self._mode()
            self._target.parent.mkdir(parents=True, exist_ok=True)
            _remove_left_over(self._target)
            self._part, self._file = _temporary(self._target, 0o666 if mode is None else mode)
            if mode is not None:
                os.chmod(self._part, mode)
        except OSError as error:
            self._close()
            raise self._failure(error) from error
        return self

    def try_out(self):
        """Raise a UserError if nothing can be written there; leave nothing."""
        with suppress(_TriedOut), self:
            self.write(bytes(1 << 16))
            self.flush()  # how much is held back in memory depends on the version of Python
            raise _TriedOut

    def write(self, data):
        try:
            self._file.write(data)
        except OSError as error:
            raise self._failure(error) from error

    def flush(self):
        try:
            self._file.flush()
        except OSError as error:
            raise self._failure(error) from error

    def seek(self, position):
        self._file.seek(position)

    def truncate(self):
        self._file.truncate()

    def __exit__(self, kind, error, trace):
        try:
            if kind is None:
                self._file.flush()
                os.fsync(self._file.fileno())
                self._mode()  # once more: hours may have passed
                if fcntl is None:
                    self._file.close()  # Windows renames no open file
                _replace(self._part, self._target)
                _sync_folder(self._target.parent)
        except OSError as problem:
            raise self._failure(problem) from problem
        finally:
            self._close()

    def _mode(self):
        """The permissions of the file that is there, None if there is none, or a refusal."""
        try:
            mode = os.stat(self._target).st_mode
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(mode):  # /dev/null would become a file
            raise UserError(f"{self.path} is a folder or a device; give the name of a file.")
        return stat.S_IMODE(mode)

    def _close(self):
        """Let go of the temporary file; where it was renamed, nothing of it is left."""
        if self._file:
            with suppress(OSError):  # what could not be written is known already
                self._file.close()
            with suppress(OSError):
                self._part.unlink(missing_ok=True)

    def _failure(self, error):
        return UserError(
            f"Could not write {self.path} ({error.strerror or error}); free some space or choose"
            " another place."
        )


class _TriedOut(Exception):
    """Ends a writer's trial."""


def _temporary(target, mode):
    """(path, file) of a new file beside the target, held by a lock for as long as it is open."""
    while True:
        part = target.with_name(f".{target.name[:40]}.{os.urandom(4).hex()}.part")
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        file = os.fdopen(os.open(part, flags, mode), "w+b")
        locked = _lock(file) if fcntl else None
        if locked is None or (locked and part.exists()):
            return part, file
        file.close()  # another writer has just taken it for left over


def _lock(file):
    """Lock an open file; False where another program has, None where files have no locks."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _remove_left_over(target):
    """Remove the temporary files of writers that were killed: nobody holds their locks."""
    pattern = re.compile(re.escape(f".{target.name[:40]}.") + r"[0-9a-f]{8}\.part")
    for entry in os.scandir(target.parent):
        if not pattern.fullmatch(entry.name) or not entry.is_file(follow_symlinks=False):
            continue
        with suppress(OSError):
            if not fcntl:
                os.unlink(entry.path)
                continue
            with open(entry.path, "r+b") as file:
                if _lock(file):
                    os.unlink(entry.path)


def _replace(part, target):
    for pause in (*PAUSES, None):
        try:
            return os.replace(part, target)
        except PermissionError as error:
            if pause is None or getattr(error, "winerror", None) not in HELD:
                raise
        time.sleep(pause)


def _sync_folder(folder):
    """Make the new name last, too, where the system can be asked to."""
    if os.name != "nt":
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
