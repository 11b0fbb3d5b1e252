"""What all trials of a sweep share: the flags of `train` that are no range, and the data."""

from itertools import islice, product

from ....errors import UsageError, UserError
from ...args import Parser
from ...find import choose_tokenizer, find_corpus
from ...memory import check_model
from .. import train
from .space import Choices, words_of

LOOKS = 10  # at held-out data in a trial
MOST = 500  # combinations that are looked at, until one is found that can be built
TYPED = ("preset", "depth", "config", "data", "split", "encoding", "tokenizer", "vocab", "pattern")


class Base:
    """The words of a command that are the same in every trial, checked as `train` would."""

    def __init__(self, words, space, prog):
        self.words, self._space, self._parser = words, space, Parser(prog=prog)
        self._refusals = {}  # a grid is looked through for each of its trials
        train.add(self._parser)
        self.args, config = self._built(self._some({}))
        self._steps, self._looks, self.seed = config.steps, self.args.eval_every, config.seed

    def _built(self, settings):
        """What `train` makes of a combination; raises where it would."""
        args = self._parser.parse_args([*self.words, *words_of(settings)])
        _, model, config = train.configs(args)
        check_model(model, config)
        if not config.val_fraction:
            raise UsageError(
                "A sweep judges by data that are held out; --val-fraction must be above 0."
            )
        return args, config

    def _some(self, fixed):
        """A combination with these settings that can be built; raises if there is none."""
        others = {name: _tried(each) for name, each in self._space.items() if name not in fixed}
        refusal = None
        for values in islice(product(*others.values()), MOST):
            settings = {**dict(zip(others, values)), **fixed}
            refused = self.refusal(settings)
            if not refused:
                return settings
            refusal = refusal or refused
        raise refusal

    def refusal(self, settings):
        """The error that a trial would end with at once; None if it can begin."""
        key = tuple(sorted(settings.items()))
        if key not in self._refusals:
            self._refusals[key] = None
            try:
                self._built(settings)
            except UserError as error:
                self._refusals[key] = error
        return self._refusals[key]

    def check(self, progress):
        """Raise for each value of a list with which no combination can be built, and for a
        tokenizer that cannot be opened: else a trial would be the first to say so."""
        for name, choice in self._space.items():
            for value in choice.points(2) if _is_listed(choice) else ():
                self._some({name: value})
        if self.args.tokenizer != "bpe":
            choose_tokenizer(self.args, find_corpus(self.args, progress), progress)

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


def _is_listed(choice):
    """Is it a list, or a range whose ends stand for all that is between?"""
    return isinstance(choice, Choices) or choice.kind is float


def _tried(choice):
    """The values of a list, the ends of a range, and of a range of whole numbers many of them."""
    return choice.points(2 if _is_listed(choice) else min(65, choice.high - choice.low + 1))


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
