// Points of the curve P-256 from their compressed form, which not every browser imports.
// Source: SEC 1 version 2.0 section 2.3.4; the curve's numbers FIPS 186-4 appendix D.1.2.3.

import { hex, unhex } from './bytes.js'
import { malformed } from './errors.js'

const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn

/**
 * The uncompressed point (65 bytes) of a compressed one; malformed where there is none.
 * @param {Uint8Array} point 33 bytes, the first 2 or 3
 */
export function uncompressed (point) {
  const x = BigInt(`0x${hex(point.subarray(1))}`)
  const square = (x ** 3n - 3n * x + B) % P
  const root = power(square, (P + 1n) / 4n)
  if (x >= P || (root * root - square) % P !== 0n) throw malformed('presentation: device key is not a point')
  const y = Number(root & 1n) === (point[0] & 1) ? root : P - root
  return unhex(`04${digits(x)}${digits(y)}`)
}

function power (base, exponent) {
  let result = 1n
  for (let square = base, left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % P
    square = (square * square) % P
  }
  return result
}

const digits = (number) => number.toString(16).padStart(64, '0')
