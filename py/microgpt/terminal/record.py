"""A run written down for the web page, which shows it until the reader's own run replaces it."""


from ..errors import UserError

PROMPT = "ma"


def record_run(follower, texts, path):
    raise UserError("Recording is not there yet.")
