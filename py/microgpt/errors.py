"""Mistakes that are not ours, shown to the user as one sentence; and being interrupted."""


class UserError(Exception):
    """A mistake the user can mend. Its text is one clear sentence, and says how."""


class UsageError(UserError):
    """A command that was typed wrongly."""


class Interrupted(KeyboardInterrupt):
    """A signal asks the program to end; `number` is the signal's."""

    def __init__(self, number):
        super().__init__()
        self.number = number


class Missing(UserError):
    """A requirement is missing but can be installed or learned; `needs` names it."""

    def __init__(self, sentence, needs):
        super().__init__(sentence)
        self.needs = needs


def guess(word, known):
    """The end of a sentence about a wrong word: the known one that it may have been meant as."""
    import difflib  # for mistakes alone

    close = difflib.get_close_matches(word, known, 1, 0.6)
    return f"; did you mean {close[0]}?" if close else ""
