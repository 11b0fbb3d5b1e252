"""The one error of the build that is the user's to act on."""


class Failure(Exception):
    """Something the user can act on, as one sentence: shown as it is, without a traceback."""
