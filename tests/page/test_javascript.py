"""The page's scripts: their logic in Node's own test runner, their types, and how they are set.

By hand: `node --test tests/page/*/*.test.js`, and in the folder that `tools` names
`npx tsc -p …/tests/page/page.tsconfig.json` and `npx prettier --write`.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from web.build.minify import script

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
# Before this, Node took a script for a module only where a package.json says so.
OLDEST = (20, 19)
TOOLS = ("typescript@7.0.2", "prettier@3.10.1")
MOST_ANY = 20  # places where a type is not said
ANY = re.compile(r"[{<:|=(,]\s*any\b|@ts-(?:ignore|expect-error|nocheck)")


@pytest.fixture(scope="session")
def node():
    """Node, as it is called; skips the test where there is none, or one too old."""
    program = shutil.which("node")
    found = program and subprocess.run([program, "--version"], capture_output=True, text=True)
    version = tuple(map(int, re.findall(r"\d+", found.stdout)[:2])) if found else ()
    if version < OLDEST:
        pytest.skip("Node 20.19 or newer is not here")
    return program


@pytest.fixture(scope="session")
def tools(node):
    """The folder of TypeScript and Prettier, which npm installs once, beside Python's own tools."""
    folder = Path(sys.prefix, "node-tools")
    stamp = folder / "installed"
    if not stamp.exists() or stamp.read_text() != repr(TOOLS):
        npm = shutil.which("npm")
        flags = ("--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix")
        folder.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", *flags, folder, *TOOLS]
        done = npm and subprocess.run(command, capture_output=True, text=True, timeout=300)
        if not done or done.returncode:
            reason = "TypeScript and Prettier: npm could not install them"
            if os.environ.get("CI") == "true":
                pytest.fail(f"{reason}\n{done and done.stderr}", pytrace=False)
            pytest.skip(reason)
        stamp.write_text(repr(TOOLS))
    return folder / "node_modules"


def sources():
    """Every script of the page and of its tests."""
    found = [*ROOT.glob("web/**/*.js"), *ROOT.glob("web/**/*.d.ts"), *HERE.rglob("*.js")]
    assert found
    return sorted(found)


def run(*command):
    done = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.fail((done.stdout + done.stderr)[-20_000:], pytrace=False)
    return done.stdout


def test_in_node(node):
    """All in one process: `node --test` starts one a file, and most of its time is starting."""
    files = sorted(HERE.rglob("*.test.js"))
    imports = "".join(f"import {json.dumps(file.as_uri())};" for file in files)
    said = run(node, "--no-warnings", "--test-reporter=spec", "--input-type=module", "-e", imports)
    assert int(re.search(r"pass (\d+)", said)[1]) > 100


@pytest.mark.parametrize("project", ["page", "worker"])
def test_types(node, tools, project):
    """The page and the worker know different globals, so each is a project of its own."""
    run(node, tools / "typescript/bin/tsc", "-p", HERE / f"{project}.tsconfig.json")


def test_set_by_one_hand(node, tools):
    """`prettier --write` with the same flags mends it."""
    config = ("--config", HERE / "prettier.json", "--log-level", "warn")
    run(node, tools / "prettier/bin/prettier.cjs", "--check", *config, *sources())


def test_few_types_are_left_open():
    texts = {path.relative_to(ROOT): path.read_text(encoding="utf-8") for path in sources()}
    found = {str(name): ANY.findall(text) for name, text in texts.items() if ANY.search(text)}
    assert sum(map(len, found.values())) <= MOST_ANY, found
    assert not any("nocheck" in each for each in sum(found.values(), []))


@pytest.mark.parametrize(
    "text", ["/** @type {any} */", "x: any;", "Map<string, any>", "(any)", "// @ts-ignore"]
)
def test_what_is_left_open_is_seen(text):
    assert len(ANY.findall(text)) == 1


def test_any_in_a_sentence_is_none():
    assert not ANY.findall("// any of them, and not for any other; many things")


SAME = """
import { json } from "node:stream/consumers";
import prettier from "TOOLS/prettier/index.mjs";
const PLACES = /^(start|end|loc|range|extra|__contentEnd|\\w*[cC]omments)$/;
// Parentheses that a comment stands before, for the sake of its type, are a node of their own.
const bare = (value) =>
  value?.type === "ParenthesizedExpression" ? bare(value.expression) : value;
const tree = async (text) => {
  const { ast } = await prettier.__debug.parse(text, { parser: "babel" });
  return JSON.stringify(ast.program, (key, value) => (PLACES.test(key) ? undefined : bare(value)));
};
for (const [name, before, after] of await json(process.stdin))
  if ((await tree(before)) !== (await tree(after))) console.log(name);
"""


def test_without_comments_and_spaces_every_script_is_the_same_program(node, tools):
    """So says another parser than the build's own, of a quarter of them."""
    texts = {path.name: path.read_text() for path in sources() if path.name.endswith(".js")}
    pairs = [(name, text, script(text)) for name, text in list(texts.items())[::4]]
    assert sum(small != text for _, text, small in pairs) > 0.95 * len(pairs)
    code = SAME.replace("TOOLS", Path(tools).as_uri())
    command = [node, "--input-type=module", "-e", code]
    done = subprocess.run(command, input=json.dumps(pairs), capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
