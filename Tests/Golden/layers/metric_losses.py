from table import T, V, boolean, int64, layer

LABELS = V([0, 1, 0, 2, 1, 0], int64)
QUERIES = [T(4, 3), T(4, 3, low=-1.0)]
SCORES, CLASSES = T(4, 2, 3), V([[0, 1], [2, 0], [1, 2], [0, 0]], int64)
PADDING = V([[False, False], [False, False], [False, True], [True, True]], boolean)
LENGTHS = V([4, 2], int64)
LOSSES = [T(low=0.2), T(1, low=0.5), T(low=0.1)]

for reduction in ("none", "mean", "sum"):
    layer("ContrastiveLoss", 1.5, 0, reduction, x=[T(4, 3), T(4, 3, low=0.0), V([1, 0, 0, 1], int64)])
    layer("TripletMiningLoss", 0.7, "semihard", reduction=reduction, x=[T(6, 3), LABELS])
    layer("InfoNCELoss", 0.5, True, reduction, x=QUERIES)
    layer("NTXentLoss", 0.3, reduction, x=QUERIES)
    layer("SequenceMSELoss", reduction=reduction, x=[T(4, 2, 3), T(4, 2, 3, low=0.0), PADDING])
    layer("SequenceCrossEntropyLoss", reduction=reduction, x=[SCORES, CLASSES, PADDING])
    layer("DistillationLoss", 0.3, 3.0, reduction=reduction, x=[T(3, 4), T(3, 4), V([1, 0, 2], int64)])
layer("ContrastiveLoss", x=[T(4, 3), T(4, 3, low=0.0), V([1, 0, 0, 1], int64)])
layer("TripletMiningLoss", x=[T(6, 3), LABELS])
layer("TripletMiningLoss", mining="all", p=1.0, x=[T(6, 3), LABELS])
layer("InfoNCELoss", 0.7, x=[*QUERIES, T(5, 3)])
layer("NTXentLoss", x=T(6, 3))
layer("SequenceMSELoss", True, x=[T(4, 2), T(4, 2)])
layer("SequenceCrossEntropyLoss", weight=T(3, low=0.2, grad=False, high=2.0), x=[SCORES, CLASSES],
      call={"lengths": LENGTHS})  # fmt: skip
layer("Perplexity", x=[SCORES, CLASSES, PADDING])
layer("DistillationLoss", x=[T(3, 4), T(3, 4), V([1, 0, 2], int64)])
layer("WeightedLoss", x=[LOSSES])
layer("WeightedLoss", [0.5, 2.0, 1.0], x=[LOSSES])
layer("UncertaintyLoss", 3, x=[LOSSES])
layer("UncertaintyLoss", 3, [0, 2], x=[LOSSES])
layer("GradNorm", 3, x=[LOSSES], trained=False)
layer("GradNorm", 3, 0.5, x=[LOSSES], trained=False)

for reduction in ("none", "mean", "sum"):
    layer("LinearCrossEntropyLoss", 5, 3, bias=True, reduction=reduction, x=[T(4, 5), V([1, 0, 2, 1], int64)])
layer("LinearCrossEntropyLoss", 5, 3, x=[T(4, 5), V([1, 0, 2, 1], int64)])
layer("LinearCrossEntropyLoss", 5, 3, out_features=[2], x=[T(2, 5), V([[1, 0], [2, 1]], int64)])
layer("LinearCrossEntropyLoss", 5, 3, weight=T(3, low=0.2, high=2.0, grad=False), ignore_index=1, label_smoothing=0.1,
      x=[T(4, 5), V([1, 0, 2, 1], int64)])  # fmt: skip
layer("AdaptiveLogSoftmaxWithLoss", 8, 9, [2, 5], 2.0, x=[T(5, 8), V([1, 0, 4, 8, 5], int64)])
layer("AdaptiveLogSoftmaxWithLoss", 8, 6, [4], head_bias=True, x=[T(5, 8), V([1, 0, 4, 3, 5], int64)])
layer("AdaptiveLogSoftmaxWithLoss", 8, 9, [2, 5], 2.0, x=[T(8), V(6, int64)])
