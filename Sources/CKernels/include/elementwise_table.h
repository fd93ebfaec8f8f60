// The elementwise rows: value and gradient of each in one line. No include guard: the includer picks the section and
// says what a row becomes.
//
//   CK_UNARY(name, types, speed, result, params, saves, value, gradient)
//   CK_BINARY(name, types, speed, result, params, value)
//   CK_TERNARY(name, types, speed, first, params, value)
//
// types     F floats and halves, I integers, B bool, in the combinations used below
// speed     HOT compiled for every instruction set, WARM only its float32, COLD compiled once
// result    SAME dtype as the inputs, or BOOL
// first     OPERAND of the row's dtype, or CONDITION (bool)
// params    how many of p0, p1, p2 the row reads
// saves     what the gradient sees as s: INPUT, OUTPUT, or NONE for a row without one; g is the gradient of the output
//
// T is the compute type, C(v) a constant in it, M(f) the function f for it.
// clang-format off

#ifdef CK_TABLE_UNARY
// Arithmetic
CK_UNARY(positive,     FIB, HOT,  SAME, 0, INPUT,  x, g)
CK_UNARY(neg,          FI,  HOT,  SAME, 0, INPUT,  M(neg)(x), -g)
CK_UNARY(abs,          FIB, HOT,  SAME, 0, INPUT,  M(abs)(x), g * M(sign)(s))
CK_UNARY(sign,         FIB, HOT,  SAME, 0, NONE,   M(sign)(x), 0)
CK_UNARY(square,       FIB, HOT,  SAME, 0, INPUT,  M(mul)(x, x), g * (C(2) * s))
CK_UNARY(reciprocal,   F,   HOT,  SAME, 0, OUTPUT, C(1) / x, -g * (s * s))
CK_UNARY(sqrt,         F,   HOT,  SAME, 0, OUTPUT, M(sqrt)(x), g / (C(2) * s))
CK_UNARY(rsqrt,        F,   HOT,  SAME, 0, OUTPUT, C(1) / M(sqrt)(x), C(-0.5) * g * (s * s * s))
CK_UNARY(pow_scalar,   FI,  WARM, SAME, 1, INPUT,  M(pow)(x, p0), p0 == C(0) ? C(0) : g * (p0 * M(pow)(s, p0 - C(1))))
CK_UNARY(deg2rad,      F,   HOT,  SAME, 0, INPUT,  x * C(0.017453292519943295769), g * C(0.017453292519943295769))
CK_UNARY(rad2deg,      F,   HOT,  SAME, 0, INPUT,  x * C(57.295779513082320877), g * C(57.295779513082320877))
// Exponentials and logarithms
CK_UNARY(exp,          F,   WARM, SAME, 0, OUTPUT, M(exp)(x), g * s)
CK_UNARY(exp2,         F,   WARM, SAME, 0, OUTPUT, M(exp2)(x), g * (s * C(0.69314718055994530942)))
CK_UNARY(expm1,        F,   WARM, SAME, 0, OUTPUT, M(expm1)(x), g * (s + C(1)))
CK_UNARY(log,          F,   WARM, SAME, 0, INPUT,  M(log)(x), g / s)
CK_UNARY(log2,         F,   WARM, SAME, 0, INPUT,  M(log2)(x), g / (s * C(0.69314718055994530942)))
CK_UNARY(log10,        F,   WARM, SAME, 0, INPUT,  M(log10)(x), g / (s * C(2.30258509299404568402)))
CK_UNARY(log1p,        F,   WARM, SAME, 0, INPUT,  M(log1p)(x), g / (s + C(1)))
// Trigonometric and hyperbolic
CK_UNARY(sin,          F,   WARM, SAME, 0, INPUT,  M(sin)(x), g * M(cos)(s))
CK_UNARY(cos,          F,   WARM, SAME, 0, INPUT,  M(cos)(x), -g * M(sin)(s))
CK_UNARY(tan,          F,   WARM, SAME, 0, OUTPUT, M(tan)(x), g * (C(1) + s * s))
CK_UNARY(asin,         F,   WARM, SAME, 0, INPUT,  M(asin)(x), g / M(sqrt)((C(1) - s) * (C(1) + s)))
CK_UNARY(acos,         F,   WARM, SAME, 0, INPUT,  M(acos)(x), -g / M(sqrt)((C(1) - s) * (C(1) + s)))
CK_UNARY(atan,         F,   WARM, SAME, 0, INPUT,  M(atan)(x), g / (s * s + C(1)))
CK_UNARY(sinh,         F,   WARM, SAME, 0, INPUT,  M(sinh)(x), g * M(cosh)(s))
CK_UNARY(cosh,         F,   WARM, SAME, 0, INPUT,  M(cosh)(x), g * M(sinh)(s))
CK_UNARY(tanh,         F,   WARM, SAME, 0, OUTPUT, M(tanh)(x), g * (C(1) - s * s))
CK_UNARY(asinh,        F,   WARM, SAME, 0, INPUT,  M(asinh)(x), g / M(sqrt)(s * s + C(1)))
CK_UNARY(acosh,        F,   WARM, SAME, 0, INPUT,  M(acosh)(x), g / M(sqrt)((s - C(1)) * (s + C(1))))
CK_UNARY(atanh,        F,   WARM, SAME, 0, INPUT,  M(atanh)(x), g / ((C(1) - s) * (C(1) + s)))
CK_UNARY(sinc,         F,   WARM, SAME, 0, INPUT,  M(sinc)(x), g * M(sinc_slope)(s))
// Special functions
CK_UNARY(erf,          F,   WARM, SAME, 0, INPUT,  M(erf)(x), g * (C(1.12837916709551257390) * M(exp)(-s * s)))
CK_UNARY(erfc,         F,   WARM, SAME, 0, INPUT,  M(erfc)(x), -g * (C(1.12837916709551257390) * M(exp)(-s * s)))
CK_UNARY(erfinv,       F,   COLD, SAME, 0, OUTPUT, M(erfinv)(x), g * (C(0.88622692545275801365) * M(exp)(s * s)))
CK_UNARY(lgamma,       F,   COLD, SAME, 0, INPUT,  M(lgamma)(x), g * M(digamma)(s))
CK_UNARY(digamma,      F,   COLD, SAME, 0, INPUT,  M(digamma)(x), g * M(trigamma)(s))
CK_UNARY(trigamma,     F,   COLD, SAME, 0, INPUT,  M(trigamma)(x), g * M(polygamma)(C(2), s))
CK_UNARY(polygamma,    F,   COLD, SAME, 1, INPUT,  M(polygamma)(p0, x), g * M(polygamma)(p0 + C(1), s))
CK_UNARY(i0,           F,   COLD, SAME, 0, INPUT,  M(i0)(x), g * M(i1)(s))
CK_UNARY(i0e,          F,   COLD, SAME, 0, INPUT,  M(i0e)(x), g * (M(i1e)(s) - M(sign)(s) * M(i0e)(s)))
CK_UNARY(i1,           F,   COLD, SAME, 0, INPUT,  M(i1)(x), g * M(i1_slope)(s))
CK_UNARY(i1e,          F,   COLD, SAME, 0, INPUT,  M(i1e)(x), g * M(i1e_slope)(s))
CK_UNARY(special,      F,   COLD, SAME, 1, NONE,   M(special)(p0, x), 0)
CK_UNARY(logit,        F,   WARM, SAME, 1, INPUT,  M(logit)(x, p0), M(logit_gradient)(g, s, p0))
// Rounding
CK_UNARY(floor,        FI,  HOT,  SAME, 0, NONE,   M(floor)(x), 0)
CK_UNARY(ceil,         FI,  HOT,  SAME, 0, NONE,   M(ceil)(x), 0)
CK_UNARY(round,        FI,  HOT,  SAME, 0, NONE,   M(round)(x), 0)
CK_UNARY(round_decimals, F, WARM, SAME, 1, NONE,   M(round_decimals)(x, p0), 0)
CK_UNARY(trunc,        FI,  HOT,  SAME, 0, NONE,   M(trunc)(x), 0)
CK_UNARY(frac,         F,   HOT,  SAME, 0, INPUT,  x - M(trunc)(x), g)
CK_UNARY(nan_to_num,   FI,  HOT,  SAME, 3, INPUT,  M(nan_to_num)(x, p0, p1, p2), M(isfinite)(s) ? g : C(0))
CK_UNARY(clamp_scalar, FI,  HOT,  SAME, 2, INPUT,  M(minimum)(M(maximum)(x, p0), p1),
         (s > p0 || p0 == C(-INFINITY)) && (s < p1 || p1 == C(INFINITY)) ? g : C(0))
