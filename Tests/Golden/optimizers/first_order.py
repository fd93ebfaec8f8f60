from optimizers import combinations, trajectory, variations

BOTH = [False, True]

combinations("SGD", momentum=[0.0, 0.9], dampening=[0.0, 0.1], weight_decay=[0.0, 0.01], maximize=BOTH)
combinations("SGD", momentum=[0.9], weight_decay=[0.0, 0.01], nesterov=[True], maximize=BOTH)
combinations("SGD", momentum=[0.0, 0.9], weight_decay=[0.0, 0.01], lr_inside=[True], nesterov=[False])
trajectory("SGD", momentum=0.9, lr_inside=True, nesterov=True)
trajectory("SGD", momentum=0.9, lr_inside=True, maximize=True, dampening=0.5)
trajectory("SGD", momentum=0.9, second_group={"lr": 0.01, "momentum": 0.0, "weight_decay": 0.1})
trajectory("SGD", momentum=0.9, nan_at=40)
trajectory("SGD", momentum=0.9, closure=True)
combinations("SGD", momentum=[0.5, 0.9], weight_decay=[0.0, 0.01], look_ahead=[True], closure=[True])
trajectory("SGD", momentum=0.9, look_ahead=True, lr_inside=True, maximize=True, closure=True)

variations("ASGD", lambd=0.1, alpha=1.0, t0=3.0, weight_decay=0.01, maximize=True)
trajectory("ASGD", second_group={"lr": 0.01, "t0": 10.0}, nan_at=40)

variations("Rprop", lr=0.01, etas=[0.3, 2.0], step_sizes=[1e-3, 0.05], maximize=True)
trajectory("Rprop", second_group={"lr": 0.01, "etas": [0.4, 1.1]}, nan_at=40)
