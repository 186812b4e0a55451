// Base45: bytes as the 45 characters that QR codes store in 5.5 bits each (RFC 9285), as cards/base45.py.

import { malformed } from './errors.js'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
const VALUE = new Map(Array.from(ALPHABET, (letter, value) => [letter, value]))

/**
 * Three characters for two bytes, two for a last odd one.
 * @param {Uint8Array} data
 */
export function encode (data) {
  let text = ''
  for (let at = 0; at + 1 < data.length; at += 2) {
    const word = data[at] * 256 + data[at + 1]
    text += pair(word % 2025) + ALPHABET[Math.floor(word / 2025)]
  }
  return data.length % 2 ? text + pair(data[data.length - 1]) : text
}

/**
 * The bytes of `text`; malformed for a foreign character, a lone last one, or a group above 65535 (255).
 * @param {string} text
 */
export function decode (text) {
  const values = Array.from(text, valueOf)
  const whole = values.length - (values.length % 3)
  const tail = tailOf(values.slice(whole))
  const data = new Uint8Array((whole / 3) * 2 + tail.length)
  for (let at = 0, to = 0; at < whole; at += 3, to += 2) {
    const word = values[at] + 45 * values[at + 1] + 2025 * values[at + 2]
    if (word > 0xffff) throw malformed('base45: group too large')
    data[to] = word >> 8
    data[to + 1] = word & 255
  }
  data.set(tail, data.length - tail.length)
  return data
}

const pair = (word) => ALPHABET[word % 45] + ALPHABET[Math.floor(word / 45)]

function valueOf (letter) {
  const value = VALUE.get(letter)
  if (value === undefined) throw malformed('base45: foreign character')
  return value
}

function tailOf (values) {
  if (values.length === 0) return []
  if (values.length === 1 || values[0] + 45 * values[1] > 255) {
    throw malformed('base45: incomplete or too large last group')
  }
  return [values[0] + 45 * values[1]]
}
