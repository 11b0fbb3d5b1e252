"""The rules of import themselves: each must be able to say no, and to say nothing."""

import pytest
from test_imports import circles, import_violations, module_graph, outside_violations


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("autograd.ops", "import numpy as np\nfrom .tensor import Tensor\nfrom . import tensor"),
        ("gpt.model", "from ..autograd.ops import linear\nfrom .config import GPTConfig"),
        ("gpt.model", "from ..errors import UserError"),
        ("tokenizer.patterns", "import regex"),
        ("training.loop", "from ..gpt import GPT\nfrom .. import autograd"),
        ("checkpoint", "from .gpt import GPT\nfrom .tokenizer import chars\nimport json"),
        ("data.names", "from ..tokenizer import chars\nfrom .. import __version__"),
        ("page", "from . import training, inference, checkpoint, data, __version__"),
        ("cli", "def bench():\n    from .bench import bench_command"),
        ("terminal.commands.serve", "def run(args):\n    from ...serve import serve"),
        ("lessons.flash", "from ..autograd import ops\nfrom ..training import run"),
        ("bench.compare", "from ..lessons import scalar"),
        (
            "terminal.train",
            "from ..data import names\nfrom ..bench import x\nfrom ..training import run",
        ),
        ("__main__", "from .cli import entry"),
    ],
)
def test_allowed_imports(module, source):
    assert import_violations(module, source) == []


@pytest.mark.parametrize(
    ("module", "source", "problem"),
    [
        ("autograd.ops", "from ..gpt.model import GPT", "autograd imports gpt"),
        ("autograd.ops", "def f():\n    from .. import gpt", "autograd imports gpt"),
        ("gpt.model", "from ..training import loop", "gpt imports training"),
        ("training.loop", "from ..inference import generate", "training imports inference"),
        ("tokenizer.bpe", "from ..data import names", "tokenizer imports data"),
        ("data.names", "from ..gpt import GPT", "data imports gpt"),
        ("checkpoint", "from .training import optim", "checkpoint imports training"),
        ("checkpoint", "from .cli import main", "checkpoint imports cli"),
        ("page", "from .cli import main", "page imports cli"),
        ("page", "from .terminal import progress", "page imports terminal"),
        ("autograd.tensor", "from ..recorder import record", "autograd imports recorder"),
        ("recorder.record", "from ..autograd import Tensor", "recorder imports autograd"),
        ("training.run", "from ..lessons import scalar", "training imports lessons"),
        ("lessons.flash", "from ..page import Session", "lessons imports page"),
        ("page", "from .bench import compare", "page imports bench"),
        ("bench.compare", "from ..page import benchmark", "bench imports page"),
        ("terminal.train", "from ..cli import main", "terminal imports cli"),
        ("serve", "from . import page", "serve imports page"),
        ("__main__", "from .page import Session", "__main__ imports page"),
        ("gpt.model", "from .. import GPT", "imports GPT from the package itself"),
        ("cli", "from microgpt.gpt import GPT", "relative"),
        ("cli", "import py.microgpt", "relative"),
        ("cli", "from ..elsewhere import x", "leaves the package"),
        ("page", "import js", "nothing in the package imports js"),
        ("page", "from pyodide.ffi import to_js", "imports pyodide"),
        ("page", "import importlib\nimportlib.import_module('pyodide_js')", "pyodide_js"),
        ("checkpoint", "import pickle", "imports pickle"),
        ("gpt.model", "import torch", "neither numpy nor standard library"),
        ("gpt.model", "import regex", "neither numpy nor standard library"),
        ("tokenizer.bpe", "import tiktoken", "neither numpy nor standard library"),
        ("novel.room", "", "new room"),
    ],
)
def test_forbidden_imports(module, source, problem):
    (violation,) = import_violations(module, source)
    assert problem in violation


def test_a_packages_own_dot_is_itself():
    assert import_violations("gpt", "from .model import GPT", is_package=True) == []
    assert import_violations("gpt", "from ..autograd import ops", is_package=True) == []
    assert import_violations("gpt", "from ..training import loop", is_package=True) != []
    assert import_violations("", "from .gpt import GPT", is_package=True) == []
    assert import_violations("", "from .cli import entry", is_package=True) != []


@pytest.mark.parametrize(
    "source",
    [
        "import urllib.request",
        "from urllib import request",
        "import socket",
        "import subprocess",
        "from http.client import HTTPConnection",
        "def f():\n    import tempfile",
        "open('x')",
        "path.write_text('x')",
        "Path('x').open()",
        "os.replace(a, b)",
        "shutil.rmtree(folder)",
        "np.load('x')",
        "numpy.save('x', a)",
        "weights.tofile('x')",
    ],
)
def test_files_and_network_are_seen(source):
    assert len(outside_violations("page", source)) == 1
    assert outside_violations("files", source) == []
    assert outside_violations("data.download", source) == []


@pytest.mark.parametrize(
    "source",
    [
        "from urllib.parse import quote",
        "text.replace('a', 'b')",
        "checkpoint.load(data)",
        "checkpoint.save(model)",
        "import shutil\nshutil.get_terminal_size()",
        "import os\nos.environ.get('NO_COLOR')",
        "def open_all(): pass\nopen_all()",
    ],
)
def test_harmless_lines_pass(source):
    assert outside_violations("page", source) == []


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ([("a.x", "from .y import f", False), ("a.y", "import json", False)], set()),
        ([("a.x", "from .y import f", False), ("a.y", "from . import x", False)], {"a.x", "a.y"}),
        (
            [
                ("a.x", "from ..b.y import f", False),
                ("b.y", "def f():\n    from ..a.z import g", False),
                ("a.z", "from .x import f", False),
            ],
            {"a.x", "b.y", "a.z"},
        ),
    ],
)
def test_a_circle_is_seen(sources, expected):
    assert circles(module_graph(sources)) == expected
