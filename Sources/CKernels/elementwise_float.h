// What float32 and float64 rows have in common, in terms of the basic functions of the type.
// The includer defines T, C and CK_PREFIX.

#define M(f) CK_JOIN(CK_PREFIX, f)

static inline T M(neg)(T x) { return -x; }
static inline T M(add)(T x, T y) { return x + y; }
static inline T M(sub)(T x, T y) { return x - y; }
static inline T M(mul)(T x, T y) { return x * y; }
static inline T M(sign)(T x) { return (T)((x > C(0)) - (x < C(0))); }
static inline bool M(isnan)(T x) { return x != x; }
static inline bool M(isinf)(T x) { return M(abs)(x) == C(INFINITY); }
static inline bool M(isfinite)(T x) { return M(abs)(x) < C(INFINITY); }
static inline T M(maximum)(T x, T y) { return x > y || x != x ? x : y; }
static inline T M(minimum)(T x, T y) { return x < y || x != x ? x : y; }
static inline T M(nan_to_num)(T x, T nan, T high, T low) {
  return x != x ? nan : x == C(INFINITY) ? high : x == -C(INFINITY) ? low : x;
}

static inline T M(round_decimals)(T x, T decimals) {
  const T scale = (T)pow(10.0, fabs((double)decimals));
  return decimals < C(0) ? M(round)(x / scale) * scale : M(round)(x * scale) / scale;
}

static inline T M(sigmoid)(T x) { return C(1) / (C(1) + M(exp)(-x)); }
static inline T M(silu)(T x) { return x / (C(1) + M(exp)(-x)); }
static inline T M(silu_slope)(T x) {
  const T sigmoid = M(sigmoid)(x);
  return sigmoid * (C(1) + x * (C(1) - sigmoid));
}

static inline T M(logsigmoid)(T x) { return (x < C(0) ? x : C(0)) - M(log1p)(M(exp)(-M(abs)(x))); }
static inline T M(softplus)(T x, T beta, T threshold) {
  const T scaled = x * beta;
  // The exponential is only taken where it cannot overflow.
  return scaled > threshold ? x : ((scaled > C(0) ? scaled : C(0)) + M(log1p)(M(exp)(-M(abs)(scaled)))) / beta;
}

// tanh(log(1 + e)) for e = exp(x) is e(e + 2) / (e(e + 2) + 2).
static inline T M(tanh_softplus)(T x) {
  const T e = M(exp)(x < C(20) ? x : C(20)), product = e * (e + C(2));
  return x != x ? x : product / (product + C(2));
}
static inline T M(mish)(T x) { return x * M(tanh_softplus)(x); }
static inline T M(mish_slope)(T x) {
  const T t = M(tanh_softplus)(x);
  return t + x * M(sigmoid)(x) * ((C(1) - t) * (C(1) + t));
}

static inline T M(elu)(T x, T alpha, T scale, T input_scale) {
  return x < C(0) ? M(expm1)(x * input_scale) * (alpha * scale) : x * scale;
}

static inline T M(gelu)(T x) { return C(0.5) * x * M(twice_normal)(x); }
static inline T M(gelu_slope)(T x) {
  return C(0.5) * M(twice_normal)(x) + x * (C(0.39894228040143267794) * M(exp)(C(-0.5) * x * x));
}

// x / 2 (1 + tanh u) is x sigmoid(2u).
static inline T M(gelu_tanh)(T x) {
  const T u = C(1.59576912160573071176) * (x + C(0.044715) * (x * x * x));
  return x / (C(1) + M(exp)(-u));
}
static inline T M(gelu_tanh_slope)(T x) {
  const T u = C(1.59576912160573071176) * (x + C(0.044715) * (x * x * x));
  const T du = C(1.59576912160573071176) * (C(1) + C(0.134145) * (x * x));
  const T sigmoid = M(sigmoid)(u);
  return sigmoid + x * du * (sigmoid * M(sigmoid)(-u));
}

static inline T M(logit)(T x, T eps) {
  const T low = eps, high = C(1) - eps;
  const T z = eps < C(0) ? x : x < low ? low : x > high ? high : x;
  return M(log)(z / (C(1) - z));
}
static inline T M(logit_gradient)(T g, T x, T eps) {
  const T low = eps < C(0) ? C(0) : eps, high = C(1) - low;
  return x < low || x > high ? (eps < C(0) ? C(NAN) : C(0)) : g / (x * (C(1) - x));
}

static inline T M(sinc)(T x) {
  const T angle = x * C(3.14159265358979323846);
  return angle == C(0) ? C(1) : M(sin)(angle) / angle;
}
static inline T M(i1e_slope)(T x) {
  return M(abs)(x) < C(1e-8) ? C(0.5) : M(i0e)(x) - M(i1e)(x) * (M(sign)(x) + C(1) / x);
}

static inline T M(floor_divide)(T x, T y) {
  if (y == C(0)) return x / y;
  const T rest = M(fmod)(x, y);
  T quotient = (x - rest) / y;
  if (rest != C(0) && (y < C(0)) != (rest < C(0))) quotient -= C(1);
  if (quotient == C(0)) return M(copysign)(C(0), x / y);
  const T whole = M(floor)(quotient);
  return quotient - whole > C(0.5) ? whole + C(1) : whole;
}
static inline T M(trunc_divide)(T x, T y) { return M(trunc)(x / y); }
static inline T M(remainder)(T x, T y) {
  const T rest = M(fmod)(x, y);
  return rest != C(0) && (y < C(0)) != (rest < C(0)) ? rest + y : rest;
}

static inline T M(lerp)(T x, T y, T weight) {
  return M(abs)(weight) < C(0.5) ? x + weight * (y - x) : y - (y - x) * (C(1) - weight);
}

static inline T M(logaddexp)(T x, T y) {
  const T high = x > y ? x : y;
  const T sum = high + M(log1p)(M(exp)(-M(abs)(x - y)));
  return x == y && M(isinf)(x) ? x : sum;
}
static inline T M(logaddexp2)(T x, T y) {
  const T high = x > y ? x : y;
  const T sum = high + M(log1p)(M(exp2)(-M(abs)(x - y))) * C(1.44269504088896340736);
  return x == y && M(isinf)(x) ? x : sum;
}

#undef M
