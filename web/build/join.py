"""The page's modules joined into one file, so that the page asks for two scripts and not for fifty.

Each module becomes a function that runs once and returns what the module exports; an import
becomes a line that takes the names out of what such a function returned. It knows the few forms
of import and export that web/ uses, and refuses any other.
"""

import posixpath
import re

from .failure import Failure

IMPORT = re.compile(r'^import\s+(?:(\{[^}]*\})|\*\s+as\s+(\w+))\s+from\s+"([^"]+)";\n', re.M)
EXPORT = re.compile(r"^export\s+(?=(?:async\s+)?(?:function\*?|const|class)\s+(\w+))", re.M)
EXPORTS = re.compile(r"^export\s+\{([^}]*)\};\n", re.M)
UNKNOWN = re.compile(r"^(?:import[\s{\"']|export\s).*", re.M)


def join(entry, modules):
    """(the joined source, the names in it) of the module `entry` and all that it imports.

    `modules` is {path: source}.
    """
    order = []
    visit(entry, modules, order, ())
    return "".join(wrapped(path, modules, entry) for path in order), order


def visit(path, modules, order, above):
    """Put what a module imports before it into `order`."""
    if path in above:
        raise Failure(f"web/{path} imports itself, by way of {', '.join(above)}.")
    if path in order:
        return
    if path not in modules:
        raise Failure(f"web/{above[-1]} imports {path}, which does not exist.")
    for match in IMPORT.finditer(modules[path]):
        visit(target(path, match[3]), modules, order, (*above, path))
    order.append(path)


def wrapped(path, modules, entry):
    exported = []

    def take(match):
        names, whole, address = match.groups()
        taken = whole or re.sub(r"\s+", " ", names).replace(" as ", ": ")
        return f"const {taken} = {name_of(target(path, address))};\n"

    def remember(match):
        exported.append(match[1])
        return ""

    def remember_all(match):
        exported.extend(name.strip() for name in match[1].split(",") if name.strip())
        return ""

    source = EXPORTS.sub(remember_all, EXPORT.sub(remember, IMPORT.sub(take, modules[path])))
    found = UNKNOWN.search(source)
    if found:
        raise Failure(f"web/{path}: the build does not know how to join `{found[0]}`.")
    source = source.replace("import.meta.url", f'new URL("./{path}", import.meta.url).href')
    if path == entry:
        return f"// {path}\n{source}"
    names = ", ".join(exported)
    return f"// {path}\nconst {name_of(path)} = (() => {{\n{source}return {{ {names} }};\n}})();\n"


def target(path, address):
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), address))


def name_of(path):
    return "$" + re.sub(r"\W", "_", path.removesuffix(".js"))
