"""Mistakes that are not ours: shown to the user as one sentence, without a traceback."""


class UserError(Exception):
    """A mistake the user can mend. Its text is one clear sentence, and says how."""


class UsageError(UserError):
    """A command that was typed wrongly."""
