"""Lesson one: the whole of microgpt on single numbers, with nothing but Python.

Every number is a `Value` that remembers which values it came from and how much it moves when they
do. A forward pass builds a graph of about fifty thousand of them; `backward()` walks it back. The
numpy model computes the same thing thousands of times faster, and this one is its judge: with the
same seed, both must give the same losses to twelve digits.

    >>> a, b = Value(3.0), Value(-2.0)
    >>> y = a * b + a
    >>> y.backward()
    >>> y, a, b
    (Value(data=-3.0, grad=1.0), Value(data=3.0, grad=-1.0), Value(data=-2.0, grad=3.0))
"""

import math
import random


class Value:
    """A number, its gradient, and the values it was computed from, each with its slope."""

    __slots__ = ("data", "grad", "parents", "slopes")

    def __init__(self, data, parents=(), slopes=()):
        self.data = data
        self.grad = 0.0
        self.parents = parents
        self.slopes = slopes  # d(this) / d(parent), known as soon as this is computed

    def __repr__(self):
        return f"Value(data={self.data}, grad={self.grad})"

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, power):
        return Value(self.data**power, (self,), (power * self.data ** (power - 1),))

    def exp(self):
        y = math.exp(self.data)
        return Value(y, (self,), (y,))

    def log(self):
        return Value(math.log(self.data), (self,), (1 / self.data,))

    def relu(self):
        return Value(max(0.0, self.data), (self,), (float(self.data > 0),))

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -other

    def __truediv__(self, other):
        return self * other**-1

    __radd__, __rmul__ = __add__, __mul__

    def backward(self):
        """Fill in .grad of everything this value was computed from."""
        self.grad = 1.0
        for value in reversed(topological(self)):
            for parent, slope in zip(value.parents, value.slopes, strict=True):
                parent.grad += slope * value.grad


def topological(root):
    """Every value below the root, parents before children; a loop, for graphs of any depth."""
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        value, expanded = stack.pop()
        if expanded:
            order.append(value)
        elif value not in seen:
            seen.add(value)
            stack.append((value, True))
            stack.extend((parent, False) for parent in value.parents)
    return order


# ---- the model


def matrix(rng, rows, columns, std):
    return [[Value(rng.gauss(0, std)) for _ in range(columns)] for _ in range(rows)]


def linear(x, w):
    return [sum((wi * xi for wi, xi in zip(row, x, strict=True)), Value(0.0)) for row in w]


def softmax(scores):
    top = max(s.data for s in scores)
    exps = [(s - top).exp() for s in scores]
    total = sum(exps, Value(0.0))
    return [e / total for e in exps]


def rms_norm(x):
    scale = (sum((xi * xi for xi in x), Value(0.0)) * (1 / len(x)) + 1e-5) ** -0.5
    return [xi * scale for xi in x]


class ScalarGPT:
    """The reference model: one token at a time, looking back at the keys and values before it."""

    def __init__(self, rng, vocab_size, block_size=16, n_layer=1, n_head=4, n_embd=16, std=0.08):
        self.block_size, self.n_head, self.head_size = block_size, n_head, n_embd // n_head
        self.wte = matrix(rng, vocab_size, n_embd, std)
        self.wpe = matrix(rng, block_size, n_embd, std)
        self.lm_head = matrix(rng, vocab_size, n_embd, std)
        self.layers = []
        for _ in range(n_layer):
            layer = {name: matrix(rng, n_embd, n_embd, std) for name in ("wq", "wk", "wv", "wo")}
            layer["fc1"] = matrix(rng, 4 * n_embd, n_embd, std)
            layer["fc2"] = matrix(rng, n_embd, 4 * n_embd, std)
            self.layers.append(layer)

    def parameters(self):
        """Every weight, in the order they were drawn."""
        matrices = [self.wte, self.wpe, self.lm_head]
        matrices += [w for layer in self.layers for w in layer.values()]
        return [p for w in matrices for row in w for p in row]

    def logits(self, token, position, past):
        """Scores for the next token. `past`, each layer's keys and values, grows by one."""
        x = [t + p for t, p in zip(self.wte[token], self.wpe[position], strict=True)]
        x = rms_norm(x)
        for layer, (keys, values) in zip(self.layers, past, strict=True):
            h = rms_norm(x)
            q = linear(h, layer["wq"])
            keys.append(linear(h, layer["wk"]))
            values.append(linear(h, layer["wv"]))
            seen = []
            for head in range(self.n_head):
                part = slice(head * self.head_size, (head + 1) * self.head_size)
                seen += self.attend(q[part], [k[part] for k in keys], [v[part] for v in values])
            x = [a + b for a, b in zip(x, linear(seen, layer["wo"]), strict=True)]
            h = [hi.relu() for hi in linear(rms_norm(x), layer["fc1"])]
            x = [a + b for a, b in zip(x, linear(h, layer["fc2"]), strict=True)]
        return linear(x, self.lm_head)

    def attend(self, q, keys, values):
        """The mean of the values, each weighted by how well its key fits the query."""
        scale = self.head_size**-0.5
        scores = [
            sum((qi * ki for qi, ki in zip(q, k, strict=True)), Value(0.0)) * scale for k in keys
        ]
        weights = softmax(scores)
        return [
            sum((w * v[i] for w, v in zip(weights, values, strict=True)), Value(0.0))
            for i in range(len(q))
        ]

    def new_past(self):
        return [([], []) for _ in self.layers]

    def loss(self, tokens):
        """Mean surprise at each next token of one document."""
        n = min(self.block_size, len(tokens) - 1)
        past, total = self.new_past(), Value(0.0)
        for position in range(n):
            probs = softmax(self.logits(tokens[position], position, past))
            total = total - probs[tokens[position + 1]].log()
        return total * (1 / n)


# ---- training and sampling


def train(documents, steps=1000, seed=42, total_steps=None):
    """Yield (loss, model, rng) after every step of Adam; the first documents are used in turn."""
    total_steps = total_steps or steps
    rng = random.Random(seed)
    documents = list(documents)
    rng.shuffle(documents)
    letters = sorted(set("".join(documents)))
    bos = len(letters)  # one extra token marks both ends of a document
    ids = {letter: i for i, letter in enumerate(letters)}
    model = ScalarGPT(rng, vocab_size=len(letters) + 1)
    params = model.parameters()
    mean, square = [0.0] * len(params), [0.0] * len(params)
    lr, beta1, beta2, eps = 0.01, 0.85, 0.99, 1e-8
    for step in range(steps):
        document = documents[step % len(documents)]
        loss = model.loss([bos, *(ids[c] for c in document), bos])
        loss.backward()
        rate = lr * (1 - step / total_steps)
        for i, p in enumerate(params):
            mean[i] = beta1 * mean[i] + (1 - beta1) * p.grad
            square[i] = beta2 * square[i] + (1 - beta2) * p.grad**2
            m, v = mean[i] / (1 - beta1 ** (step + 1)), square[i] / (1 - beta2 ** (step + 1))
            p.data -= rate * m / (math.sqrt(v) + eps)
            p.grad = 0.0
        yield loss.data, model, rng


def sample(model, rng, letters, temperature=0.5):
    """One new document, letter by letter."""
    bos = len(letters)
    token, past, text = bos, model.new_past(), ""
    for position in range(model.block_size):
        scores = [s * (1 / temperature) for s in model.logits(token, position, past)]
        probs = [p.data for p in softmax(scores)]
        token = rng.choices(range(len(probs)), weights=probs)[0]
        if token == bos:
            break
        text += letters[token]
    return text
