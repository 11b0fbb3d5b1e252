"""What the parity tests ask inside Pyodide: tests/parity/conftest.py starts this file, once.

It answers on its last line, as JSON: of each check of the kernel {name: "" or what went wrong}, and
the tables of regex.
"""

import json
import traceback

import in_wasm_kernel
import in_wasm_steps
import in_wasm_tables

found = {}
assert in_wasm_kernel.KERNEL
for module in (in_wasm_kernel, in_wasm_steps):
    for name, check in [(n, f) for n, f in vars(module).items() if n.startswith("check_")]:
        try:
            check()
            found[name] = ""
        except Exception:
            found[name] = traceback.format_exc()
print(json.dumps({"checks": found, "tables": in_wasm_tables.tables()}))
