from optimizers import MATRICES, trajectory

LOOKAHEAD = ("Lookahead", {})
CENTRALIZATION = ("GradientCentralization", {})
SILENCE = ("GradientNoise", {"eta": 0.0})
SAM = ("SAM", {"rho": 0.2})

for name in ("SGD", "Adam", "RMSprop", "Rprop", "LARS", "Adafactor", "Lion"):
    for wrapper in (LOOKAHEAD, CENTRALIZATION, SILENCE):
        trajectory(name, wrappers=[wrapper])
    trajectory(name, wrappers=[SAM], closure=True)
trajectory("LAMB", wrappers=[LOOKAHEAD])
trajectory("LAMB", wrappers=[SAM], closure=True)
trajectory("Muon", wrappers=[LOOKAHEAD, CENTRALIZATION], shapes=MATRICES, steps=10)
trajectory("SGD", momentum=0.9, wrappers=[("Lookahead", {"k": 3, "alpha": 0.8})])
trajectory("SGD", momentum=0.9, wrappers=[("Lookahead", {"k": 1, "alpha": 1.0})])
trajectory("SGD", momentum=0.9, wrappers=[("GradientCentralization", {"conv_only": True})])
trajectory("SGD", wrappers=[("GradientCentralization", {"conv_only": True})], shapes=[(2, 3, 2, 2), (2, 3)])
trajectory("Adam", wrappers=[("SAM", {"rho": 0.5, "adaptive": True})], closure=True)
trajectory("SGD", momentum=0.9, look_ahead=True, wrappers=[SAM], closure=True)
trajectory("Adam", wrappers=[CENTRALIZATION, SAM, LOOKAHEAD], closure=True)
