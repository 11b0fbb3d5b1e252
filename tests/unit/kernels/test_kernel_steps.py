"""What the kernel would be told to do, done by numpy: right for every family, in tiles as well.

tests/parity/test_kernels.py has the kernel itself, where there is Node.
"""

import re
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from family import FAMILIES, new_batch, new_model
from microgpt.data.batches import Batch
from microgpt.kernels import encode
from microgpt.kernels.steps import AXES, LENGTH, Array, Operation, Step
from microgpt.recorder import tiling
from microgpt.recorder.record import Machine
from microgpt.training.optim import Optimizer, adam_groups
from microgpt.training.step import GradientStep
from thorough import some

SOURCE = Path(encode.__file__).with_name("kernels.c")


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
    strides = operand.stride[AXES - len(shape) :]
    return np.asarray(Memory(operand.data, kind, shape, strides))


def unpacked(numbers):
    """The step that was packed as these numbers."""
    operation, size, depth, *shape = numbers[: 3 + AXES]
    rest = numbers[3 + AXES :]
    operands = [
        Array(rest[i], rest[i + 1 : i + 1 + AXES]) for i in range(0, 3 * (AXES + 1), AXES + 1)
    ]
    step = Step(Operation(operation), size, depth, tuple(shape), *operands)
    assert step.pack() == list(numbers)
    return step


def make(step):
    """One step, as kernels.c would."""
    operation, size, shape, out, a, b = (
        *(step.operation, step.size, step.shape),
        *(step.out, step.a, step.b),
    )
    kind = {1: "?", 4: "f4", 8: "f8"}.get(size)
    count = shape[3]
    if operation is Operation.TAKE:
        index = view(b, np.intp, [count])
        for i, at in enumerate(np.clip(index, 0, step.depth - 1)):
            row = [x.data + size * n for x, n in ((out, i), (a, int(at)))]
            to, source = (np.asarray(Memory(start, "u1", [size], [1])) for start in row)
            to[...] = source
    elif operation is Operation.PUT:
        to = np.asarray(Memory(out.data, kind, [step.depth], [size]))
        to.put(view(b, np.intp, [count]), view(a, kind, [count]), "clip")
    elif operation is Operation.PRODUCT:
        batch, rows, columns = shape[:2], shape[2], shape[3]
        left = view(a, kind, [*batch, rows, step.depth])
        right = view(b, kind, [*batch, step.depth, columns])
        view(out, kind, [*batch, rows, columns])[...] = left @ right
    else:
        for place in np.ndindex(*shape[:3]):
            make_row(
                *(operation, kind, count),
                *[(x.data + np.dot(place, x.stride[:3]), x.stride[3]) for x in (out, a, b)],
            )


def make_row(operation, kind, count, *operands):
    def array(i, kind):
        start, stride = operands[i]
        return np.asarray(Memory(int(start), kind, [count], [stride]))

    if operation in (Operation.SUM, Operation.LARGEST):
        to, x = array(0, kind), array(1, kind)
        to[0] = to[0] + x.sum() if operation is Operation.SUM else max(to[0], x.max())
    elif operation is Operation.COPY:
        array(0, kind)[...] = array(1, kind)
    elif operation is Operation.MASK:
        np.multiply(array(1, kind), array(2, "?"), out=array(0, kind))
    elif operation is Operation.SELECT:
        np.copyto(array(0, kind), array(1, kind), where=array(2, "?"))
    elif operation is Operation.ADD_INTEGERS:
        np.add(array(1, np.intp), array(2, np.intp), out=array(0, np.intp))
    else:
        function = getattr(np, operation.name.lower())
        to = array(0, "?" if function in encode.COMPARISONS else kind)
        function(*[array(i, kind) for i in range(1, function.nin + 1)], out=to)


class Stub:
    """A kernel made of numpy; `left` are the calls it was asked for and did not take."""

    def __init__(self):
        self.left, self.steps = [], 0

    def encode(self, kind, function, ins, out):
        steps = kind.encode(encode, function, ins, out)
        if steps is None:
            self.left.append((kind.name, function))
        return steps

    def runner(self, steps, arrays):
        assert all(len(step) == LENGTH for step in steps)

        def run():
            self.steps += len(steps)
            for step in steps:
                make(unpacked(step))

        run.alive = arrays
        return run


def trained(name, dtype, kernel=None):
    config = FAMILIES[name]
    model = new_model(config, dtype)
    machine = Machine(kernel)
    gradient = GradientStep(model, machine)
    settings = type("Settings", (), dict(beta1=0.9, beta2=0.99, eps=1e-8, weight_decay=0.1))
    settings.optimizer = "adamw"
    groups = adam_groups(settings, model.weights.shapes)
    optimizer = Optimizer(model.weights, groups, machine)
    losses = []
    for step, shape in enumerate([(2, 4), (3, 3), (2, 4)]):
        arrays = new_batch(config, *shape, seed=step, dtype=dtype)
        batch = Batch(*arrays, arrays[0].size)
        losses.append(float(gradient(batch)))
        optimizer.update(model.weights.flat_grad, 0.01)
    assert not gradient.write.refusals
    return np.array(losses), model.weights.flat


@pytest.mark.parametrize(
    ("name", "dtype", "tiled"),
    some(
        [("classic", np.float64, False), *((name, np.float32, True) for name in FAMILIES)],
        [(n, *how) for n in FAMILIES for how in ((np.float64, False), (np.float32, True))],
    ),
)
def test_the_steps_are_those_of_numpy(name, dtype, tiled, monkeypatch):
    if tiled:
        monkeypatch.setattr(tiling, "LARGE", 256)
        monkeypatch.setattr(tiling, "TILE", 200)
    usual = trained(name, dtype)
    stub = Stub()
    found = trained(name, dtype, stub)
    near = 1e-9 if dtype == np.float64 else 2e-3
    assert np.abs(found[0] - usual[0]).max() < near
    assert np.abs(found[1] - usual[1]).mean() < near
    assert stub.steps > 300
    # Of all that a step is made of, only this is left to numpy.
    allowed = {("elementwise", np.tanh)} if dtype == np.float64 else set()
    assert set(stub.left) <= allowed


def test_both_sides_number_the_operations_alike():
    source = SOURCE.read_text(encoding="utf-8")
    names = re.search(r"enum \{([^}=]*)\};", source)[1].replace(",", " ").split()
    assert names == [operation.name for operation in Operation]
    assert [*range(len(names))] == [int(operation) for operation in Operation]


def test_both_sides_have_the_same_fields():
    """The numbers of a packed step are the fields of the structs in kernels.c, in their order."""
    source = SOURCE.read_text(encoding="utf-8")
    structs = {}
    for body, name in re.findall(r"typedef struct \{(.*?)\} (Array|Step);", source, re.S):
        body = re.sub(r"/\*.*?\*/", "", body)
        structs[name] = re.findall(r"(\w+)(?:\[(\d+)\])?[,;]", body)
    for kind in (Array, Step):
        assert [name for name, _ in structs[kind.__name__]] == [f.name for f in fields(kind)]
    lengths = {name: int(count) for name, count in structs["Array"] + structs["Step"] if count}
    assert lengths == {"stride": AXES, "shape": AXES}
    operands = [Array(i, (i + 1, i + 2, i + 3, i + 4)) for i in (7, 12, 17)]
    step = Step(Operation.ADD, 1, 2, (3, 4, 5, 6), *operands)
    assert step.pack() == list(range(LENGTH))
