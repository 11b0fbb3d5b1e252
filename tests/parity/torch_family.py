"""The four families once more, in PyTorch, each written from its description alone.

`w` holds leaf tensors by name, `s` the sizes. They share nothing with the package, and little with
one another: one turns positions as complex numbers, another as pairs, and so on.
"""

import math

import torch
from torch.nn import functional as F


def leaves(arrays):
    return {name: torch.tensor(array, requires_grad=True) for name, array in arrays.items()}


def loss(logits, targets, weights):
    surprise = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    return (surprise * weights.flatten()).sum()


def split(x, heads):
    """(B, T, heads * size) to (B, heads, T, size)."""
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def join(x):
    return x.transpose(1, 2).flatten(2)


def as_it_is(name, x):
    """What `edit`, which may put something else in the place of heads and MLPs, does by itself."""
    return x


# ---- microgpt


def microgpt(w, s, ids, edit=as_it_is):
    def rms(x):
        return x / torch.sqrt(x.square().mean(-1, keepdim=True) + 1e-5)

    x = rms(w["wte"][ids] + w["wpe"][: ids.shape[1]])
    for i in range(s.n_layer):
        p = f"layer{i}."
        h = rms(x)
        q, k, v = (split(h @ w[p + name].T, s.n_head) for name in ("wq", "wk", "wv"))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + edit(p + "heads", join(y)) @ w[p + "wo"].T
        h = edit(p + "units", torch.relu(rms(x) @ w[p + "fc1"].T))
        x = x + edit(p + "mlp", h @ w[p + "fc2"].T)
    return x @ w["lm_head"].T


# ---- classic


