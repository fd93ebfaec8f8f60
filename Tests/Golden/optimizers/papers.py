"""Optimizers as their papers write them, in float64; the numbers are those of the papers' equations and algorithms."""

import math
from collections.abc import Callable
from typing import Any

import torch

Tensor = torch.Tensor


class Paper(torch.optim.Optimizer):
    """Steps parameter by parameter. State that a formula starts from zero is made when asked for."""

    defaults: dict[str, Any] = {}

    def __init__(self, params: Any, **options: Any) -> None:
        unknown = set(options) - set(type(self).defaults)
        assert not unknown, unknown
        super().__init__(params, type(self).defaults | options)

    @torch.no_grad()
    def step(self, closure: Callable | None = None) -> Any:
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for x in group["params"]:
                if x.grad is not None:
                    state = self.state[x]
                    state["t"] = state.get("t", 0) + 1
                    self.move(x, -x.grad if group["maximize"] else x.grad.clone(), state, group)
        return loss

    def zero(self, x: Tensor, state: dict, *names: str) -> list[Tensor]:
        return [state.setdefault(name, torch.zeros_like(x)) for name in names]

    def move(self, x: Tensor, g: Tensor, state: dict, o: dict) -> None:
        raise NotImplementedError


class SGD(Paper):
    """Velocities that take in the rate, and Nesterov (1983): the gradient at θ - γv is taken by step."""

    defaults = {"lr": 0.1, "momentum": 0.0, "dampening": 0.0, "weight_decay": 0.0, "nesterov": False, "maximize": False,
                "lr_inside": False, "look_ahead": False}  # fmt: skip

    def move(self, x: Tensor, g: Tensor, state: dict, o: dict) -> None:
        g = g + o["weight_decay"] * x if not o["look_ahead"] else g + o["weight_decay"] * state["there"]
        mu, inside = o["momentum"], o["lr"] if o["lr_inside"] else 1.0
        outside = 1.0 if o["lr_inside"] else o["lr"]
        v = state.get("v")
        v = inside * g if v is None else mu * v + (1 - o["dampening"]) * inside * g
        state["v"] = v
        x -= outside * (inside * g + mu * v if o["nesterov"] else v)

    def step(self, closure: Callable | None = None) -> Any:
        origins = []
        for group in self.param_groups:
            for x in group["params"]:
                if group["look_ahead"] and "v" in self.state[x]:
                    origins.append((x, x.detach().clone()))
                    scale = group["momentum"] * (1.0 if group["lr_inside"] else group["lr"])
                    x.data -= scale * self.state[x]["v"]
        loss = closure() if closure is not None else None
        for x, origin in origins:
            x.data.copy_(origin)
        for group in self.param_groups:
            for x in group["params"]:
                # Decay is that of the parameter which moves.
                self.state[x]["there"] = x.detach().clone()
        super().step()
        return loss


class Inside(Paper):
    """ε under the root: Duchi et al. (2011), Hinton's lecture 6e as Graves (2013, eq. 40) writes it, Kingma and Ba."""

    defaults = {"lr": 0.1, "eps": 1e-8, "maximize": False, "eps_inside": True}


class Adagrad(Inside):
    defaults = Inside.defaults | {"eps": 1e-10}

    def move(self, x: Tensor, g: Tensor, state: dict, o: dict) -> None:
        (total,) = self.zero(x, state, "sum")
        total += g * g
        x -= o["lr"] * g / (total + o["eps"]).sqrt()


class RMSprop(Inside):
    defaults = Inside.defaults | {"alpha": 0.99, "momentum": 0.0, "centered": False}

    def move(self, x: Tensor, g: Tensor, state: dict, o: dict) -> None:
        n, mean, delta = self.zero(x, state, "n", "g", "delta")
        n.copy_(o["alpha"] * n + (1 - o["alpha"]) * g * g)  # (38)
        mean.copy_(o["alpha"] * mean + (1 - o["alpha"]) * g)  # (39)
        size = (n - mean * mean if o["centered"] else n) + o["eps"]
        delta.copy_(o["momentum"] * delta - o["lr"] * g / size.sqrt())  # (40)
        x += delta  # (41)


