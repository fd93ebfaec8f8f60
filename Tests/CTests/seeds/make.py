"""Writes the checkpoints that the fuzz driver starts from, with PyTorch: python make.py."""

import pathlib

import torch

here = pathlib.Path(__file__).parent
model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
optimizer = torch.optim.Adam(model.parameters())
model(torch.ones(4, 3)).sum().backward()
optimizer.step()
base = torch.arange(12.0).reshape(3, 4)
content = {
    "model": model.state_dict(),
    "optimizer": optimizer.state_dict(),
    "views": [base, base[1:, ::2], base.t()],
    "types": [torch.ones(3).to(t) for t in (torch.float16, torch.bfloat16, torch.float64, torch.int32, torch.uint8)],
    "parameter": torch.nn.Parameter(torch.ones(2, dtype=torch.float64), requires_grad=False),
    "plain": (1, -1, 1 << 40, 0.5, None, True, "ü", torch.float16, torch.Size([1, 2])),
}
torch.save(content, here / "files" / "checkpoint.pt")
torch.save(content, here / "files" / "old.pt", _use_new_zipfile_serialization=False)
