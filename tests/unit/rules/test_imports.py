"""Who may import whom, and who may touch files and the network.

Read from the sources, so that a rule is held even where a line never runs.
"""

import ast
import functools
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "py" / "microgpt"

# Each room of the package, and the other rooms it may import. A new room needs a line here.
ROOMS = {
    "errors": set(),
    "settings": set(),
    "files": set(),
    "safetensors": set(),
    "autograd": set(),
    "recorder": set(),
    "tokenizer": set(),
    "kernels": {"recorder"},
    "gpt": {"autograd"},
    # Made-up sums have the results that the calculator of inference gives.
    "data": {"files", "inference", "tokenizer"},
    "quantization": {"gpt", "safetensors"},  # weights in fewer bits
    "adapters": {"gpt", "safetensors"},
    "checkpoint": {"adapters", "files", "gpt", "quantization", "safetensors", "tokenizer"},
    # Models of other programs.
    "convert": {
        *("adapters", "autograd", "checkpoint", "dialogue", "files", "gpt"),
        *("quantization", "safetensors", "tokenizer"),
    },
    "late_imports": set(),  # Python's own import, where files come later
    "link": {"gpt", "quantization", "tokenizer"},  # a trained model as text in an address
    "training": {"adapters", "autograd", "checkpoint", "data", "gpt", "recorder", "tokenizer"},
    "presets": {"gpt", "training"},
    "inference": {"autograd", "gpt", "recorder", "tokenizer"},
    "evaluation": {"data", "inference", "tokenizer", "training"},
    "microscope": {"autograd", "data", "gpt", "presets", "training"},
    # Talking to a model, whatever shows it.
    "dialogue": {"autograd", "data", "inference", "tokenizer"},
    "chat_commands": {"inference"},  # with a slash, in a talk
}
# Programs that run alone. They may use all rooms below the doors; only the doors show them.
LESSONS = "lessons"
# The doors see all rooms and not each other, but for this: __main__ starts the command line (cli),
# which starts the commands (terminal), and these start the server and the benchmark.
DOORS = {
    "cli": {"terminal", "bench"},
    "terminal": {"serve", "bench"},
    "page": set(),
    "serve": set(),
    "bench": set(),
    "__main__": {"cli"},
}
FOR_EVERYONE = {"errors", "settings"}
KNOWN = {*ROOMS, *DOORS, LESSONS, ""}

FILES_AND_NETWORK = {"cli", "terminal", "convert", "data", "files", "serve"}
OUTSIDE_MODULES = {
    *("asyncio", "ftplib", "http", "requests", "smtplib", "socket", "socketserver"),
    *("ssl", "subprocess", "tempfile", "urllib", "webbrowser"),
}
HARMLESS = {"urllib.parse"}
PATH_METHODS = {
    *("open", "read_bytes", "read_text", "write_bytes", "write_text"),
    *("mkdir", "rmdir", "touch", "unlink", "tofile"),
}
OUTSIDE_CALLS = {
    "os": {"listdir", "makedirs", "remove", "rename", "replace", "scandir"},
    "shutil": {"copy", "copyfile", "copyfileobj", "copytree", "move", "rmtree"},
    "np": {"fromfile", "load", "loadtxt", "memmap", "save", "savetxt", "savez"},
}
# The page's runtime (the package must not know it), and what a stranger's file could abuse.
BANNED = {"js", "pyodide", "pyodide_js", "pickle"}

# The split patterns of tokenizers want Unicode classes, which `re` lacks; BLAS is told to leave the
# threads to us, and MPI carries what several machines exchange. The benchmark compares
# with others' programs where there are any, compiles one of them, and measures in processes of
# its own.
ALSO = {
    "tokenizer": {"regex"},
    "training": {"mpi4py", "threadpoolctl"},
    "convert": {"torch", "transformers"},  # --check compares with them
    "serve": {"h11", "starlette", "uvicorn"},
    "terminal": {"optuna"},
    "bench": {
        "asyncio",
        "jax",
        "mpi4py",
        "subprocess",
        "tempfile",
        "tiktoken",
        "tokenizers",
        "torch",
    },
}


@functools.cache
def parsed(source):
    return ast.parse(source)


@functools.cache
def looked_at(tree):
    """The nodes of a tree that import or call."""
    return [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom | ast.Call)]


def own_name(function):
    """The last part of a function's dotted name."""
    return getattr(function, "attr", None) or getattr(function, "id", None)


