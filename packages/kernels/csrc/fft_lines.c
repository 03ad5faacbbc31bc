#include "fft-lines.h"

typedef struct {
  vf re, im;
} complex_v;

INLINE complex_v load_element(const float *p) { return (complex_v){*(const vf *)p, *(const vf *)(p + LANES)}; }
INLINE void store_element(float *p, complex_v z) {
  *(vf *)p = z.re;
  *(vf *)(p + LANES) = z.im;
}
INLINE complex_v add(complex_v a, complex_v b) { return (complex_v){a.re + b.re, a.im + b.im}; }
INLINE complex_v sub(complex_v a, complex_v b) { return (complex_v){a.re - b.re, a.im - b.im}; }
/* a + i s b for real s = 1 or -1 */
INLINE complex_v add_i(complex_v a, complex_v b) { return (complex_v){a.re - b.im, a.im + b.re}; }
INLINE complex_v sub_i(complex_v a, complex_v b) { return (complex_v){a.re + b.im, a.im - b.re}; }
INLINE complex_v times(complex_v a, float re, float im) {
  return (complex_v){a.re * re - a.im * im, a.re * im + a.im * re};
}

INLINE void butterfly_2(complex_v z[]) {
  complex_v a = z[0];
  z[0] = add(a, z[1]);
  z[1] = sub(a, z[1]);
}

INLINE void butterfly_3(complex_v z[]) {
  const float sine = 0.86602540378443865f; /* sin(2 pi / 3) */
  complex_v sum = add(z[1], z[2]), difference = sub(z[1], z[2]);
  complex_v middle = {z[0].re - 0.5f * sum.re, z[0].im - 0.5f * sum.im};
  complex_v side = {difference.re * sine, difference.im * sine};
  z[0] = add(z[0], sum);
  z[1] = sub_i(middle, side);
  z[2] = add_i(middle, side);
}

INLINE void butterfly_4(complex_v z[]) {
  complex_v a = add(z[0], z[2]), b = sub(z[0], z[2]), c = add(z[1], z[3]), d = sub(z[1], z[3]);
  z[0] = add(a, c);
  z[1] = sub_i(b, d);
  z[2] = sub(a, c);
  z[3] = add_i(b, d);
}

INLINE void butterfly_5(complex_v z[]) {
  const float c1 = 0.30901699437494742f, c2 = -0.80901699437494742f; /* cos(2 pi / 5), cos(4 pi / 5) */
  const float s1 = 0.95105651629515357f, s2 = 0.58778525229247313f;  /* sin(2 pi / 5), sin(4 pi / 5) */
  complex_v a = add(z[1], z[4]), b = sub(z[1], z[4]), c = add(z[2], z[3]), d = sub(z[2], z[3]), first = z[0];
  complex_v near = {first.re + c1 * a.re + c2 * c.re, first.im + c1 * a.im + c2 * c.im};
  complex_v far = {first.re + c2 * a.re + c1 * c.re, first.im + c2 * a.im + c1 * c.im};
  complex_v near_side = {s1 * b.re + s2 * d.re, s1 * b.im + s2 * d.im};
  complex_v far_side = {s2 * b.re - s1 * d.re, s2 * b.im - s1 * d.im};
  z[0] = add(first, add(a, c));
  z[1] = sub_i(near, near_side);
  z[2] = sub_i(far, far_side);
  z[3] = add_i(far, far_side);
  z[4] = add_i(near, near_side);
}

INLINE void butterfly_8(complex_v z[]) {
  const float root = 0.70710678118654752f; /* cos(pi / 4) */
  complex_v even[4] = {z[0], z[2], z[4], z[6]}, odd[4] = {z[1], z[3], z[5], z[7]};
  butterfly_4(even);
  butterfly_4(odd);
  complex_v turned_1 = {(odd[1].re + odd[1].im) * root, (odd[1].im - odd[1].re) * root};
  complex_v turned_3 = {(odd[3].im - odd[3].re) * root, (odd[3].re + odd[3].im) * -root};
  z[0] = add(even[0], odd[0]);
  z[1] = add(even[1], turned_1);
  z[2] = sub_i(even[2], odd[2]);
  z[3] = add(even[3], turned_3);
  z[4] = sub(even[0], odd[0]);
  z[5] = sub(even[1], turned_1);
  z[6] = add_i(even[2], odd[2]);
  z[7] = sub(even[3], turned_3);
}

