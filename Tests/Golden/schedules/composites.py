from schedule_table import chain, part, sequence, warmup

sequence(part("LinearLR", start_factor=0.1, total_iters=5), part("ExponentialLR", gamma=0.9), milestones=[5])
sequence(part("ConstantLR", factor=0.1, total_iters=20), part("CosineAnnealingLR", T_max=30), milestones=[20])
sequence(part("LinearLR", total_iters=5), part("StepLR", step_size=4), part("PolynomialLR", total_iters=20),
         milestones=[5, 20])  # fmt: skip
sequence(part("LinearLR"), part("CosineAnnealingWarmRestarts", T_0=6, T_mult=2), milestones=[5], changes={9: 0.4})
sequence(part("ExponentialLR", gamma=0.9), milestones=[])
sequence(part("ExponentialLR", gamma=0.9), part("MultiStepLR", milestones=[3, 9]), milestones=[0])
chain(part("ConstantLR", factor=0.1, total_iters=2), part("ExponentialLR", gamma=0.9))
chain(part("LinearLR"), part("StepLR", step_size=10, gamma=0.5), part("CosineAnnealingLR", T_max=40, eta_min=0.001))
chain(part("PolynomialLR", total_iters=40), part("MultiStepLR", milestones=[10, 20]), changes={15: 0.3})
sequence(part("ChainedScheduler", (part("ConstantLR"), part("StepLR", step_size=3))), part("ExponentialLR", gamma=0.8),
         milestones=[10])  # fmt: skip
warmup(part("StepLR", step_size=7), 10, 0.0, "linear")
warmup(part("CosineAnnealingLR", T_max=30), 8, 0.01, "exponential")
warmup(part("ReduceLROnPlateau", patience=2), 5, 0.1, "linear", metrics=tuple(1.0 for _ in range(30)))
warmup(part("ExponentialLR", gamma=0.9), 0, 0.5, "linear")
