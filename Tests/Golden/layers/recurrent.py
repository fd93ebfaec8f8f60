from table import T, layer


def states(kind, places, hidden, *batch, projection=0):
    h = T(places, *batch, projection or hidden)
    return [h, T(places, *batch, hidden)] if kind == "LSTM" else h


for kind in ("RNN", "LSTM", "GRU"):
    layer(kind, 3, 2, x=T(4, 2, 3))
    layer(kind, 3, 2, x=[T(4, 2, 3), states(kind, 1, 2, 2)])
    layer(kind, 3, 2, bias=False, batch_first=True, x=T(2, 4, 3), call={"hx": states(kind, 1, 2, 2)})
    layer(kind, 2, 2, num_layers=2, bidirectional=True, x=[T(3, 2, 2), states(kind, 4, 2, 2)])
    layer(kind, 2, 2, num_layers=2, bidirectional=True, batch_first=True, x=[T(2, 3, 2), states(kind, 4, 2, 2)])
    layer(kind, 3, 2, bidirectional=True, x=[T(4, 3), states(kind, 2, 2)])
    layer(kind, 3, 2, batch_first=True, x=T(4, 3))
    layer(kind, 2, 2, num_layers=3, bias=False, x=T(3, 2, 2))
    layer(kind, 2, 2, num_layers=2, dropout=0.5, x=T(3, 2, 2), random=True)
    layer(kind, 2, 2, num_layers=2, dropout=1.0, x=T(3, 2, 2))
    layer(kind, 3, 2, x=T(1, 1, 3))
layer("RNN", 3, 2, nonlinearity="relu", x=[T(4, 2, 3), T(1, 2, 2)])
layer("RNN", 2, 2, 2, "relu", False, True, 0.0, True, x=T(2, 3, 2))
layer("LSTM", 3, 4, proj_size=2, x=[T(4, 2, 3), states("LSTM", 1, 4, 2, projection=2)])
layer("LSTM", 2, 3, 2, False, True, 0.0, True, 1, x=[T(2, 3, 2), states("LSTM", 4, 3, 2, projection=1)])

for kind in ("RNN", "LSTM", "GRU"):
    layer(f"{kind}Cell", 3, 2, x=T(4, 3))
    layer(f"{kind}Cell", 3, 2, x=[T(4, 3), [T(4, 2), T(4, 2)] if kind == "LSTM" else T(4, 2)])
    layer(f"{kind}Cell", 3, 2, bias=False, x=[T(3), [T(2), T(2)] if kind == "LSTM" else T(2)])
layer("RNNCell", 3, 2, True, "relu", x=[T(4, 3), T(4, 2)])
