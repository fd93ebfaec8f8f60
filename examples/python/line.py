"""Fits y = 3x + 2 by gradient descent: plain PyTorch but for the import line."""

import swiftnn as torch

x = torch.arange(100).float().unsqueeze(1) / 50 - 1
y = 3 * x + 2

line = torch.nn.Linear(1, 1)
optimizer = torch.optim.SGD(line.parameters(), lr=0.1, momentum=0.9)
for _ in range(200):
    loss = ((line(x) - y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

print(f"y = {line.weight.item():.3f} x + {line.bias.item():.3f}")