def sines(length, width, dtype):
    """Attention is all you need, 3.5; by 3.4 embeddings are multiplied by the root of the width."""
    table = torch.zeros(length, width, dtype=torch.float64)
    for position in range(length):
        for i in range(width // 2):
            angle = position / 10000 ** (2 * i / width)
            table[position, 2 * i], table[position, 2 * i + 1] = math.sin(angle), math.cos(angle)
    return table.to(dtype)


def classic(w, s, ids, edit=as_it_is):
    def norm(x, name):
        return F.layer_norm(x, (s.n_embd,), w[name + ".gain"], w[name + ".bias"], 1e-5)

    learned = "wpe" in w
    table = w["wpe"] if learned else sines(s.block_size, s.n_embd, w["wte"].dtype)
    bend = "tanh" if s.activation == "gelu-tanh" else "none"
    large = 1 if learned else math.sqrt(s.n_embd)
    x = F.embedding(ids, w["wte"]) * large + table[: ids.shape[1]]
    for i in range(s.n_layer):
        p = f"layer{i}."
        h = norm(x, p + "norm1")
        q, k, v = (split(F.linear(h, w[f"{p}w{c}"], w[f"{p}b{c}"]), s.n_head) for c in "qkv")
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + F.linear(edit(p + "heads", join(y)), w[p + "wo"], w[p + "bo"])
        h = F.linear(norm(x, p + "norm2"), w[p + "fc1"], w[p + "b1"])
        h = edit(p + "units", F.gelu(h, approximate=bend))
        x = x + edit(p + "mlp", F.linear(h, w[p + "fc2"], w[p + "b2"]))
    return F.linear(norm(x, "norm_final"), w["lm_head"])


# ---- llama


def llama_frequencies(s):
    size = s.head_dim or s.n_embd // s.n_head
    freqs = 1.0 / (s.rope_base ** (torch.arange(0, size, 2).double() / size))
    if s.rope_factor == 1:
        return freqs
    if s.rope_scaling == "linear":  # every position is divided by the factor
        return freqs / s.rope_factor
    if s.rope_scaling == "yarn":
        return yarn_frequencies(s, size, freqs)
    result = []
    for f in freqs.tolist():
        wavelength = 2 * math.pi / f
        if wavelength < s.rope_original / s.rope_high:
            result.append(f)
        elif wavelength > s.rope_original / s.rope_low:
            result.append(f / s.rope_factor)
        else:
            smooth = (s.rope_original / wavelength - s.rope_low) / (s.rope_high - s.rope_low)
            result.append((1 - smooth) * f / s.rope_factor + smooth * f)
    return torch.tensor(result, dtype=torch.float64)


def yarn_frequencies(s, size, freqs):
    """By its paper (Peng et al. 2023): a ramp over the numbers of the pairs."""

    def pair(rotations):
        return (
            size
            * math.log(s.rope_original / (2 * math.pi * rotations))
            / (2 * math.log(s.rope_base))
        )

    first = max(math.floor(pair(s.rope_high)), 0)  # beta fast
    last = min(math.ceil(pair(s.rope_low)), size - 1)  # beta slow
    ramp = [min(max((i - first) / (last - first), 0), 1) for i in range(size // 2)]
    ramp = torch.tensor(ramp, dtype=torch.float64)
    return freqs / s.rope_factor * ramp + freqs * (1 - ramp)


def llama(w, s, ids, edit=as_it_is):
    time = ids.shape[1]
    angles = torch.outer(torch.arange(time).double(), llama_frequencies(s))
    yarn = s.rope_scaling == "yarn" and s.rope_factor > 1
    length = 0.1 * math.log(s.rope_factor) + 1 if yarn else 1.0
    turns = torch.polar(torch.full_like(angles, length), angles)  # by plus the angle

    def turn(x):
        half = x.shape[-1] // 2
        y = torch.complex(x[..., :half], x[..., half:]) * turns.to(x.dtype.to_complex())
        return torch.cat([y.real, y.imag], -1)

    def norm(x, name):
        return F.rms_norm(x, (s.n_embd,), w[name + ".gain"], 1e-5)

    group = s.n_head // s.n_kv_head
    x = w["wte"][ids]
    for i in range(s.n_layer):
        p = f"layer{i}."
        h = norm(x, p + "norm1")
        q = turn(split(h @ w[p + "wq"].T, s.n_head))
        k = turn(split(h @ w[p + "wk"].T, s.n_kv_head)).repeat_interleave(group, 1)
        v = split(h @ w[p + "wv"].T, s.n_kv_head).repeat_interleave(group, 1)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + edit(p + "heads", join(y)) @ w[p + "wo"].T
        h = norm(x, p + "norm2")  # W3 (silu(W1 x) * (W2 x)), with fc_gate, fc1, fc2 for W1, W2, W3
        h = edit(p + "units", F.silu(h @ w[p + "fc_gate"].T) * (h @ w[p + "fc1"].T))
        x = x + edit(p + "mlp", h @ w[p + "fc2"].T)
    return norm(x, "norm_final") @ w.get("lm_head", w["wte"]).T


# ---- nanochat


def nanochat_window(s, layer):
    pattern = s.window[layer % len(s.window)]
    if layer == s.n_layer - 1 or pattern == "L":
        return s.block_size
    return math.ceil(s.block_size / 4 / s.window_tile) * s.window_tile


def nanochat(w, s, ids, edit=as_it_is):
    time, layers, size = ids.shape[1], s.n_layer, s.head_dim or s.n_embd // s.n_head

    def norm(x):
        return x * (x.pow(2).mean(-1, keepdim=True) + 1.1920929e-07) ** -0.5

    frequencies = 100_000.0 ** -(torch.arange(0, size, 2).double() / size)
    angles = torch.arange(time).double()[:, None] * frequencies
    cos, sin = angles.cos().to(w["wte"].dtype), angles.sin().to(w["wte"].dtype)

    def turn(x):
        x1, x2 = x.chunk(2, -1)
        return torch.cat([x1 * cos + x2 * sin, -x1 * sin + x2 * cos], -1)

    x = norm(w["wte"][ids])
    mixed = [x[:, 0]]
    for t in range(1, time):
        gate = torch.sigmoid(x[:, t, :24] @ w["smear.gate"].T)
        mixed.append(x[:, t] + w["smear.scale"] * gate * x[:, t - 1])
    x = x0 = torch.stack(mixed, 1)
    for i in range(layers):
        p = f"layer{i}."
        x = w["scales.stream"][i] * x + w["scales.embedding"][i] * x0
        h = norm(x)
        q = split(h @ w[p + "wq"].T, s.n_head)
        k, v = (split(h @ w[p + name].T, s.n_kv_head) for name in ("wk", "wv"))
        if i % 2 == (layers - 1) % 2:
            gate = 3 * torch.sigmoid(h[..., :12] @ w[p + "value_gate"].T)  # (B, T, kv heads)
            v = v + gate.transpose(1, 2)[..., None] * split(w[p + "value"][ids], s.n_kv_head)
        q, k = (1.2 * norm(turn(part)) for part in (q, k))
        past = torch.arange(time)[:, None] - torch.arange(time)
        seen = (past >= 0) & (past <= nanochat_window(s, i))  # itself and so many before it
        y = F.scaled_dot_product_attention(q, k, v, seen, enable_gqa=True)
        x = x + edit(p + "heads", join(y)) @ w[p + "wo"].T
        h = edit(p + "units", torch.relu(norm(x) @ w[p + "fc1"].T).square())
        x = x + edit(p + "mlp", h @ w[p + "fc2"].T)
        if i == layers // 2:
            kept = x
    x = x - w["backout.scale"] * kept
    return 15 * torch.tanh(norm(x) @ w["lm_head"].T / 15)


# ---- Muon


COEFFICIENTS = [
    (8.156554524902461, -22.48329292557795, 15.878769915207462),
    (4.042929935166739, -2.808917465908714, 0.5000178451051316),
    (3.8916678022926607, -2.772484153217685, 0.5060648178503393),
    (3.285753657755655, -2.3681294933425376, 0.46449024233003106),
    (2.3465413258596377, -1.7097828382687081, 0.42323551169305323),
]


class Muon:
    """Muon for a list of matrices, as nanochat's description numbers its parts."""

    def __init__(self, matrices):
        self.matrices = matrices
        self.buffers = [torch.zeros_like(p) for p in matrices]
        self.seconds = [None] * len(matrices)

    @torch.no_grad()
    def step(self, lr, mu, decay):
        for n, p in enumerate(self.matrices):
            g = p.grad
            rows, columns = g.shape
            self.buffers[n] = torch.lerp(self.buffers[n], g, 1 - mu)  # 1
            x = torch.lerp(g, self.buffers[n], mu)
            rowed = (x.norm() / rows**0.5) / x.norm(dim=1, keepdim=True).clamp_min(1e-6)
            x = x * rowed  # 2 (a dead unit has a row of zeros)
            x = x / (1.01 * x.norm() + 1e-6)  # 3
            tall = rows > columns
            x = x.T if tall else x  # the mirrored form is the same on the transpose
            for a, b, c in COEFFICIENTS:
                gram = x @ x.T
                x = a * x + (b * gram + c * gram @ gram) @ x
            x = x.T if tall else x
            x = x * min(rows, columns) ** 0.5 / x.norm().clamp_min(1e-6)  # 4
            squares = x.square().mean(1 if rows >= columns else 0, keepdim=True)  # 5
            old = torch.zeros_like(squares) if self.seconds[n] is None else self.seconds[n]
            self.seconds[n] = 0.9 * old + 0.1 * squares
            y = x / self.seconds[n].clamp_min(1e-10).sqrt()
            x = y * (x.norm() / y.norm().clamp_min(1e-10))
            rate = lr * max(1, rows / columns) ** 0.5
            agree = (x * p >= 0).to(x.dtype)  # 6
            p -= rate * x + rate * decay * p * agree
