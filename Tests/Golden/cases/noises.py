from table import T, case, float32

P_LOGIT = T(1, low=-1.0, high=1.0)


def dropped(input, p=0.5, training=True, scale="train"):
    return input if scale == "train" else input * (1 - p)


case("dropout", T(3, 4), 0.3, False, scale="test", reference=dropped)
case("dropout", T(3, 4), 0.3, True, scale="test", any_values=True, reference=dropped)
case("dropout", T(3, 4), 1.0, False, scale="test", reference=dropped)
case("dropout", T(3, 4), 0.0, True, scale="test", reference=dropped)


def same(input, *arguments, **named):
    return input


def nothing(input, *arguments, **named):
    return input * 0


for mode in ("batch", "row"):
    case("stochastic_depth", T(3, 2, 2), 0.3, mode, any_values=True, reference=same)
    case("stochastic_depth", T(3, 2, 2), 0.3, mode, False, reference=same)
    case("stochastic_depth", T(3, 2, dtype=float32), 0.0, mode, reference=same)
    case("stochastic_depth", T(3, 2), 1.0, mode, reference=nothing)


def kept(input, previous, p=0.1, training=True):
    return previous if p == 1 else input + p * (previous - input) * (not training)


case("zoneout", T(3, 4), T(3, 4), any_values=True, reference=kept)
case("zoneout", T(3, 4), T(3, 4), 0.3, False, reference=kept)
case("zoneout", T(3, 4), T(3, 4), 0.0, reference=kept)
case("zoneout", T(3, 4), T(3, 4), 1.0, reference=kept)

case("concrete_dropout", T(3, 4), P_LOGIT, any_values=True, reference=same)
case("concrete_dropout", T(3, 4), P_LOGIT, 0.1, False, reference=same)


def concrete_regularizer(p_logit, weight, weight_regularizer=1e-6, dropout_regularizer=1e-5):
    p = p_logit.sigmoid().reshape(())
    entropy = p * p.log() + (1 - p) * (1 - p).log()
    return weight_regularizer * weight.square().sum() / (1 - p) + dropout_regularizer * weight.shape[1] * entropy


case("concrete_dropout_regularizer", P_LOGIT, T(3, 4), reference=concrete_regularizer)
case("concrete_dropout_regularizer", P_LOGIT, T(3, 2, 2), 0.1, 0.2, reference=concrete_regularizer)


def ratio(weight, log_sigma2):
    return log_sigma2 - (weight.square() + 1e-8).log()


def variational(input, weight, log_sigma2, bias=None, training=True, threshold=3.0):
    import torch

    kept = torch.where(ratio(weight, log_sigma2) > threshold, 0.0, weight)
    return torch.nn.functional.linear(input, kept, bias)


NOISY = [T(4, 3), T(2, 3), T(2, 3, low=-3.0, high=3.0)]
case("variational_linear", *NOISY, any_values=True, reference=variational)
case("variational_linear", *NOISY, T(2), any_values=True, reference=variational)
case("variational_linear", *NOISY, T(2), False, reference=variational)
case("variational_linear", *NOISY, training=False, threshold=1.0, reference=variational)


def divergence(weight, log_sigma2):
    log_alpha = ratio(weight, log_sigma2)
    negative = 0.63576 * (1.8732 + 1.48695 * log_alpha).sigmoid() - 0.5 * (1 + (-log_alpha).exp()).log() - 0.63576
    return -negative.sum()


case("variational_dropout_kl", *NOISY[1:], reference=divergence)
case("variational_dropout_kl", T(2, 3, dtype=float32), T(2, 3, dtype=float32), reference=divergence)
