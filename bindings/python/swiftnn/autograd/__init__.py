"""Derivatives of tensors."""

from swiftnn._C import backward, is_grad_enabled
from swiftnn.autograd import functional
from swiftnn.autograd._gradients import grad
from swiftnn.autograd.anomaly_mode import (
    detect_anomaly,
    is_anomaly_check_nan_enabled,
    is_anomaly_enabled,
    set_detect_anomaly,
)
from swiftnn.autograd.function import Function
from swiftnn.autograd.grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled
from swiftnn.autograd.gradcheck import GradcheckError, gradcheck, gradgradcheck

__all__ = [
    "Function",
    "GradcheckError",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "functional",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "inference_mode",
    "is_anomaly_check_nan_enabled",
    "is_anomaly_enabled",
    "is_grad_enabled",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
]
