"""Runs the kernel's checks inside Pyodide, where tests/parity/test_kernels.py starts this file.

It says what came of them on its last line, as JSON: {name: "" or what went wrong}.
"""

import json
import traceback

import in_wasm_kernel
import in_wasm_steps

found = {}
assert in_wasm_kernel.KERNEL
for module in (in_wasm_kernel, in_wasm_steps):
    for name, check in [(n, f) for n, f in vars(module).items() if n.startswith("check_")]:
        try:
            check()
            found[name] = ""
        except Exception:
            found[name] = traceback.format_exc()
print(json.dumps(found))