class Adam(Inside):
    defaults = Inside.defaults | {"betas": (0.9, 0.999), "amsgrad": False, "weight_decay": 0.0}

    def move(self, x: Tensor, g: Tensor, state: dict, o: dict) -> None:
        m, v, most = self.zero(x, state, "m", "v", "most")
        b1, b2 = o["betas"]
        x *= 1 - o["lr"] * o["weight_decay"]
        m.copy_(b1 * m + (1 - b1) * g)
        v.copy_(b2 * v + (1 - b2) * g * g)
        most.copy_(torch.maximum(most, v))
        m_hat = m / (1 - b1 ** state["t"])
        v_hat = (most if o["amsgrad"] else v) / (1 - b2 ** state["t"])
        x -= o["lr"] * m_hat / (v_hat + o["eps"]).sqrt()


class AdamW(Adam):
    defaults = Adam.defaults | {"weight_decay": 0.01}


class AdaBound(Paper):
    """Luo et al. (2019), Algorithm 2; bias_correction and eps are of the authors' program, which has no root_decay."""

    defaults = {"lr": 1e-3, "betas": (0.9, 0.999), "final_lr": 0.1, "gamma": 1e-3, "eps": 1e-8, "weight_decay": 0.0,
                "amsbound": False, "maximize": False, "bias_correction": True, "root_decay": False}  # fmt: skip

    def move(self, x: Tensor, g: Tensor, state: dict, o: dict) -> None:
        m, v, most = self.zero(x, state, "m", "v", "most")
        (b1, b2), t = o["betas"], state["t"]
        g = g + o["weight_decay"] * x  # line 4
        m.copy_(b1 * m + (1 - b1) * g)  # line 5
        v.copy_(b2 * v + (1 - b2) * g * g)  # line 6
        most.copy_(torch.maximum(most, v))
        rate = o["lr"] * (math.sqrt(1 - b2**t) / (1 - b1**t) if o["bias_correction"] else 1.0)
        lower = o["final_lr"] * (1 - 1 / (o["gamma"] * t + 1))
        upper = o["final_lr"] * (1 + 1 / (o["gamma"] * t))
        eta = (rate / ((most if o["amsbound"] else v).sqrt() + o["eps"])).clamp(lower, upper)  # line 7
        if o["root_decay"]:
            eta = eta / math.sqrt(t)
        x -= eta * m  # line 8


class LARS(Paper):
    """You, Gitman and Ginsburg (2017), Algorithm 1. A length of zero gives a local rate of one."""

    defaults = {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.0, "trust_coefficient": 0.001, "eps": 0.0,
                "nesterov": False, "maximize": False}  # fmt: skip

    def move(self, x: Tensor, g: Tensor, state: dict, o: dict) -> None:
        (v,) = self.zero(x, state, "v")
        decay, mu = o["weight_decay"], o["momentum"]
        length, slope = x.norm(), g.norm()
        local = 1.0
        if length > 0 and slope > 0:
            local = o["trust_coefficient"] * length / (slope + decay * length + o["eps"])  # (6)
        d = o["lr"] * local * (g + decay * x)
        v.copy_(mu * v + d)
        x -= d + mu * v if o["nesterov"] else v


class LAMB(Paper):
    """You et al. (2020), Algorithm 2, with φ(z) = z. A length of zero gives a ratio of one."""

    defaults = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-6, "weight_decay": 0.0, "bias_correction": True,
                "maximize": False}  # fmt: skip

    def move(self, x: Tensor, g: Tensor, state: dict, o: dict) -> None:
        m, v = self.zero(x, state, "m", "v")
        (b1, b2), t = o["betas"], state["t"]
        m.copy_(b1 * m + (1 - b1) * g)
        v.copy_(b2 * v + (1 - b2) * g * g)
        m_hat, v_hat = (m / (1 - b1**t), v / (1 - b2**t)) if o["bias_correction"] else (m, v)
        r = m_hat / (v_hat.sqrt() + o["eps"])
        u = r + o["weight_decay"] * x
        length, reach = x.norm(), u.norm()
        x -= o["lr"] * (length / reach if length > 0 and reach > 0 else 1.0) * u


class Lion(Paper):
    """Chen et al. (2023), Algorithm 2."""

    defaults = {"lr": 1e-4, "betas": (0.9, 0.99), "weight_decay": 0.0, "maximize": False}

    def move(self, x: Tensor, g: Tensor, state: dict, o: dict) -> None:
        (m,) = self.zero(x, state, "m")
        b1, b2 = o["betas"]
        c = b1 * m + (1 - b1) * g
        x -= o["lr"] * (c.sign() + o["weight_decay"] * x)
        m.copy_(b2 * m + (1 - b2) * g)


