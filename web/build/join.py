"""The page's modules joined into few files, so that a start asks for two scripts and not for fifty;
and its stylesheets.

Each module becomes a function that runs once and returns what the module exports; an import
becomes a line that takes the names out of what such a function returned. A module that is loaded
with `import("…")` becomes a file of its own, with what only it needs; the rest the first file
leaves for it in a global, so that no module exists twice: WebKit, where the first file of a worker
is imported, runs it once more. A vendored package stays a file that is imported, by its address in
place of its name. It knows the few forms of import and export that web/ uses, and refuses any
other.
"""

import posixpath
import re

from . import Failure

IMPORT = re.compile(r'^import\s+(?:(\{[^}]*\})|\*\s+as\s+(\w+))\s+from\s+"([^"]+)";\n', re.M)
LATER = re.compile(r'\bimport\("(\.[^"]+)"\)')
EXPORT = re.compile(r"^export\s+(?=(?:async\s+)?(?:function\*?|const|class)\s+(\w+))", re.M)
EXPORTS = re.compile(r"^export\s+\{([^}]*)\};\n", re.M)
UNKNOWN = re.compile(r"^(?:import[\s{\"']|export\s).*", re.M)
WAITING = re.compile(r"^\S.*\bawait import\(.*", re.M)
SHARED = "globalThis.$shared"  # what the first file leaves for those that come later
# In vendored files, which may be packed: from"name", import "name", import("name").
BY_NAME = re.compile(r"""(\bfrom\s*|\bimport\s*\(?\s*)(["'])([^./"'][^"':]*)\2""")
STYLE_LINK = re.compile(r'<link rel="stylesheet" href="([^"]+)">')
STYLES = re.compile(r'(?:<link rel="stylesheet" href="[^"]+">\n){2,}')  # in a page


def join(entry, modules, vendored=None):
    """({file: source}, the modules in them) of the module `entry` and all it imports, now or later.

    `modules` is {path: source}; `vendored` are the packages imported by name, as {name: path}.
    """
    return Joiner(modules, vendored or {}).join(entry)


class Joiner:
    def __init__(self, modules, vendored):
        self.modules, self.vendored = modules, vendored

    def join(self, entry):
        first = self.order(entry)
        found = [target(p, a) for p in first for a in LATER.findall(self.modules[p])]
        later = {path: self.order(path, entry) for path in dict.fromkeys(found)}
        # What two of them need comes with the first file, whose last module stays the entry.
        every = [path for order in later.values() for path in order]
        shared = [path for path in every if every.count(path) > 1]
        first = list(dict.fromkeys([*first[:-1], *shared, entry]))
        files, given = {}, set()
        for home, order in later.items():
            own = [path for path in order if path not in first]
            taken = {other for path in own for other in self.imports(path)} & set(first)
            given |= taken
            found = f"const {listed(taken)} = {SHARED};\n" if taken else ""
            files[home] = found + self.source(own, home)
            names = exports_of(self.modules[home])
            if not names:
                raise Failure(f"web/{home} is imported later, but it exports nothing.")
            files[home] += f"export const {{ {', '.join(names)} }} = {name_of(home)};\n"
        files[entry] = self.source(first, entry, given)
        return files, sorted({*first, *every})

    def order(self, path, above=None):
        """A module and all it imports, each after what it imports itself."""
        order = []
        self.visit(path, order, (above,) if above else ())
        return order

    def visit(self, path, order, above):
        if path in above:
            raise Failure(f"web/{path} imports itself, by way of {', '.join(above)}.")
        if path in order:
            return
        if path not in self.modules:
            raise Failure(f"web/{above[-1]} imports {path}, which does not exist.")
        for other in self.imports(path):
            if other not in self.vendored.values():
                self.visit(other, order, (*above, path))
        order.append(path)

    def imports(self, path):
        return [self.target(path, match[3]) for match in IMPORT.finditer(self.modules[path])]

    def target(self, path, address):
        return self.vendored.get(address) or target(path, address)

    def source(self, order, home, given=()):
        """One file: the packages it imports, then its modules.

        What is given to others is there before the last module runs, which may load them.
        """
        packages = {other for path in order for other in self.imports(path)}
        packages &= set(self.vendored.values())
        heads = [
            f'import * as {name_of(p)} from "{relative(p, home)}";\n' for p in sorted(packages)
        ]
        own = [self.wrapped(path, home) for path in order]
        left = f"{SHARED} = {listed(given)};\n" if given else ""
        return "".join([*heads, *own[:-1], left, *own[-1:]])

    def wrapped(self, path, home):
        def take(match):
            names, whole, address = match.groups()
            taken = whole or re.sub(r"\s+", " ", names).replace(" as ", ": ")
            return f"const {taken} = {name_of(self.target(path, address))};\n"

        source = self.modules[path]
        exported = exports_of(source)
        source = EXPORTS.sub("", EXPORT.sub("", IMPORT.sub(take, source)))
        found = UNKNOWN.search(source)
        # A module becomes a function that runs at once: it cannot wait for another file.
        found = found or WAITING.search(source)
        if found:
            raise Failure(f"web/{path}: the build does not know how to join `{found[0]}`.")
        source = LATER.sub(lambda m: f'import("{relative(target(path, m[1]), home)}")', source)
        here = f'new URL("{relative(path, home)}", import.meta.url).href'
        source = source.replace("import.meta.url", here)
        if path == home and not exported:
            return f"// {path}\n{source}"
        body = f"{source}return {{ {', '.join(exported)} }};\n"
        return f"// {path}\nconst {name_of(path)} = (() => {{\n{body}}})();\n"


