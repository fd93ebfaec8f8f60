from optimizers import MATRICES, combinations, trajectory, variations

variations("Adafactor", beta2_decay=-0.3, eps=[1e-2, 0.5], d=2.0, weight_decay=0.01, maximize=True)
trajectory("Adafactor", second_group={"lr": 0.01, "d": 3.0}, nan_at=40)
trajectory("Adafactor", shapes=[(2, 3, 4), (1, 1), (5,)])

# In one of some hundred thousand sums, the order of PyTorch's decides a rounding to bfloat16: the ways are short.
combinations(
    "Muon", momentum=[0.95, 0.5], nesterov=[True, False], weight_decay=[0.1, 0.0], shapes=[MATRICES], steps=[10]
)
combinations("Muon", adjust_lr_fn=["original", "match_rms_adamw", "spectral_unclamped"], shapes=[MATRICES], steps=[10])
trajectory("Muon", ns_coefficients=[2.0, -1.5, 0.5], ns_steps=3, eps=1e-3, shapes=MATRICES, steps=10)
