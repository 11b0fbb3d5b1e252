"""A step whose shards are worked out by the processes of a job."""

from ..shards import ShardedStep, add_block, cut, edges
from ..step import check
from .mpi import gathered


class RankedStep(ShardedStep):
    """As ShardedStep, with the shards on several ranks: the same sums, in the same order."""

    def __init__(self, model, shards, threads, ranks, run):
        super().__init__(model, shards, threads)
        self._ranks, self._run = ranks, run

    def __call__(self, batch, add=False, noise=None):
        check(batch, self._model.config.vocab_size)
        pieces, ranks = cut(batch, self.shards), self._ranks
        blocks = [range(*edge) for edge in edges(len(pieces), ranks.count)]
        own = blocks[ranks.rank]
        losses = self._work(pieces, noise, own)[0] if own else []
        size = len(pieces) // ranks.count
        if len(pieces) % ranks.count == 0 and not size & (size - 1):
            # A block is a subtree of the sum: its shards are added up here.
            mine = [add_block(list(map(self._gradient, own)))]
            owners = list(range(ranks.count))
        else:
            mine = list(map(self._gradient, own))
            owners = [rank for rank, block in enumerate(blocks) for _ in block]
        met = ranks.meet_at("step", self._run.step, losses)
        ranks.add_up(owners, mine, self._model.weights.flat_grad, add)
        return sum(gathered(met))


def own_rows(batch_size, shards, ranks):
    """Which rows of a batch this rank works on."""
    pieces = edges(batch_size, min(shards, batch_size))
    mine = pieces[slice(*edges(len(pieces), ranks.count)[ranks.rank])]
    return slice(mine[0][0], mine[-1][1]) if mine else slice(0)
