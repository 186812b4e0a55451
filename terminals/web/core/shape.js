// Strict reading of JSON values. A key that is not known is refused: to leave out a limit would be to lift it.

/**
 * An object with all required keys and no others than the optional ones. Throws RangeError.
 * @param {unknown} value
 * @param {string[]} required
 * @param {string[]} optional
 */
export function record (value, required, optional = []) {
  const node = listed(value)
  for (const key of Object.keys(node)) {
    if (!required.includes(key) && !optional.includes(key)) throw new RangeError(`unknown key ${key}`)
  }
  for (const key of required) if (!(key in node)) throw new RangeError(`${key} is required`)
  return node
}

/** An object with any keys. Throws RangeError. */
export function listed (value) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new RangeError('an object is expected')
  return value
}

/** A list whose members are read one by one. Throws RangeError. */
export function each (value, read) {
  if (!Array.isArray(value)) throw new RangeError('a list is expected')
  return value.map((item) => read(item))
}

/** A string of 1 to `longest` characters. Throws RangeError. */
export function text (value, longest = 200) {
  if (typeof value !== 'string' || value === '' || value.length > 2 * longest || [...value].length > longest) {
    throw new RangeError('a text is expected')
  }
  return value
}

/** A string out of a closed list. Throws RangeError. */
export function word (value, known) {
  if (!known.includes(value)) throw new RangeError(`${value} is not one of ${known.join(', ')}`)
  return value
}

/** A whole number from `low` to `high`. Throws RangeError. */
export function whole (value, low = 0, high = 1_000_000_000) {
  if (!Number.isInteger(value) || value < low || value > high) throw new RangeError(`${low} to ${high} expected`)
  return value
}

/** true or false. Throws RangeError. */
export function flag (value) {
  if (typeof value !== 'boolean') throw new RangeError('true or false is expected')
  return value
}

/** A set of strings, written as a list without repetition. Throws RangeError. */
export function words (value) {
  const read = each(value, text)
  const found = new Set(read)
  if (found.size < read.length) throw new RangeError('a word is repeated')
  return found
}
