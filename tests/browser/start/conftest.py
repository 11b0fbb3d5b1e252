"""These tests load the page again and again, and train little."""

import pytest

# V8's first compiler alone: its second one makes long runs a fifth quicker, and a load dearer.
QUICK_TO_LOAD = "--js-flags=--liftoff-only"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "args": [*browser_type_launch_args["args"], QUICK_TO_LOAD]}
