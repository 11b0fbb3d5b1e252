"""Writing files: whole or as they were, with their permissions, and nothing left beside them."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from microgpt import files
from microgpt.errors import UserError
from microgpt.files import AtomicFile, cache_dir, write_whole

unix = pytest.mark.skipif(sys.platform == "win32", reason="links, modes and signals of Unix")


def test_the_folder_is_made_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "new" / "folder" / "file"
    assert write_whole(path, b"one") == 3
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert os.listdir(path.parent) == ["file"]


@unix
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o640, 0o444])
def test_a_file_keeps_its_permissions(tmp_path, mode):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(mode)
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == mode


@unix
def test_a_new_file_is_as_open_as_others(tmp_path):
    write_whole(tmp_path / "ours", b"")
    (tmp_path / "others").write_bytes(b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "others").stat().st_mode


@unix
def test_what_is_being_written_is_no_more_open_than_the_file(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes(b"old")
    path.chmod(0o600)
    with AtomicFile(path) as file:
        file.write(b"new")
        assert [p.stat().st_mode & 0o777 for p in tmp_path.iterdir()] == [0o600, 0o600]


@unix
def test_a_link_stays_a_link(tmp_path):
    target, link, loose = tmp_path / "target", tmp_path / "link", tmp_path / "loose"
    target.write_bytes(b"old")
    link.symlink_to(target)
    loose.symlink_to(tmp_path / "folder" / "made")
    write_whole(link, b"new")
    write_whole(loose, b"made")
    assert link.is_symlink() and target.read_bytes() == b"new"
    assert loose.is_symlink() and (tmp_path / "folder" / "made").read_bytes() == b"made"


@unix
def test_what_is_no_file_is_never_replaced(tmp_path):
    pipe, folder, link = tmp_path / "pipe", tmp_path / "folder", tmp_path / "link"
    os.mkfifo(pipe)
    folder.mkdir()
    link.symlink_to(pipe)
    for place in (pipe, folder, link, Path("/dev/null")):
        with pytest.raises(UserError, match=r"is a folder or a device; .*\.$"):
            write_whole(place, b"data")
    assert pipe.is_fifo() and not Path("/dev/null").is_file()
    assert sorted(os.listdir(tmp_path)) == ["folder", "link", "pipe"]


@unix
def test_what_became_no_file_meanwhile_is_not_replaced_either(tmp_path):
    with pytest.raises(UserError, match="is a folder or a device"), AtomicFile(tmp_path / "x"):
        os.mkfifo(tmp_path / "x")
    assert (tmp_path / "x").is_fifo() and os.listdir(tmp_path) == ["x"]


def test_the_same_program_can_write_files_side_by_side(tmp_path):
    with AtomicFile(tmp_path / "file") as one, AtomicFile(tmp_path / "file") as two:
        one.write(b"one")
        two.write(b"two")
    assert (tmp_path / "file").read_bytes() == b"one"  # the last to end
    assert os.listdir(tmp_path) == ["file"]


KILLED = """
import os, signal, sys
from microgpt.files import AtomicFile
with AtomicFile(sys.argv[1]) as file:
    file.write(b"half")
    print(flush=True)
    signal.pause()
"""


@unix
def test_what_a_killed_writer_left_is_removed_at_the_next_save(tmp_path):
    path = tmp_path / "file"
    command = [sys.executable, "-c", KILLED, str(path)]
    env = {**os.environ, "PYTHONPATH": str(Path(files.__file__).parents[1])}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE) as writer:
        writer.stdout.readline()
        write_whole(path, b"another's")
        assert len(os.listdir(tmp_path)) == 2  # it is still being written
        writer.send_signal(signal.SIGKILL)
    assert len(os.listdir(tmp_path)) == 2
    (tmp_path / ".file.mine").write_bytes(b"not ours")
    os.mkfifo(tmp_path / ".file.00000000.part")  # to open it would wait for ever
    write_whole(path, b"new")
    assert sorted(os.listdir(tmp_path)) == [".file.00000000.part", ".file.mine", "file"]
    assert path.read_bytes() == b"new"


def test_a_file_that_another_program_holds_is_waited_for(tmp_path, monkeypatch):
    calls, replace = [], os.replace

    def held(source, target):
        calls.append(target)
        if len(calls) < 4:
            error = PermissionError(13, "Access is denied")
            error.winerror = 5
            raise error
        replace(source, target)

    monkeypatch.setattr(files, "PAUSES", (0, 0, 0))
    monkeypatch.setattr(os, "replace", held)
    write_whole(tmp_path / "file", b"data")
    assert (tmp_path / "file").read_bytes() == b"data" and len(calls) == 4
    calls.clear()
    monkeypatch.setattr(files, "PAUSES", (0, 0))  # but not for ever
    with pytest.raises(UserError, match="Access is denied"):
        write_whole(tmp_path / "file", b"more")
    assert os.listdir(tmp_path) == ["file"]


def test_a_file_and_its_folder_reach_the_disk(tmp_path, monkeypatch):
    synced, fsync = [], os.fsync

    def watched(handle):
        synced.append(stat.S_ISDIR(os.fstat(handle).st_mode))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", watched)
    write_whole(tmp_path / "file", b"data")
    assert synced == ([False] if sys.platform == "win32" else [False, True])


@unix
def test_a_full_disk_keeps_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"the old one")
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(UserError, match=r"^Could not write .* \(File too large\); .*\.$"):
            write_whole(path, bytes(2000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == b"the old one"
    assert os.listdir(tmp_path) == ["file"]


def test_an_interrupt_keeps_the_old_file(tmp_path):
    write_whole(tmp_path / "file", b"old")
    with pytest.raises(KeyboardInterrupt), AtomicFile(tmp_path / "file") as file:
        file.write(b"new")
        raise KeyboardInterrupt
    assert (tmp_path / "file").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_places_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    for place in ("file/below", "circle", "x" * 300):
        with pytest.raises(UserError, match=r"^Could not write .*\.$"):
            write_whole(tmp_path / place, b"data")
    assert sorted(os.listdir(tmp_path)) == ["circle", "file"]


# ---- the cache


def test_the_cache_folder(monkeypatch, tmp_path):
    for name in ("MICROGPT_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for platform, expected in [
        ("linux", tmp_path / ".cache" / "microgpt"),
        ("darwin", tmp_path / "Library" / "Caches" / "microgpt"),
        ("win32", tmp_path / "AppData" / "Local" / "microgpt"),
    ]:
        monkeypatch.setattr(sys, "platform", platform)
        assert cache_dir() == expected
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert cache_dir() == tmp_path / "local" / "microgpt"
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_dir() == tmp_path / "xdg" / "microgpt"
    monkeypatch.setenv("MICROGPT_CACHE", str(tmp_path / "own"))
    assert cache_dir() == tmp_path / "own"


def test_a_user_without_a_home_has_a_cache_folder(monkeypatch):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    for name in ("MICROGPT_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    monkeypatch.setattr(sys, "platform", "linux")
    assert cache_dir().name == "microgpt"
