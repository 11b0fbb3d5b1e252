"""The session of one browser tab: its parts, and the one way in.

Nothing here knows of JavaScript: the worker calls `call` and gets text and arrays.
"""

import platform

import numpy as np

from .. import __version__, kernels
from .current import Current
from .data import DataAtHand
from .json_api import answer, page_request, requests_of
from .settings import Planner
from .tokenizers import TokenizerStore
from .writing import Writing


class Session:
    """What the page can ask for is what the parts have marked as `page_request`."""

    def __init__(self):
        self.kernel = kernels.load()
        self.data = DataAtHand()
        self.tokenizers = TokenizerStore(self.data)
        self.planner = Planner(self.data, self.tokenizers, self.kernel)
        self.current = Current(self.data, self.tokenizers, self.kernel)
        self.writing = Writing(self.current)
        self.chat = self.inside = None  # come with their first request
        self._requests = {}
        for part in (self, *vars(self).values()):
            self._requests |= requests_of(part)

    def _bring(self, name):
        """The parts that a start does without, when the first of their requests comes.

        Talking needs little of the package, and its first answer shall not wait for more; stages
        and talks need modules of Python's library that looking inside does without.
        """
        if name.startswith("chat_"):
            self._bring_chat()
        if name not in self._requests and not self.inside:
            self._bring_inside()
        if name not in self._requests:
            self._bring_chat()
            self._bring_stages()

    def _bring_chat(self):
        if not self.chat:
            from .stages.talk import Chat

            self.chat = Chat(self.kernel)
            self._requests |= requests_of(self.chat)

    def _bring_inside(self):
        from .benchmark import BenchmarkRequests
        from .inside.microscope import MicroscopeRequests
        from .inside.parts import PartRequests
        from .inside.pictures import Inside

        self.inside, self.microscope = Inside(self.current), MicroscopeRequests(self.current)
        self.parts, self.benchmark = PartRequests(self.current), BenchmarkRequests(self.kernel)
        for part in (self.inside, self.microscope, self.parts, self.benchmark):
            self._requests |= requests_of(part)

    def _bring_stages(self):
        from .stages.judge import Judge
        from .stages.ladder import Stages

        self.stages = Stages(self.kernel)
        for part in (self.stages, Judge(self.chat)):
            self._requests |= requests_of(part)

    def call(self, name, request="{}", *files):
        """Answer a request of the page; see `json_api.answer`."""
        if name not in self._requests:
            self._bring(name)
        return answer(self._requests[name], request, files)

    @page_request
    def versions(self):
        return {
            "microgpt": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "kernel": self.kernel is not None,
        }
