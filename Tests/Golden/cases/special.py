"""Special functions of one and two numbers, and the windows made of them."""

from table import T, V, bfloat16, case, each, float16, float32, float64, inf, int32, int64, nan, unary

# PyTorch has eight digits of these; the tests of the kernels compare twelve with values of their own.
EIGHT_DIGITS = {"tolerance": {"float64": 1e-6}}
DIFFERENTIATED = ["bessel_j0", "bessel_j1", "bessel_y0", "bessel_y1", "modified_bessel_k0", "modified_bessel_k1"]
OTHERS = ["spherical_bessel_j0", "airy_ai", "scaled_modified_bessel_k0", "scaled_modified_bessel_k1"]
for operation in (*DIFFERENTIATED, *OTHERS):
    case(operation, T(3, 4, low=0.5, high=1.9, grad=operation in DIFFERENTIATED), **EIGHT_DIGITS)
    case(operation, V([0.5, 1.5, 7.0, 30.0], float32))
    case(operation, V([1, 2, 3], int64))
    case(operation, T(0, 2, grad=False))
each(["bessel_j0", "bessel_j1"], V([0.0, 0.5, -1.5]), differences=False, **EIGHT_DIGITS)
each(["bessel_y0", "bessel_y1", "modified_bessel_k0", "scaled_modified_bessel_k1"], V([0.0, -1.0, nan], grad=False))
case("airy_ai", V([-30.0, -1.0, 0.0, 1.9, 2.5, 9.0], grad=False), **EIGHT_DIGITS)
unary("erfcx", floats=(float32,), special=[0.0, inf, -inf, nan, 30.0, -30.0])
unary("log_ndtr", floats=(float32,), special=[0.0, nan, -9.0, 5.0])
case("log_ndtr", V([-20.0, -9.0, -1.0, 0.0, 1.0, 6.0]), halves=False)

case("zeta", T(3, 4, low=1.5, high=6.0, grad=False), T(4, low=0.3, high=5.0))
case("zeta", V([1.0, 0.5, 2.0, nan], grad=False), V([1.0, 2.0, -1.0, 1.0], grad=False))
case("zeta", 2.5, T(3, low=0.5, high=5.0))
case("zeta", V([2.0, 3.0], float32), 1.5)
case("zeta", V([2, 3], int64), V([1, 2], int64))
for operation in ("igamma", "igammac"):
    case(operation, T(3, 4, low=0.2, high=6.0, grad=False), T(4, low=0.2, high=8.0), halves=False)
    case(operation, T(2, 1, low=0.2, high=6.0, grad=False), T(3, low=0.2, high=8.0), halves=False)
    case(operation, V([0.0, 1.0, inf, 2.0, -1.0, nan], grad=False), V([1.0, 0.0, 1.0, inf, 1.0, 1.0], grad=False))
    case(
        operation,
        V([2000.0, 2000.0, 1e6, 50.0], grad=False),
        V([2010.0, 1900.0, 1e6, 60.0], grad=False),
        **EIGHT_DIGITS,
    )
    case(operation, V([0.5, 3.0], float32), V([1.0, 2.5], float32))
    case(operation, T(0, 2, grad=False), T(2, low=1.0))

KINDS = [f"{shift}chebyshev_polynomial_{kind}" for shift in ("", "shifted_") for kind in "tuvw"]
FAMILIES = ["hermite_polynomial_h", "hermite_polynomial_he", "laguerre_polynomial_l", "legendre_polynomial_p"]
for operation in (*KINDS, *FAMILIES):
    case(operation, T(3, 1, low=0.1, high=0.9, grad=False), V([0.0, 1.0, 2.0, 5.0, 9.0], grad=False))
    case(operation, V([-1.0, 1.0, 0.0, nan], grad=False), V([3.0, 4.0, 2.0, 1.0], grad=False))
    case(operation, T(4, low=-0.9, high=0.9, dtype=float32), 3)
    case(operation, 0.5, V([1, 2, 3], int64))
    case(operation, V([0.5, 0.5, 0.5], grad=False), V([-1.0, -0.5, 2.7], grad=False))

HALVES = V([1.0, 0.0, -1.0, 65504.0, 2.0**-14], float16), V([2.0, 1.0, -2.0, 1e5, 0.0], float16)
AFTER = [1 + 2.0**-10, 2.0**-24, -1 - 2.0**-10, inf, 2.0**-14 - 2.0**-24]
case("nextafter", *HALVES, reference=lambda a, b: a.new_tensor(AFTER))
case("nextafter", V([1.0, 0.0, -1.0, 3.0], bfloat16), V([2.0, 1.0, -2.0, 3.0], bfloat16))
case("nextafter", T(3, 4), T(4), halves=False)
case("frexp", T(3, 4), halves=False)
case("frexp", V([0.0, 1.0, 0.5, -8.0, 1e300, 5e-324, inf, nan], grad=False), halves=False)
case("frexp", V([1.5, 3.0, 1e-40], float32))
case("frexp", T(0, 2, grad=False))

SYMMETRIC = ["exponential", "cosine", "gaussian", "kaiser", "hamming", "hann", "blackman", "bartlett",
             "general_hamming", "nuttall"]  # fmt: skip
