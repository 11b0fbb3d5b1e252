/* The part of kernels.c that is the same for float and double but for the words; included twice.
 *
 * A vector V holds LANES numbers of type T. It may begin at any address.
 */

#define V NAME(vector)
#define BITS NAME(bits)
typedef T V __attribute__((vector_size(16), aligned(1)));
typedef INT BITS __attribute__((vector_size(16), aligned(1)));

#define LOAD(p) (*(const V *)(p))
#define STORE(p, v) (*(V *)(p) = (v))
#define ALL(x) ((V)V_(splat)(x))
#define CHOOSE(where, x, y) ((V)(((BITS)(x) & (BITS)(where)) | ((BITS)(y) & ~(BITS)(where))))
#define MANTISSA (sizeof(T) == 4 ? 23 : 52)

/* Adding this shifts a number's fraction out, and leaves it rounded in the lowest bits. */
#define ROUNDER ((T)(sizeof(T) == 4 ? 12582912.0 : 6755399441055744.0))

/* e to the x: 2 to the n, times e to the rest, which is at most half of log 2.
   What numpy would still give as one of the very smallest numbers is 0. */
static V NAME(exp)(V x) {
  const T high = sizeof(T) == 4 ? 88.72 : 709.78, low = sizeof(T) == 4 ? -86 : -707;
  V z = CHOOSE(x > high, ALL(high), CHOOSE(x < low, ALL(low), x));
  V shifted = z * (T)1.4426950408889634 + ROUNDER, n = shifted - ROUNDER;
  /* log 2 in two parts: the first has so few digits that its product with n is exact. */
  V r = z - n * (T)0.693145751953125;
  r = r - n * (T)1.428606820309417232e-6;
  V p = ALL(sizeof(T) == 4 ? 1.0 / 5040 : 1.0 / 6227020800);
  if (sizeof(T) == 8) {
    p = p * r + (T)(1.0 / 479001600);
    p = p * r + (T)(1.0 / 39916800);
    p = p * r + (T)(1.0 / 3628800);
    p = p * r + (T)(1.0 / 362880);
    p = p * r + (T)(1.0 / 40320);
    p = p * r + (T)(1.0 / 5040);
  }
  p = p * r + (T)(1.0 / 720);
  p = p * r + (T)(1.0 / 120);
  p = p * r + (T)(1.0 / 24);
  p = p * r + (T)(1.0 / 6);
  p = p * r + (T)0.5;
  p = p * r + 1;
  p = p * r + 1;
  /* Twice half the power: 2 to the 128 is no number, but the result may be one. */
  p = (V)((BITS)(p * (T)0.5) + ((BITS)shifted << MANTISSA)) * 2;
  p = CHOOSE(x > high, ALL(__builtin_inf()), p);
  return CHOOSE(x < low, ALL(0), p);
}

/* log x = e log 2 + log m, for m about 1, where log m = 2 artanh((m - 1) / (m + 1)). */
static V NAME(log)(V x) {
  const T tiny = sizeof(T) == 4 ? 1.17549435e-38 : 2.2250738585072014e-308;
  const T lift = sizeof(T) == 4 ? 16777216.0 : 18014398509481984.0; /* 2 to the 24 or 54 */
  V z = CHOOSE(x < tiny, x * lift, x);
  BITS root = (BITS)ALL(0.70710678118654752);
  BITS e = ((BITS)z - root) >> MANTISSA;
  V m = (V)((BITS)z - (e << MANTISSA));
  V power = __builtin_convertvector(e, V);
  power = power - CHOOSE(x < tiny, ALL(sizeof(T) == 4 ? 24 : 54), ALL(0));
  V s = (m - 1) / (m + 1), q = s * s, p = ALL(0);
  for (int odd = sizeof(T) == 4 ? 9 : 23; odd > 1; odd -= 2) p = (p + 1 / (T)odd) * q;
  V y = power * (T)0.693145751953125 + (s * 2 * (p + 1) + power * (T)1.428606820309417232e-6);
  y = CHOOSE(x == 0, ALL(-__builtin_inf()), y);
  y = CHOOSE(x < 0, ALL(__builtin_nan("")), y);
  return CHOOSE((x == (T)__builtin_inf()) | (x != x), x, y);
}

/* Near zero by its series, because 1 - 2 / (e^2x + 1) would lose digits there. Good for float. */
static V NAME(tanh)(V x) {
  V positive = V_(abs)(x), q = x * x;
  V far = 1 - 2 / (NAME(exp)(positive * 2) + 1);
  V near = q * (T)(62.0 / 2835) - (T)(17.0 / 315);
  near = (near * q + (T)(2.0 / 15)) * q - (T)(1.0 / 3);
  near = near * q * x + x;
  return CHOOSE(positive < (T)0.3, near, CHOOSE(x < 0, -far, far));
}