// Activations
CK_UNARY(sigmoid,      F,   WARM, SAME, 0, OUTPUT, M(sigmoid)(x), g * ((C(1) - s) * s))
CK_UNARY(logsigmoid,   F,   WARM, SAME, 0, INPUT,  M(logsigmoid)(x), g * M(sigmoid)(-s))
CK_UNARY(relu,         FI,  HOT,  SAME, 0, OUTPUT, M(maximum)(x, C(0)), s <= C(0) ? C(0) : g)
CK_UNARY(relu6,        FI,  HOT,  SAME, 0, INPUT,  M(minimum)(M(maximum)(x, C(0)), C(6)), s <= C(0) || s >= C(6) ? C(0) : g)
CK_UNARY(leaky_relu,   F,   HOT,  SAME, 1, INPUT,  x > C(0) ? x : x * p0, s > C(0) ? g : g * p0)
CK_UNARY(elu,          F,   WARM, SAME, 3, INPUT,  M(elu)(x, p0, p1, p2), s <= C(0) ? g * (p2 * p0 * p1) * M(exp)(s * p2) : g * p1)
CK_UNARY(celu,         F,   WARM, SAME, 1, INPUT,  M(elu)(x, p0, C(1), C(1) / p0), s <= C(0) ? g * M(exp)(s / p0) : g)
CK_UNARY(selu,         F,   WARM, SAME, 0, INPUT,  M(elu)(x, C(1.67326324235437728482), C(1.05070098735548049342), C(1)),
         g * (s <= C(0) ? C(1.75809934084737685994) * M(exp)(s) : C(1.05070098735548049342)))
