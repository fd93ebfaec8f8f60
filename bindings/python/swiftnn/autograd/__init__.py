"""Derivatives of tensors."""

from swiftnn._C import backward, grad, is_grad_enabled
from swiftnn.autograd.function import Function
from swiftnn.autograd.grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled

__all__ = [
    "Function",
    "backward",
    "enable_grad",
    "grad",
    "inference_mode",
    "is_grad_enabled",
    "no_grad",
    "set_grad_enabled",
]
