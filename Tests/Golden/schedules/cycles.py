from schedule_table import schedule

for mode in ("triangular", "triangular2", "exp_range"):
    schedule("CyclicLR", base_lr=0.01, max_lr=0.1, step_size_up=7, step_size_down=5, mode=mode, gamma=0.98)
    schedule("CyclicLR", base_lr=[0.01, 0.002], max_lr=[0.1, 0.04], step_size_up=10, mode=mode, optimizer="Adam")
schedule("CyclicLR", base_lr=0.01, max_lr=0.1, step_size_up=6, cycle_momentum=False, changes={9: 0.5})
schedule("CyclicLR", base_lr=0.01, max_lr=0.1, step_size_up=6, base_momentum=0.5, max_momentum=0.99)
schedule("CyclicLR", base_lr=0.01, max_lr=0.1, steps=100)
schedule("CyclicLR", base_lr=0.01, max_lr=0.1, step_size_up=6, jumps=(3, 6, 9, 12, 2))
schedule("CyclicLR", base_lr=0.01, max_lr=0.1, step_size_up=6, scale="halved", scale_mode="cycle")
schedule("CyclicLR", base_lr=0.01, max_lr=0.1, step_size_up=6, scale="halved", scale_mode="iterations")
for strategy in ("cos", "linear"):
    for three_phase in (False, True):
        schedule("OneCycleLR", max_lr=0.5, total_steps=60, anneal_strategy=strategy, three_phase=three_phase)
        schedule("OneCycleLR", max_lr=[0.5, 0.1], epochs=6, steps_per_epoch=10, pct_start=0.25,
                 anneal_strategy=strategy, three_phase=three_phase, optimizer="AdamW")  # fmt: skip
schedule("OneCycleLR", max_lr=0.5, total_steps=60, div_factor=10.0, final_div_factor=100.0, cycle_momentum=False)
schedule("OneCycleLR", max_lr=0.5, total_steps=60, base_momentum=0.7, max_momentum=0.8, changes={20: 0.9})
for strategy in ("cos", "linear"):
    schedule("SWALR", swa_lr=0.05, anneal_epochs=20, anneal_strategy=strategy)
    schedule("SWALR", swa_lr=[0.05, 0.5], anneal_strategy=strategy, changes={5: 0.2})
schedule("SWALR", swa_lr=0.05, anneal_epochs=0)
