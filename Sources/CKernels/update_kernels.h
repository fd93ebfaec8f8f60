// Optimizer steps for one dtype. The includer defines NAME, S (as stored), T (as computed), READ and WRITE.

// Without decay an infinite parameter does not touch the gradient.
#define DECAYED(g, x) (decay == 0 ? (g) : (g) + decay * (x))

static void CK_JOIN(sgd, NAME)(int64_t n, void* p, const void* g, void* momentum, const ck_sgd* s) {
  S* parameter = p;
  const S* gradient = g;
  T* buffer = momentum;
  const T lr = (T)s->lr, decay = (T)s->weight_decay, mu = (T)s->momentum, fresh = (T)(1 - s->dampening);
  const T sign = s->maximize ? -1 : 1;
  const bool nesterov = s->nesterov;
  if (!buffer) {
    CK_LOOP for (int64_t i = 0; i < n; i++) {
      const T x = READ(parameter[i]);
      const T d = DECAYED(sign * READ(gradient[i]), x);
      parameter[i] = WRITE(x - lr * d);
    }
  } else if (s->first) {
    CK_LOOP for (int64_t i = 0; i < n; i++) {
      const T x = READ(parameter[i]);
      const T d = DECAYED(sign * READ(gradient[i]), x);
      buffer[i] = d;
      parameter[i] = WRITE(x - lr * (nesterov ? d + mu * d : d));
    }
  } else {
    CK_LOOP for (int64_t i = 0; i < n; i++) {
      const T x = READ(parameter[i]);
      const T d = DECAYED(sign * READ(gradient[i]), x);
      const T b = mu * buffer[i] + fresh * d;
      buffer[i] = b;
      parameter[i] = WRITE(x - lr * (nesterov ? d + mu * b : b));
    }
  }
}

static void CK_JOIN(adam, NAME)(int64_t n, void* p, const void* g, void* first, void* second, void* greatest,
                                const ck_adam_terms* s) {
  S* parameter = p;
  const S* gradient = g;
  T *m = first, *v = second, *vmax = greatest;
  const T sign = (T)s->sign, keep = (T)s->keep, decay = (T)s->decay, eps = (T)s->eps;
  const T new1 = (T)(1 - s->beta1), beta2 = (T)s->beta2, new2 = (T)(1 - s->beta2);
  const bool near = new1 < (T)0.5;  // which end the interpolation starts from
  const T step_size = (T)s->step_size, root2 = (T)s->root2;
#define CK_ADAM(bound)                                                            \
  CK_LOOP for (int64_t i = 0; i < n; i++) {                                       \
    const T x = READ(parameter[i]) * keep;                                        \
    const T d = DECAYED(sign * READ(gradient[i]), x);                             \
    const T mean = near ? m[i] + new1 * (d - m[i]) : d - (d - m[i]) * (1 - new1); \
    const T square = v[i] * beta2 + new2 * d * d;                                 \
    m[i] = mean;                                                                  \
    v[i] = square;                                                                \
    parameter[i] = WRITE(x - step_size * mean / (CK_SQRT(bound) / root2 + eps));  \
  }
  if (vmax) {
    CK_ADAM((vmax[i] = vmax[i] > square || vmax[i] != vmax[i] ? vmax[i] : square))
  } else {
    CK_ADAM(square)
  }
#undef CK_ADAM
}
#undef DECAYED