# ---- Around a step. Each takes an optimizer with step(closure), and is one.


class Around:
    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.param_groups = inner.param_groups

    def parameters(self) -> list[Tensor]:
        return [x for group in self.param_groups for x in group["params"] if x.grad is not None]


class Lookahead(Around):
    """Zhang et al. (2019), Algorithm 1."""

    def __init__(self, inner: Any, k: int = 5, alpha: float = 0.5) -> None:
        super().__init__(inner)
        self.k, self.alpha, self.t = k, alpha, 0
        self.slow = [x.detach().clone() for group in self.param_groups for x in group["params"]]

    def step(self, closure: Callable) -> None:
        self.inner.step(closure)
        self.t += 1
        if self.t % self.k == 0:
            for slow, x in zip(self.slow, [x for group in self.param_groups for x in group["params"]], strict=True):
                slow += self.alpha * (x.detach() - slow)
                x.data.copy_(slow)


class Newton(torch.optim.Optimizer):
    """Nocedal & Wright (2006), section 3.4: multiples of the identity are added, ten times more after a failure."""

    def __init__(self, params: Any, lr: float, damping: float = 1e-3) -> None:
        super().__init__(params, {})
        self.lr, self.damping = lr, float(torch.tensor(damping, dtype=torch.float32))

    def surface(self, closure: Callable) -> tuple:
        loss = closure()
        xs = self.param_groups[0]["params"]
        g = torch.cat([one.reshape(-1) for one in torch.autograd.grad(loss, xs, create_graph=True)])
        return loss, xs, g

    def falls(self, closure: Callable, xs: list, d: Tensor, least: float, loss: Tensor) -> Any:
        """Moves when the loss then falls by so much; gives the fall."""
        origins = [x.detach().clone() for x in xs]
        for x, part in zip(xs, d.split([x.numel() for x in xs]), strict=True):
            x.data += part.view_as(x)
        fall = float(loss.detach() - closure().detach())
        if fall >= least:
            return fall
        for x, origin in zip(xs, origins, strict=True):
            x.data.copy_(origin)
        return None

    def step(self, closure: Callable) -> None:  # type: ignore[override]
        loss, xs, g = self.surface(closure)
        rows = [torch.autograd.grad(one, xs, retain_graph=True) for one in g]
        h = torch.stack([torch.cat([part.reshape(-1) for part in row]) for row in rows])
        h, g = (h + h.T) / 2, g.detach()
        for _ in range(30):
            factor, info = torch.linalg.cholesky_ex(h + self.damping * torch.eye(len(g), dtype=g.dtype))
            if info == 0:
                d = -torch.cholesky_solve(g[:, None], factor)[:, 0]
                if self.falls(closure, xs, self.lr * d, -1e-4 * self.lr * float(g @ d), loss) is not None:
                    self.damping = max(self.damping / 10, 1e-12)
                    break
            self.damping = max(self.damping, 1e-6) * 10
        self.damping = float(torch.tensor(self.damping, dtype=torch.float32))


def rows(z: Tensor, xs: list) -> Tensor:
    """The Jacobian of a vector."""
    found = [torch.autograd.grad(one, xs, retain_graph=True, allow_unused=True) for one in z]
    zeros = [torch.zeros_like(x) for x in xs]
    return torch.stack([
        torch.cat([(zero if part is None else part).reshape(-1) for part, zero in zip(row, zeros, strict=True)])
        for row in found
    ])  # fmt: skip