CK_UNARY(gelu,         F,   WARM, SAME, 0, INPUT,  M(gelu)(x), g * M(gelu_slope)(s))
CK_UNARY(gelu_tanh,    F,   WARM, SAME, 0, INPUT,  M(gelu_tanh)(x), g * M(gelu_tanh_slope)(s))
CK_UNARY(silu,         F,   WARM, SAME, 0, INPUT,  M(silu)(x), g * M(silu_slope)(s))
CK_UNARY(mish,         F,   WARM, SAME, 0, INPUT,  M(mish)(x), g * M(mish_slope)(s))
CK_UNARY(softplus,     F,   WARM, SAME, 2, INPUT,  M(softplus)(x, p0, p1), s * p0 > p1 ? g : g * M(sigmoid)(s * p0))
CK_UNARY(softsign,     F,   HOT,  SAME, 0, INPUT,  x / (C(1) + M(abs)(x)), g / ((C(1) + M(abs)(s)) * (C(1) + M(abs)(s))))
CK_UNARY(tanhshrink,   F,   WARM, SAME, 0, INPUT,  x - M(tanh)(x), g * (M(tanh)(s) * M(tanh)(s)))
CK_UNARY(hardtanh,     FI,  HOT,  SAME, 2, INPUT,  M(minimum)(M(maximum)(x, p0), p1), s <= p0 || s >= p1 ? C(0) : g)
CK_UNARY(hardswish,    F,   HOT,  SAME, 0, INPUT,  x * M(minimum)(M(maximum)(x + C(3), C(0)), C(6)) / C(6),
         s <= C(-3) ? C(0) : s < C(3) ? g * (s / C(3) + C(0.5)) : g)
