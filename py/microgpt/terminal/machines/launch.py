"""`train --workers`: starts MPI's launcher, passes signals on, and starts again what was lost."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

from ...errors import UsageError, UserError
from ...training.machines.mpi import LOST
from ..args import add_number
from ..progress import TERMINAL
from ..signals import heard
from .start import LOST_ONE, LOST_WORDS
from .worker import RESUME

MOST_WORKERS = 1024
PATIENCE = 10  # seconds that a job has to end in after a signal
FAILED = 255  # the exit code of a launcher that lost a worker on another machine
ANSWER = 20  # seconds that a machine has to start a program in
NOISE = "[mpiexec@", "[proxy"  # what the launcher says of itself begins so
BANNER = "=" * 20, "Please see the FAQ page"  # how its longest remark begins and ends


def add_launch(parser):
    group = parser.add_argument_group("several processes or machines (pip install '.[mpi]')")
    help = "processes that share each step, by MPI; with --sync-every, that learn side by side (1)"
    add_number(group, "--workers", None, help, low=1, high=MOST_WORKERS)
    group.add_argument("--hosts", metavar="A,B", help="machines to start them on (this one)")
    help = "how many times to go on from the last save after a worker was lost (0)"
    add_number(group, "--restarts", 0, help, high=1_000_000)


def check_launch(args):
    if args.workers is None and (args.hosts or args.restarts):
        raise UsageError("--hosts and --restarts are for --workers N; give it as well.")
    if args.hosts and not all(host.strip() for host in args.hosts.split(",")):
        raise UsageError("--hosts are names with commas between them, as in --hosts a,b.")
    if args.restarts and not (args.out or args.resume):
        raise UsageError("--restarts goes on from a saved run; add --out FILE and --save-every N.")


def launch(args):
    """Start the workers of this command, see them to their end, and return the exit code."""
    launcher = find_launcher()
    hosts = [host.strip() for host in args.hosts.split(",")] if args.hosts else []
    absent = set(hosts) - set(_answering(launcher, hosts))
    if absent:
        names = ", ".join(host for host in hosts if host in absent)
        raise UserError(
            f"Nothing can be started on {names}: `ssh HOST true` has to work without a password,"
            f" and this program has to be there, too, with {sys.executable}."
        )
    path, left = args.out or args.resume, args.restarts
    before = _mark(path)
    while True:
        env = _environment()
        if path and _mark(path) != before:
            env[RESUME] = path
        with tempfile.TemporaryDirectory() as folder:
            env[LOST_ONE] = os.path.join(folder, "lost")
            code = Job(_command(launcher, args.workers, hosts), env).wait()
        if not is_loss(code) or not left:
            return _last_word(code)
        left -= 1
        if hosts:
            hosts = _answering(launcher, hosts)
            if not hosts:
                raise UserError("None of the machines answers any more; look at them.")
        where = f", on {','.join(hosts)}" if hosts else ""
        _say(f"A worker was lost; the job is started again{where} ({left} more times at most).")


def find_launcher():
    """The mpiexec of this Python, or of the system."""
    beside = shutil.which("mpiexec", path=str(Path(sys.executable).parent))
    found = beside or shutil.which("mpiexec") or shutil.which("mpirun")
    if not found:
        raise UserError(
            "Several workers need MPI, which is not here: pip install '.[mpi]' in the project's"
            " folder."
        )
    return found


def is_loss(code):
    """Did a worker end without a word? Then the code is a signal's number, in one way or another.

    What asked the whole job to end, Ctrl-C for one, is no loss.
    """
    if code in (LOST, FAILED) or code < 0:
        return True
    lost = [signal.SIGKILL, signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL]
    return any(code in (number, 128 + number) for number in lost if number > 2)


def _last_word(code):
    if not is_loss(code):
        return code
    if code != LOST:
        _say(LOST_WORDS)
    return 1


def _say(text):
    print(f"microgpt: {text}", file=sys.stderr, flush=True)


def _mark(path):
    """What changes whenever a file is replaced."""
    try:
        found = os.stat(path)
    except (OSError, TypeError, ValueError):
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _environment():
    """One thread of BLAS a worker: they share the cores already."""
    env = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")}
    if sys.stderr.isatty():
        env[TERMINAL] = str(shutil.get_terminal_size().columns)
    return {**env, **os.environ}


def _command(launcher, workers, hosts):
    package = __name__.removesuffix(".terminal.machines.launch")
    mine = [sys.executable, "-m", package, *sys.argv[1:]]
    return [launcher, "-n", str(workers), *(["-hosts", ",".join(hosts)] if hosts else []), *mine]


def _answering(launcher, hosts):
    """Those of these machines that start a program."""
    asked, end = [], time.monotonic() + ANSWER
    for host in hosts:
        command = [launcher, "-n", "1", "-hosts", host, sys.executable, "-c", ""]
        asked.append(_begin(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    for process in asked:
        try:
            process.wait(timeout=max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            _end(process)
            process.wait()
    return [host for host, process in zip(hosts, asked) if process.returncode == 0]


def _begin(command, **options):
    """In a session of its own, so that it hears of no signal but ours."""
    own = {"start_new_session": True} if os.name == "posix" else {}
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, **own, **options)


def _end(process):
    """At once, with what it has started: an ssh to a machine that is gone would wait for long."""
    if os.name == "posix":
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


class Job:
    """The launcher and what it started: in a session of its own, so that it hears of a signal
    from here, and once."""

    def __init__(self, command, env):
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self._process = _begin(command, env=env, bufsize=0, **pipes)
        self._lost = Path(env[LOST_ONE])  # is there as soon as the first worker misses one
        self._before = {number: signal.signal(number, self._pass_on) for number in heard()}
        self._asked = None

    def _pass_on(self, number, frame):
        if self._asked:  # a second time: at once
            _end(self._process)
            return
        self._asked = number
        self._process.send_signal(number if number == signal.SIGTERM else signal.SIGINT)
        timer = threading.Timer(PATIENCE, _end, [self._process])
        timer.daemon = True
        timer.start()

    def _pass_talk(self):
        """Show what the workers say on stderr."""
        chunks = iter(lambda: os.read(self._process.stderr.fileno(), 1 << 16), b"")
        with suppress(OSError, ValueError):
            for chunk in without_noise(chunks):
                sys.stderr.buffer.write(chunk)
                sys.stderr.buffer.flush()

    def _see_to_end(self):
        """The launcher itself waits for a machine that is gone for as long as the network does."""
        process, left = self._process, PATIENCE
        while process.poll() is None:
            time.sleep(0.5)
            left -= 0.5 * self._lost.exists()
            if left < 0 and process.poll() is None:
                _end(process)

    def wait(self):
        """Print what the workers print; the exit code of the job."""
        threading.Thread(target=self._see_to_end, daemon=True).start()
        talk = threading.Thread(target=self._pass_talk, daemon=True)
        talk.start()
        try:
            with self._process as process:
                for line in without_remarks(process.stdout):
                    sys.stdout.buffer.write(line)
                    sys.stdout.buffer.flush()
                code = process.wait()
                talk.join(timeout=2)  # an ssh to a machine that is gone holds the pipe
        finally:
            for number, handler in self._before.items():
                signal.signal(number, handler)
        if self._asked and code:
            return 128 + self._asked
        if self._lost.exists():
            return LOST
        gave_up = code in (signal.SIGTERM, 128 + signal.SIGTERM)  # a worker that could not join
        return 1 if gave_up else code


def without_remarks(lines):
    """The lines without those in which the launcher speaks of itself."""
    inside = blank = False
    for line in lines:
        text = line.decode("utf-8", "replace")
        if inside:
            inside = not text.startswith(BANNER[1])
        elif text.startswith(BANNER[0]):
            inside, blank = True, False
        elif not text.startswith(NOISE):
            if blank:
                yield b"\n"
            if not (blank := text == "\n"):  # an empty line comes before the banner
                yield line
    if blank:
        yield b"\n"


def without_noise(chunks):
    """What is read, in pieces of any size, without lines in which the launcher speaks of itself.

    A line is passed on before it has come to its end: a bar has none.
    """
    noise = [each.encode() for each in NOISE]
    start, shown = b"", None  # of a line, of which it is not known yet whether it is shown
    for chunk in chunks:
        passed = b""
        for piece in re.findall(rb"[^\n]*\n|[^\n]+", chunk):
            if shown is None:
                start += piece
                if any(each.startswith(start) and each != start for each in noise):
                    continue
                shown, piece, start = not start.startswith(tuple(noise)), start, b""
            passed += piece if shown else b""
            if piece.endswith(b"\n"):
                shown = None
        if passed:
            yield passed
    if start:
        yield start
