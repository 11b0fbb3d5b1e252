"""Runs the terminal program: `python -m py.microgpt`."""

import sys

from .cli import main

sys.exit(main())