def imports_of(tree, module, is_package=False):
    """Yield (line, level, absolute dotted name) of all imports, however they are written.

    `module` is the dotted name inside the package: "gpt.model"; "" is the package itself.
    """
    parts = module.split(".") if module else []
    for node in looked_at(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, 0, alias.name
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            for alias in node.names:
                yield node.lineno, 0, f"{node.module}.{alias.name}"
        elif isinstance(node, ast.ImportFrom):
            # One dot is the folder the file is in, which for an __init__ is itself.
            up = node.level - 1 if is_package else node.level
            if up > len(parts):
                yield node.lineno, node.level, "<outside>"
                continue
            base = parts[: len(parts) - up] + ([node.module] if node.module else [])
            for alias in node.names:
                yield node.lineno, node.level, ".".join([*base, alias.name])
        elif isinstance(node, ast.Call) and own_name(node.func) in ("import_module", "__import__"):
            name = node.args[0] if node.args else None
            if isinstance(name, ast.Constant):
                yield node.lineno, 0, name.value


def room_rule(importer, imported):
    """What is wrong with one room importing another, or None."""
    if importer == imported or imported in FOR_EVERYONE:
        return None
    if imported in DOORS:
        allowed = imported in DOORS.get(importer, ())
    elif importer == "__main__":
        allowed = False
    elif importer in DOORS or importer == "":
        allowed = True
    elif importer == LESSONS:
        allowed = imported in ROOMS
    else:
        allowed = imported in ROOMS[importer]
    return None if allowed else f"{importer or 'the package'} imports {imported}"


def import_violations(module, source, is_package=False):
    room = module.split(".")[0]
    if room not in KNOWN:
        return [f"{room} is a new room: say in ROOMS or DOORS what it may import"]
    wrong = []
    for line, level, name in imports_of(parsed(source), module, is_package):
        first = name.split(".")[0]
        problem = None
        if level:
            # A name that is no room stands in the package's __init__, like __version__.
            if first == "<outside>":
                problem = "the import leaves the package"
            elif first and first in KNOWN:
                problem = room_rule(room, first)
            elif room in ROOMS and first != "__version__":
                problem = f"{room} imports {first} from the package itself"
        elif first in ("microgpt", "py"):
            problem = "imports inside the package are relative"
        elif first in BANNED:
            problem = f"nothing in the package imports {first}"
        elif first not in {"numpy", *sys.stdlib_module_names, *ALSO.get(room, ())}:
            problem = f"{first} is neither numpy nor standard library"
        if problem:
            wrong.append(f"{module or '__init__'}:{line}: {problem}")
    return wrong


def outside_violations(module, source):
    """Where a module that may not touch files or the network does."""
    if module.split(".")[0] in FILES_AND_NETWORK:
        return []
    tree = parsed(source)
    outside = OUTSIDE_MODULES - ALSO.get(module.split(".")[0], set())
    wrong = [
        f"{module}:{line}: imports {name}"
        for line, level, name in imports_of(tree, module)
        if not level
        and name.split(".")[0] in outside
        and not any(name == fine or name.startswith(fine + ".") for fine in HARMLESS)
    ]
    for node in looked_at(tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        owner, _, method = called.rpartition(".")
        library_calls = OUTSIDE_CALLS.get("np" if owner == "numpy" else owner, set())
        if called == "open" or (owner and method in PATH_METHODS | library_calls):
            wrong.append(f"{module}:{node.lineno}: calls {called}()")
    return wrong


def modules():
    """Yield (dotted name, source, is a package) of every module of microgpt."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        yield name, path.read_text(encoding="utf-8"), is_package


# The rules, held against the sources


def test_imports_follow_the_design():
    found = list(modules())
    assert found
    assert [
        w for name, source, package in found for w in import_violations(name, source, package)
    ] == []


def test_only_some_rooms_touch_files_or_the_network():
    assert [w for name, source, _ in modules() for w in outside_violations(name, source)] == []


def test_build_needs_only_the_standard_library():
    tree = ast.parse((ROOT / "build.py").read_text(encoding="utf-8"))
    names = {name.split(".")[0] for _, _, name in imports_of(tree, "")}
    assert "argparse" in names
    assert names - set(sys.stdlib_module_names) == {"web"}  # web/build, which has the same rule


def module_graph(sources):
    """{module: the modules of the package it imports}, of (name, source, is a package)."""
    sources = list(sources)
    known = {name for name, _, _ in sources}
    graph = {}
    for name, source, is_package in sources:
        found = set()
        for _, level, target in imports_of(parsed(source), name, is_package):
            if level:  # "gpt.model.GPT" stands in gpt.model
                found.add(target if target in known else target.rpartition(".")[0])
        graph[name] = (found & known) - {name}
    return graph


def circles(graph):
    """The modules that import themselves by way of others."""
    found = set()
    for start in graph:
        seen, todo = set(), list(graph[start])
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo += graph[name]
        if start in seen:
            found.add(start)
    return found


def test_no_module_imports_itself_by_way_of_others():
    # A folder's __init__ opens its modules to others; its own modules do not go through it.
    assert circles(module_graph(modules())) == set()
