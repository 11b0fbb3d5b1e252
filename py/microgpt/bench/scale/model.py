"""How long a step of many machines takes: a model that is told what was measured on one.

Each machine works out a batch of its own, as large as that of one machine alone, so with more of
them a step reads more. A step lasts as long as the slowest of them and the exchange of gradients:

    step(P) = mean + spread · e(P) + exchange(P, bytes)

e(P) is the expected largest of P draws from a normal distribution. The exchange is the one that
training uses: a meeting, each sends the others their parts, and each sends its sum to all:

    exchange(P, bytes) = 3 · ceil(log2 P) · latency + 2 · (P - 1) · message
                       + 2 · (P - 1) / P · bytes / bandwidth

With --sync-every H all is the same for H steps at once: their sum varies by sqrt(H) times the
spread, and there is one exchange. A machine is lost now and then, and the job goes on from its last
checkpoint; these are as far apart as is best (Young 1974).
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

MESSAGE = 5e-6  # seconds to hand a message to the system
RESTART = 15.0  # seconds until a job that lost a machine goes on
DISK = 200e6  # bytes a second of a checkpoint
STATES = 3  # what a checkpoint keeps for each number: itself and two of the optimizer
MACHINES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


@dataclass(frozen=True)
class Network:
    """What lies between machines, and how long one of them lasts."""

    name: str
    latency: float  # seconds
    bandwidth: float  # bytes a second, of each machine
    hours: float  # that a machine works until it fails or is switched off
    shared: bool = False  # one medium for all: each has its part of the bandwidth


NETWORKS = (
    Network("laptops on Wi-Fi, 200 Mb/s for all", 3e-3, 25e6, 50, shared=True),
    Network("a school, 1 Gb/s", 2e-4, 117e6, 500),
    Network("a cluster, 100 Gb/s", 5e-6, 11.7e9, 20_000),
    Network("the internet, 20 Mb/s", 4e-2, 2.5e6, 20),
)


@cache
def slowest(count):
    """The expected largest of so many draws from a normal distribution, in standard deviations.

    >>> [round(slowest(n), 3) for n in (1, 2, 4, 1024)]
    [0.0, 0.564, 1.029, 3.248]
    """
    x = np.linspace(-8, 8, 4001)
    below = np.array([0.5 * math.erfc(-each / math.sqrt(2)) for each in x]) ** count
    middle = (x[1:] + x[:-1]) / 2
    return abs(float(middle @ np.diff(below)))


def exchange(count, size, network):
    """Seconds until so many machines have the sum of arrays of so many bytes."""
    if count == 1:
        return 0.0
    bandwidth = network.bandwidth / (count if network.shared else 1)
    meetings = 3 * math.ceil(math.log2(count)) * network.latency + 2 * (count - 1) * MESSAGE
    return meetings + 2 * (count - 1) / count * size / bandwidth


def step(count, mean, spread, size, network, every=1):
    """Seconds of a step, on average, of so many machines that agree every so many steps."""
    waited = spread * slowest(count) / math.sqrt(every)
    return mean + waited + exchange(count, size, network) / every


def lost(count, size, network):
    """Seconds that are lost for each second of work: checkpoints, and what is done twice."""
    failures = count / (network.hours * 3600)
    saving = STATES * size / DISK
    apart = math.sqrt(2 * saving / failures)
    return saving / apart + failures * (RESTART + apart / 2)


def efficiency(count, mean, spread, size, network, every=1):
    """How much so many machines do, as a part of so many times what one does."""
    took = step(count, mean, spread, size, network, every)
    undisturbed = lost(1, size, network)
    return mean / took * (1 + undisturbed) / (1 + lost(count, size, network))


def fit_network(times, count=2):
    """A Network with the latency and bandwidth that explain {bytes: seconds} of so many machines.

    >>> found = fit_network({0: 1e-5, 1000: 2e-5, 2000: 3e-5})
    >>> round(found.bandwidth), found.latency < 1e-5
    (100000000, True)
    """
    sizes = np.array(list(times), float)
    seconds = np.array([times[size] for size in times])
    weight = 1 / seconds  # so that small ones count as much as large ones
    columns = np.stack([np.ones_like(sizes), sizes], 1)
    (start, each), *_ = np.linalg.lstsq(columns * weight[:, None], seconds * weight, rcond=None)
    latency = (start - 2 * (count - 1) * MESSAGE) / 3 / math.ceil(math.log2(count))
    bandwidth = 2 * (count - 1) / count / max(each, 1e-15)
    return Network("this machine", max(0.0, latency), bandwidth, math.inf)
