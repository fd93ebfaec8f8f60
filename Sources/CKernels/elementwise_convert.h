// Conversions between compute types, and of contiguous halves from and to float32.

#define CK_CAST(from, from_type, to, to_type, value)                                             \
  static void cast_##from##_##to(int64_t n, void* out, const void* const* in, const double* p) { \
    const from_type* a = in[0];                                                                  \
    to_type* o = out;                                                                            \
    (void)p;                                                                                     \
    CK_LOOP for (int64_t i = 0; i < n; i++) {                                                    \
      const from_type x = a[i];                                                                  \
      o[i] = (to_type)(value);                                                                   \
    }                                                                                            \
  }

// Float to integer goes through int64, so that uint8 wraps as integers do.
#define CK_CASTS_FROM_FLOAT(from, type)                                           \
  CK_CAST(from, type, f32, float, x)                                              \
  CK_CAST(from, type, f64, double, x)                                             \
  CK_CAST(from, type, i64, int64_t, ck_saturate_i64((double)x))                   \
  CK_CAST(from, type, i32, int32_t, ck_saturate((double)x, INT32_MIN, INT32_MAX)) \
  CK_CAST(from, type, u8, uint8_t, ck_saturate_i64((double)x))                    \
  CK_CAST(from, type, b1, uint8_t, x != 0)

#define CK_CASTS_FROM_INTEGER(from, type) \
  CK_CAST(from, type, f32, float, x)      \
  CK_CAST(from, type, f64, double, x)     \
  CK_CAST(from, type, i64, int64_t, x)    \
  CK_CAST(from, type, i32, int32_t, x)    \
  CK_CAST(from, type, u8, uint8_t, x)     \
  CK_CAST(from, type, b1, uint8_t, x != 0)

CK_CASTS_FROM_FLOAT(f32, float)
CK_CASTS_FROM_FLOAT(f64, double)
CK_CASTS_FROM_INTEGER(i64, int64_t)
CK_CASTS_FROM_INTEGER(i32, int32_t)
CK_CASTS_FROM_INTEGER(u8, uint8_t)
CK_CASTS_FROM_INTEGER(b1, uint8_t)

#define CK_CASTS_OF(from) \
  {cast_##from##_f32, cast_##from##_f64, cast_##from##_i64, cast_##from##_i32, cast_##from##_u8, cast_##from##_b1}
#define CK_CASTS \
  {CK_CASTS_OF(f32), CK_CASTS_OF(f64), CK_CASTS_OF(i64), CK_CASTS_OF(i32), CK_CASTS_OF(u8), CK_CASTS_OF(b1)}

#if defined(__clang__) && CK_FUSED
// All that have fused multiply-add convert float16 in hardware.
static inline float convert_f16_widen(uint16_t x) {
  _Float16 half;
  memcpy(&half, &x, sizeof half);
  return (float)half;
}
static inline uint16_t convert_f16_narrow(float x) {
  const _Float16 half = (_Float16)x;
  uint16_t bits;
  memcpy(&bits, &half, sizeof bits);
  return bits;
}
#else
#define convert_f16_widen ck_f16_widen
#define convert_f16_narrow ck_f16_narrow
#endif

#define CK_HALVES(name, to, from, value)                            \
  static void name(int64_t n, to* o, const from* a) {               \
    CK_LOOP for (int64_t i = 0; i < n; i++) { o[i] = value(a[i]); } \
  }
CK_HALVES(widen_f16, float, uint16_t, convert_f16_widen)
CK_HALVES(widen_bf16, float, uint16_t, ck_bf16_widen)
CK_HALVES(narrow_f16, uint16_t, float, convert_f16_narrow)
CK_HALVES(narrow_bf16, uint16_t, float, ck_bf16_narrow)