CK_UNARY(hardsigmoid,  F,   HOT,  SAME, 0, INPUT,  M(minimum)(M(maximum)(x + C(3), C(0)), C(6)) / C(6),
         s > C(-3) && s < C(3) ? g / C(6) : C(0))
CK_UNARY(hardshrink,   F,   HOT,  SAME, 1, INPUT,  x >= -p0 && x <= p0 ? C(0) : x, s >= -p0 && s <= p0 ? C(0) : g)
CK_UNARY(softshrink,   F,   HOT,  SAME, 1, INPUT,  x > p0 ? x - p0 : x < -p0 ? x + p0 : x != x ? x : C(0),
         s >= -p0 && s <= p0 ? C(0) : g)
CK_UNARY(threshold,    FI,  HOT,  SAME, 2, INPUT,  x <= p0 ? p1 : x, s <= p0 ? C(0) : g)
// Tests and bits
CK_UNARY(isnan,        FIB, HOT,  BOOL, 0, NONE,   M(isnan)(x), 0)
CK_UNARY(isinf,        FIB, HOT,  BOOL, 0, NONE,   M(isinf)(x), 0)
CK_UNARY(isposinf,     FIB, HOT,  BOOL, 0, NONE,   M(isinf)(x) && x > C(0), 0)
CK_UNARY(isneginf,     FIB, HOT,  BOOL, 0, NONE,   M(isinf)(x) && !(x > C(0)), 0)
CK_UNARY(isfinite,     FIB, HOT,  BOOL, 0, NONE,   M(isfinite)(x), 0)
CK_UNARY(signbit,      FIB, HOT,  BOOL, 0, NONE,   M(signbit)(x), 0)
CK_UNARY(logical_not,  FIB, HOT,  BOOL, 0, NONE,   x == C(0), 0)
CK_UNARY(bitwise_not,  IB,  HOT,  SAME, 0, NONE,   M(bitwise_not)(x), 0)
#endif

