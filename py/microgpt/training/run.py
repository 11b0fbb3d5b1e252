"""A run: a model, its data, and where the training stands, as one thing that can be kept.

Everything random comes from one generator, in the order the reference draws from it: shuffle the
documents, draw the weights and, after training, sample. A run that is saved and restored goes on
exactly as if it had never stopped: bit for bit on the same machine with the same libraries. Another
kernel for products of matrices, as another processor gets, has last bits of its own.
"""

import random
from contextlib import nullcontext
from dataclasses import replace
from functools import cached_property

import numpy as np

from ..adapters import whole
from ..checkpoint import Checkpoint
from ..data.baselines import bigram_loss, first_tokens, uniform_loss
from ..data.batches import choose_rows, eval_batches, join_rows, make_batches, scaled
from ..data.copied import KEPT as COPIED
from ..data.copied import CopyIndex, texts_of
from ..data.novelty import count_twins, is_new
from ..errors import UserError
from ..gpt.lora import TunedGPT
from ..gpt.model import GPT
from ..recorder.record import Machine
from ..tokenizer import CharTokenizer, to_dict
from .loop import Evaluation
from .memory import rows_that_fit
from .optim import Optimizer, groups_of
from .outcome import outcome
from .resume import check_resumable
from .shards import ShardedStep, check_shards, shards_for
from .step import GradientStep, LossStep
from .threads import Threads, cores, hold_blas


