import math

from schedule_table import schedule


def linear(warmup: int, total: int) -> object:
    return lambda t: t / warmup if t < warmup else max(0.0, 1 - (t - warmup) / (total - warmup))


def cosine(warmup: int, total: int, cycles: float) -> object:
    def factor(t: int) -> float:
        share = min(1.0, (t - warmup) / (total - warmup))
        return t / warmup if t < warmup else max(0.0, 0.5 * (1 + math.cos(math.pi * cycles * 2 * share)))

    return factor


def triangle(up: int, t: int) -> float:
    place = t % (2 * up) / up
    return place if place <= 1 else 2 - place


schedule("NaturalExpLR", k=0.1, formula=lambda t: math.exp(-0.1 * t))
schedule("NaturalExpLR", k=0.02, formula=lambda t: math.exp(-0.02 * t), jumps=(3, 9, 1))
schedule("InverseTimeLR", k=0.1, formula=lambda t: 1 / (1 + 0.1 * t))
schedule("InverseTimeLR", k=2.0, formula=lambda t: 1 / (1 + 2 * t), changes={8: 1.0})
schedule("WarmupLinearLR", warmup_iters=10, total_iters=50, formula=linear(10, 50))
schedule("WarmupCosineLR", warmup_iters=10, total_iters=50, formula=cosine(10, 50, 0.5))
schedule("WarmupCosineLR", warmup_iters=5, total_iters=45, num_cycles=1.5, formula=cosine(5, 45, 1.5))
schedule("TransformerLR", d_model=512, rates=(1.0, 2.0), steps=300,
         formula=lambda t: 512**-0.5 * min((t + 1) ** -0.5, (t + 1) * 4000**-1.5))  # fmt: skip
schedule("TransformerLR", d_model=64, warmup_steps=20, rates=(1.0,),
         formula=lambda t: 64**-0.5 * min((t + 1) ** -0.5, (t + 1) * 20**-1.5))  # fmt: skip
schedule("CyclicLR", base_lr=0.1, max_lr=0.2, step_size_up=10, mode="cosine", cycle_momentum=False, rates=(0.1,),
         formula=lambda t: 1 + (1 - math.cos(math.pi * triangle(10, t))) / 2)  # fmt: skip
