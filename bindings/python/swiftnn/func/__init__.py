"""Transformations of functions: derivatives, many examples at once, modules as functions. PyTorch's torch.func."""

from swiftnn.func._jacobians import gauss_newton_product, hessian, hvp, jacfwd, jacrev
from swiftnn.func._modules import functional_call, stack_module_state
from swiftnn.func._transforms import grad, grad_and_value, jvp, linearize, value_and_grad, vjp
from swiftnn.func._vmap import vmap

__all__ = [
    "functional_call",
    "gauss_newton_product",
    "grad",
    "grad_and_value",
    "hessian",
    "hvp",
    "jacfwd",
    "jacrev",
    "jvp",
    "linearize",
    "stack_module_state",
    "value_and_grad",
    "vjp",
    "vmap",
]
