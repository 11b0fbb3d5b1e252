"""A run written down for the web page, which shows it until the reader's own run replaces it."""

import json
from pathlib import Path

from ..errors import UserError
from ..inference.generate import next_logits
from ..inference.sampling import Sampling, probabilities

PROMPT = "ma"


def record_run(follower, texts, path):
    raise UserError("Recording is not there yet.")