def by_address(path, body, vendored):
    """A vendored file as it is, but for imports by name, which become imports by address."""

    def address(match):
        if match[3] not in vendored:
            raise Failure(f"{path} imports {match[3]}, which is not vendored.")
        return f"{match[1]}{match[2]}{relative(vendored[match[3]], path)}{match[2]}"

    return BY_NAME.sub(address, body.decode()).encode() if path.endswith(".js") else body


def changed(name, body, changes):
    """A vendored file without what costs time and is never used: {text: what stands instead}."""
    text = body.decode() if changes else ""
    for old, new in changes.items():
        if text.count(old) != 1:
            raise Failure(f"{name} should have `{old}` exactly once.")
        text = text.replace(old, new)
    return text.encode() if changes else body


def listed(paths):
    return f"{{ {', '.join(map(name_of, sorted(paths)))} }}"


def exports_of(source):
    listed = [name.strip() for names in EXPORTS.findall(source) for name in names.split(",")]
    return [*EXPORT.findall(source), *filter(None, listed)]


def target(path, address):
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), address))


def relative(path, home):
    """The address of one file as seen from another."""
    found = posixpath.relpath(path, posixpath.dirname(home) or ".")
    return found if found.startswith(".") else "./" + found


def name_of(path):
    return "$" + re.sub(r"\W", "_", path.removesuffix(".js"))


# Stylesheets


def is_page(path):
    return path.endswith(".html")


def styled(files):
    """A page's stylesheets that follow each other as one, under the name of the first."""
    files = dict(files)
    for page in [path for path in files if is_page(path)]:
        body = files[page].decode()
        for links in STYLES.findall(body):
            first, *others = re.findall(r'href="([^"]+)"', links)
            for name in (first, *others):
                if name not in files:
                    raise Failure(f"web/{page} asks for {name}, which does not exist.")
            files[first] = b"".join(files.pop(name) for name in (first, *others))
            body = body.replace(links, f'<link rel="stylesheet" href="{first}">\n')
        files[page] = body.encode()
    return files


def dressed(files):
    """A page's stylesheet as part of it: nothing is asked for before there is something to see."""
    gone = set()

    def style(link):
        gone.add(link[1])
        return f"<style>{files[link[1]].decode()}</style>"

    pages = {path: body.decode() for path, body in files.items() if is_page(path)}
    pages = {path: STYLE_LINK.sub(style, body).encode() for path, body in pages.items()}
    return {path: body for path, body in (files | pages).items() if path not in gone}


def unlinked(files):
    """The stylesheets that no page asks for: each comes with a view that is loaded later."""
    pages = [body.decode() for path, body in files.items() if is_page(path)]
    styles = [path for path in files if path.endswith(".css")]
    return {path for path in styles if not any(f'href="{path}"' in page for page in pages)}
