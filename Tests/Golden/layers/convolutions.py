from table import T, layer

SIZES = {1: (9,), 2: (6, 5), 3: (4, 5, 3)}
for axes, size in SIZES.items():
    images, one = T(2, 4, *size), T(4, *size)
    each = tuple([3, 2, 1][:axes])
    name = f"Conv{axes}d"
    layer(name, 4, 6, 3, x=images)
    layer(name, 4, 6, 3, 2, 1, x=images)
    layer(name, 4, 6, each, stride=tuple([2, 1, 2][:axes]), padding=tuple([1, 2, 0][:axes]), x=images)
    layer(name, 4, 6, 2, dilation=2, groups=2, bias=False, x=images)
    layer(name, 4, 8, 3, groups=4, padding=1, x=one)
    layer(name, 4, 2, 3, padding="same", x=images)
    layer(name, 4, 2, 2, padding="same", dilation=2, x=images)
    layer(name, 4, 2, 2, padding="valid", x=images)
    for mode in ("reflect", "replicate", "circular"):
        layer(name, 4, 2, 3, padding=1, padding_mode=mode, x=images)
    layer(name, 4, 2, 2, 1, "same", 1, 1, True, "circular", x=one)
    name = f"ConvTranspose{axes}d"
    layer(name, 4, 6, 3, x=images)
    layer(name, 4, 6, 3, 2, 1, 1, x=images)
    layer(name, 4, 6, each, stride=2, padding=tuple([1, 0, 0][:axes]), bias=False, x=images)
    layer(name, 4, 6, 2, 2, 0, 0, 2, True, 2, x=one)
    sizes = [2 * length for length in size]
    layer(name, 4, 2, 3, 2, 1, x=images, call={"output_size": sizes})
    layer(name, 4, 2, 3, stride=2, padding=1, x=images, call={"output_size": [2, 2, *[n - 1 for n in sizes]]})
