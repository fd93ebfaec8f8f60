from optimizers import combinations, trajectory, variations

BOTH = [False, True]
DECAYS = [0.0, 0.01]
FAST = {"lr": 0.01, "weight_decay": 0.1}

variations("Adagrad", lr_decay=0.1, weight_decay=0.01, initial_accumulator_value=0.5, eps=1e-3, maximize=True)
trajectory("Adagrad", eps=1e-3, eps_inside=True)
trajectory("Adagrad", second_group=FAST, nan_at=40)

variations("Adadelta", lr=1.0, rho=0.5, eps=1e-3, weight_decay=0.01, maximize=True)
trajectory("Adadelta", second_group=FAST, nan_at=40)

variations("RMSprop", alpha=0.5, eps=1e-3)
combinations("RMSprop", weight_decay=DECAYS, momentum=[0.0, 0.9], centered=BOTH, maximize=BOTH)
combinations("RMSprop", eps=[1e-3], momentum=[0.0, 0.9], centered=BOTH, eps_inside=[True])
trajectory("RMSprop", second_group=FAST | {"momentum": 0.9}, nan_at=40)

variations("Adam", betas=[0.5, 0.9], eps=1e-3)
combinations("Adam", weight_decay=DECAYS, amsgrad=BOTH, maximize=BOTH, decoupled_weight_decay=BOTH)
combinations("Adam", eps=[1e-3], amsgrad=BOTH, eps_inside=[True])
trajectory("Adam", second_group=FAST | {"amsgrad": True}, nan_at=40)
trajectory("Adam", closure=True)

variations("AdamW", betas=[0.5, 0.9], eps=1e-3)
combinations("AdamW", weight_decay=DECAYS, amsgrad=BOTH, maximize=BOTH)
trajectory("AdamW", eps=1e-3, eps_inside=True)
trajectory("AdamW", second_group=FAST, nan_at=40)

variations("Adamax", betas=[0.5, 0.9], eps=1e-3, weight_decay=0.01, maximize=True)
trajectory("Adamax", second_group=FAST, nan_at=40)

variations("NAdam", betas=[0.5, 0.9], eps=1e-3, momentum_decay=0.1)
combinations("NAdam", weight_decay=DECAYS, decoupled_weight_decay=BOTH, maximize=BOTH)
trajectory("NAdam", second_group=FAST, nan_at=40)

variations("RAdam", betas=[0.5, 0.9], eps=1e-3)
combinations("RAdam", weight_decay=DECAYS, decoupled_weight_decay=BOTH, maximize=BOTH)
trajectory("RAdam", second_group=FAST, nan_at=40)
