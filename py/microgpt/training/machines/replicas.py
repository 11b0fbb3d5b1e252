"""Several models that learn side by side from one beginning, and agree every so many steps.

They are all here, or shared out among processes: no number depends on where a replica is. Of each
step replica r has batch r of those that are drawn, so a step reads as many as there are replicas.
"""

import numpy as np

from ...checkpoint import CheckpointError
from ...data.batches import scaled
from ...errors import UserError
from ...gpt.model import GPT
from ..loop import Exchange, Step, make_step
from ..optim import Optimizer, groups_of
from ..shards import CHUNK, ShardedStep, add_pairwise, edges
from ..step import GradientStep
from .mpi import gathered
from .outer import Outer, half, pack, unpack


class Replica:
    """One of them: what `make_step` needs of a run."""

    def __init__(self, number, run):
        self.number, self.config = number, run.config
        sizes = run.model.config
        self.model = GPT(sizes, run.model.dtype, run.config.recompute)
        groups = groups_of(run.config, sizes, self.model.weights.shapes)
        self.optimizer = Optimizer(self.model.weights, groups, run.machine, run.threads)
        if run.shards > 1:
            self.gradient = ShardedStep(self.model, run.shards, run.threads)
        else:
            self.gradient = GradientStep(self.model, run.machine)
        self.exchange = Exchange(self.model.weights.flat_grad)
        self.shards, self.step, self.tokens, self.losses = run.shards, 0, 0, []
        self.drawn = ()

    def next_batches(self):
        return self.drawn

    def noise(self):
        """As a run's; each replica has its own."""
        if not self.model.config.dropout:
            return None
        seed = [self.config.seed, self.step, self.number]
        if self.shards == 1:
            return np.random.default_rng(seed)
        return [np.random.default_rng([*seed, shard]) for shard in range(self.shards)]

    def state(self):
        return {"weights": self.model.flat, **self.optimizer.state()}

    def follow(self, other):
        """Be as another one, which has made this one's step, too."""
        for mine, its in zip(self.state().values(), other.state().values()):
            mine[...] = its
        self.step, self.tokens = other.step, other.tokens
        self.optimizer.steps = other.optimizer.steps
        self.losses.append(other.losses[-1])


