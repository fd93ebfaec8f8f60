// The formulas of the optimizers' steps, for one type T. The includer defines NAME and T.
//
// RULE(name, number of kept arrays, (names of the terms), statements) is a loop over the elements of a parameter, in
// which x is the parameter, g its gradient with sign and decay, and a, b, c what is kept of it; t holds the terms.
// MEASURE is the same, but leaves x alone and gives the sums of the squares of u and v.

// clang-format off

#define LERP(from, to, weight) \
  ((weight) < (T)0.5 ? (from) + (weight) * ((to) - (from)) : (to) - ((to) - (from)) * (1 - (weight)))
// NaN wins, as in torch.maximum.
#define GREATER(one, other) ((one) > (other) || (one) != (one) ? (one) : (other))
// As torch.sign: that of NaN is 0.
#define SIGN(value) ((value) > 0 ? (T)1 : (value) < 0 ? (T) - 1 : (T)0)

RULE(descent, 0, (lr), x -= t.lr * g;)

// out · (g + mu · a) is Nesterov's step, out · a the plain one. scale: of the gradient, where the rate is inside.
RULE(momentum, 1, (mu, fresh, scale, out, nesterov, along),
     g *= t.scale;
     a = (t.mu == 0 ? 0 : t.mu * a) + t.fresh * g;
     x -= t.out * (t.nesterov != 0 ? g + t.along * a : a);)

RULE(adagrad, 1, (lr, eps, inside),
     a += g * g;
     x -= t.lr * (g / (CK_SQRT(a + t.inside) + t.eps));)

RULE(adadelta, 2, (lr, rho, fresh, eps),
     a = a * t.rho + t.fresh * g * g;
     const T d = CK_SQRT(b + t.eps) / CK_SQRT(a + t.eps) * g;
     b = b * t.rho + t.fresh * d * d;
     x -= t.lr * d;)

RULE(rmsprop, 1, (lr, alpha, fresh, eps, inside),
     a = a * t.alpha + t.fresh * g * g;
     x -= t.lr * (g / (CK_SQRT(a + t.inside) + t.eps));)

RULE(centered, 3, (lr, alpha, fresh, eps, inside, mu, centered),
     a = a * t.alpha + t.fresh * g * g;
     c = LERP(c, g, t.fresh);
     const T d = g / (CK_SQRT((t.centered != 0 ? a - c * c : a) + t.inside) + t.eps);
     b = t.mu == 0 ? 0 : t.mu * b;
     b += d;
     x -= t.lr * b;)

RULE(adam, 2, (step, fresh1, beta2, fresh2, root2, eps, inside),
     a = LERP(a, g, t.fresh1);
     b = b * t.beta2 + t.fresh2 * g * g;
     x -= t.step * a / (CK_SQRT(b + t.inside) / t.root2 + t.eps);)

RULE(amsgrad, 3, (step, fresh1, beta2, fresh2, root2, eps, inside),
     a = LERP(a, g, t.fresh1);
     b = b * t.beta2 + t.fresh2 * g * g;
     c = GREATER(c, b);
     x -= t.step * a / (CK_SQRT(c + t.inside) / t.root2 + t.eps);)

RULE(adamax, 2, (step, fresh1, beta2, eps),
     a = LERP(a, g, t.fresh1);
     const T size = (g < 0 ? -g : g) + t.eps;
     b = b * t.beta2;
     b = GREATER(b, size);
     x -= t.step * (a / b);)

RULE(nadam, 2, (own, along, fresh1, beta2, fresh2, correction2, eps),
     a = LERP(a, g, t.fresh1);
     b = b * t.beta2 + t.fresh2 * g * g;
     const T root = CK_SQRT(b / t.correction2) + t.eps;
     x -= t.own * (g / root);
     x -= t.along * (a / root);)

// adaptive: while the variance of few squares is unbounded, the mean alone is taken.
RULE(radam, 2, (step, fresh1, beta2, fresh2, eps, adaptive),
     a = LERP(a, g, t.fresh1);
     b = b * t.beta2 + t.fresh2 * g * g;
     x -= t.step * (t.adaptive != 0 ? a / (CK_SQRT(b) + t.eps) : a);)

RULE(rprop, 2, (minus, plus, least, most),
     const T turn = SIGN(g * a);
     const T factor = turn > 0 ? t.plus : turn < 0 ? t.minus : 1;
     b *= factor;
     b = b < t.least ? t.least : b > t.most ? t.most : b;
     g = factor == t.minus ? 0 : g;
     x -= SIGN(g) * b;
     a = g;)

RULE(asgd, 1, (eta, mu),
     x -= t.eta * g;
     a = t.mu == 1 ? x : a + (x - a) * t.mu;)

RULE(lion, 1, (lr, keep1, fresh1, keep2, fresh2),
     const T blend = t.keep1 * a + t.fresh1 * g;
     x -= t.lr * SIGN(blend);
     a = t.keep2 * a + t.fresh2 * g;)

RULE(adabound, 3, (step, fresh1, beta2, fresh2, eps, lower, upper, bound),
     a = LERP(a, g, t.fresh1);
     b = b * t.beta2 + t.fresh2 * g * g;
     c = GREATER(c, b);
     T rate = t.step / (CK_SQRT(t.bound != 0 ? c : b) + t.eps);
     rate = rate < t.lower ? t.lower : rate > t.upper ? t.upper : rate;
     x -= rate * a;)

#define LAMB_DIRECTION (a * t.correction1 / (CK_SQRT(b * t.correction2) + t.eps) + t.decay * x)

MEASURE(lamb_moments, 2, (keep1, fresh1, keep2, fresh2, correction1, correction2, eps, decay),
        a = t.keep1 * a + t.fresh1 * g;
        b = t.keep2 * b + t.fresh2 * g * g;
        u = x;
        v = LAMB_DIRECTION;)

RULE(lamb, 2, (step, correction1, correction2, eps, decay), x -= t.step * LAMB_DIRECTION;)

MEASURE(lengths, 0, (none), u = x; v = g;)

#undef LAMB_DIRECTION
#undef LERP
#undef GREATER
#undef SIGN

// clang-format on
