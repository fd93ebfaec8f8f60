// What integer rows need. Overflow wraps and nothing traps: dividing by zero gives 0.
// The includer defines T, U (its unsigned type), C, CK_PREFIX, CK_BITS and CK_SIGNED.

#define M(f) CK_JOIN(CK_PREFIX, f)

static inline T M(neg)(T x) { return (T)((U)0 - (U)x); }
static inline T M(add)(T x, T y) { return (T)((U)x + (U)y); }
static inline T M(sub)(T x, T y) { return (T)((U)x - (U)y); }
static inline T M(mul)(T x, T y) { return (T)((U)x * (U)y); }
static inline T M(abs)(T x) { return x < 0 ? M(neg)(x) : x; }
static inline T M(sign)(T x) { return (T)((x > 0) - (x < 0)); }
static inline T M(maximum)(T x, T y) { return x > y ? x : y; }
static inline T M(minimum)(T x, T y) { return x < y ? x : y; }
static inline T M(floor)(T x) { return x; }
static inline T M(ceil)(T x) { return x; }
static inline T M(round)(T x) { return x; }
static inline T M(trunc)(T x) { return x; }
static inline T M(nan_to_num)(T x, T nan, T high, T low) { return (void)nan, (void)high, (void)low, x; }
static inline bool M(isnan)(T x) { return (void)x, false; }
static inline bool M(isinf)(T x) { return (void)x, false; }
static inline bool M(isfinite)(T x) { return (void)x, true; }
static inline bool M(signbit)(T x) { return x < 0; }
static inline T M(bitwise_not)(T x) { return (T)~x; }

static inline T M(trunc_divide)(T x, T y) {
  if (y == 0) return 0;
  return CK_SIGNED && y == (T)-1 ? M(neg)(x) : (T)(x / y);
}
static inline T M(fmod)(T x, T y) {
  if (y == 0 || (CK_SIGNED && y == (T)-1)) return 0;
  return (T)(x % y);
}
static inline T M(floor_divide)(T x, T y) {
  const T quotient = M(trunc_divide)(x, y), rest = M(fmod)(x, y);
  return (T)(quotient - (rest != 0 && (rest < 0) != (y < 0)));
}
static inline T M(remainder)(T x, T y) {
  const T rest = M(fmod)(x, y);
  return rest != 0 && (rest < 0) != (y < 0) ? (T)(rest + y) : rest;
}

static inline T M(pow)(T x, T y) {
  if (CK_SIGNED && y < 0) return x == 1 ? 1 : CK_SIGNED && x == (T)-1 ? (T)(y & 1 ? -1 : 1) : 0;
  T result = 1;
  for (; y != 0; y = (T)(y >> 1)) {
    if (y & 1) result = M(mul)(result, x);
    x = M(mul)(x, x);
  }
  return result;
}

static inline T M(gcd)(T x, T y) {
  while (y != 0) {
    const T rest = M(fmod)(x, y);
    x = y;
    y = rest;
  }
  return M(abs)(x);
}
static inline T M(lcm)(T x, T y) { return M(abs)(M(mul)(M(trunc_divide)(x, M(gcd)(x, y)), y)); }

static inline T M(left_shift)(T x, T y) { return y < 0 || y >= CK_BITS ? 0 : (T)((U)x << y); }
static inline T M(right_shift)(T x, T y) { return (T)(x >> (y < 0 || y >= CK_BITS ? CK_BITS - CK_SIGNED : y)); }

#undef M