/* Fours of fours, with exp(-2 pi i r q / 16) between them: two passes' work on what the nearest cache holds. */
INLINE void butterfly_16(complex_v z[]) {
  const float c1 = 0.92387953251128674f, s1 = 0.38268343236508977f, root = 0.70710678118654752f; /* of pi / 8 and pi / 4 */
  const float turns[4][4][2] = {{{1, 0}, {1, 0}, {1, 0}, {1, 0}},
                                {{1, 0}, {c1, -s1}, {root, -root}, {s1, -c1}},
                                {{1, 0}, {root, -root}, {0, -1}, {-root, -root}},
                                {{1, 0}, {s1, -c1}, {-root, -root}, {-c1, s1}}};
  complex_v rows[4][4];
  for (int r = 0; r < 4; r++) {
    complex_v column[4] = {z[r], z[r + 4], z[r + 8], z[r + 12]};
    butterfly_4(column);
    for (int q = 0; q < 4; q++) rows[q][r] = r && q ? times(column[q], turns[r][q][0], turns[r][q][1]) : column[q];
  }
  for (int q = 0; q < 4; q++) {
    butterfly_4(rows[q]);
    for (int s = 0; s < 4; s++) z[q + 4 * s] = rows[q][s];
  }
}

INLINE void butterfly(const int radix, complex_v z[]) {
  if (radix == 2) butterfly_2(z);
  if (radix == 3) butterfly_3(z);
  if (radix == 4) butterfly_4(z);
  if (radix == 5) butterfly_5(z);
  if (radix == 8) butterfly_8(z);
  if (radix == 16) butterfly_16(z);
}

/* One p of a pass: `stride` butterflies with the same twiddle factors. */
INLINE void pass_row(const int radix, const float *x, float *y, ptrdiff_t x_step, int stride, const float *twiddles) {
  for (int q = 0; q < stride; q++) {
    complex_v z[16];
    for (int r = 0; r < radix; r++) z[r] = load_element(x + q * ELEMENT + r * x_step);
    butterfly(radix, z);
    if (twiddles)
      for (int r = 1; r < radix; r++) z[r] = times(z[r], twiddles[2 * r - 2], twiddles[2 * r - 1]);
    for (int r = 0; r < radix; r++) store_element(y + (q + (ptrdiff_t)r * stride) * ELEMENT, z[r]);
  }
}

/* A pass over m * radix * stride elements: y[q + stride (radix p + r)] = w^(p r) sum_s x[q + stride (p + m s)] w_radix^(r s). */
INLINE void pass(const int radix, const float *x, float *y, int m, int stride, const float *twiddles) {
  ptrdiff_t x_step = (ptrdiff_t)m * stride * ELEMENT;
  pass_row(radix, x, y, x_step, stride, NULL);
  for (int p = 1; p < m; p++)
    pass_row(radix, x + (ptrdiff_t)p * stride * ELEMENT, y + (ptrdiff_t)p * radix * stride * ELEMENT, x_step, stride,
             twiddles + (p - 1) * 2 * (radix - 1));
}

static void pass_2(const float *x, float *y, int m, int stride, const float *twiddles) { pass(2, x, y, m, stride, twiddles); }
static void pass_3(const float *x, float *y, int m, int stride, const float *twiddles) { pass(3, x, y, m, stride, twiddles); }
static void pass_4(const float *x, float *y, int m, int stride, const float *twiddles) { pass(4, x, y, m, stride, twiddles); }
static void pass_5(const float *x, float *y, int m, int stride, const float *twiddles) { pass(5, x, y, m, stride, twiddles); }
static void pass_8(const float *x, float *y, int m, int stride, const float *twiddles) { pass(8, x, y, m, stride, twiddles); }
static void pass_16(const float *x, float *y, int m, int stride, const float *twiddles) { pass(16, x, y, m, stride, twiddles); }

const float *transform_lines(const struct axis *axis, const float *in, float *a, float *b, float *out) {
  const float *x = in, *twiddles = axis->twiddles;
  int m = axis->size, stride = 1;
  if (axis->radices[0] == 0 && out) {
    store_element(out, load_element(in));
    return out;
  }
  for (const int32_t *radix = axis->radices; *radix; radix++) {
    m /= *radix;
    float *y = radix[1] == 0 && out ? out : x == a ? b : a;
    if (*radix == 2) pass_2(x, y, m, stride, twiddles);
    if (*radix == 3) pass_3(x, y, m, stride, twiddles);
    if (*radix == 4) pass_4(x, y, m, stride, twiddles);
    if (*radix == 5) pass_5(x, y, m, stride, twiddles);
    if (*radix == 8) pass_8(x, y, m, stride, twiddles);
    if (*radix == 16) pass_16(x, y, m, stride, twiddles);
    twiddles += (m - 1) * 2 * (*radix - 1);
    stride *= *radix;
    x = y;
  }
  return x;
}

/* How many lines a pass transforms at once; radices depend on it (../src/_fft-axis.ts). */
KERNEL double lf_fft_lines_at_once(void) { return LANES; }
