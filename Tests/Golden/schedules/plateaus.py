import math

from schedule_table import schedule

LOSSES = tuple(1 / (1 + 0.3 * min(i, 12)) + 0.01 * math.sin(i) for i in range(60))

for mode in ("min", "max"):
    for threshold_mode in ("rel", "abs"):
        schedule("ReduceLROnPlateau", mode=mode, threshold_mode=threshold_mode, patience=3, factor=0.5, metrics=LOSSES)
schedule("ReduceLROnPlateau", metrics=LOSSES)
schedule("ReduceLROnPlateau", patience=0, cooldown=4, threshold=0.1, metrics=LOSSES)
schedule("ReduceLROnPlateau", patience=1, min_lr=0.01, factor=0.3, metrics=LOSSES)
schedule("ReduceLROnPlateau", patience=1, min_lr=[0.02, 0.001], factor=0.3, eps=0.005, metrics=LOSSES)
schedule(
    "ReduceLROnPlateau", patience=2, metrics=(1.0, math.nan, math.nan, math.inf, 0.5, math.nan, math.nan, math.nan)
)
