from table import T, V, int64, layer

for axes, size in {1: (9,), 2: (7, 6), 3: (5, 6, 4)}.items():
    images, one = T(2, 3, *size, distinct=True), T(3, *size, distinct=True)
    each = tuple([3, 2, 2][:axes])
    layer(f"MaxPool{axes}d", 2, x=images)
    layer(f"MaxPool{axes}d", 3, 2, 1, x=images)
    if axes > 1:
        layer(f"MaxPool{axes}d", each, 2, tuple([1, 0, 1][:axes]), x=images)
    layer(f"MaxPool{axes}d", 2, dilation=2, stride=1, ceil_mode=True, x=one)
    layer(f"MaxPool{axes}d", 2, 2, 0, 1, True, True, x=images)
    layer(f"AdaptiveMaxPool{axes}d", 2, x=images)
    layer(f"AdaptiveMaxPool{axes}d", 3, True, x=images)
    layer(f"AdaptiveMaxPool{axes}d", output_size=1, x=one)
    layer(f"AvgPool{axes}d", 2, x=images)
    layer(f"AvgPool{axes}d", 3, 2, 1, x=images)
    layer(f"AvgPool{axes}d", 3, stride=1, padding=1, ceil_mode=True, count_include_pad=False, x=one)
    layer(f"AdaptiveAvgPool{axes}d", 2, x=images)
    layer(f"AdaptiveAvgPool{axes}d", output_size=1, x=one)
    positive = T(2, 3, *size, low=0.2)
    layer(f"LPPool{axes}d", 2, 3, x=positive)
    layer(f"LPPool{axes}d", 3.0, 2, 1, x=positive)
    layer(f"LPPool{axes}d", norm_type=1.5, kernel_size=2, ceil_mode=True, x=positive)
    steps = {1: [0, 3, 8], 2: [[0, 3], [9, 14]], 3: [[[0, 3], [10, 15]], [[40, 37], [60, 63]]]}[axes]
    layer(f"MaxUnpool{axes}d", 3 if axes == 1 else 2, x=[T(1, 1, *[len(steps)] * axes), V([[steps]], int64)])
    corners = {1: [0, 2], 2: [[0, 2], [6, 8]], 3: [[[0, 2], [6, 8]], [[18, 20], [24, 26]]]}[axes]
    layer(f"MaxUnpool{axes}d", 3, 2, padding=1, x=[T(1, *[2] * axes), V([corners], int64)])

layer("AvgPool2d", (3, 2), divisor_override=5, x=T(2, 3, 7, 6))
layer("AvgPool3d", 2, None, 0, False, True, 3, x=T(2, 3, 5, 6, 4))
layer("AdaptiveAvgPool2d", (3, 2), x=T(2, 3, 7, 6))
layer("AdaptiveMaxPool2d", (3, 2), x=T(2, 3, 7, 6, distinct=True))
layer("LPPool2d", 2, (3, 2), x=T(2, 3, 7, 6, low=0.2))
layer("MaxUnpool2d", (2, 2), x=[T(1, 1, 2, 2), V([[[[0, 3], [11, 18]]]], int64)], call={"output_size": [5, 4]})

for axes, size in ((2, (7, 8)), (3, (5, 7, 6))):
    name, images = f"FractionalMaxPool{axes}d", T(2, 3, *size, distinct=True)
    samples = T(2, 3, axes, low=0.0, high=1.0, grad=False)
    layer(name, 2, 3, None, True, samples, x=images)
    layer(name, 3, output_ratio=(0.5, 0.6, 0.5)[:axes], _random_samples=samples, x=images)
    layer(name, 2, output_size=6 - axes, x=images, random="always")
