from table import T, layer

SIZES = {1: (4,), 2: (3, 2), 3: (2, 2, 2)}
for axes, size in SIZES.items():
    images = T(3, 4, *size)
    name = f"BatchNorm{axes}d"
    layer(name, 4, x=images)
    layer(name, 4, 1e-3, 0.3, x=images)
    layer(name, 4, momentum=None, x=images)
    layer(name, 4, affine=False, x=images)
    layer(name, 4, track_running_stats=False, x=images)
    layer(name, 4, bias=False, x=images)
    layer(name, 4, 1e-5, 0.1, False, False, x=images)
    name = f"InstanceNorm{axes}d"
    layer(name, 4, x=images)
    layer(name, 4, 1e-3, 0.3, True, True, x=images)
    layer(name, 4, affine=True, x=T(4, *size))
    layer(name, 4, affine=True, bias=False, x=images)
    layer(name, 4, track_running_stats=True, x=images)
layer("BatchNorm1d", 4, x=T(5, 4))
layer("BatchNorm1d", 4, momentum=0.0, x=T(5, 4))

layer("LayerNorm", 5, x=T(2, 3, 5))
layer("LayerNorm", (3, 5), x=T(2, 3, 5))
layer("LayerNorm", 5, 1e-3, False, x=T(2, 3, 5))
layer("LayerNorm", [5], elementwise_affine=True, bias=False, x=T(4, 5))
layer("GroupNorm", 2, 6, x=T(2, 6, 3))
layer("GroupNorm", 3, 6, 1e-3, False, x=T(2, 6, 2, 2))
layer("GroupNorm", 1, 6, bias=False, x=T(2, 6))
layer("RMSNorm", 5, x=T(2, 3, 5))
layer("RMSNorm", (3, 5), 1e-3, x=T(2, 3, 5))
layer("RMSNorm", 5, elementwise_affine=False, x=T(2, 3, 5))
layer("LocalResponseNorm", 2, x=T(2, 5, 3, 2))
layer("LocalResponseNorm", 3, alpha=0.5, beta=0.5, k=2.0, x=T(2, 5, 3))
layer("CrossMapLRN2d", 3, x=T(2, 5, 3, 2, grad=False))
layer("CrossMapLRN2d", 5, 0.5, 0.5, 2.0, x=T(2, 7, 3, 2, grad=False))
