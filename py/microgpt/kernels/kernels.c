/* What the numpy of a browser tab is slow at, for WebAssembly with SIMD.
 *
 * Pyodide's numpy has no BLAS and no SIMD, and every call costs it a microsecond. Here a list of
 * calls is one call: `run` goes through steps that Python wrote down (encode.py), each an operation
 * on arrays in numpy's own memory. Nothing is allocated and nothing is kept between two runs.
 *
 * Built with clang 19.1.7, in this folder; a test does it again and compares:
 *
 *   clang-19 --target=wasm32-unknown-emscripten -Os -ffreestanding -nostdlib \
 *     -fvisibility=hidden -fPIC -msimd128 -mbulk-memory -c kernels.c -o kernels.o
 *   wasm-ld-19 -shared --experimental-pic --no-entry --export-if-defined=run --strip-all \
 *     kernels.o -o kernels.wasm
 */

#include <wasm_simd128.h>

/* The same names in the same order as in encode.py. The first are elementwise. */
enum {
  ADD, SUBTRACT, MULTIPLY, DIVIDE, MAXIMUM, MINIMUM, EXP, LOG, SQRT, TANH, ABSOLUTE, NEGATIVE,
  GREATER, GREATER_EQUAL, LESS, MASK, SELECT, COPY, ADD_INTEGERS,
  SUM, LARGEST, PRODUCT, TAKE, PUT,
};

/* Strides are in bytes, the last axis is the innermost; a stride of 0 repeats. */
typedef struct {
  char *data;
  int stride[4];
} Array;

/* In a product the shape is (batch, batch, rows, columns), and `depth` is what is summed over. */
typedef struct {
  int operation, size, depth, shape[4]; /* size: bytes of a number */
  Array out, a, b;
} Step;

enum { CHUNK = 256, DEPTH = 256, WIDTH = 256 };

/* Rows of operands that do not lie side by side are gathered here, some at a time. */
static double gathered[3][CHUNK];
static double packed[DEPTH * WIDTH], packed_rows[4 * DEPTH];

#define T float
#define INT int
#define LANES 4
#define V_(name) wasm_f32x4_##name
#define NAME(name) name##_f32
#include "typed.h"

#define T double
#define INT long long
#define LANES 2
#define V_(name) wasm_f64x2_##name
#define NAME(name) name##_f64
#include "typed.h"

#define MOVE(T) \
  for (int i = 0; i < n; i++) *(T *)(out + i * to) = *(const T *)(a + i * from)

static void move(int n, int size, char *out, int to, const char *a, int from) {
  if (to == size && from == size) __builtin_memcpy(out, a, n * size);
  else if (size == 8) MOVE(double);
  else if (size == 4) MOVE(float);
  else MOVE(char);
}

static void map(int operation, int n, int size, char *out, const char *a, const char *b) {
  if (operation == COPY) {
    __builtin_memcpy(out, a, n * size);
  } else if (operation == ADD_INTEGERS) {
    for (int i = 0; i < n; i++) ((int *)out)[i] = ((const int *)a)[i] + ((const int *)b)[i];
  } else if (size == 4) {
    map_f32(operation, n, (float *)out, (const float *)a, (const float *)b);
  } else {
    map_f64(operation, n, (double *)out, (const double *)a, (const double *)b);
  }
}

/* The innermost axis of an elementwise step. */
static void row(const Step *s, char *out, const char *a, const char *b) {
  int operation = s->operation, n = s->shape[3], size = s->size;
  int sizes[3] = {operation >= GREATER && operation <= LESS ? 1 : size, size,
                  operation == MASK || operation == SELECT ? 1 : size};
  int strides[3] = {s->out.stride[3], s->a.stride[3], s->b.stride[3]};
  if (operation == COPY) {
    move(n, size, out, strides[0], a, strides[1]);
    return;
  }
  const char *from[3] = {out, a, b};
  int whole = 1;
  for (int j = 0; j < 3; j++) whole &= strides[j] == sizes[j];
  if (whole || n < 1) {
    map(operation, n, size, out, a, b);
    return;
  }
  for (int start = 0; start < n; start += CHUNK) {
    int count = n - start < CHUNK ? n - start : CHUNK;
    const char *at[3];
    for (int j = 0; j < 3; j++) {
      at[j] = from[j] + start * strides[j];
      if (strides[j] == sizes[j]) continue;
      /* What repeats is gathered once; an output that is only written, never. */
      if ((j || operation == SELECT) && (strides[j] || !start))
        move(count, sizes[j], (char *)gathered[j], sizes[j], at[j], strides[j]);
      at[j] = (char *)gathered[j];
    }
    map(operation, count, size, (char *)at[0], at[1], at[2]);
    if (strides[0] != sizes[0])
      move(count, sizes[0], out + start * strides[0], strides[0], at[0], sizes[0]);
  }
}

/* out += the sum of a row, or out = the largest of both. */
static void fold(const Step *s, char *out, const char *a) {
  int n = s->shape[3], size = s->size, stride = s->a.stride[3];
  for (int start = 0; start < n; start += CHUNK) {
    int count = n - start < CHUNK ? n - start : CHUNK;
    const char *at = a + start * stride;
    if (stride != size) {
      move(count, size, (char *)gathered[1], size, at, stride);
      at = (char *)gathered[1];
    }
    if (size == 4) fold_f32(s->operation, count, (float *)out, (const float *)at);
    else fold_f64(s->operation, count, (double *)out, (const double *)at);
  }
}

/* Where the i-th index points, of so many; beyond the ends it is the end. */
static int index_at(const Array *index, int i, int length) {
  int at = *(const int *)(index->data + i * index->stride[3]);
  return at < 0 ? 0 : at >= length ? length - 1 : at;
}

static void step(const Step *s) {
  if (s->operation == TAKE) { /* rows of `size` bytes */
    for (int i = 0; i < s->shape[3]; i++)
      __builtin_memcpy(s->out.data + i * s->size,
                       s->a.data + index_at(&s->b, i, s->depth) * s->size, s->size);
    return;
  }
  if (s->operation == PUT) {
    for (int i = 0; i < s->shape[3]; i++)
      move(1, s->size, s->out.data + index_at(&s->b, i, s->depth) * s->size, 0,
           s->a.data + i * s->a.stride[3], 0);
    return;
  }
  int inner = s->operation == PRODUCT ? 1 : s->shape[2];
  for (int i = 0; i < s->shape[0]; i++)
    for (int j = 0; j < s->shape[1]; j++)
      for (int k = 0; k < inner; k++) {
#define AT(x) (s->x.data + i * s->x.stride[0] + j * s->x.stride[1] + k * s->x.stride[2])
        if (s->operation == PRODUCT && s->size == 4)
          product_f32(s, (float *)AT(out), (const float *)AT(a), (const float *)AT(b));
        else if (s->operation == PRODUCT)
          product_f64(s, (double *)AT(out), (const double *)AT(a), (const double *)AT(b));
        else if (s->operation < SUM)
          row(s, AT(out), AT(a), AT(b));
        else
          fold(s, AT(out), AT(a));
      }
}

typedef struct {
  int count;
  Step steps[];
} Program;

__attribute__((visibility("default"))) void run(const Program *program) {
  for (int i = 0; i < program->count; i++) step(&program->steps[i]);
}
