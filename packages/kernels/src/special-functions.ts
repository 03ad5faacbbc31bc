const SQRT2 = Math.SQRT2;
const INVERSE_SQRT_PI = 1 / Math.sqrt(Math.PI);

// Coefficients of Cody (1969), Math. Comp. 23, 631, for |x| < 0.46875, 0.46875 .. 4 and above 4.
const ERF_A = [
  3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694, 0.18577770618460315,
];
const ERF_B = [23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171];
const ERF_C = [
  0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001, 881.952221241769,
  1712.0476126340707, 2051.0783778260716, 1230.3393547979972, 2.1531153547440383e-8,
];
const ERF_D = [
  15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597,
  4362.619090143247, 3439.3676741437216, 1230.3393548037495,
];
const ERF_P = [
  0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275, 0.0006587491615298378,
  0.016315387137302097,
];
const ERF_Q = [
  2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918,
];

/** exp(-x^2) with x^2 split in two, so that rounding of the square is not amplified. */
function gaussianOf(x: number): number {
  const head = Math.trunc(x * 16) / 16;
  return Math.exp(-head * head) * Math.exp(-(x - head) * (x + head));
}

function erfNearZero(x: number): number {
  const y = x * x;
  let numerator = ERF_A[4] * y;
  let denominator = y;
  for (let i = 0; i < 3; i++) {
    numerator = (numerator + ERF_A[i]) * y;
    denominator = (denominator + ERF_B[i]) * y;
  }
  return (x * (numerator + ERF_A[3])) / (denominator + ERF_B[3]);
}

/** exp(x^2) erfc(x) for x >= 0.46875. */
function scaledErfcOfPositive(x: number): number {
  if (x <= 4) {
    let numerator = ERF_C[8] * x;
    let denominator = x;
    for (let i = 0; i < 7; i++) {
      numerator = (numerator + ERF_C[i]) * x;
      denominator = (denominator + ERF_D[i]) * x;
    }
    return (numerator + ERF_C[7]) / (denominator + ERF_D[7]);
  }
  const y = 1 / (x * x);
  let numerator = ERF_P[5] * y;
  let denominator = y;
  for (let i = 0; i < 4; i++) {
    numerator = (numerator + ERF_P[i]) * y;
    denominator = (denominator + ERF_Q[i]) * y;
  }
  return (INVERSE_SQRT_PI - (y * (numerator + ERF_P[4])) / (denominator + ERF_Q[4])) / x;
}

/** Error function. Accuracy: 5e-16 relative (test/special-functions.test.ts). Source: Cody (1969). */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size <= 0.46875) return erfNearZero(x);
  const tail = size > 27 ? 0 : gaussianOf(size) * scaledErfcOfPositive(size);
  return x > 0 ? 1 - tail : tail - 1;
}

/** Complementary error function 1 - erf(x), without cancellation for large x. Accuracy: 2e-15 relative for x < 26. */
export function erfc(x: number): number {
  const size = Math.abs(x);
  if (size <= 0.46875) return 1 - erfNearZero(x);
  const tail = size > 27 ? 0 : gaussianOf(size) * scaledErfcOfPositive(size);
  return x > 0 ? tail : 2 - tail;
}

/** Standard normal distribution function, accurate in both tails. */
export function normalCdf(x: number): number {
  return 0.5 * erfc(-x / SQRT2);
}

// Coefficients of Wichura (1988), Appl. Stat. 37, 477 (AS 241, PPND16): numerator and denominator, lowest order first.
const QUANTILE_CENTRE = [
  [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987,
    67265.7709270087, 33430.57558358813, 2509.0809287301227,
  ],
  [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852854,
  ],
] as const;
const QUANTILE_TAIL = [
  [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9,
  ],
] as const;
const QUANTILE_FAR_TAIL = [
  [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
    0.0012426609473880784, 0.000027115555687434876, 2.0103343992922881e-7,
  ],
  [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133,
    0.000018463183175100548, 1.421511758316446e-7, 2.0442631033899397e-15,
  ],
] as const;

function rational(r: number, [numerator, denominator]: readonly [readonly number[], readonly number[]]) {
  let top = numerator[7];
  let bottom = denominator[7];
  for (let i = 6; i >= 0; i--) {
    top = top * r + numerator[i];
    bottom = bottom * r + denominator[i];
  }
  return top / bottom;
}

/** Quantile of p = 1/2 + offset; `tail` is min(p, 1 - p), passed apart so that neither end loses digits. */
function quantileOf(offset: number, tail: number): number {
  if (Math.abs(offset) <= 0.425) return offset * rational(0.180625 - offset * offset, QUANTILE_CENTRE);
  const r = Math.sqrt(-Math.log(tail));
  const size = r <= 5 ? rational(r - 1.6, QUANTILE_TAIL) : rational(r - 5, QUANTILE_FAR_TAIL);
  return offset < 0 ? -size : size;
}

/** Inverse of {@link normalCdf}: -Infinity at 0, Infinity at 1, NaN outside [0, 1]. Accuracy: 1e-15 relative. */
export function normalQuantile(probability: number): number {
  if (!(probability >= 0 && probability <= 1)) return Number.NaN;
  if (probability === 0) return Number.NEGATIVE_INFINITY;
  if (probability === 1) return Number.POSITIVE_INFINITY;
  return quantileOf(probability - 0.5, Math.min(probability, 1 - probability));
}

/** Inverse of {@link erf} on [-1, 1]; infinite at the ends, NaN outside. Accuracy: 1e-15 relative. */
export function erfInverse(x: number): number {
  if (!(x >= -1 && x <= 1)) return Number.NaN;
  if (Math.abs(x) === 1) return x * Number.POSITIVE_INFINITY;
  return quantileOf(x / 2, (1 - Math.abs(x)) / 2) / SQRT2;
}

// Stirling's series, B_2k / (2k (2k - 1)).
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400];

/**
 * Logarithm of |Gamma(x)|; Infinity at zero and the negative integers. Accuracy: 1e-14 of max(1, value), by Stirling's series above
 * 10 and recurrence below.
 */
export function logGamma(x: number): number {
  if (x <= 0 && Number.isInteger(x)) return Number.POSITIVE_INFINITY;
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - logGamma(1 - x);
  if (x === Number.POSITIVE_INFINITY) return x;
  let product = 1;
  let shifted = x;
  while (shifted < 10) product *= shifted++;
  const inverse = 1 / shifted;
  const square = inverse * inverse;
  let series = 0;
  for (let i = STIRLING.length - 1; i >= 0; i--) series = series * square + STIRLING[i];
  return (
    (shifted - 0.5) * Math.log(shifted) -
    shifted +
    0.5 * Math.log(2 * Math.PI) +
    series * inverse -
    Math.log(product)
  );
}
