"""Progress on stderr: a bar on a terminal, a line now and then elsewhere."""

import os
import sys
import time

TERMINAL = "MICROGPT_TERMINAL"  # set where others pass our messages on to a terminal


def is_terminal(stream):
    return stream.isatty() or (stream is sys.stderr and TERMINAL in os.environ)


class Style:
    """Colours, on a terminal that wants them."""

    def __init__(self, stream):
        plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        self.on = is_terminal(stream) and not plain

    def __call__(self, code, text):
        return f"\033[{code}m{text}\033[0m" if self.on else text


def duration(seconds):
    """
    >>> duration(0.25), duration(7.3), duration(75), duration(7300)
    ('0.25 s', '7.3 s', '1 min 15 s', '2 h 1 min')
    """
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def short(n):
    """
    >>> short(0.4537), short(950), short(16400), short(2.5e6)
    ('0.45', '950', '16.4k', '2.5M')
    """
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if n >= size:
            return f"{n / size:.1f}{letter}"
    return f"{n:.0f}" if n >= 10 else f"{n:.2g}"


class Progress:
    """One line that is rewritten on a terminal and left out, or thinned out, elsewhere."""

    def __init__(self, *, quiet=False, stream=None, every=0.1):
        self.stream = stream or sys.stderr
        self.live = is_terminal(self.stream) and not quiet
        self.quiet, self.every = quiet, every
        self.style = Style(self.stream)
        self._shown_at = 0.0
        self._open = False

    def say(self, text):
        """A line that stays."""
        if not self.quiet:
            self.clear()
            print(text, file=self.stream, flush=True)

    def warn(self, text):
        """A line that --quiet does not silence."""
        self.clear()
        print(f"microgpt: {text}", file=self.stream, flush=True)

    def due(self):
        """Is it time to redraw? Asked every step, so it must cost nothing."""
        return self.live and time.perf_counter() - self._shown_at >= self.every

    def bar(self, fraction, text, *extras):
        """The bar with a text, and with those of the extras for which the line has room."""
        if not self.live:
            return
        self._shown_at = time.perf_counter()
        width = self._width()
        for extra in extras:
            if len(text) + len(extra) + 18 < width:
                text += "  " + extra
        length = max(8, min(24, width - len(text) - 10))
        full = int(length * min(1, fraction) + 0.5)
        drawn = self.style("32", "━" * full) + self.style("2", "─" * (length - full))
        line = f"{drawn} {fraction * 100:3.0f}% {text}"
        room = width - length - 7
        if len(text) > room:
            line = f"{drawn} {fraction * 100:3.0f}% {text[: max(0, room)]}"
        self.stream.write("\r\033[2K" + line)
        self.stream.flush()
        self._open = True

    def _width(self):
        told = os.environ.get("COLUMNS") or os.environ.get(TERMINAL)
        try:
            return int(told or 0) or os.get_terminal_size(self.stream.fileno())[0]
        except (OSError, ValueError):
            return 80

    def clear(self):
        if self._open:
            self.stream.write("\r\033[2K")
            self.stream.flush()
            self._open = False

    def download(self, received, total):
        """For data.download: how much of a file has come."""
        if self.due():
            whole = f" of {total / 1000:,.0f}" if total else ""
            self.bar(received / total if total else 0, f"{received / 1000:,.0f}{whole} kB")
