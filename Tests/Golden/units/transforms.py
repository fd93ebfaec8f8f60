"""Programs with function transformations for PyTorch and SwiftNN: what PyTorch gives is kept in transforms.json."""


def _data(torch, *shape):
    count = 1
    for size in shape:
        count *= size
    numbers = torch.arange(count).to(torch.float64)
    return (torch.sin(numbers * 1.7 + 0.3) * 1.3).reshape(shape)


def per_sample_gradients(torch):
    func = torch.func
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.ReLU(), torch.nn.Linear(5, 3)).double()
    with torch.no_grad():
        for place, parameter in enumerate(model.parameters()):
            parameter.copy_(_data(torch, *parameter.shape) * (0.3 + 0.1 * place))
    x = _data(torch, 6, 4)
    y = torch.arange(6) % 3
    parameters = {name: value.detach() for name, value in model.named_parameters()}

    def loss(parameters, x, y):
        scores = func.functional_call(model, parameters, (x.unsqueeze(0),))
        return torch.nn.functional.cross_entropy(scores, y.unsqueeze(0))

    found = func.vmap(func.grad(loss), in_dims=(None, 0, 0))(parameters, x, y)
    return [found[name] for name in sorted(found)]


def hessian_of_net(torch):
    weight, out = _data(torch, 3, 4), _data(torch, 3)
    return [torch.func.hessian(lambda x: (torch.tanh(weight @ x) * out).sum() ** 2)(_data(torch, 4))]


def nested_hessian_of_each(torch):
    return [torch.func.vmap(torch.func.hessian(lambda x: (x.sin() * x.flip(0)).prod()))(_data(torch, 3, 3))]


def maml(torch):
    func = torch.func

    def loss(weight, x, y):
        return ((torch.tanh(x @ weight) - y) ** 2).mean()

    def adapted(weight, x, y, new_x, new_y):
        inner = weight - 0.1 * func.grad(loss)(weight, x, y)
        return loss(inner, new_x, new_y)

    tasks = [_data(torch, 3, 5, 4), _data(torch, 3, 5), _data(torch, 3, 5, 4).flip(0), _data(torch, 3, 5).cos()]

    def total(weight):
        return func.vmap(adapted, in_dims=(None, 0, 0, 0, 0))(weight, *tasks).mean()

    return [func.grad(total)(_data(torch, 4)), func.hessian(total)(_data(torch, 4))]


def gradient_through_vmap(torch):
    weight = _data(torch, 3, 2).requires_grad_()
    x = _data(torch, 4, 3).requires_grad_()
    out = torch.func.vmap(lambda row: (row @ weight).exp().cumsum(0) * row.prod())(x)
    first = torch.autograd.grad((out**2).sum(), (weight, x), create_graph=True)
    second = torch.autograd.grad(first[0].sum() * first[1].sum(), (weight, x))
    return [out, *first, *second]


def gradient_of_gradients_of_each(torch):
    weight = _data(torch, 3).requires_grad_()
    x = _data(torch, 4, 3)
    each = torch.func.vmap(torch.func.grad(lambda row: ((row * weight).sin() ** 2).sum()))(x)
    return [each, torch.autograd.grad((each**2).sum(), weight)[0]]


def products(torch):
    func = torch.func

    def f(x, y):
        return (x @ y).sin(), (x * 2).sum()

    x, y = _data(torch, 2, 3), _data(torch, 3, 2)
    value, moved = func.jvp(f, (x, y), (x.cos(), y.cos()))
    _, pull = func.vjp(f, x, y)
    pulled = pull((_data(torch, 2, 2), torch.tensor(0.5, dtype=torch.float64)))
    return [*value, *moved, *pulled]


def jacobians(torch):
    func = torch.func

    def f(x, y):
        return (x.unsqueeze(0) * y).softmax(1), x.exp().sum()

    x, y = _data(torch, 3), _data(torch, 2, 3)
    results = []
    for jacobian in (func.jacrev, func.jacfwd):
        (a, b), (c, d) = jacobian(f, argnums=(0, 1))(x, y)
        results += [a, b, c, d]
    return [*results, func.jacrev(func.jacfwd(lambda x: x.sin().outer(x.cos())))(x)]


