// Amounts of money: whole numbers (BigInt) of 0.0001 euro, the smallest amount that prices know; rounding is half up.

export const ZERO = 0n
export const UNITS = 10_000n
const AMOUNT = /^([0-9]{1,8})(?:\.([0-9]{1,4}))?$/

/**
 * The amount in a text such as "0.85". Throws RangeError for anything else, a negative amount among it.
 * @param {string} text
 * @returns {bigint}
 */
export function amountOf (text) {
  const found = typeof text === 'string' ? AMOUNT.exec(text) : null
  if (!found) throw new RangeError(`an amount such as "0.85" is expected, not ${text}`)
  return BigInt(found[1]) * UNITS + BigInt((found[2] ?? '').padEnd(4, '0'))
}

/**
 * An amount with 4 decimals.
 * @param {bigint} amount
 */
export function amountText (amount) {
  return pointed(amount, 4)
}

/**
 * A share of an amount, half up.
 * @param {bigint} amount not negative
 * @param {bigint} part
 * @param {bigint} whole
 */
export function share (amount, part, whole) {
  return (2n * amount * part + whole) / (2n * whole)
}

/**
 * In whole cents, half up, as text: for a till, never for a single use in the ledger.
 * @param {bigint} amount
 */
export function centsText (amount) {
  return pointed(share(amount, 100n, UNITS), 2)
}

export const least = (one, other) => (one < other ? one : other)
export const most = (one, other) => (one > other ? one : other)

function pointed (number, places) {
  const digits = number.toString().padStart(places + 1, '0')
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`
}
