"""The reference model once more, in PyTorch, written from its description and not from our code.

x = rms(wte[token] + wpe[position]); x += wo·attention(rms(x)); x += fc2·relu(fc1·rms(x));
logits = lm_head·x. It shares nothing with the package: not a function, not a layout.
"""

import torch


def rms(x, eps):
    return x * (x.pow(2).mean(-1, keepdim=True) + eps).rsqrt()


def attention(q, k, v, heads):
    """One head after the other; q, k, v are (batch, time, width)."""
    time, size = q.shape[1], q.shape[2] // heads
    past = torch.ones(time, time, dtype=torch.bool).tril()
    outputs = []
    for qh, kh, vh in zip(*(x.split(size, -1) for x in (q, k, v))):
        scores = torch.einsum("bqc,bkc->bqk", qh, kh) / size**0.5
        outputs.append(torch.softmax(scores.where(past, -torch.inf), -1) @ vh)
    return torch.cat(outputs, -1)


class TorchGPT(torch.nn.Module):
    def __init__(self, weights, n_layer, n_head, eps=1e-5):
        """`weights` are arrays by the names of the reference, layers counted from 0."""
        super().__init__()
        # PyTorch wants no dots in names.
        self.w = torch.nn.ParameterDict(
            {name.replace(".", "_"): torch.tensor(array) for name, array in weights.items()}
        )
        self.n_layer, self.n_head, self.eps = n_layer, n_head, eps

    def forward(self, ids):
        """Logits (batch, time, vocabulary)."""
        w, eps = self.w, self.eps
        x = rms(w["wte"][ids] + w["wpe"][torch.arange(ids.shape[1])], eps)
        for i in range(self.n_layer):
            h = rms(x, eps)
            q, k, v = (h @ w[f"layer{i}_{name}"].T for name in ("wq", "wk", "wv"))
            x = x + attention(q, k, v, self.n_head) @ w[f"layer{i}_wo"].T
            h = torch.relu(rms(x, eps) @ w[f"layer{i}_fc1"].T)
            x = x + h @ w[f"layer{i}_fc2"].T
        return x @ w["lm_head"].T

    def loss(self, ids, targets, weights):
        chances = torch.log_softmax(self(ids), -1)
        chosen = chances.gather(-1, targets[..., None])[..., 0]
        return -(chosen * weights).sum()

    def named(self, what=lambda parameter: parameter):
        """Arrays by the names they came with: the weights, or their gradients."""
        return {
            name.replace("_", ".", 1) if name.startswith("layer") else name: what(p)
            .detach()
            .numpy()
            for name, p in self.w.items()
        }
