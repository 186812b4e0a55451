// Strings of bytes: compared, joined, and written as text.

/** @param {...Uint8Array} parts */
export function joined (...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/**
 * Negative, 0 or positive as the first is before, the same as, or after the second.
 * @param {Uint8Array} one
 * @param {Uint8Array} other
 */
export function compared (one, other) {
  const size = Math.min(one.length, other.length)
  for (let at = 0; at < size; at += 1) if (one[at] !== other[at]) return one[at] - other[at]
  return one.length - other.length
}

/** @param {Uint8Array} bytes */
export const hex = (bytes) => Array.from(bytes, (byte) => HEX[byte]).join('')

/** @param {string} text of an even number of hexadecimal digits */
export const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16))

/**
 * The bytes of base64 or base64url text, padded or not. Throws RangeError.
 * @param {string} text
 */
export function unbase64 (text) {
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))
  } catch {
    throw new RangeError('base64 is expected')
  }
}

/** @param {Uint8Array} content */
export const sha256 = async (content) => new Uint8Array(await crypto.subtle.digest('SHA-256', content))

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
