from table import T, layer

for name in ("batch", "row"):
    layer("StochasticDepth", 0.2, name, x=T(3, 4), random=True)
    layer("StochasticDepth", 1.0, mode=name, x=T(3, 4))
    layer("StochasticDepth", p=0.0, mode=name, x=T(3, 4))
layer("Zoneout", x=[T(3, 4), T(3, 4)], random=True)
layer("Zoneout", 0.4, x=[T(3, 4), T(3, 4)], random=True)
layer("Zoneout", 1.0, x=[T(3, 4), T(3, 4)])
layer("DropConnectLinear", 3, 2, x=T(4, 3), random=True)
layer("DropConnectLinear", 3, 2, 0.2, bias=False, x=T(4, 3), random=True)
layer("DropConnectLinear", 3, 2, p=0.0, x=T(2, 4, 3))
layer("VariationalLinear", 3, 2, x=T(4, 3), random=True)
layer("VariationalLinear", 3, 2, False, 0.5, x=T(4, 3), random=True)
layer("ConcreteDropout", x=T(4, 3), random=True)
layer("ConcreteDropout", 0.3, temperature=0.5, x=T(4, 3), random=True)
