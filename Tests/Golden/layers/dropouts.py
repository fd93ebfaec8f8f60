from table import T, layer

SHAPES = {"Dropout": (3, 4), "Dropout1d": (2, 3, 4), "Dropout2d": (2, 3, 4, 2), "Dropout3d": (2, 3, 2, 2, 2),
          "AlphaDropout": (3, 4), "FeatureAlphaDropout": (2, 3, 4)}  # fmt: skip
for name, shape in SHAPES.items():
    layer(name, x=T(*shape), random=True)
    layer(name, 0.2, x=T(*shape), random=True)
    layer(name, p=0.0, x=T(*shape))
    layer(name, 1.0, x=T(*shape))
    layer(name, 0.5, True, x=T(*shape, grad=False), random=True)
