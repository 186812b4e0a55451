// A strict, deterministic subset of CBOR: the only form in which our signed objects exist, as cards/cbor.py.
//
// Unsigned and negative integers, byte and text strings, arrays, maps, true, false and null; definite lengths, shortest
// heads, map keys (integers or text) strictly ascending by their encoded bytes; nothing else. One value has one
// encoding. Source: RFC 8949, sections 3 and 4.2.1.
//
// Values: number (bigint beyond 2^53), Uint8Array, string, Array, Map, boolean, null.

import { compared, hex, joined } from './bytes.js'
import { Refused, malformed } from './errors.js'

const MAX_DEPTH = 8
const SAFE = BigInt(Number.MAX_SAFE_INTEGER)
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const SIMPLE = new Map([[0xf4, false], [0xf5, true], [0xf6, null]])

/**
 * The value that `data` encodes; malformed for anything but one complete value in its only form.
 * @param {Uint8Array} data
 */
export function decode (data) {
  const reader = new Reader(data)
  const value = reader.item(0)
  if (reader.at !== data.length) throw malformed('cbor: trailing bytes')
  return value
}

class Reader {
  constructor (data) {
    this.data = data
    this.at = 0
  }

  item (depth) {
    const first = this.#take(1)[0]
    const major = first >> 5
    if (major === 7) return simple(first)
    const number = this.#number(first & 31)
    if (major === 0) return plain(number)
    if (major === 1) return typeof number === 'bigint' ? plain(-1n - number) : -1 - number
    if (major === 2) return this.#take(number).slice()
    if (major === 3) return textOf(this.#take(number))
    if (major === 6 || depth >= MAX_DEPTH) throw malformed('cbor: tag or nesting outside the subset')
    // each member takes a byte at least: a count beyond the data is refused before it is believed
    if (number > this.data.length - this.at) throw malformed('cbor: truncated')
    return major === 4 ? this.#array(number, depth + 1) : this.#map(number, depth + 1)
  }

  #number (info) {
    if (info < 24) return info
    if (info > 27) throw malformed('cbor: indefinite or reserved length')
    const size = 1 << (info - 24)
    const digits = this.#take(size)
    const number = size === 8 ? BigInt(`0x${hex(digits)}`) : digits.reduce((total, byte) => total * 256 + byte, 0)
    if (number < LEAST[size]) throw malformed('cbor: not the shortest head')
    return number
  }

  #take (size) {
    const end = this.at + Number(size)
    if (end > this.data.length) throw malformed('cbor: truncated')
    const taken = this.data.subarray(this.at, end)
    this.at = end
    return taken
  }

  #array (count, depth) {
    return Array.from({ length: count }, () => this.item(depth))
  }

  #map (count, depth) {
    const found = new Map()
    let last = new Uint8Array()
    for (let pair = 0; pair < count; pair += 1) {
      const start = this.at
      const key = this.item(depth)
      if (!isWhole(key) && typeof key !== 'string') throw malformed('cbor: map key is neither integer nor text')
      const encoded = this.data.subarray(start, this.at)
      if (compared(encoded, last) <= 0) throw malformed('cbor: map keys unsorted or repeated')
      found.set(key, this.item(depth))
      last = encoded
    }
    return found
  }
}

const LEAST = { 1: 24, 2: 2 ** 8, 4: 2 ** 16, 8: 2 ** 32 }

/** Whether a decoded value is an integer. */
export const isWhole = (value) => typeof value === 'bigint' || Number.isInteger(value)

const plain = (number) => (number <= SAFE && number >= -SAFE ? Number(number) : number)

function simple (first) {
  if (!SIMPLE.has(first)) throw malformed('cbor: a type outside the subset')
  return SIMPLE.get(first)
}

function textOf (bytes) {
  try {
    return UTF8.decode(bytes)
  } catch {
    throw malformed('cbor: text is not UTF-8')
  }
}

/**
 * The shortest head of one item; unencodable above 64 bits.
 * @param {number} major
 * @param {number|bigint} number
 */
export function head (major, number) {
  const kind = major << 5
  if (number < 24) return Uint8Array.of(kind | Number(number))
  const size = [1, 2, 4, 8].find((bytes) => BigInt(number) < 1n << BigInt(8 * bytes))
  if (size === undefined) throw unencodable('integer above 64 bits')
  const digits = BigInt(number).toString(16).padStart(2 * size, '0').match(/../g)
  return Uint8Array.of(kind | (24 + Math.log2(size)), ...digits.map((pair) => parseInt(pair, 16)))
}

/**
 * `data` as one encoded byte string.
 * @param {Uint8Array} data
 */
export const byteString = (data) => joined(head(2, data.length), data)

/** The only encoding of `value`; unencodable for what the subset does not hold. */
export function encode (value) {
  if (value === null) return Uint8Array.of(0xf6)
  if (typeof value === 'boolean') return Uint8Array.of(value ? 0xf5 : 0xf4)
  if (isWhole(value)) return value >= 0 ? head(0, value) : head(1, -1n - BigInt(value))
  if (typeof value === 'string') return text(value)
  if (value instanceof Uint8Array) return byteString(value)
  if (Array.isArray(value)) return joined(head(4, value.length), ...value.map(encode))
  if (value instanceof Map) return map(value)
  throw unencodable('outside the CBOR subset')
}

function text (value) {
  if (!value.isWellFormed()) throw unencodable('text with a lone surrogate')
  const raw = new TextEncoder().encode(value)
  return joined(head(3, raw.length), raw)
}

function map (pairs) {
  const encoded = Array.from(pairs, ([key, item]) => {
    if (!isWhole(key) && typeof key !== 'string') throw unencodable('map key is neither integer nor text')
    return joined(encode(key), encode(item))
  })
  return joined(head(5, pairs.size), ...encoded.sort(compared))
}

const unencodable = (detail) => new Refused('unencodable', detail)