class Replicas:
    """All that learn side by side; `run.model` has the weights that they agreed on last."""

    def __init__(self, run, config):
        if run.tuning:
            raise UserError("--sync-every is for models that are trained as a whole.")
        self.config, self.count = config, max(1, config.replicas)
        self.outer = Outer(run.model.flat, config)
        self._total = np.empty_like(run.model.flat)  # of moves
        self.own = [Replica(number, run) for number in range(self.count)]
        self._begun, self._ranks, self._others = False, None, []
        self._until = None  # the step at which all meet because one wants to stop
        self._means = []  # the losses of those here, of each step since all were gathered
        self.gather_every = 0  # steps after which the first rank shall have the state of all

    @property
    def optimizer(self):
        return self.own[0].optimizer

    def use_ranks(self, ranks):
        """Share them out among the processes of a job."""
        if ranks.count > self.count:
            raise UserError(
                f"This run has {self.count} replica{'s'[self.count == 1 :]} to share, so"
                f" {ranks.count} workers are too many; choose fewer."
            )
        self._ranks, blocks = ranks, edges(self.count, ranks.count)
        self._owners = [rank for rank, block in enumerate(blocks) for _ in range(*block)]
        self._others = [] if ranks.rank else self.own[blocks[0][1] :]  # only to be kept
        self.own = self.own[slice(*blocks[ranks.rank])]

    def make_step(self, run):
        """A step of each, and every so often the agreement of all: yields a Step.

        Whoever was ahead when it was stopped waits: what it did is kept, and not done again.
        """
        if not self._begun:
            self._set_out(run)
        each, mine = run.config.accumulate, {replica.number for replica in self.own}
        drawn = run.first_batches(self.count * each, lambda i: i // each in mine)
        batches = {r.number: drawn[r.number * each :][:each] for r in self.own}
        tokens = sum(batch.tokens for batch in drawn)
        together = self._is_together(run.step + 1)
        made = (self._share if together else self._learn_alone)(run, batches, tokens)
        run.step += 1
        run.tokens += tokens
        if together:
            self._gather_if_due(run)
        elif self._ranks:
            self._meet(run)
        elif self._agree_at(run):
            self._agree(run)
        yield Step(run.step, run.losses[-1], made.lr, tokens, made.grad_norm)

    def _is_together(self, step):
        """Is this a step of which all share the gradient?"""
        return step <= self.config.sync_after or self.config.sync_every == 1

    def _learn_alone(self, run, batches, tokens):
        """A step of each of those here that is not ahead; the last one's Step."""
        for replica in self.own:
            if replica.step > run.step:
                continue
            total = sum(batch.tokens for batch in batches[replica.number])
            replica.drawn = [scaled(batch, total) for batch in batches[replica.number]]
            *_, made = make_step(replica, replica.exchange)
        losses = [replica.losses[-1] for replica in self.own]
        if self._ranks:
            self._means.append(losses)
        run.losses.append(float(np.mean(losses)))
        return made

    def _share(self, run, batches, tokens):
        """One step of all, with the gradient of all their batches: the first one's Step.

        The first one here moves, and the others take over what it is then.
        """
        first, begun = self.own[0], []
        for replica in self.own:
            replica.drawn = [scaled(batch, tokens) for batch in batches[replica.number]]
            step = make_step(replica, replica.exchange)
            while next(step) is not replica.exchange:  # until the gradient is there
                pass
            begun.append(step)
        losses = [replica.exchange.loss for replica in self.own]
        if self._ranks:
            losses = gathered(self._ranks.meet_at("step", run.step, losses))
        with np.errstate(all="ignore"):
            self._add_up([r.exchange.buffer for r in self.own], first.exchange.buffer)
        first.exchange.loss = sum(losses)
        *_, made = begun[0]
        for replica in self.own[1:]:
            replica.follow(first)
        run.model.flat[...] = first.model.flat
        run.losses.append(made.loss)
        return made

    def _agree_at(self, run):
        return run.step % self.config.sync_every == 0 or run.step == run.config.steps

    def _gather_at(self, run):
        every = self.gather_every
        return run.step == run.config.steps or (every and run.step % every == 0)

    def _gather_if_due(self, run):
        if self._ranks and (self._gather_at(run) or self._ranks.agreed):
            self._gather(run)

    def _meet(self, run):
        """With the other ranks, where it is time for that, or one of them wants to stop.

        That one may be a few steps behind, or ahead: who is behind first comes after.
        """
        if self._until:
            wanted = run.step == self._until
        else:
            wanted = self._agree_at(run) or self._gather_at(run) or self._ranks.wish()
        while wanted:
            met = self._ranks.meet("agreement", run.step)
            self._until = int(met["step"].max())
            if met["step"].min() == self._until:
                break
            wanted = run.step == self._until
        else:
            return
        self._until, self._ranks.agreed = None, int(met["stop"].max())
        if self._agree_at(run):
            self._agree(run)
        self._gather_if_due(run)

    def _set_out(self, run):
        for replica in self._all:
            replica.step, replica.model.flat[...] = run.step, run.model.flat
        self._begun = True

    def _agree(self, run):
        moves = [self.outer.weights - replica.model.flat for replica in self.own]
        with np.errstate(all="ignore"):  # what is no number is found in the step that comes
            self._add_up(moves, self._total)
            self.outer.take(self._total, self.count)
        for replica in self.own:
            replica.model.flat[...] = run.model.flat

    def _add_up(self, arrays, out):
        """Put the sum of an array of each, of those here and elsewhere, into `out`."""
        short = self.config.exchange == "float16"
        if not self._ranks:
            arrays = [half(array) for array in arrays] if short else arrays
            for start in range(0, out.size, CHUNK):
                part = slice(start, start + CHUNK)
                add_pairwise([array[part] for array in arrays], out[part], False)
            return
        decode = None
        if short:
            packed = [pack(array) for array in arrays]
            arrays = [each for each, _ in packed]
            scales = gathered(self._ranks.meet("scales", numbers=[scale for _, scale in packed]))

            def decode(number, part):
                return unpack(part, scales[number], out.dtype)

        self._ranks.add_up(self._owners, arrays, out, decode=decode)

    def _gather(self, run):
        """Hand the state of all to the first rank, to be kept."""
        ranks = self._ranks
        # None at all where every step since the last time was one of all together.
        losses = np.array(self._means, float).reshape(-1, len(self.own))
        if ranks.rank:
            ranks.send(losses)
            for replica in self.own:
                counts = replica.step, replica.optimizer.steps
                ranks.send(np.array([*counts, replica.losses[-1]], float))
                for array in replica.state().values():
                    ranks.send(array)
        else:
            columns = [losses]
            for rank in range(1, ranks.count):
                columns.append(np.empty((len(losses), self._owners.count(rank))))
                ranks.receive(columns[-1], rank)
                for replica in (r for r in self._others if self._owners[r.number] == rank):
                    ranks.receive(about := np.empty(3), rank)
                    replica.step, replica.optimizer.steps = map(int, about[:2])
                    replica.losses = [float(about[2])]
                    for array in replica.state().values():
                        ranks.receive(array, rank)
            means = [float(np.mean(row)) for row in np.concatenate(columns, axis=1)]
            run.losses[len(run.losses) - len(means) :] = means
        self._means = []

    # ---- keeping it

    @property
    def _all(self):
        return self.own + self._others

    def tensors(self, run):
        """What a checkpoint keeps of them; the optimizer of the first is kept as a run's."""
        if not self._begun:
            self._set_out(run)
        found = {"outer.velocity": self.outer.velocity}
        for replica in self._all:
            for name, array in replica.state().items():
                if replica.number or name == "weights":
                    found[f"replica{replica.number}.{name}"] = array
        return found

    def facts(self):
        return {
            **self.config.to_dict(),
            "replicas": self.count,
            "steps": [replica.step for replica in self._all],
            "optimizer_steps": [replica.optimizer.steps for replica in self._all],
            "losses": [replica.losses[-1:] for replica in self._all],
        }

    def restore(self, checkpoint, step):
        """Go on where the replicas of a checkpoint were; `step` is the run's."""
        facts = checkpoint.meta["outer"]
        _check(facts, self.count, step)
        checkpoint.fill(self.outer.velocity, "outer.velocity")
        for replica in self._all:
            n = replica.number
            for name, array in replica.state().items():
                first = n == 0 and name != "weights"
                checkpoint.fill(array, f"optimizer.{name}" if first else f"replica{n}.{name}")
            replica.step, replica.optimizer.steps = facts["steps"][n], facts["optimizer_steps"][n]
            replica.losses = [float(loss) for loss in facts["losses"][n]]
        self._begun = True


def _check(facts, count, step):
    lists = [facts.get(name) for name in ("steps", "optimizer_steps", "losses")]
    sound = all(isinstance(each, list) and len(each) == count for each in lists) and (
        all(type(n) is int and n in (step, step + 1) for n in lists[0])
        and all(type(n) is int and 0 <= n < 2**63 for n in lists[1])
        and all(
            isinstance(each, list) and all(isinstance(n, float) for n in each) and len(each) <= 1
            for each in lists[2]
        )
    )
    if not sound:
        raise CheckpointError("The checkpoint's record of its replicas makes no sense.")
