"""Models of the engine, with the parameter names of torchvision's and Hugging Face's."""

from swiftnn import _C
from swiftnn.nn.layer import make_layer

for _name, _doc, _id in _C.entries(_C.LAYERS):
    if _name.startswith("models."):
        globals()[_name.removeprefix("models.")] = make_layer(_name, _doc, _id)
