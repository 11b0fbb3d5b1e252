"""Automatic differentiation on numpy arrays."""

from .tensor import Parameter, Tensor, no_grad

__all__ = ["Parameter", "Tensor", "no_grad"]
