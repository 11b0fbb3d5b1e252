"""Which script of the page may import which, read from the sources."""

import posixpath
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

# Rooms of web/ that touch neither the page nor the worker: tests run them in Node.
PURE = {"select", "settings", "state"}


def js_violations(name, source):
    """What is wrong with a script's imports; its name is relative to web/."""
    wrong = []
    source = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)  # a type is named, not imported
    targets = re.findall(r"""(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+)["']""", source)
    for target in targets:
        file = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
        room = file.split("/")[0]
        pure = name.split("/")[0] in PURE
        in_ui = name.startswith("ui/")
        shared = room in PURE or posixpath.dirname(file) == "ui"
        if not target.startswith("."):
            wrong.append(f"{name} imports {target}, which is not a file of ours")
        elif pure and room not in PURE:
            wrong.append(f"{name} imports {target}: {', '.join(sorted(PURE))} know only each other")
        elif file == "protocol.js" and name not in ("client.js", "worker.js"):
            wrong.append(f"{name} imports {target}, which is for client.js and worker.js")
        elif in_ui and not shared and not is_within_a_view(name, file):
            wrong.append(f"{name} imports {target}: main.js wires the components")
    return wrong


def is_within_a_view(name, file):
    """A view that is loaded later has an index.js, which wires components as main.js does; what it
    is made of may import each other.
    """
    folder = posixpath.dirname(name)
    if posixpath.basename(name) == "index.js":
        return file.startswith("ui/")
    return posixpath.dirname(file) == folder and (ROOT / "web" / folder / "index.js").exists()


def test_the_scripts_of_the_page_follow_the_design():
    web = ROOT / "web"
    wrong = []
    for path in sorted(web.rglob("*.js")):
        name = path.relative_to(web).as_posix()
        wrong += js_violations(name, path.read_text(encoding="utf-8"))
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "source", "count"),
    [
        ("state/run.js", "export const a = 1;", 0),
        ("state/run.js", "import { x } from '../select/x.js';", 0),
        ("state/run.js", "import { x } from '../ui/dom.js';", 1),
        ("settings/fields.js", "import { x } from '../client.js';", 1),
        ("main.js", "import uPlot from 'uplot';", 1),
        ("client.js", "import * as p from './protocol.js';", 0),
        ("main.js", "import './protocol.js';", 1),
        ("ui/train/chart.js", "import { make } from '../dom.js';", 0),
        ("ui/train/chart.js", "import { count } from '../../select/format.js';", 0),
        ("ui/train/chart.js", "import { post } from '../../client.js';", 1),
        ("ui/train/chart.js", "const m = await import('./data.js');", 1),
        ("ui/train/chart.js", "import { chat } from '../chat/talk.js';", 1),
        ("ui/tokens/index.js", "import * as cut from './cut.js';", 0),
        ("ui/tokens/index.js", "import * as save from '../train/save.js';", 0),
        ("ui/chat/talk.js", "import { draw } from './turn.js';", 0),
        ("ui/chat/talk.js", "import * as cut from '../tokens/cut.js';", 1),
    ],
)
def test_the_rules_for_scripts_can_say_no(name, source, count):
    assert len(js_violations(name, source)) == count
