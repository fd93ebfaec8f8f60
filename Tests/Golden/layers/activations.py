from table import T, layer

IMAGES = T(2, 4, 3, 2, away=[0.0])

for name in (
    "Sigmoid", "LogSigmoid", "Tanh", "Tanhshrink", "Softsign", "ReLU", "ReLU6", "LeakyReLU", "ELU", "CELU", "SELU",
    "GELU", "SiLU", "Mish", "Softplus", "Softshrink", "Hardshrink", "Hardtanh", "Hardswish",
):  # fmt: skip
    layer(name, x=T(3, 4, away=[-1.0, -0.5, 0.0, 0.5, 1.0]))
layer("Hardsigmoid", x=T(3, 4, grad=False))  # PyTorch rounds its slope to float32

layer("LeakyReLU", 0.2, x=IMAGES)
layer("LeakyReLU", negative_slope=-0.5, x=IMAGES)
layer("RReLU", x=IMAGES, random=True)
layer("RReLU", 0.1, 0.1, x=IMAGES)
layer("RReLU", lower=0.2, upper=0.4, x=IMAGES, random=True)
layer("ELU", 0.5, x=IMAGES)
layer("CELU", alpha=2.0, x=IMAGES)
layer("GELU", "tanh", x=IMAGES)
layer("GELU", approximate="none", x=IMAGES)
layer("Softplus", 2.0, 1.0, x=T(3, 4, away=[0.5]))
layer("Softplus", beta=0.5, x=IMAGES)
layer("Softshrink", 0.25, x=T(3, 4, away=[-0.25, 0.25]))
layer("Hardshrink", lambd=1.25, x=T(3, 4, away=[-1.25, 1.25]))
layer("Hardtanh", -0.5, 1.5, x=T(3, 4, away=[-0.5, 1.5]))
layer("Threshold", 0.1, 20.0, x=T(3, 4, away=[0.1]))
layer("Threshold", threshold=-1.0, value=0.5, x=T(3, 4, away=[-1.0]))
for name in ("ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardsigmoid", "Hardswish"):
    layer(name, inplace=True, x=T(3, 4, grad=False))
for name in ("LeakyReLU", "ELU", "CELU", "Hardtanh"):
    layer(name, inplace=True, x=T(3, 4, grad=False))
layer("RReLU", inplace=True, x=T(3, 4, grad=False), random=True)
layer("Threshold", 0.1, 2.0, True, x=T(3, 4, grad=False))
layer("GLU", x=T(2, 4, 6))
layer("GLU", 1, x=T(2, 4, 3))
layer("GLU", dim=0, x=T(2, 4))
layer("PReLU", x=IMAGES)
layer("PReLU", 4, x=IMAGES)
layer("PReLU", num_parameters=4, init=0.5, x=T(3, 4))
layer("PReLU", x=T(5))
for name in ("Softmax", "LogSoftmax", "Softmin"):
    layer(name, x=T(3, 4))
    layer(name, x=T(5))
    layer(name, x=T(2, 3, 4))
    layer(name, x=T(2, 3, 2, 2))
    layer(name, 0, x=T(3, 4))
    layer(name, dim=-1, x=T(2, 3, 4))
layer("Softmax2d", x=T(2, 3, 4, 5))
layer("Softmax2d", x=T(3, 4, 5))
for name in ("Sigmoid", "ReLU", "GELU", "PReLU"):
    layer(name, x=T(0, 3))