def nested_maps(torch):
    vmap = torch.func.vmap
    x, y = _data(torch, 2, 3), _data(torch, 4, 3)
    pairs = vmap(lambda a: vmap(lambda b: (a - b).norm())(y))(x)
    outer = vmap(vmap(torch.mul, in_dims=(None, 0)), in_dims=(0, None), out_dims=1)(x[0], y[0])
    moved = vmap(lambda a, b: (a @ b, a.sum()), in_dims=(1, None), out_dims=(-1, 0))(
        _data(torch, 3, 5), _data(torch, 3)
    )
    named = vmap(lambda d, s: {"sum": d["a"] + s, "max": d["b"].max()}, in_dims=({"a": 0, "b": 1}, None))(
        {"a": _data(torch, 4), "b": _data(torch, 2, 4)}, _data(torch, 1)
    )
    return [pairs, outer, *moved, named["sum"], named["max"]]


def chunks(torch):
    x = _data(torch, 7, 3)
    return [
        torch.func.vmap(lambda a: a.cumsum(0) / a.norm(), chunk_size=2)(x),
        torch.func.jacrev(lambda a: a.sin().cumprod(0), chunk_size=2)(x[0]),
    ]


def indexing_of_each(torch):
    x = _data(torch, 3, 4, 2)
    places = torch.tensor([[0, 2, 1], [3, 3, 0], [1, 1, 1]])
    vmap = torch.func.vmap
    return [
        vmap(lambda a, i: a[i])(x, places),
        vmap(lambda a, i: a.index_select(0, i), in_dims=(None, 0))(x[0], places),
        vmap(lambda a, i: a.gather(0, i.unsqueeze(1)))(x, places),
        vmap(lambda a, i: a.index_add(0, i, torch.ones(3, 2, dtype=torch.float64)))(x, places),
        vmap(lambda a: a[1:, 0] * a[0, -1])(x),
        torch.func.vmap(torch.func.grad(lambda a, i: (a[i] ** 3).sum()))(x, places),
    ]


def changes_in_place(torch):
    def f(x):
        y = x * 2
        y[0] = x.sum()
        y.mul_(x)
        return (y**2).sum()

    x = _data(torch, 3, 4)
    return [torch.func.vmap(f)(x), torch.func.vmap(torch.func.grad(f))(x)]


def classic_functional(torch):
    f = torch.autograd.functional
    x, y = _data(torch, 3), _data(torch, 3).cos()

    def scalar(a, b):
        return (a * b).sin().sum() * a.prod()

    hessian = f.hessian(scalar, (x, y))
    return [
        f.jacobian(lambda a: a.exp().cumsum(0), x),
        *f.jacobian(lambda a, b: a.outer(b), (x, y)),
        *hessian[0],
        *hessian[1],
        *f.hvp(scalar, (x, y), (y, x))[1],
        *f.vhp(scalar, (x, y), (y, x))[1],
        f.jvp(lambda a: a**3, x, y)[1],
        f.vjp(lambda a: a**3, x, y)[1],
    ]


def many_seeds(torch):
    x = _data(torch, 3).requires_grad_()
    z = _data(torch, 2).requires_grad_()
    y = x.exp() * x.flip(0)
    found = torch.autograd.grad(
        y, (x, z), torch.eye(3, dtype=torch.float64), is_grads_batched=True, allow_unused=True, materialize_grads=False
    )
    zeros = torch.autograd.grad(x.sum(), (x, z), materialize_grads=True)
    return [found[0], *zeros]


PROGRAMS = [
    per_sample_gradients,
    hessian_of_net,
    nested_hessian_of_each,
    maml,
    gradient_through_vmap,
    gradient_of_gradients_of_each,
    products,
    jacobians,
    nested_maps,
    chunks,
    indexing_of_each,
    changes_in_place,
    classic_functional,
    many_seeds,
]


def golden():
    import torch

    return [
        {
            "program": program.__name__,
            "results": [
                {"shape": list(tensor.shape), "values": tensor.detach().flatten().tolist()} for tensor in program(torch)
            ],
        }
        for program in PROGRAMS
    ]
