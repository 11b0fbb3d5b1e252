"""What all trials of a sweep share: the flags of `train` that are no range, and the data."""

from ....errors import UsageError, UserError
from ...args import Parser
from ...find import find_corpus
from .. import train
from .space import words_of

LOOKS = 10  # at held-out data in a trial
TYPED = ("preset", "depth", "config", "data", "split", "encoding", "tokenizer", "vocab", "pattern")


class Base:
    """The words of a command that are the same in every trial, checked as `train` would."""

    def __init__(self, words, space, prog):
        self.words = words
        first = {name: choice.points(2)[0] for name, choice in space.items()}
        args = self._read([*words, *words_of(first)], prog)
        _, _, config = train.configs(args)
        if not config.val_fraction:
            raise UsageError(
                "A sweep judges by data that are held out; --val-fraction must be above 0."
            )
        self.args, self._steps = args, config.steps
        self._looks = args.eval_every
        self.seed = config.seed

    def _read(self, words, prog):
        parser = Parser(prog=prog)
        train.add(parser)
        return parser.parse_args(words)

    def find_data(self, progress):
        """Find the data, and where they are the names fetch them, once and not in each trial."""
        return find_corpus(self.args, progress).digest

    def steps(self, settings):
        return settings.get("steps", self._steps)

    def words_for(self, settings):
        """The words of a trial's command."""
        words = [*self.words, *words_of(settings)]
        if self._looks is None:
            words += ["--eval-every", str(max(1, self.steps(settings) // LOOKS))]
        return words

    def check_data(self, digest, progress):
        if self.find_data(progress) != digest:
            raise UserError("The data here are not those that this study was begun with.")


def words_typed(args):
    """The flags of `train` that say where to start and what is read, as words."""
    words = []
    for name in TYPED:
        value = getattr(args, name)
        if value is not None:
            words += [f"--{name}", str(value)]
    for pattern in args.include or ():
        words += ["--include", pattern]
    return words + ["--offline"] * args.offline
