#!/usr/bin/env python3
"""Writes Sources/SwoopCore/NormalTable.swift: the inverse of the normal distribution as
polynomials, which random normal numbers are made with.

The upper tail p in (0, 1/2) is cut at every power of two and each of these octaves into four
segments; octave k holds p = 2^(-2-k) (1 + (s + w) / 4) for segment s and w in [0, 1). There the
quantile is a polynomial of degree 5 in x = 2w - 1: interpolated at Chebyshev nodes in double
precision, rounded to float32. The error that the file states is the largest found at the ends and
at 200 places of every segment, with every step of Horner's rule rounded to float32, against
statistics.NormalDist.inv_cdf (Wichura's algorithm AS 241, 1988, about 1e-16).
"""

import math
import pathlib
import statistics
import struct

OCTAVES, SEGMENTS, DEGREE = 32, 4, 5
NORMAL = statistics.NormalDist()


def rounded(value):
    """The nearest float32."""
    return struct.unpack("f", struct.pack("f", value))[0]


def quantile(octave, segment, x):
    return -NORMAL.inv_cdf(math.ldexp(1 + (segment + (x + 1) / 2) / SEGMENTS, -2 - octave))


def solved(matrix, right):
    """Gauss with pivots; six unknowns at nodes in [-1, 1] lose no digit that matters."""
    size = len(right)
    rows = [list(row) + [value] for row, value in zip(matrix, right)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(rows[row][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for row in range(column + 1, size):
            factor = rows[row][column] / rows[column][column]
            rows[row] = [a - factor * b for a, b in zip(rows[row], rows[column])]
    result = [0.0] * size
    for row in reversed(range(size)):
        known = sum(rows[row][k] * result[k] for k in range(row + 1, size))
        result[row] = (rows[row][size] - known) / rows[row][row]
    return result


def polynomial(octave, segment):
    count = DEGREE + 1
    nodes = [math.cos(math.pi * (2 * k + 1) / (2 * count)) for k in range(count)]
    matrix = [[x**power for power in range(count)] for x in nodes]
    return [rounded(c) for c in solved(matrix, [quantile(octave, segment, x) for x in nodes])]


def value(coefficients, x):
    result = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        result = rounded(rounded(result * x) + coefficient)
    return result


lines, worst = [], 0.0
for octave in range(OCTAVES):
    for segment in range(SEGMENTS):
        coefficients = polynomial(octave, segment)
        for step in range(201):
            x = rounded(-1 + step / 100 if step < 200 else 1 - 2**-23)
            worst = max(worst, abs(value(coefficients, x) - quantile(octave, segment, x)))
        lines.append("    " + ", ".join(c.hex() for c in coefficients) + ",")

# Two roundings of up to half a unit of 2^-21 (quantiles reach 6.3), and what lies below them.
exponent = max(math.ceil(math.log2(worst)), -20)
text = f"""// Written by Scripts/normal-table.py, which says how; do not edit.

// swift-format-ignore-file

/// The inverse of the normal distribution as {OCTAVES * SEGMENTS} polynomials of degree {DEGREE}, constant term
/// first, for the upper tail from {OCTAVES} octaves below 1/2, each in {SEGMENTS} segments.
package enum NormalTable {{
  /// No value is further from the true one: {worst:.3g} was the largest error found.
  package static let error: Float = 0x1p{exponent}

  package static let coefficients: [Float] = [
""" + "\n".join(lines) + """
  ]
}
"""
target = pathlib.Path(__file__).parent.parent / "Sources/SwoopCore/NormalTable.swift"
target.write_text(text)
print(f"largest error {worst:.3g}, stated as 2^{exponent}")
