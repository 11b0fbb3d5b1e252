"""`bench`: how fast this is here, as ratios measured in one run.

Machines differ and are noisy, so contenders take turns in short rounds, each round's time is kept,
and the median counts. Everything runs on one thread, but for the part that compares numbers of
threads and for the server of `bench serve`: it is started as a user starts it, and takes all
processors where that is faster.
"""

import json
import os
import subprocess
import sys

# Read by the linear-algebra libraries when they are loaded, so set before numpy is.
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM")}


def bench_command(args, write_page):
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
        package = __package__.rpartition(".")[0]
        command = [sys.executable, "-m", package, "bench", args.what]
        for name in ("quick", "json", "check", "losses", "force"):
            command += [f"--{name}"] * getattr(args, name)
        command += ["--report", args.report] if args.report else []
        return subprocess.run(command, env={**os.environ, **ONE_THREAD}).returncode
    if args.what == "tokenizer":
        from .tokenizer import bench_tokenizer

        return bench_tokenizer(args)
    if args.what == "serve":
        from .serve import bench_serve

        return bench_serve(args, ONE_THREAD)
    if args.what == "scale":
        from .scale import bench_scale

        return bench_scale(args, say, write_page)
    from .compare import measure
    from .table import print_table

    results = measure(quick=args.quick, say=say)
    if args.json:
        print(json.dumps(results, indent=2))
    else:
        print_table(results)
    return 0


def say(text):
    print(text, file=sys.stderr, flush=True)
