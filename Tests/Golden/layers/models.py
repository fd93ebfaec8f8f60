from table import T, V, int64, layer

layer("models.MLP", 3, [4, 2], x=T(5, 3))
layer("models.MLP", 3, [4], x=T(5, 3))
layer("models.MLP", 3, [4, 3, 2], "BatchNorm1d", "Tanh", x=T(5, 3))
layer("models.MLP", 3, [4, 2], "LayerNorm", "GELU", False, x=T(2, 5, 3))
layer("models.MLP", 3, [4, 2], dropout=0.5, x=T(5, 3), random=True)

layer("models.LeNet", 3, image_size=16, padding=0, x=T(2, 1, 16, 16))
layer("models.LeNet", 2, 2, "Tanh", "avg", image_size=14, padding=1, x=T(2, 14, 14))
layer("models.CifarCNN", 2, 1, [2, 3], 4, image_size=8, x=T(2, 1, 8, 8))
layer("models.CifarCNN", 2, 2, [2], 3, "SiLU", 4, x=T(3, 2, 4, 4))

TEXT = V([[0, 2], [1, 4], [3, 3]], int64)
layer("models.RNNModel", "LSTM", 5, 3, 4, 1, 0.0, x=TEXT)
layer("models.RNNModel", "LSTM", 5, 3, 4, 2, 0.0, x=TEXT, call={"hidden": [T(2, 2, 4), T(2, 2, 4)]})
layer("models.RNNModel", "GRU", 5, 0, 4, 2, 0.0, batch_first=True, x=TEXT, call={"hidden": [T(2, 3, 4)]})
layer("models.RNNModel", "RNN_TANH", 5, 3, 4, 1, 0.0, x=TEXT)
layer("models.RNNModel", "RNN_RELU", 5, 0, 4, 1, 0.0, x=V([0, 2, 4], int64))
layer("models.RNNModel", "GRU", 5, 3, 4, 2, 0.5, x=TEXT, random=True)
