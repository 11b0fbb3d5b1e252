"""What the kernel would be told to do, done by numpy: right for every family, in tiling as well.

tests/parity/test_kernels.py has the kernel itself, where there is Node.
"""

import numpy as np
import pytest
from family import FAMILIES, new_batch, new_model
from microgpt.data.batches import Batch
from microgpt.kernels import encode
from microgpt.recorder import codegen, tiling
from microgpt.training.optim import Optimizer, adam_groups
from microgpt.training.step import Gradient


class Memory:
    """An array by its address."""

    def __init__(self, address, kind, shape, strides):
        self.__array_interface__ = {
            "data": (address, False),
            "typestr": np.dtype(kind).str,
            "shape": tuple(shape),
            "strides": tuple(strides),
            "version": 3,
        }


def view(operand, kind, shape):
    return np.asarray(Memory(operand[0], kind, shape, operand[5 - len(shape) :]))


def make(step):
    """One step, as kernels.c would."""
    operation, size, depth, *shape = step[:7]
    out, a, b = step[7:12], step[12:17], step[17:22]
    kind = {1: "?", 4: "f4", 8: "f8"}.get(size)
    count = shape[3]
    if operation == encode.TAKE:
        index = view(b, np.intp, [count])
        for i, at in enumerate(np.clip(index, 0, depth - 1)):
            row = [(x[0] + size * n, 1) for x, n in ((out, i), (a, int(at)))]
            to, source = (np.asarray(Memory(start, "u1", [size], [1])) for start, _ in row)
            to[...] = source
    elif operation == encode.PUT:
        to = np.asarray(Memory(out[0], kind, [depth], [size]))
        to.put(view(b, np.intp, [count]), view(a, kind, [count]), "clip")
    elif operation == encode.PRODUCT:
        batch, rows, columns = shape[:2], shape[2], shape[3]
        left, right = view(a, kind, [*batch, rows, depth]), view(b, kind, [*batch, depth, columns])
        view(out, kind, [*batch, rows, columns])[...] = left @ right
    else:
        for place in np.ndindex(*shape[:3]):
            rows = [(x[0] + sum(i * s for i, s in zip(place, x[1:4])), x[4]) for x in (out, a, b)]
            make_row(operation, kind, count, *rows)


def make_row(operation, kind, count, *operands):
    def array(i, kind):
        start, stride = operands[i]
        return np.asarray(Memory(start, kind, [count], [stride]))

    if operation in (encode.SUM, encode.LARGEST):
        to, x = array(0, kind), array(1, kind)
        to[0] = to[0] + x.sum() if operation == encode.SUM else max(to[0], x.max())
    elif operation == encode.COPY:
        array(0, kind)[...] = array(1, kind)
    elif operation == encode.MASK:
        np.multiply(array(1, kind), array(2, "?"), out=array(0, kind))
    elif operation == encode.SELECT:
        np.copyto(array(0, kind), array(1, kind), where=array(2, "?"))
    elif operation == encode.ADD_INTEGERS:
        np.add(array(1, np.intp), array(2, np.intp), out=array(0, np.intp))
    else:
        function = encode.ELEMENTWISE[operation]
        to = array(0, "?" if function in encode.COMPARISONS else kind)
        function(*[array(i, kind) for i in range(1, function.nin + 1)], out=to)


class Stub:
    """A kernel made of numpy; `left` are the calls it was asked for and did not take."""

    def __init__(self):
        self.left, self.steps = [], 0

    def encode(self, kind, function, ins, out):
        steps = encode.encode(kind, function, ins, out)
        if steps is None:
            self.left.append((kind, function))
        return steps

    def runner(self, steps, arrays):
        assert all(len(step) == encode.LENGTH for step in steps)

        def run():
            self.steps += len(steps)
            for step in steps:
                make(step)

        run.alive = arrays
        return run


def trained(name, dtype):
    config = FAMILIES[name]
    model = new_model(config, dtype)
    gradient = Gradient(model)
    settings = type("Settings", (), dict(beta1=0.9, beta2=0.99, eps=1e-8, weight_decay=0.1))
    settings.optimizer = "adamw"
    optimizer = Optimizer(model.weights, adam_groups(settings, model.weights.shapes))
    losses = []
    for step, shape in enumerate([(2, 8), (3, 5), (2, 8)]):
        batch = Batch(*new_batch(config, *shape, seed=step, dtype=dtype), 1)
        losses.append(float(gradient(batch)))
        optimizer.update(model.weights.flat_grad, 0.01, step + 1)
    assert not gradient.write.refusals
    return np.array(losses), model.weights.flat


@pytest.mark.parametrize("banded", [False, True])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", FAMILIES)
def test_the_steps_are_those_of_numpy(name, dtype, banded, monkeypatch):
    if banded:
        monkeypatch.setattr(tiling, "LARGE", 256)
        monkeypatch.setattr(tiling, "BAND", 200)
    usual = trained(name, dtype)
    stub = Stub()
    monkeypatch.setattr(codegen, "kernel", stub)
    found = trained(name, dtype)
    near = 1e-9 if dtype == np.float64 else 2e-3
    assert np.abs(found[0] - usual[0]).max() < near
    assert np.abs(found[1] - usual[1]).mean() < near
    assert stub.steps > 300
    # Of all that a step is made of, only this is left to numpy.
    allowed = {("elementwise", np.tanh)} if dtype == np.float64 else set()
    assert set(stub.left) <= allowed
