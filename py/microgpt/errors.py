"""Mistakes that are not ours: shown to the user as one sentence, without a traceback."""


class UserError(Exception):
    """A mistake the user can mend. Its text is one clear sentence, and says how."""


class UsageError(UserError):
    """A command that was typed wrongly."""


class Missing(UserError):
    """Something is not there yet that can be had: `needs` says what, to whoever can get it."""

    def __init__(self, sentence, needs):
        super().__init__(sentence)
        self.needs = needs
