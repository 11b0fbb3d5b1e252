"""How much of a table of cases is tried: in the suite a part of it, which says the same in a
fraction of the time; all of it by `python -m tests.proof thorough`."""

import os

EXAMPLES = int(os.environ.get("MICROGPT_THOROUGH") or 0)  # made-up inputs of each property


def some(few, every):
    return list(every if EXAMPLES else few)
