"""A weight's way over a run: all weights now and then, and those that are watched at every step."""

BYTES = 16_000_000  # for all the weights that are kept
MOST = 256  # times at which they are kept
WATCHED = 16  # weights whose every step is kept


class WeightPaths:
    """What the weights of a run were: kept at steps 0, n, 2n, ..., n as the room allows.

    A weight that has been asked for is watched from then on.
    """

    def __init__(self, weights, step):
        self._flat = weights.flat
        self._most = max(2, min(MOST, BYTES // weights.flat.nbytes))
        self._every, self._kept = 1, []  # (step, all weights)
        self._watched = {}  # place: [(step, value)], the last one asked for at the end
        self.note(step)

    def note(self, step):
        """The run has made this step, or begins with it."""
        if not self._kept or (step % self._every == 0 and step > self._kept[-1][0]):
            self._kept.append((step, self._flat.copy()))
        while len(self._kept) > self._most:
            self._every *= 2
            first, *others = self._kept
            self._kept = [first, *(each for each in others if each[0] % self._every == 0)]
        for place, values in self._watched.items():
            values.append((step, float(self._flat[place])))

    def watch(self, place, step):
        """Keep what this weight is at every step from now on; it is now at this one."""
        values = self._watched.pop(place, [(step, float(self._flat[place]))])
        self._watched[place] = values
        while len(self._watched) > WATCHED:
            del self._watched[next(iter(self._watched))]

    def of(self, place):
        """[(step, value)]: what is known of a weight, and from which step on every step is."""
        watched = self._watched.get(place, [])
        values = {step: float(flat[place]) for step, flat in self._kept} | dict(watched)
        known = sorted(values.items())
        since = known[-1][0] if known else 0
        for (before, _), (after, _) in reversed(list(zip(known, known[1:]))):
            if after - before > 1:
                break
            since = before
        return known, since