/* Whole vectors, and then what is left through one with gaps. */
#define EACH(VALUE)                                          \
  {                                                          \
    int i = 0;                                               \
    for (; i <= n - LANES; i += LANES) {                     \
      V x = LOAD(a + i), y = LOAD(b + i);                    \
      (void)x, (void)y;                                      \
      STORE(out + i, VALUE);                                 \
    }                                                        \
    if (i < n) {                                             \
      T xs[LANES] = {0}, ys[LANES] = {0};                    \
      for (int j = 0; j < n - i; j++) xs[j] = a[i + j], ys[j] = b[i + j]; \
      V x = LOAD(xs), y = LOAD(ys);                          \
      (void)x, (void)y;                                      \
      STORE(xs, VALUE);                                      \
      for (int j = 0; j < n - i; j++) out[i + j] = xs[j];    \
    }                                                        \
    return;                                                  \
  }
#define EACH_ALONE(STATEMENT)                                \
  {                                                          \
    _Pragma("clang loop vectorize(assume_safety)")           \
    for (int i = 0; i < n; i++) STATEMENT;                   \
    return;                                                  \
  }

/* `out` may be one of the operands, but not otherwise overlap them. */
static void NAME(map)(int operation, int n, T *out, const T *a, const T *b) {
  switch (operation) {
    case ADD: EACH(x + y)
    case SUBTRACT: EACH(x - y)
    case MULTIPLY: EACH(x * y)
    case DIVIDE: EACH(x / y)
    case MAXIMUM: EACH((V)V_(max)(x, y))
    case MINIMUM: EACH((V)V_(min)(x, y))
    case EXP: EACH(NAME(exp)(x))
    case LOG: EACH(NAME(log)(x))
    case SQRT: EACH((V)V_(sqrt)(x))
    case TANH: EACH(NAME(tanh)(x))
    case ABSOLUTE: EACH((V)V_(abs)(x))
    case NEGATIVE: EACH(-x)
    case GREATER: EACH_ALONE(((char *)out)[i] = a[i] > b[i])
    case GREATER_EQUAL: EACH_ALONE(((char *)out)[i] = a[i] >= b[i])
    case LESS: EACH_ALONE(((char *)out)[i] = a[i] < b[i])
    case MASK: EACH_ALONE(out[i] = a[i] * ((const char *)b)[i])
    case SELECT: EACH_ALONE(out[i] = ((const char *)b)[i] ? a[i] : out[i])
  }
}

static void NAME(fold)(int operation, int n, T *out, const T *a) {
  T lanes[LANES], result = *out;
  int i = 0;
  if (operation == SUM) {
    V first = ALL(0), second = first;
    for (; i <= n - 2 * LANES; i += 2 * LANES)
      first = first + LOAD(a + i), second = second + LOAD(a + i + LANES);
    STORE(lanes, first + second);
    T sum = 0;
    for (int j = 0; j < LANES; j++) sum += lanes[j];
    for (; i < n; i++) sum += a[i];
    *out = result + sum;
    return;
  }
  V largest = ALL(result);
  for (; i <= n - LANES; i += LANES) largest = V_(max)(largest, LOAD(a + i));
  for (; i < n; i++) largest = V_(max)(largest, ALL(a[i]));
  STORE(lanes, largest);
  for (int j = 0; j < LANES; j++) /* not a number stays so */
    result = lanes[j] > result || lanes[j] != lanes[j] ? lanes[j] : result;
  *out = result;
}

/* ---- products
 *
 * Four rows by two vectors of the result at a time, which are all the registers there are, summed
 * over at most DEPTH. What of b such a panel needs is packed side by side, if more than a few
 * blocks of rows will read it.
 */

#define PANEL (2 * LANES)
#define PANELS ((T *)packed)
#define ROWS ((T *)packed_rows)

static void NAME(pack)(int depth, int columns, T *to, const T *b, int down, int across) {
  if (columns == PANEL && across == 1) {
    for (int k = 0; k < depth; k++, b += down, to += PANEL) {
      STORE(to, LOAD(b));
      STORE(to + LANES, LOAD(b + LANES));
    }
    return;
  }
  for (int j = 0; j < PANEL; j++)
    for (int k = 0; k < depth; k++)
      to[k * PANEL + j] = j < columns ? b[k * down + j * across] : 0;
}

