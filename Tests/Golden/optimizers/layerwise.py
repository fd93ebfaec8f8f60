from optimizers import combinations, trajectory, variations

BOTH = [False, True]

variations("AdaBound", betas=[0.5, 0.9], final_lr=0.01, gamma=0.5, weight_decay=0.01, amsbound=True, maximize=True)
combinations("AdaBound", bias_correction=BOTH, root_decay=BOTH, eps=[0.0, 1e-3])
variations("LARS", weight_decay=0.01, trust_coefficient=0.5, maximize=True)
combinations("LARS", momentum=[0.0, 0.9], nesterov=BOTH)
trajectory("LARS", eps=1e-3, second_group={"lr": 0.01, "weight_decay": 0.1})
variations("LAMB", betas=[0.5, 0.9], eps=1e-3, weight_decay=0.01, bias_correction=False, maximize=True)
trajectory("LAMB", second_group={"lr": 0.01, "weight_decay": 0.1})
variations("Lion", lr=1e-4, betas=[0.5, 0.9], weight_decay=0.5, maximize=True)
trajectory("Lion", second_group={"lr": 0.01, "weight_decay": 0.1})
