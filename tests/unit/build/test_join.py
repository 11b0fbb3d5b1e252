"""The page's modules as one file: what runs, what is refused."""

import shutil
import subprocess

import pytest

from web.build.failure import Failure
from web.build.join import join

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


def test_joined_modules_do_what_they_did(tmp_path):
    source, names = join("main.js", MODULES)
    assert names == ["sums.js", "ui/list.js", "main.js"]
    node = shutil.which("node")
    if not node:
        pytest.skip("Node is not here")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "main.js").write_text(source)
    run = subprocess.run([node, "main.js"], cwd=tmp_path, capture_output=True, text=True)
    assert run.stdout == "119 x\n", run.stderr


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