class Run:
    """Everything `train()` needs. Make one with `Run.start` or `Run.restore`."""

    most_shards = 64
    sharded_step = ShardedStep  # what works out a batch of several shards,
    optimized_by = Optimizer  # and makes the move
    ranks = None  # the processes that share the work, if there are several

    def __init__(
        self, corpus, tokenizer, model_config, config, machine=None, tuning=None, outer=None
    ):
        self.corpus, self.tokenizer, self.config = corpus, tokenizer, config
        self.rng = random.Random(config.seed)
        self.rows, self.held_out = corpus.rows(tokenizer, self.rng, config.val_fraction)
        precision = np.dtype(config.dtype), config.recompute
        if tuning:
            self.model = TunedGPT(model_config, tuning, *precision)
        else:
            self.model = GPT(model_config, *precision)
        self.batches = make_batches(
            self.rows,
            config.batch_size,
            model_config.block_size,
            self.model.dtype,
            config.seed,
            windows=config.windows,
        )
        groups = groups_of(config, model_config, self.model.weights.shapes)
        # What evaluation and the two halves of a step run on, in turn; it may have a kernel.
        self.machine = machine or Machine()
        self.threads = Threads(self.machine)
        self.loss = LossStep(self.model, self.machine)
        shards = config.shards or shards_for(model_config, config)
        self.shards = min(shards, self.most_shards, config.batch_size)  # of one document: one
        self.tuning = tuning
        self.replicas = None
        if outer and outer.sync_every:
            from .machines.replicas import Replicas  # a plain run does without

            self.replicas = Replicas(self, outer)  # which have their own
            self.gradient, self.optimizer = None, self.replicas.optimizer
        else:
            if self.shards > 1:
                self.gradient = self.sharded_step(self.model, self.shards, self.threads)
            else:
                self.gradient = GradientStep(self.model, self.machine)
            own = self.model.weights, groups, self.machine, self.threads
            self.optimizer = self.optimized_by(*own)
        self.step = self.tokens = 0
        self.losses, self.evaluations = [], []
        self.parent = None  # of a run that was fine-tuned: which one its weights came from
        self.copied = None  # a CopyIndex of what it learns to say, if one is kept
        self.exact = []  # (step, right, tries) of held-out questions, where the data have some
        self._drawn_for = self._position = None  # the batches of which step
        self._losses_on = {}  # {machine: the loss on it}

    @classmethod
    def start(cls, corpus, model_config, config, tokenizer=None, machine=None, outer=None):
        """A new run; the tokenizer, unless given, is the characters of the corpus."""
        tokenizer = tokenizer or CharTokenizer.from_documents(corpus.documents)
        model_config = replace(model_config, vocab_size=tokenizer.vocab_size)
        run = cls(corpus, tokenizer, model_config, config, machine, outer=outer)
        run.model.init_weights(run.rng)
        return run

    # ---- what train() asks for

    def next_batches(self):
        """The batches of the step that comes, drawn one by one; their weights sum to one.

        Until that step is made they are the same ones, and `checkpoint()` keeps the position in
        the data before them: a run can be stopped between a gradient and its move.
        """
        count = self.config.accumulate
        if count == 1:
            return self.first_batches(1)
        self._return_to_step()
        return self._several(count)

    def first_batches(self, count, wanted=None):
        """The first batches of the step that comes, as they are; `wanted(i)`: is it read?"""
        self._return_to_step()
        drawn = []
        for i in range(count):
            if wanted:
                self.batches.rows = None if wanted(i) else slice(0)
            drawn.append(next(self.batches))
        return drawn

    def _return_to_step(self):
        if self._drawn_for != self.step:
            self._position, self._drawn_for = self.batches.state(), self.step
        else:
            self.batches.restore(self._position)

    def _several(self, count):
        total = sum(next(self.batches).tokens for _ in range(count))  # counted, not kept
        self.batches.restore(self._position)
        for _ in range(count):
            yield scaled(next(self.batches), total)

    def noise(self):
        """The random numbers of this step's dropout, or None; the same when a run is resumed.

        Each shard has its own: which thread draws first is seen nowhere.
        """
        if not self.model.config.dropout:
            return None
        seed = [self.config.seed, self.step]
        if self.shards == 1:
            return np.random.default_rng(seed)
        return [np.random.default_rng([*seed, shard]) for shard in range(self.shards)]

    def alone(self):
        """A context in which steps need nobody else."""
        return nullcontext()

    def use_ranks(self, ranks):
        """Share the work with the other processes of a job."""
        self.ranks = ranks
        if self.replicas:
            return self.replicas.use_ranks(ranks)
        from .machines.ranks import RankedStep, own_rows  # a lone run does without

        check_shards(self.shards, ranks.count, "workers")
        self.gradient = RankedStep(self.model, self.shards, self.threads, ranks, self)
        self.batches.rows = own_rows(self.config.batch_size, self.shards, ranks)

    def use_threads(self, count):
        """Share the work of a step among so many threads, or "auto": as many as are fastest."""
        ranks = 1 if self.replicas or not self.ranks else self.ranks.count
        if count == "auto":
            free = cores() // self.ranks.here if self.ranks else cores()
            fitting = [n for n in (1, 2, 4, 8, 16, 32, 64) if n <= min(free, self.shards // ranks)]
            if len(fitting) > 1 and hold_blas():
                self.threads.try_out(fitting)
            return
        workers = f" on each of {ranks} workers" if ranks > 1 else ""
        check_shards(self.shards, count * ranks, f"threads{workers}", count)
        held = hold_blas()  # also for one thread, which is then the only one
        if count > 1 and not held:
            raise UserError(
                "Several threads need threadpoolctl, which is not installed: pip install"
                " threadpoolctl."
            )
        self.threads.use(count)

    @property
    def token_bytes(self):
        """How many bytes of text each target stands for; a label counts as one."""
        return np.ones(self.classes, int) if self.classes else self.tokenizer.token_bytes

    @property
    def unit(self):
        """What the second number of an evaluation counts."""
        return "bits a label" if self.classes else "bits a byte"

    @property
    def classes(self):
        """How many labels it learns to tell apart, if it does not learn to write."""
        return self.tuning.classes if self.tuning else 0

    def evaluation_batches(self):
        count, batches = self.threads.count, self._evaluation_batches
        if self.ranks and not self.replicas:
            count *= self.ranks.count
        return [batches[i : i + count] for i in range(0, len(batches), count)]

    def losses_of(self, batches):
        if self.ranks and not self.replicas:
            return self.ranks.share_losses(self.step, batches, self._losses_here)
        return self._losses_here(batches)

    def _losses_here(self, batches):
        threads = self.threads
        if threads.count == 1:
            return [self.loss(batch) for batch in batches]
        pairs = zip(batches, threads.machines)
        return threads.run([self._loss_on(machine).ready(batch) for batch, machine in pairs])

    def _loss_on(self, machine):
        if machine not in self._losses_on:
            self._losses_on[machine] = self.loss.on(machine)
        return self._losses_on[machine]

    @cached_property
    def _evaluation_batches(self):
        model, most = self.model, self.config.eval_tokens
        sizes = rows_that_fit(model.config), model.config.block_size
        return list(eval_batches(self.held_out, *sizes, model.dtype, most))

    # ---- what a reader compares with

    @cached_property
    def kind_of_rows(self):
        """Whether it trains on "documents" or on "crops" of them; see `choose_rows`."""
        return choose_rows(self.rows, self.model.config.block_size)

    def outcome(self):
        """What came of it so far; see `outcome.outcome`."""
        losses = self.bigram_loss, self.uniform_loss
        return outcome(self.losses, self.evaluations, *losses, self.config.lr)

    def twins(self):
        """(documents held out that it also trains on, all that are held out)."""
        return count_twins(self.corpus.documents, self.config.seed, self.config.val_fraction)

    def is_new(self, text):
        """Whether a text is not in the data; None where that is not known."""
        return is_new(text, self.corpus.documents, self.kind_of_rows)

    @cached_property
    def uniform_loss(self):
        return uniform_loss(self.classes or self.tokenizer.vocab_size)

    @cached_property
    def bigram_loss(self):
        """The held-out loss of counting letter pairs: what a model has to beat; None of labels."""
        if self.classes:
            return None
        # Conversations have to be rendered first; a tenth of them is enough.
        most = 200_000 if self.kind_of_rows == "conversations" else 2_000_000
        held_out = first_tokens(self.held_out or self.rows, most)
        return bigram_loss(first_tokens(self.rows, most), held_out, self.tokenizer.vocab_size)

    @cached_property
    def token_counts(self):
        """How often each token stands in the data; of much data in the beginning."""
        tokens = join_rows(first_tokens(self.rows, 2_000_000))
        return np.bincount(tokens, minlength=self.tokenizer.vocab_size)

    # ---- keeping it

    def index_copies(self):
        """Keep with it an index of what it learns to say, beside that of the run it came from."""
        own = CopyIndex.of(texts_of(self.corpus, self.rows))
        self.copied = self.copied + own if self.copied else own

    def checkpoint(self):
        version, internal, gauss = self.rng.getstate()
        corpus, drawn = self.corpus, self._drawn_for == self.step
        return Checkpoint(
            tensors={
                **self.model.kept(),
                **{f"optimizer.{k}": v for k, v in self.optimizer.state().items()},
                "history.losses": np.array(self.losses, np.float64),
                **(self.copied.tensors() if self.copied else {}),
                **(self.replicas.tensors(self) if self.replicas else {}),
            },
            meta={
                "model": self.model.config.to_dict(),
                "training": {**self.config.to_dict(), "shards": self.shards},
                "tokenizer": to_dict(self.tokenizer),
                "data": {
                    "name": corpus.name,
                    "source": corpus.source,
                    "split": corpus.split,
                    "documents": len(corpus.documents),
                    "digest": corpus.digest,
                },
                "progress": {
                    "step": self.step,
                    "tokens": self.tokens,
                    "optimizer_steps": self.optimizer.steps,
                    "evaluations": [[e.step, e.loss, e.bits_per_byte] for e in self.evaluations],
                    "exact": [list(score) for score in self.exact],
                },
                "batches": self._position if drawn else self.batches.state(),
                "random": [version, list(internal), gauss],
                **({"parent": self.parent} if self.parent else {}),
                **({COPIED: [runs for _, runs in self.copied.parts]} if self.copied else {}),
                **({"labels": corpus.labels} if self.classes else {}),
                **({"tuning": self.tuning.to_dict()} if self.tuning else {}),
                **({"outer": self.replicas.facts()} if self.replicas else {}),
            },
        )

    def merged_checkpoint(self):
        """A run that is tuned as a whole model: to use and to fine-tune, not to go on with."""
        checkpoint = self.checkpoint()
        tensors = {**checkpoint.tensors, **self.model.merged().weights.named()}
        return whole(replace(checkpoint, tensors=tensors))

    @classmethod
    def restore(cls, checkpoint, corpus, machine=None, **changes):
        """Go on with a kept run; `changes` are settings of the training to use from here on.

        The corpus must be the one it was trained on, or the run would not be the same run.
        """
        meta, progress = checkpoint.meta, checkpoint.meta["progress"]
        config, outer = check_resumable(checkpoint, corpus, changes)
        sizes, tuning = checkpoint.model_config(), checkpoint.tuning
        run = cls(corpus, checkpoint.tokenizer(), sizes, config, machine, tuning, outer=outer)
        if tuning:
            checkpoint.load_frozen(run.model)
        checkpoint.load_weights(run.model)
        for name, array in run.optimizer.state().items():
            checkpoint.fill(array, f"optimizer.{name}")
        # In files of earlier versions the optimizer's steps are the run's.
        run.optimizer.steps = progress.get("optimizer_steps", progress["step"])
        if run.replicas:
            run.replicas.restore(checkpoint, progress["step"])
        run.step, run.tokens = progress["step"], progress["tokens"]
        run.evaluations = [Evaluation(*e) for e in progress["evaluations"]]
        run.exact = [tuple(score) for score in progress.get("exact", ())]
        run.losses, run.parent = checkpoint.losses, meta.get("parent")
        run.copied = CopyIndex.kept_in(checkpoint)
        run.batches.restore(meta["batches"])
        version, internal, gauss = meta["random"]
        run.rng.setstate((version, tuple(internal), gauss))
        return run
