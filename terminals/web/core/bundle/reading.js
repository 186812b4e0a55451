// Strict reading of the payloads of the bundle: exactly the keys expected, exactly the types, as
// terminals/bundle/reading.py. Every refusal is `bundle.malformed`.

import * as cbor from '../cbor.js'
import { Refused } from '../errors.js'

/** Claim numbers of RFC 8392 section 3.1. */
export const [ISS, EXP, IAT] = [1, 4, 6]
/** The largest moment (Unix seconds) and sequence number taken. */
export const LATEST = 2 ** 40

/** @param {string} detail */
export const unreadable = (detail) => new Refused('bundle.malformed', detail)

/**
 * What `read` gives; its refusals as those of an object of the bundle.
 * @template T
 * @param {() => T} read
 * @returns {T}
 */
export function readable (read) {
  try {
    return read()
  } catch (refused) {
    if (refused instanceof Refused || refused instanceof RangeError || refused instanceof SyntaxError) {
      throw unreadable(refused.message)
    }
    throw refused
  }
}

/**
 * The payload as a map of exactly these keys.
 * @param {Uint8Array} payload
 * @param {(number|string)[]} keys
 */
export function record (payload, keys) {
  const value = readable(() => cbor.decode(payload))
  if (!(value instanceof Map) || value.size !== keys.length || !keys.every((key) => value.has(key))) {
    throw unreadable('other claims than expected')
  }
  return value
}

/** A whole number from 0 to `most`. */
export function number (value, most = LATEST) {
  if (!Number.isInteger(value) || value < 0 || value > most) throw unreadable('a number is expected')
  return value
}

/** Text of 1 to `longest` characters. */
export function text (value, longest = 200) {
  if (typeof value !== 'string' || value === '' || value.length > 2 * longest || [...value].length > longest) {
    throw unreadable('a text is expected')
  }
  return value
}

/** Bytes, of exactly `size` where it is given. */
export function blob (value, size = null) {
  if (!(value instanceof Uint8Array) || (size !== null && value.length !== size)) throw unreadable('bytes are expected')
  return value
}

/** An array of exactly so many items. */
export function row (value, size) {
  if (!Array.isArray(value) || value.length !== size) throw unreadable(`${size} values are expected`)
  return value
}

/** The items of an array, each read. */
export function each (value, read) {
  if (!Array.isArray(value)) throw unreadable('an array is expected')
  return value.map((item) => read(item))
}

/**
 * Refuses keys that are not strictly ascending: one content has one form.
 * @template T
 * @param {T[]} keys
 * @param {(one: T, other: T) => number} compare
 */
export function ascending (keys, compare = (one, other) => one - other) {
  for (let at = 1; at < keys.length; at += 1) {
    if (compare(keys[at - 1], keys[at]) >= 0) throw unreadable('unsorted or repeated')
  }
}
