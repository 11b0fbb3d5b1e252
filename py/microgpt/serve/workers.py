"""The processes of a server: a parent that hears the signals, and workers that answer.

The parent loads the models and forks: all workers read the same weights in the same memory, and
accept from one socket. To reload is to fork anew from models that were loaded again, and to let the
former workers end what they are writing. Where there is no fork (Windows) one process does it all.
"""

import asyncio
import os
import select
import signal
import sys
import time
import warnings
from dataclasses import replace

from ..errors import UserError
from ..training.threads import BlasThreads
from . import http
from .app import Endpoints
from .batcher import Batcher
from .door import line_of
from .metrics import Metrics
from .models import load_models, slots_for

CLOSING = 5.0  # seconds for former workers to accept no more
MOST_LOSSES = 5  # workers that may be lost within a minute
LOST = 70  # a worker's exit code where something went wrong in it


def serve(paths, options, say):
    """Serve until a signal asks for the end; returns the exit code."""
    models = load_models(paths)
    listener = http.listen(options.host, options.port)
    address = listener.getsockname()
    if not hasattr(os, "fork"):
        metrics = Metrics(1)
        stop = _Stop()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        ready, closed = lambda: announce(say, options, address), lambda: None
        _answer(models, options, metrics, 0, listener, stop, ready, closed)
        return 0
    return Parent(paths, models, options, listener, say).run()


def announce(say, options, address):
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    if options.page:
        say(f"The page: http://{host}:{address[1]}/")
    say(f"Listening on http://{host}:{address[1]}/v1 (Ctrl-C ends it)")


class _Stop:
    """An event that a signal sets, seen by a loop that begins later."""

    def __init__(self):
        self.asked, self._event, self._loop = False, None, None

    def within(self):
        self._loop, self._event = asyncio.get_running_loop(), asyncio.Event()
        if self.asked:
            self._event.set()
        return self._event

    def set(self):
        self.asked = True
        if self._loop:
            self._loop.call_soon_threadsafe(self._event.set)


def _answer(models, options, metrics, place, listener, stop, on_ready, on_closed, watch=None):
    """Be a worker, until it is time to end."""
    counted, at_work, threads = metrics.row(place), {}, BlasThreads(options.workers)
    for name, served in models.items():
        slots = slots_for(served.model, options.slots)
        settings = slots, options.queue, options.prefix_bytes // len(models), counted, threads
        batcher = Batcher(served.model, served.tokenizer, *settings)
        at_work[name] = replace(served, batcher=batcher)

    def note(noted):
        if not options.quiet:
            print(line_of(noted, options.json), file=sys.stderr, flush=True)

    async def work():
        event = stop.within()
        if watch is not None:
            asyncio.get_running_loop().add_reader(watch, event.set)
        endpoints = Endpoints(at_work, options, metrics, counted, note)
        await http.run(endpoints, listener, event, on_ready, on_closed)

    asyncio.run(work())


class Parent:
    """Starts workers, restarts those that are lost, and passes signals on."""

    def __init__(self, paths, models, options, listener, say):
        self._paths, self._models, self._options = paths, models, options
        self._listener, self._say = listener, say
        self._metrics = Metrics(2 * options.workers)  # the former ones count while they end
        self._places = {}  # of workers: {process id: row}
        self._former, self._losses = set(), []
        self._asked = set()  # "stop", "reload"
        self._pipes = {}  # {process id: what ends when that worker accepts no more}
        # As long as the parent lives it holds the other end open.
        self._alive, self._held = os.pipe()

    def run(self):
        heard = {signal.SIGINT: "stop", signal.SIGTERM: "stop", signal.SIGHUP: "reload"}
        for number, word in heard.items():
            signal.signal(number, lambda *_, word=word: self._asked.add(word))
        self._start()
        announce(self._say, self._options, self._listener.getsockname())
        while "stop" not in self._asked:
            self._collect()
            if "reload" in self._asked and not self._former:
                self._asked.discard("reload")
                self._reload()
            time.sleep(0.05)
        return self._end()

    def _start(self):
        """Start workers until there are enough, and wait until they answer."""
        free = set(range(2 * self._options.workers)) - set(self._places.values())
        missing = self._options.workers - (len(self._places) - len(self._former))
        started = [self._fork(place) for place, _ in zip(sorted(free), range(missing))]
        for child in started:
            os.read(self._pipes[child], 1)  # a byte, or nothing where it has ended

    def _fork(self, place):
        heard, told = os.pipe()
        with warnings.catch_warnings():
            # Of threads that a library for products may have; it knows what a fork is.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child:
            os.close(told)
            self._places[child], self._pipes[child] = place, heard
            return child
        code = LOST
        try:
            os.close(self._held)
            stop = _Stop()
            for number in (signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, lambda *_: stop.set())
            _answer(
                self._models, self._options, self._metrics, place, self._listener, stop,
                lambda: os.write(told, b"."), lambda: os.close(told), self._alive,
            )  # fmt: skip
            code = 0
        except BaseException as error:
            sys.excepthook(type(error), error, error.__traceback__)
        finally:
            os._exit(code)

    def _collect(self):
        """See which workers have ended, and start others for those that were lost."""
        lost = 0
        while self._places:
            child, _ = os.waitpid(-1, os.WNOHANG)
            if not child:
                break
            self._metrics.worker_ended(self._places.pop(child))
            os.close(self._pipes.pop(child))
            if child in self._former:
                self._former.discard(child)
            else:
                lost += 1
        if not lost or "stop" in self._asked:
            return
        self._metrics.row(0).add("workers_lost", lost)
        now = time.monotonic()
        self._losses = [at for at in self._losses if now - at < 60] + [now] * lost
        if len(self._losses) > MOST_LOSSES:
            self._end()
            raise UserError("The workers end again and again; the lines above say why.")
        self._say("A worker was lost; another takes its place.")
        self._start()

    def _reload(self):
        """Load the models again; new workers answer with them while the former ones end."""
        try:
            self._models = load_models(self._paths)
        except UserError as error:
            self._say(f"Not reloaded: {error}")
            return
        self._former = set(self._places)
        self._start()
        self._tell(self._former)
        _wait_for_the_end_of([self._pipes[child] for child in self._former])
        self._say("Reloaded.")

    def _tell(self, children):
        for child in children:
            os.kill(child, signal.SIGTERM)

    def _end(self):
        """Take no more, let the workers end what they are writing, and see them off."""
        self._say("Ending: what is being written is finished first.")
        self._listener.close()
        self._tell(self._places)
        until = time.monotonic() + self._options.grace + 5
        while self._places:
            self._collect()
            if time.monotonic() > until:
                for child in self._places:
                    os.kill(child, signal.SIGKILL)
            time.sleep(0.02)
        return 0


def _wait_for_the_end_of(pipes):
    """Wait until nobody holds the other ends."""
    until = time.monotonic() + CLOSING
    for pipe in pipes:
        while select.select([pipe], [], [], max(0, until - time.monotonic()))[0]:
            if not os.read(pipe, 1):
                break
