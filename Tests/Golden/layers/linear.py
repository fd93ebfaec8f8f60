from table import T, layer

layer("Linear", 3, 2, x=T(4, 3))
layer("Linear", 3, 2, False, x=T(4, 3))
layer("Linear", in_features=3, out_features=2, bias=True, x=T(2, 2, 3))
layer("Linear", 3, 1, x=T(3))
layer("Linear", 3, 2, x=T(0, 3))
layer("Bilinear", 3, 2, 4, x=[T(5, 3), T(5, 2)])
layer("Bilinear", 3, 2, 4, False, x=[T(2, 5, 3), T(2, 5, 2)])
