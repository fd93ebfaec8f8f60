"""The models that are no part of PyTorch, written with PyTorch."""

from torch import Tensor, nn


class MLP(nn.Sequential):
    """As torchvision.ops.MLP, with classes by their names."""

    def __init__(self, in_channels, hidden_channels, norm_layer=None, activation_layer="ReLU", bias=True, dropout=0.0):
        layers, width = [], in_channels
        for channels in hidden_channels[:-1]:
            layers.append(nn.Linear(width, channels, bias))
            layers += [getattr(nn, norm_layer)(channels)] if norm_layer else []
            layers += [getattr(nn, activation_layer)(), nn.Dropout(dropout)]
            width = channels
        super().__init__(*layers, nn.Linear(width, hidden_channels[-1], bias), nn.Dropout(dropout))


class ImageClassifier(nn.Module):
    def __init__(self, channels, kernel, paddings, image_size, widths, activation, pooling="max"):
        super().__init__()
        size = image_size
        for i, padding in enumerate(paddings):
            self.add_module(f"conv{i + 1}", nn.Conv2d(channels[i], channels[i + 1], kernel, padding=padding))
            size = (size + 2 * padding - kernel + 1) // 2
        sizes = [channels[-1] * size * size, *widths]
        for i in range(len(widths)):
            self.add_module(f"fc{i + 1}", nn.Linear(sizes[i], sizes[i + 1]))
        self.activation = getattr(nn, activation)()
        self.pool = nn.MaxPool2d(2) if pooling == "max" else nn.AvgPool2d(2)

    def forward(self, input: Tensor) -> Tensor:
        x, linears = input, []
        for name, layer in self.named_children():
            if name.startswith("conv"):
                x = self.pool(self.activation(layer(x)))
            elif name.startswith("fc"):
                linears.append(layer)
        x = x.flatten(-3)
        for i, linear in enumerate(linears):
            x = linear(self.activation(x) if i else x)
        return x


class LeNet(ImageClassifier):
    def __init__(self, num_classes=10, in_channels=1, activation="ReLU", pooling="max", image_size=28, padding=2):
        widths = [120, 84, num_classes]
        super().__init__([in_channels, 6, 16], 5, [padding, 0], image_size, widths, activation, pooling)


class CifarCNN(ImageClassifier):
    def __init__(self, num_classes=10, in_channels=3, channels=(16, 32), hidden=128, activation="ReLU", image_size=32):
        paddings = [1] * len(channels)
        super().__init__([in_channels, *channels], 3, paddings, image_size, [hidden, num_classes], activation)


class RNNModel(nn.Module):
    def __init__(self, rnn_type, ntoken, ninp, nhid, nlayers, dropout=0.5, tie_weights=False, batch_first=False):
        super().__init__()
        self.ntoken = ntoken
        self.drop = nn.Dropout(dropout)
        if ninp:
            self.encoder = nn.Embedding(ntoken, ninp)
            nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        kind, _, nonlinearity = rnn_type.partition("_")
        options = {"nonlinearity": nonlinearity.lower()} if nonlinearity else {}
        width = ninp or ntoken
        self.rnn = getattr(nn, kind)(width, nhid, nlayers, dropout=dropout, batch_first=batch_first, **options)
        self.decoder = nn.Linear(nhid, ntoken)
        nn.init.uniform_(self.decoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)
        if tie_weights:
            self.decoder.weight = self.encoder.weight

    def forward(self, input: Tensor, hidden=None) -> tuple:
        known = hasattr(self, "encoder")
        x = self.encoder(input) if known else nn.functional.one_hot(input, self.ntoken).to(self.decoder.weight.dtype)
        if hidden is not None:
            hidden = tuple(hidden) if isinstance(self.rnn, nn.LSTM) else hidden[0]
        output, state = self.rnn(self.drop(x), hidden)
        return self.decoder(self.drop(output)), state if isinstance(state, tuple) else (state,)
