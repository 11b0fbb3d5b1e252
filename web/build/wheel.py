"""Our package as a wheel, which the page installs: the same inputs give the same bytes."""

import re
import tomllib

from .repack import make_zip, with_record


def version_of(inputs):
    """The package's `__version__`, read without importing it."""
    source = inputs["py/microgpt/__init__.py"].decode()
    return re.search(r'^__version__ = "([^"]+)"', source, re.MULTILINE)[1]


def make_wheel(inputs):
    """The package as (file name, wheel), as an installer wants it."""
    project = tomllib.loads(inputs["pyproject.toml"].decode())["project"]
    name, version = project["name"], version_of(inputs)
    metadata = [
        "Metadata-Version: 2.4",
        f"Name: {name}",
        f"Version: {version}",
        f"Summary: {project['description']}",
        f"License-Expression: {project['license']}",
        "License-File: LICENSE",
        f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {needed}" for needed in project["dependencies"]),
    ]
    tags = ["Wheel-Version: 1.0", "Generator: microgpt build.py", "Root-Is-Purelib: true"]
    tags += ["Tag: py3-none-any"]
    info = f"{name}-{version}.dist-info/"
    entries = {path[3:]: body for path, body in inputs.items() if path.startswith("py/")}
    entries[info + "METADATA"] = ("\n".join(metadata) + "\n").encode()
    entries[info + "WHEEL"] = ("\n".join(tags) + "\n").encode()
    entries[info + "licenses/LICENSE"] = inputs["LICENSE"]
    entries[info + "RECORD"] = b""
    return f"{name}-{version}-py3-none-any.whl", make_zip(with_record(entries))
