"""Initial values: PyTorch draws other numbers, so shapes and dtypes are compared, and values where they are certain."""

from table import T, V, case, each, float16, float32, float64


def gain(nonlinearity, param=None):
    import torch

    return torch.tensor(torch.nn.init.calculate_gain(nonlinearity, param), dtype=torch.float64)


def identity(tensor, gain=1.0):
    import torch

    one = torch.nn.init.eye_ if tensor.ndim == 2 else torch.nn.init.dirac_
    return one(tensor) * gain


def unchanged(tensor, *_, **__):
    return tensor


for name in ("linear", "conv1d", "conv_transpose3d", "sigmoid", "tanh", "relu", "selu", "leaky_relu"):
    case("calculate_gain", name, reference=gain)
case("calculate_gain", "leaky_relu", 0.2, reference=gain)
case("calculate_gain", "leaky_relu", 1, reference=gain)
case("calculate_gain", "tanh", 3, reference=gain)

for dtype in (float64, float32, float16):
    case("constant_", T(2, 3, dtype=dtype, grad=False), 0.3)
    each(["ones_", "zeros_", "eye_"], T(2, 3, dtype=dtype, grad=False))
each(["ones_", "zeros_"], T(0, 2, grad=False))
case("constant_", T(grad=False), 2)
case("eye_", T(4, 2, grad=False))
for shape in ((4, 2, 3), (2, 4, 3, 2), (3, 3, 2, 3, 4)):
    case("dirac_", T(*shape, grad=False))
    case("identity_", T(*shape, grad=False), 0.5, reference=identity)
case("dirac_", T(4, 2, 3, grad=False), 2)
case("dirac_", T(6, 3, 3, 3, dtype=float32, grad=False), groups=3)
case("dirac_", T(0, 2, 3, grad=False))
case("identity_", T(2, 3, grad=False), reference=identity)

case("uniform_.init", T(3, 4, grad=False), any_values=True)
case("uniform_.init", T(3, grad=False), 2.0, 2.0)
case("uniform_.init", T(0, 2, grad=False), -1.0)
case("normal_.init", T(3, 4, dtype=float32, grad=False), any_values=True)
case("normal_.init", T(3, grad=False), 2.5, 0.0)
case("trunc_normal_", T(3, 4, grad=False), any_values=True)
case("trunc_normal_", T(3, 4, dtype=float16, grad=False), 1.0, 0.5, 0.0, 1.5, any_values=True)
case("trunc_normal_", T(3, grad=False), a=0.5, b=0.5, reference=lambda t, a, b: t.fill_(a))
case("trunc_normal_", T(0, 2, grad=False))

FANS = ["xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_"]
each(FANS, T(3, 4, grad=False), any_values=True)
each(FANS, T(4, 2, 3, 3, dtype=float32, grad=False), any_values=True)
each(FANS, T(0, 2, grad=False))
each(["xavier_uniform_", "xavier_normal_", "orthogonal_"], V([[1.0, 2.0]], grad=False), 0.0)
for mode in ("fan_in", "FAN_OUT"):
    each(["kaiming_uniform_", "kaiming_normal_"], T(3, 4, grad=False), 0.2, mode, "leaky_relu", any_values=True)
each(["kaiming_uniform_", "kaiming_normal_"], T(3, 4, grad=False), nonlinearity="relu", any_values=True)
case("lecun_normal_", T(3, 4, grad=False), any_values=True, reference=unchanged)
case("lecun_normal_", T(4, 2, 3, dtype=float32, grad=False), any_values=True, reference=unchanged)

each(["orthogonal_"], T(3, 4, grad=False), any_values=True)
case("orthogonal_", T(4, 2, 3, dtype=float32, grad=False), 2.0, any_values=True)
case("orthogonal_", T(0, 2, grad=False))
case("sparse_", T(3, 4, grad=False), 0.5, any_values=True)
case("sparse_", T(3, 4, grad=False), 1.0)
case("sparse_", T(3, 4, grad=False), 0.0, 0.0)
case("perturb_", T(3, 4, grad=False), any_values=True, reference=unchanged)
case("perturb_", V([0.0, 0.0], grad=False), 5.0, reference=unchanged)
case("perturb_", T(3, dtype=float32, grad=False), 0.0, reference=unchanged)
