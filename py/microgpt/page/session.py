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
        self._requests = {}
        for part in (self, *vars(self).values()):
            self._requests |= requests_of(part)

    def _bring_the_rest(self):
        """The parts that a start does without, when the first of their requests comes."""
        from .benchmark import BenchmarkRequests
        from .inside import Inside
        from .microscope import MicroscopeRequests
        from .stages import Stages
        from .stages.judge import Judge
        from .stages.talk import Chat

        self.inside, self.microscope = Inside(self.current), MicroscopeRequests(self.current)
        self.benchmark, self.stages = BenchmarkRequests(self.kernel), Stages(self.kernel)
        self.chat = Chat(self.kernel)
        later = (self.inside, self.microscope, self.benchmark, self.stages, self.chat)
        for part in (*later, Judge(self.chat)):
            self._requests |= requests_of(part)

    def call(self, name, request="{}", *files):
        """Answer a request of the page; see `json_api.answer`."""
        if name not in self._requests:
            self._bring_the_rest()
        return answer(self._requests[name], request, files)

    @page_request
    def versions(self):
        return {
            "microgpt": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "kernel": self.kernel is not None,
        }
