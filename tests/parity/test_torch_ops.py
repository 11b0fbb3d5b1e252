"""Every operation against PyTorch: its values and its gradients, in both precisions."""

import numpy as np
import pytest
from microgpt.autograd import Tensor, no_grad
from microgpt.autograd.operations import ARITHMETIC, OPERATIONS, inputs
from torch_operations import TORCH

TOLERANCES = [(np.float64, 1e-12), (np.float32, 1e-5)]


def assert_close(ours, theirs, tolerance):
    theirs = theirs.detach().numpy()
    assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
    np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(("dtype", "tolerance"), TOLERANCES)
@pytest.mark.parametrize("name", OPERATIONS)
def test_operation(name, dtype, tolerance, torch):
    ours, *_ = OPERATIONS[name]
    arrays = inputs(name, dtype)
    leaves = [Tensor(a.copy()) for a in arrays]
    torch_leaves = [torch.tensor(a, requires_grad=True) for a in arrays]
    y = ours(*leaves)
    written_alike = name in ARITHMETIC and name not in TORCH
    torch_y = ours(*torch_leaves) if written_alike else TORCH[name](torch, *torch_leaves)
    assert_close(y.data, torch_y, tolerance)
    g = np.asarray(np.random.default_rng(0).normal(size=y.shape), dtype)
    y.backward(g)
    torch_y.backward(torch.tensor(g))
    for leaf, torch_leaf in zip(leaves, torch_leaves):
        assert_close(leaf.grad, torch_leaf.grad, tolerance)


def test_semantics_of_backward(torch):
    """Twice through one graph, shared tensors and constants: what PyTorch does, step for step."""
    x = np.random.default_rng(0).normal(size=(3, 4))
    ours, theirs = Tensor(x.copy()), torch.tensor(x, requires_grad=True)
    with no_grad():
        constant = ours * 2
    with torch.no_grad():
        torch_constant = theirs * 2
    y = ((ours * ours + constant) * ours[0]).sum()
    torch_y = ((theirs * theirs + torch_constant) * theirs[0]).sum()
    for _ in range(2):
        y.backward()
        torch_y.backward(retain_graph=True)
        assert_close(ours.grad, theirs.grad, 1e-12)
    (ours / 3).mean().backward()
    (theirs / 3).mean().backward()
    assert_close(ours.grad, theirs.grad, 1e-12)
    ours.grad, theirs.grad = None, None
    y.backward()
    torch_y.backward()
    assert_close(ours.grad, theirs.grad, 1e-12)