class HessianFree(Newton):
    """Martens (2010): algorithm 2 with sections 4.1 (damping), 4.4 (end of the inner loop) and 4.5 (its beginning)."""

    def __init__(
        self, params: Any, lr: float, damping: float = 1.0, max_iter: int = 100, tolerance: float = 5e-4,
        curvature: str = "hessian",
    ) -> None:  # fmt: skip
        super().__init__(params, lr, damping)
        self.max_iter, self.tolerance, self.curvature = max_iter, tolerance, curvature
        self.last: Any = None

    def step(self, closure: Callable) -> None:  # type: ignore[override]
        loss, xs, g = self.surface(closure)

        if self.curvature == "gauss_newton":  # section 4.2, and Schraudolph (2002): the whole matrix, row by row
            z = self.outputs
            j = rows(z.reshape(-1), xs)
            slope = torch.autograd.grad(loss, z, create_graph=True)[0].reshape(-1)
            h = torch.stack([torch.autograd.grad(one, z, retain_graph=True)[0].reshape(-1) for one in slope])
            matrix = j.T @ h @ j

        def product(v: Tensor) -> Tensor:
            if self.curvature == "gauss_newton":
                return matrix @ v + self.damping * v
            found = torch.autograd.grad(g, xs, grad_outputs=v, retain_graph=True)
            return torch.cat([one.reshape(-1) for one in found]) + self.damping * v

        b = g.detach()
        x = 0.95 * self.last if self.last is not None else torch.zeros_like(b)
        r = product(x) + b
        p, values = -r, []
        for i in range(1, self.max_iter + 1):
            ap = product(p)
            if float(p @ ap) <= 0:
                if i == 1:
                    x = -b
                break
            alpha = (r @ r) / (p @ ap)
            x = x + alpha * p
            new = r + alpha * ap
            values.append(0.5 * float((new + b) @ x))
            k = max(10, i // 10)
            if i > k and values[-1] < 0 and (values[-1] - values[i - 1 - k]) / values[-1] < k * self.tolerance:
                break
            p = (new @ new) / (r @ r) * p - new
            r = new
        descent = float(b @ x)
        model = values[-1] if values else descent
        fall, length = None, self.lr
        for _ in range(60):
            if descent >= 0 or fall is not None:
                break
            fall = self.falls(closure, xs, length * x, -1e-2 * length * descent, loss)
            length = length if fall is not None else length * 0.8
        rho = (fall or 0.0) / -model
        if fall is None or rho < 1 / 4:
            self.damping *= 3 / 2
        elif rho > 3 / 4:
            self.damping *= 2 / 3
        self.last = x if fall is not None else None
        self.damping = float(torch.tensor(self.damping, dtype=torch.float32))


class KFAC(torch.optim.Optimizer):
    """Martens and Grosse (2015), for convolutions KFC of Grosse and Martens (2016), with the empirical Fisher matrix.

    The closure leaves in `calls` what layers saw: (weight, bias, input, pre-activation, arguments of a convolution).
    """

    def __init__(self, params: Any, lr: float = 0.1, momentum: float = 0.9, damping: float = 1e-3,
                 weight_decay: float = 0.0, factor_decay: float = 0.95, factor_interval: int = 1,
                 inverse_interval: int = 10, kl_clip: float = 1e-3, batch_averaged: bool = True,
                 line_search_fn: str | None = None, maximize: bool = False) -> None:  # fmt: skip
        super().__init__(params, {})
        self.o = {name: value for name, value in locals().items() if name not in ("self", "params")}
        self.k = 0
        self.calls: list = []
        self.known: dict[Tensor, dict] = {}
        self.velocity: dict[Tensor, Tensor] = {}

    def factors(self, bias: Any, a: Tensor, g: Tensor, conv: Any) -> tuple[Tensor, Tensor]:
        """E[ā·āᵀ] and E[g·gᵀ], eq. (1) and section 2.2 of the first paper, Ω and Γ of eq. (33) of the second."""
        n = len(a)
        if conv is not None:  # the expansion ⟦A⟧, a row for each place
            a = torch.nn.functional.unfold(a, **conv).transpose(1, 2)
            places = a.shape[1]
            a = a.reshape(n * places, -1)
            g = g.flatten(2).transpose(1, 2).reshape(n * places, -1)
        else:
            places = 1
        if bias is not None:
            a = torch.cat([a, torch.ones(len(a), 1, dtype=a.dtype)], 1)  # homogeneous coordinates
        each = g * n if self.o["batch_averaged"] else g  # the gradient of the loss of one example
        return a.T @ a / n, each.T @ each / (n * places)

    def step(self, closure: Callable) -> None:  # type: ignore[override]
        o = self.o
        with torch.enable_grad():
            loss = closure()
        sign = -1.0 if o["maximize"] else 1.0
        xs = [x for x in self.param_groups[0]["params"] if x.grad is not None]
        gradient = {x: sign * x.grad + o["weight_decay"] * x.detach() for x in xs}
        delta = dict(gradient)
        change = 0.0
        for weight, bias, a, s, conv in self.calls:
            known = self.known.setdefault(weight, {})
            if self.k % o["factor_interval"] == 0:
                new = self.factors(bias, a.detach(), s.grad, conv)
                eps = min(1 - 1 / (self.k // o["factor_interval"] + 1), o["factor_decay"])  # section 5
                known["A"], known["G"] = [
                    eps * known[name] + (1 - eps) * value if name in known else value
                    for name, value in zip("AG", new, strict=True)
                ]
            if self.k % o["inverse_interval"] == 0:  # section 6.3, η is the weight decay
                a_bar, g_bar = known["A"], known["G"]
                pi = math.sqrt(float(a_bar.trace() / len(a_bar)) / float(g_bar.trace() / len(g_bar)))
                gamma = math.sqrt(o["damping"] + o["weight_decay"])
                eye = torch.eye
                known["A⁻¹"] = torch.linalg.inv(a_bar + pi * gamma * eye(len(a_bar), dtype=a_bar.dtype))
                known["G⁻¹"] = torch.linalg.inv(g_bar + gamma / pi * eye(len(g_bar), dtype=g_bar.dtype))
            both = gradient[weight].reshape(len(weight), -1)
            if bias is not None:
                both = torch.cat([both, gradient[bias][:, None]], 1)
            natural = known["G⁻¹"] @ both @ known["A⁻¹"]  # (A ⊗ G)⁻¹ vec(V) = vec(G⁻¹ V A⁻¹), section 3
            change += float((natural * both).sum())
            columns = weight[0].numel()
            delta[weight] = natural[:, :columns].reshape(weight.shape)
            if bias is not None:
                delta[bias] = natural[:, columns]
        rate = min(o["lr"], math.sqrt(2 * o["kl_clip"] / change)) if change > 0 else o["lr"]  # ACKTR, section 3.3
        for x in xs:
            self.velocity[x] = o["momentum"] * self.velocity.get(x, torch.zeros_like(x)) + delta[x]
        descent = sum(float((gradient[x] * self.velocity[x]).sum()) for x in xs)
        origins = [x.detach().clone() for x in xs]
        for _ in range(30):
            for x, origin in zip(xs, origins, strict=True):
                x.data.copy_(origin - rate * self.velocity[x])
            if o["line_search_fn"] is None:
                break
            calls = self.calls
            fall = sign * float(loss.detach() - closure().detach())
            self.calls = calls
            if fall >= max(1e-4 * rate * descent, 0):
                break
            rate /= 2
        else:
            self.velocity = {}
            for x, origin in zip(xs, origins, strict=True):
                x.data.copy_(origin)
        self.k += 1


class GradientCentralization(Around):
    """Yong et al. (2020), eq. (1), for weights whose first axis is that of the outputs."""

    def __init__(self, inner: Any, conv_only: bool = False) -> None:
        super().__init__(inner)
        self.least = 4 if conv_only else 2

    def step(self, closure: Callable) -> None:
        def centered() -> Any:
            loss = closure()
            for x in self.parameters():
                if x.grad.dim() >= self.least:
                    x.grad = x.grad - x.grad.mean(tuple(range(1, x.grad.dim())), keepdim=True)
            return loss

        self.inner.step(centered)


class GradientNoise(Around):
    """Neelakantan et al. (2015), eq. (1), without its chance: eta is 0 here."""

    def __init__(self, inner: Any, eta: float) -> None:
        super().__init__(inner)
        assert eta == 0

    def step(self, closure: Callable) -> None:
        self.inner.step(closure)


class SAM(Around):
    """Foret et al. (2021), eq. (2) with p = 2; adaptive: Kwon et al. (2021), eq. (7)."""

    def __init__(self, inner: Any, rho: float = 0.05, adaptive: bool = False) -> None:
        super().__init__(inner)
        self.rho, self.adaptive = rho, adaptive

    def step(self, closure: Callable) -> None:
        def elsewhere() -> Any:
            loss = closure()
            pairs = [(x, x.detach().abs() if self.adaptive else torch.ones_like(x)) for x in self.parameters()]
            length = math.sqrt(sum(float(((t * x.grad) ** 2).sum()) for x, t in pairs))
            origins = [(x, x.detach().clone()) for x, _ in pairs]
            for x, t in pairs:
                x.data += self.rho * t * t * x.grad / (length + 1e-12)
            closure()
            for x, origin in origins:
                x.data.copy_(origin)
            return loss

        self.inner.step(elsewhere)
