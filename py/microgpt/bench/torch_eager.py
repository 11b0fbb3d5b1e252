"""The same work in PyTorch, as its users would write it: the rival, only when it is installed.

Run as a module it is the whole reference run: a thousand steps from a cold start.
"""

import random

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from ..data.builtin import load_names
from ..presets import MICROGPT
from ..training.config import TrainConfig
from ..training.run import Run

torch.set_num_threads(1)
version = torch.__version__


def rms_norm(x):
    return F.rms_norm(x, (x.shape[-1],), eps=1e-5)


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.down = nn.Linear(4 * width, width, bias=False)

    def forward(self, x):
        batch, time, width = x.shape
        q, k, v = self.qkv(rms_norm(x)).split(width, 2)
        q, k, v = (t.view(batch, time, self.heads, -1).transpose(1, 2) for t in (q, k, v))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(y.transpose(1, 2).reshape(batch, time, width))
        return x + self.down(F.relu(self.up(rms_norm(x))))


class TorchGPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.wte = nn.Embedding(config.vocab_size, config.n_embd)
        self.wpe = nn.Embedding(config.block_size, config.n_embd)
        self.blocks = nn.ModuleList(
            Block(config.n_embd, config.n_head) for _ in range(config.n_layer)
        )
        self.head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        for p in self.parameters():
            nn.init.normal_(p, std=config.init_std)

    def read(self, ids, keys, values, length):
        """Scores after one more token (B, 1), with a cache (layer, B, heads, T, size)."""
        x = rms_norm(self.wte(ids) + self.wpe.weight[length])
        for i, block in enumerate(self.blocks):
            batch, _, width = x.shape
            q, k, v = block.qkv(rms_norm(x)).view(batch, 3, block.heads, 1, -1).unbind(1)
            keys[i, :, :, length] = k[:, :, 0]
            values[i, :, :, length] = v[:, :, 0]
            seen = slice(0, length + 1)
            y = F.scaled_dot_product_attention(q, keys[i, :, :, seen], values[i, :, :, seen])
            x = x + block.out(y.reshape(batch, 1, width))
            x = x + block.down(F.relu(block.up(rms_norm(x))))
        return self.head(x)

    @torch.inference_mode()
    def read_blocks(self, count):
        """Read so many blocks token by token; returns how many tokens."""
        c = self.config
        keys = torch.zeros(c.n_layer, 1, c.n_head, c.block_size, c.head_size)
        values, token = torch.zeros_like(keys), torch.zeros(1, 1, dtype=torch.long)
        for _ in range(count):
            for length in range(c.block_size):
                self.read(token, keys, values, length)
        return count * c.block_size

    def forward(self, ids):
        x = rms_norm(self.wte(ids) + self.wpe.weight[: ids.shape[1]])
        for block in self.blocks:
            x = block(x)
        return self.head(x)


class Trainer:
    """Trains on the batches of a run, with the run's settings."""

    def __init__(self, run, fused):
        self.config, self.tokenizer = run.model.config, run.tokenizer
        self.model = TorchGPT(self.config).to(getattr(torch, run.config.dtype))
        betas = (run.config.beta1, run.config.beta2)
        self.optimizer = torch.optim.Adam(
            self.model.parameters(), lr=run.config.lr, betas=betas, eps=run.config.eps, fused=fused
        )
        self.lr, self.steps, self.step, self.run = run.config.lr, run.config.steps, 0, run

    def train(self, steps):
        """Take some steps; returns how many tokens they learned from."""
        tokens = 0
        for _ in range(steps):
            batch = next(self.run.batches)
            logits = self.model(torch.from_numpy(batch.ids))
            losses = F.cross_entropy(
                logits.flatten(0, 1), torch.from_numpy(batch.targets).flatten(), reduction="none"
            )
            # The weights make padding count nothing; they may be shared and read-only.
            loss = losses @ torch.from_numpy(np.array(batch.weights).reshape(-1))
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            for group in self.optimizer.param_groups:
                group["lr"] = self.lr * (1 - self.step / self.steps)
            self.optimizer.step()
            loss.item()
            self.step += 1
            tokens += batch.tokens
        return tokens

    @torch.inference_mode()
    def sample(self, count):
        tokens = 0
        for _ in range(count):
            ids = [self.tokenizer.bos]
            while len(ids) <= self.config.block_size:
                logits = self.model(torch.tensor([ids]))[0, -1]
                chances = torch.softmax(logits / 0.5, 0)
                ids.append(int(torch.multinomial(chances, 1)))
                tokens += 1
                if ids[-1] == self.tokenizer.bos:
                    break
        return tokens


if __name__ == "__main__":
    reference = TrainConfig(steps=1000, val_fraction=0, eval_every=0)
    random.seed(42)
    Trainer(Run.start(load_names(), MICROGPT, reference), fused=False).train(1000)