/* A block of at most 4 rows and PANEL columns: out = a b, or out += a b. */
static void NAME(block)(int depth, int rows, int columns, T *out, int down, int across,
                        const T *const *a, int along, const T *b, int next, int add) {
  const T *a0 = a[0], *a1 = a[1], *a2 = a[2], *a3 = a[3];
  V zero = ALL(0);
  V c00 = zero, c01 = zero, c10 = zero, c11 = zero;
  V c20 = zero, c21 = zero, c30 = zero, c31 = zero;
  for (int k = 0; k < depth; k++, b += next) {
    V left = LOAD(b), right = LOAD(b + LANES), x;
    x = ALL(*a0), a0 += along, c00 += x * left, c01 += x * right;
    x = ALL(*a1), a1 += along, c10 += x * left, c11 += x * right;
    x = ALL(*a2), a2 += along, c20 += x * left, c21 += x * right;
    x = ALL(*a3), a3 += along, c30 += x * left, c31 += x * right;
  }
  if (rows == 4 && columns == PANEL && across == 1) {
#define PUT_ROW(i, x, y)                                     \
  {                                                          \
    T *to = out + i * down;                                  \
    STORE(to, add ? LOAD(to) + x : x);                       \
    STORE(to + LANES, add ? LOAD(to + LANES) + y : y);       \
  }
    PUT_ROW(0, c00, c01)
    PUT_ROW(1, c10, c11)
    PUT_ROW(2, c20, c21)
    PUT_ROW(3, c30, c31)
    return;
  }
  T all[4 * PANEL];
  STORE(all, c00), STORE(all + LANES, c01);
  STORE(all + PANEL, c10), STORE(all + PANEL + LANES, c11);
  STORE(all + 2 * PANEL, c20), STORE(all + 2 * PANEL + LANES, c21);
  STORE(all + 3 * PANEL, c30), STORE(all + 3 * PANEL + LANES, c31);
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < columns; j++) {
      T *to = out + i * down + j * across;
      *to = (add ? *to : 0) + all[i * PANEL + j];
    }
}

static void NAME(product)(const Step *s, T *out, const T *a, const T *b) {
  const int size = sizeof(T), rows = s->shape[2], columns = s->shape[3];
  const int down = s->out.stride[2] / size, across = s->out.stride[3] / size;
  const int a_down = s->a.stride[2] / size, a_across = s->a.stride[3] / size;
  const int b_down = s->b.stride[2] / size, b_across = s->b.stride[3] / size;
  /* Once even if there is nothing to sum: then the result is 0. */
  for (int k = 0; k == 0 || k < s->depth; k += DEPTH) {
    int depth = s->depth - k < DEPTH ? s->depth - k : DEPTH;
    for (int first = 0; first < columns; first += WIDTH) {
      int width = columns - first < WIDTH ? columns - first : WIDTH;
      const T *from = b + k * b_down + first * b_across;
      int in_place = rows <= 16 && b_across == 1; /* not worth packing */
      for (int j = in_place ? width / PANEL * PANEL : 0; j < width; j += PANEL)
        NAME(pack)(depth, width - j < PANEL ? width - j : PANEL, PANELS + j * depth,
                   from + j * b_across, b_down, b_across);
      for (int i = 0; i < rows; i += 4) {
        int count = rows - i < 4 ? rows - i : 4, along = a_across;
        const T *begin[4], *start = a + i * a_down + k * a_across;
        /* Where rows are missing the first stands for them, and its result is dropped. */
        for (int r = 0; r < 4; r++) begin[r] = start + (r < count ? r : 0) * a_down;
        if (a_across != 1) {
          for (int at = 0; at < depth; at++)
            for (int r = 0; r < 4; r++) ROWS[at * 4 + r] = begin[r][at * a_across];
          for (int r = 0; r < 4; r++) begin[r] = ROWS + r;
          along = 4;
        }
        for (int j = 0; j < width; j += PANEL) {
          int use = width - j < PANEL ? width - j : PANEL, direct = in_place && use == PANEL;
          NAME(block)(depth, count, use, out + i * down + (first + j) * across, down, across,
                      begin, along, direct ? from + j : PANELS + j * depth,
                      direct ? b_down : PANEL, k > 0);
        }
      }
    }
  }
}

#undef V
#undef BITS
#undef LOAD
#undef STORE
#undef ALL
#undef CHOOSE
#undef MANTISSA
#undef ROUNDER
#undef EACH
#undef EACH_ALONE
#undef PANEL
#undef PANELS
#undef ROWS
#undef PUT_ROW
#undef T
#undef INT
#undef LANES
#undef V_
#undef NAME