#ifdef CK_TABLE_BINARY
CK_BINARY(add,           FIB, HOT,  SAME, 0, M(add)(x, y))
CK_BINARY(sub,           FI,  HOT,  SAME, 0, M(sub)(x, y))
CK_BINARY(mul,           FIB, HOT,  SAME, 0, M(mul)(x, y))
CK_BINARY(div,           F,   HOT,  SAME, 0, x / y)
CK_BINARY(add_scaled,    FIB, HOT,  SAME, 1, M(add)(x, M(mul)(p0, y)))
CK_BINARY(sub_scaled,    FI,  HOT,  SAME, 1, M(sub)(x, M(mul)(p0, y)))
CK_BINARY(floor_divide,  FI,  COLD, SAME, 0, M(floor_divide)(x, y))
CK_BINARY(trunc_divide,  FI,  COLD, SAME, 0, M(trunc_divide)(x, y))
CK_BINARY(remainder,     FI,  COLD, SAME, 0, M(remainder)(x, y))
CK_BINARY(fmod,          FI,  COLD, SAME, 0, M(fmod)(x, y))
CK_BINARY(pow,           FI,  WARM, SAME, 0, M(pow)(x, y))
CK_BINARY(maximum,       FIB, HOT,  SAME, 0, M(maximum)(x, y))
CK_BINARY(minimum,       FIB, HOT,  SAME, 0, M(minimum)(x, y))
CK_BINARY(fmax,          FIB, HOT,  SAME, 0, x > y || y != y ? x : y)
CK_BINARY(fmin,          FIB, HOT,  SAME, 0, x < y || y != y ? x : y)
CK_BINARY(atan2,         F,   WARM, SAME, 0, M(atan2)(x, y))
CK_BINARY(hypot,         F,   WARM, SAME, 0, M(hypot)(x, y))
CK_BINARY(copysign,      F,   HOT,  SAME, 0, M(copysign)(x, y))
CK_BINARY(nextafter,     F,   COLD, SAME, 1, M(nextafter)(x, y, p0))
CK_BINARY(heaviside,     FIB, HOT,  SAME, 0, x == C(0) ? y : x > C(0) ? C(1) : C(0))
CK_BINARY(ldexp,         F,   WARM, SAME, 0, x * M(exp2)(y))
CK_BINARY(logaddexp,     F,   WARM, SAME, 0, M(logaddexp)(x, y))
CK_BINARY(logaddexp2,    F,   WARM, SAME, 0, M(logaddexp2)(x, y))
CK_BINARY(xlogy,         F,   WARM, SAME, 0, y != y ? y : x == C(0) ? C(0) : x * M(log)(y))
CK_BINARY(xlog1py,       F,   WARM, SAME, 0, y != y ? y : x == C(0) ? C(0) : x * M(log1p)(y))
CK_BINARY(special,       F,   COLD, SAME, 1, M(special_pair)(p0, x, y))
CK_BINARY(lerp_scalar,   F,   HOT,  SAME, 1, M(lerp)(x, y, p0))
CK_BINARY(gcd,           I,   COLD, SAME, 0, M(gcd)(x, y))
CK_BINARY(lcm,           I,   COLD, SAME, 0, M(lcm)(x, y))
CK_BINARY(eq,            FIB, HOT,  BOOL, 0, x == y)
CK_BINARY(ne,            FIB, HOT,  BOOL, 0, x != y)
CK_BINARY(lt,            FIB, HOT,  BOOL, 0, x < y)
CK_BINARY(le,            FIB, HOT,  BOOL, 0, x <= y)
CK_BINARY(gt,            FIB, HOT,  BOOL, 0, x > y)
CK_BINARY(ge,            FIB, HOT,  BOOL, 0, x >= y)
CK_BINARY(logical_and,   FIB, HOT,  BOOL, 0, (x != C(0)) & (y != C(0)))
CK_BINARY(logical_or,    FIB, HOT,  BOOL, 0, (x != C(0)) | (y != C(0)))
CK_BINARY(logical_xor,   FIB, HOT,  BOOL, 0, (x != C(0)) ^ (y != C(0)))
CK_BINARY(bitwise_and,   IB,  HOT,  SAME, 0, (T)(x & y))
CK_BINARY(bitwise_or,    IB,  HOT,  SAME, 0, (T)(x | y))
CK_BINARY(bitwise_xor,   IB,  HOT,  SAME, 0, (T)(x ^ y))
CK_BINARY(bitwise_left_shift,  I, HOT, SAME, 0, M(left_shift)(x, y))
CK_BINARY(bitwise_right_shift, I, HOT, SAME, 0, M(right_shift)(x, y))
#endif

#ifdef CK_TABLE_TERNARY
CK_TERNARY(where,   FIB, HOT, CONDITION, 0, x ? y : z)
CK_TERNARY(lerp,    F,   HOT, OPERAND,   0, M(lerp)(x, y, z))
CK_TERNARY(addcmul, FI,  HOT, OPERAND,   1, M(add)(x, M(mul)(M(mul)(p0, y), z)))
CK_TERNARY(addcdiv, F,   HOT, OPERAND,   1, x + p0 * y / z)
CK_TERNARY(binomial, F,  COLD, OPERAND,  0, M(binomial)(x, y, z))
CK_TERNARY(clamp,   FIB, HOT, OPERAND,   0, M(minimum)(M(maximum)(x, y), z))
#endif

// clang-format on