for operation in SYMMETRIC:
    case(operation, 7, dtype=float64)
    case(operation, 8, sym=False, dtype=float64)
    case(operation, 1)
    case(operation, 0)
case("exponential", 5, center=1.0, tau=2.0, sym=False, dtype=float64)
case("gaussian", 5, std=0.8, dtype=float64)
case("kaiser", 5, beta=3.0, dtype=float64)
case("general_hamming", 5, alpha=0.7, dtype=float64)
case("general_cosine", 5, a=[0.4, 0.5, 0.1], dtype=float64)
case("general_cosine", 4, a=[0.5, 0.25], sym=False)
PERIODIC = ["hann_window", "hamming_window", "blackman_window", "bartlett_window", "kaiser_window"]
for operation in PERIODIC:
    case(operation, 6, dtype=float64)
    case(operation, 6, False, dtype=float64)
    case(operation, 1)
    case(operation, 0)
case("hamming_window", 5, True, 0.6, 0.4, dtype=float64)
case("kaiser_window", 5, True, 4.0, dtype=float64)

HISTOGRAM = T(9, low=-1.0, high=3.0, grad=False)
case("histogram", HISTOGRAM, 4)
case("histogram", HISTOGRAM, 5, range=[-0.5, 2.0])
case("histogram", HISTOGRAM, 3, density=True)
case("histogram", HISTOGRAM, 3, weight=T(9, low=0.0, high=1.0, grad=False))
case("histogram", T(2, 3, dtype=float32), 2)
case("histogram", V([2.0, 2.0], grad=False), 2)
case("histogram.edges", HISTOGRAM, V([-1.0, 0.0, 0.5, 3.0], grad=False))
case("histogram.edges", HISTOGRAM, V([0.0, 1.0, 2.5], grad=False), density=True)


def histogram_of_points(x, bins, **named):
    """PyTorch's result without the tuple around the edges."""
    import torch

    counts, edges = torch.histogramdd(x, bins, **named)
    return [counts, *edges]


POINTS = T(7, 2, low=-1.0, high=2.0, grad=False)
case("_histogramdd", POINTS, [3, 2], reference=histogram_of_points)
case("_histogramdd", POINTS, [2, 2], range=[-1.0, 1.0, 0.0, 2.0], density=True, reference=histogram_of_points)
EDGES = [V([-1.0, 0.0, 2.0], grad=False), V([-1.0, 0.5, 1.0, 2.0], grad=False)]
case("_histogramdd.edges", POINTS, EDGES, reference=histogram_of_points)

case("gradient", T(5))
case("gradient", T(4, 5), spacing=0.5)
case("gradient", T(4, 5), dim=[1], edge_order=2)
case("gradient", T(2))
case("gradient.steps", T(4, 5), spacing=[2.0, 0.5])
case("gradient.steps", T(4, 5), spacing=[2.0], dim=[0], edge_order=2)
WHERE = [V([0.0, 1.0, 2.5, 3.0], grad=False), V([0.0, 0.5, 1.5, 3.0, 3.5], grad=False)]
case("gradient.points", T(4, 5), spacing=WHERE)
case("gradient.points", T(4, 5), spacing=WHERE, edge_order=2)

case("renorm", T(3, 4, away=(0,)), 2.0, 0, 1.0)
case("renorm", T(2, 3, 2, away=(0,)), 1.0, 1, 0.5)
case("renorm", T(3, 4, away=(0,)), 3.0, -1, 50.0)
case("renorm", T(2, 3, dtype=float32), 2.0, 1, 0.5)
case("fill", T(2, 3), 1.5)
case("fill", T(2, 3), T())
case("fill", V([1, 2], int64), 7)
case("sum_to_size", T(2, 3, 4), (3, 1))
case("sum_to_size", T(2, 3), (2, 3))
case("sum_to_size", T(3, dtype=float32), (1,))
case("range", 1, 4)
case("range", 0.5, 2.0, 0.5, dtype=float64)
case("scalar_tensor", 2.5)
case("scalar_tensor", 3, dtype=int32)
case("empty_strided", (2, 3), (1, 2), any_values=True)
case("empty_strided", (0, 3), (1, 2), dtype=float64, any_values=True)
case("empty_permuted", (2, 3, 4), (1, 0, 2), any_values=True)
case("new_empty_strided", T(2, grad=False), (2, 3), (1, 2), any_values=True)
case("bernoulli.p", T(3, 4, grad=False), 1.0)
case("bernoulli.p", T(3, dtype=float32), 0.5, any_values=True)
case("poisson", T(3, 4, low=0.1, high=9.0, grad=False), any_values=True)
case("poisson", V([0.0, 0.0], float32))
case("binomial", V([10.0, 100.0], grad=False), V([0.5, 0.1], grad=False), any_values=True)
case("binomial", V([10.0, 3.0, 0.0], float32), V([0.0, 1.0, 0.5], float32))
for operation in ("var_mean.unbiased", "std_mean.unbiased"):
    case(operation, T(3, 4), True)
    case(operation, T(5), False)
    case(operation, T(4, dtype=float32), True)
