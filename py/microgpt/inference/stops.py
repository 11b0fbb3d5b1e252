"""Texts that end an answer, found wherever tokens meet."""


class StopFinder:
    """Looks for some texts in one that comes in pieces.

    What may be the beginning of one is held back until it is known.

    >>> finder = StopFinder(["END"])
    >>> finder.push("the E"), finder.push("N"), finder.push("D now")
    (('the ', False), ('', False), ('', True))
    >>> finder = StopFinder(["END"])
    >>> finder.push("E"), finder.push("at"), finder.push("E"), finder.finish()
    (('', False), ('Eat', False), ('', False), 'E')
    """

    def __init__(self, stops):
        self._stops, self._held = tuple(stops), ""
        self._longest = max(map(len, self._stops), default=0)

    def push(self, text):
        """(what of the text is free to be shown, whether a stop was found behind it)."""
        if not self._stops:
            return text, False
        held = self._held + text
        places = [at for at in (held.find(stop) for stop in self._stops) if at >= 0]
        if places:
            self._held = ""
            return held[: min(places)], True
        keep = min(self._longest - 1, len(held))
        while keep and not any(stop.startswith(held[-keep:]) for stop in self._stops):
            keep -= 1
        self._held = held[len(held) - keep :]
        return held[: len(held) - keep], False

    def finish(self):
        """What was held back, at the end."""
        held, self._held = self._held, ""
        return held
