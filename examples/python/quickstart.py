"""Trains a classifier of handwritten digits."""

from swiftnn import data, nn, optim
from swiftnn.model_selection import train_val_test_split
from swiftnn.training import Multiclass, Trainer

table = data.read_csv("examples/data/digits.csv").to_tensor()
images, labels = table[:, :64] / 16, table[:, 64].long()
train_x, val_x, test_x, train_y, val_y, test_y = train_val_test_split(images, labels, stratify=labels, random_state=0)

model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Dropout(0.1), nn.Linear(128, 10))
trainer = Trainer(model, Multiclass(), optim.Adam(model.parameters(), lr=0.002))
trainer.fit((train_x, train_y), (val_x, val_y), epochs=20)
print(trainer.evaluate((test_x, test_y)))
