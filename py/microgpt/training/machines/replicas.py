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
from ..shards import ShardedStep
from ..step import GradientStep
from .outer import Outer, OuterConfig


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


class Replicas:
    """All that learn side by side; `run.model` has the weights that they agreed on last."""

    def __init__(self, run, config):
        if run.tuning:
            raise UserError("--sync-every is for models that are trained as a whole.")
        self.config, self.count = config, max(1, config.replicas)
        self.outer = Outer(run.model.flat, config)
        self.own = [Replica(number, run) for number in range(self.count)]
        self._begun = False

    @property
    def optimizer(self):
        return self.own[0].optimizer

    def make_step(self, run):
        """A step of each, and every so often the agreement of all: yields a Step.

        Whoever was ahead when it was stopped waits: what it did is kept, and not done again.
        """
        if not self._begun:
            self._set_out(run)
        drawn, each = run.first_batches(self.count * run.config.accumulate), run.config.accumulate
        for replica in self.own:
            if replica.step > run.step:
                continue
            batches = drawn[replica.number * each :][:each]
            total = sum(batch.tokens for batch in batches)
            replica.drawn = [scaled(batch, total) for batch in batches]
            *_, made = make_step(replica, replica.exchange)
        run.step += 1
        tokens = sum(batch.tokens for batch in drawn)
        run.tokens += tokens
        loss = float(np.mean([replica.losses[-1] for replica in self.own]))
        run.losses.append(loss)
        if run.step % self.config.sync_every == 0 or run.step == run.config.steps:
            self._agree(run)
        yield Step(run.step, loss, made.lr, tokens, made.grad_norm)  # the last one's gradient

    def _set_out(self, run):
        for replica in self.own:
            replica.step, replica.model.flat[...] = run.step, run.model.flat
        self._begun = True

    def _agree(self, run):
        with np.errstate(all="ignore"):  # what is no number is found in the step that comes
            self.outer.update([self.outer.move(replica.model.flat) for replica in self.own])
        for replica in self.own:
            replica.model.flat[...] = run.model.flat

    # ---- keeping it

    def tensors(self, run):
        """What a checkpoint keeps of them; the optimizer of the first is kept as a run's."""
        if not self._begun:
            self._set_out(run)
        found = {"outer.velocity": self.outer.velocity}
        for replica in self.own:
            for name, array in replica.state().items():
                if replica.number or name == "weights":
                    found[f"replica{replica.number}.{name}"] = array
        return found

    def facts(self):
        return {
            **self.config.to_dict(),
            "replicas": self.count,
            "steps": [replica.step for replica in self.own],
            "optimizer_steps": [replica.optimizer.steps for replica in self.own],
            "losses": [replica.losses[-1:] for replica in self.own],
        }

    def restore(self, checkpoint, step):
        """Go on where the replicas of a checkpoint were; `step` is the run's."""
        facts = checkpoint.meta["outer"]
        _check(facts, self.count, step)
        checkpoint.fill(self.outer.velocity, "outer.velocity")
        for replica in self.own:
            n = replica.number
            for name, array in replica.state().items():
                first = n == 0 and name != "weights"
                checkpoint.fill(array, f"optimizer.{name}" if first else f"replica{n}.{name}")
            replica.step, replica.optimizer.steps = facts["steps"][n], facts["optimizer_steps"][n]
            replica.losses = [float(loss) for loss in facts["losses"][n]]
        self._begun = True


def outer_config(checkpoint):
    """How the replicas of a checkpoint agree; None where it has none."""
    facts = checkpoint.meta.get("outer")
    if facts is None:
        return None
    if not isinstance(facts, dict):
        raise CheckpointError("The checkpoint's record of its replicas makes no sense.")
    mine = {name: facts.get(name) for name in OuterConfig.defaults()}
    return OuterConfig.from_dict(mine)


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
