"""A busy machine may come late: a test that fails is tried once more, and named.

A test that passes only then is no failure, and the summary tells what the first try met: whoever
sees a name there again and again has found a fault.
"""

import pytest
from _pytest.runner import runtestprotocol

KEY = "met in the first try"


def run(item, nextitem):
    """Run a test; where it fails, once more with fixtures of its own."""
    hook = item.ihook
    hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, nextitem=nextitem, log=False)
    if met := [report for report in reports if report.failed]:
        item._initrequest()
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
        for report in reports:
            report.user_properties.append((KEY, met[0].longreprtext))
    for report in reports:
        hook.pytest_runtest_logreport(report=report)
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def tell(terminal):
    """In the summary: which tests passed at the second try alone, and why not at the first."""
    seen = [r for r in terminal.getreports("passed") if r.when == "call"]
    late = [(r, dict(r.user_properties).get(KEY)) for r in seen]
    late = [(report, met) for report, met in late if met]
    if not late:
        return
    terminal.section("passed at the second try", sep="=")
    for report, met in late:
        terminal.line(f"{report.nodeid}\n{met}\n")


class Plugin:
    """For tests in one folder."""

    def __init__(self, folder):
        self.folder = folder

    @pytest.hookimpl
    def pytest_runtest_protocol(self, item, nextitem):
        return run(item, nextitem) if self.folder in item.path.parents else None

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter):
        tell(terminalreporter)
