"""`bench scale`: what more machines would bring, reckoned from what is measured on this one."""

import json

from .check import check_model
from .losses import compare_losses, kept_losses
from .measure import mpi, shards, threads
from .model import DISK, MACHINES, MESSAGE, NETWORKS, RESTART, efficiency, exchange, fit_network
from .report import as_page, as_table

EVERY = (1, 50, 200)


def bench_scale(args, say, write_page):
    results = measured(args, say)
    if args.json:
        print(json.dumps(results, indent=2))
    else:
        print("\n".join(as_table(results)))
    if args.report:
        write_page(args.report, *as_page(results))
        say(f"The report is in {args.report}.")
    return 0


def measured(args, say):
    """All figures, as one dictionary."""
    say("exchanges")
    by_ranks = {count: mpi(count) for count in (2, 4)}
    here = {"two threads": threads()}
    here |= {f"MPI, {count} ranks": times for count, times in by_ranks.items()}
    found = shards(say)
    results = {
        "shards": found,
        "exchanges": here,
        "absent": [name for name, times in here.items() if times is None],
        "assumed": {
            "networks": [vars(network) for network in NETWORKS],
            "message": MESSAGE,
            "restart": RESTART,
            "disk": DISK,
        },
        "efficiency": predictions(found),
        "check": check_model(by_ranks, say) if args.check else [],
        "losses": compare_losses(say) if args.losses else kept_losses(),
    }
    results["here"] = {count: _fitted(times, count) for count, times in by_ranks.items() if times}
    return results


def _fitted(times, count):
    network = fit_network(times, count)
    return {
        "latency": network.latency,
        "bandwidth": network.bandwidth,
        "fitted": {size: exchange(count, size, network) for size in times},
    }


def predictions(found):
    """[{"network", "preset", "sync_every", "machines": {count: part}}]"""
    return [
        {
            "network": network.name,
            "preset": name,
            "sync_every": every,
            "machines": {
                count: efficiency(
                    count, each["mean"], each["spread"], each["bytes"], network, every
                )
                for count in MACHINES
            },
        }
        for network in NETWORKS
        for name, each in found.items()
        for every in EVERY
    ]
