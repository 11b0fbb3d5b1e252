"""The page's modules as one file: what runs, what is refused."""

import shutil
import subprocess

import pytest

from web.build import Failure
from web.build.join import by_address, changed, dressed, join

MODULES = {
    "main.js": """import { sum as add, twice } from "./sums.js";
import * as ui from "./ui/list.js";
const value = 100 + add(1, 2) + twice(ui.last());
console.log(value, ui.address);
""",
    "sums.js": """export function sum(a, b) {
  return a + b;
}
const hidden = 2;
export const twice = (n) => n * hidden;
""",
    "ui/list.js": """import {
  sum,
  twice,
} from "../sums.js";
const hidden = [sum(1, 1), twice(4)];
export function last() {
  return hidden.at(-1);
}
const address = new URL("../x", import.meta.url).href.split("/").at(-1);
export { address };
""",
}


def run(folder, files):
    """What the joined files print under Node."""
    node = shutil.which("node")
    if not node:
        pytest.skip("Node is not here")
    for path, source in {"package.json": '{"type": "module"}', **files}.items():
        folder.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
        folder.joinpath(path).write_text(source)
    done = subprocess.run([node, "main.js"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_joined_modules_do_what_they_did(tmp_path):
    files, names = join("main.js", MODULES)
    assert list(files) == ["main.js"]
    assert names == ["main.js", "sums.js", "ui/list.js"]
    assert run(tmp_path, files) == "119 x\n"


VIEWS = {
    "main.js": """import { count } from "./counter.js";
count("main");
const views = [import("./ui/tokens/index.js"), import("./ui/chat/index.js")];
Promise.all(views).then((found) => found.forEach(({ show }) => show()));
""",
    "counter.js": """let calls = 0;
export function count(name) {
  calls += 1;
  console.log(calls, name);
}
""",
    "text.js": """import { count } from "./counter.js";
count("text");
export const capital = (word) => word.toUpperCase();
""",
    "ui/tokens/index.js": """import { count } from "../../counter.js";
import { capital } from "../../text.js";
import { draw } from "./draw.js";
export function show() {
  count(capital("tokens") + draw());
}
""",
    "ui/tokens/draw.js": """import * as marks from "marks";
export const draw = () => marks.default + new URL("../x", import.meta.url).href.at(-1);
""",
    "ui/chat/index.js": """import { count } from "../../counter.js";
import { capital } from "../../text.js";
const show = () => count(capital("chat"));
export { show };
""",
}


def test_a_view_that_comes_later_is_a_file_and_no_module_exists_twice(tmp_path):
    files, names = join("main.js", VIEWS, {"marks": "vendor/marks.js"})
    assert set(files) == {"main.js", "ui/tokens/index.js", "ui/chat/index.js"}
    assert names == sorted(VIEWS)
    for path in VIEWS:  # each once; what both views need, in the first file
        places = [name for name, source in files.items() if f"// {path}\n" in source]
        assert len(places) == 1, path
    assert (
        "// text.js" in files["main.js"] and "// ui/tokens/draw.js" in files["ui/tokens/index.js"]
    )
    assert 'from "../../vendor/marks.js"' in files["ui/tokens/index.js"]
    # In WebKit the first file of a worker, where it is imported, runs once more.
    assert not any("main.js" in files[name] for name in files if name != "main.js")
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "marks.js").write_text('export default "!";\n')
    said = run(tmp_path, files)
    assert said == "1 text\n2 main\n3 TOKENS!x\n4 CHAT\n"


def test_packages_import_each_other_by_address():
    vendored = {"@code/view": "vendor/view.js", "style": "vendor/deep/style.js"}
    source = 'import{a as b}from"@code/view";import \'style\';export*from "style";let x="from b";'
    found = by_address("vendor/code.js", source.encode(), vendored).decode()
    assert found == (
        "import{a as b}from\"./view.js\";import './deep/style.js';"
        'export*from "./deep/style.js";let x="from b";'
    )
    assert by_address("vendor/a.js", b'import "./b.js";', {}) == b'import "./b.js";'
    with pytest.raises(Failure, match="vendor/a.js imports lost, which is not vendored"):
        by_address("vendor/a.js", b'import "lost";', vendored)


@pytest.mark.parametrize(
    "modules, reason",
    [
        ({"main.js": 'import x from "./x.js";\n'}, "does not know how to join `import x from"),
        ({"main.js": "export default 1;\n"}, "does not know how to join `export default 1;`"),
        (
            {"main.js": 'import { x } from "./x.js";\n'},
            "imports x.js, which does not exist",
        ),
        (
            {"main.js": 'const view = await import("./x.js");\n', "x.js": "export const x = 1;\n"},
            "does not know how to join `const view = await import",
        ),
        (
            {"main.js": 'import("./view.js");\n', "view.js": "const nothing = 1;\n"},
            "view.js is imported later, but it exports nothing",
        ),
        (
            {"main.js": 'import("./view.js");\n', "view.js": 'import { x } from "./main.js";\n'},
            "main.js imports itself",
        ),
        (
            {
                "main.js": 'import { x } from "./x.js";\n',
                "x.js": 'import { y } from "./main.js";\n',
            },
            "main.js imports itself, by way of main.js, x.js",
        ),
    ],
)
def test_what_it_does_not_know_is_refused(modules, reason):
    with pytest.raises(Failure, match=reason):
        join("main.js", modules)


def test_a_vendored_file_is_changed_where_the_lock_says_so():
    assert changed("a.js", b"f(new X)", {"new X": "0"}) == b"f(0)"
    assert changed("a.gz", b"\xff", {}) == b"\xff"
    for body in (b"f()", b"new X;new X"):
        with pytest.raises(Failure, match="a.js should have `new X` exactly once"):
            changed("a.js", body, {"new X": "0"})


def test_a_page_holds_its_stylesheet():
    link = b'<link rel="stylesheet" href="a.css">'
    files = {"x.html": b"<head>" + link, "a.css": b"p{}", "b.css": b"q{}"}
    assert dressed(files) == {"x.html": b"<head><style>p{}</style>", "b.css": b"q{}"}
