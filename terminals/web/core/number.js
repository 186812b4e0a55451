// Reference numbers of tokens (prefix AM0): looked up online only, as cards/number.py.
// 15 characters of Crockford's base32 and one check character, ISO 7064 MOD 37,36.

import { malformed } from './errors.js'

export const PREFIX = 'AM0:'
const LENGTH = 16
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const ALPHANUMERIC = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const LOOKALIKES = { O: '0', I: '1', L: '1', ' ': '', '-': '', '\u00a0': '' }

/**
 * The 16 characters of a number as scanned, read out or typed: any case, blanks, hyphens, with or without prefix;
 * malformed for another length, a foreign character or a wrong check character.
 * @param {string} text
 */
export function parseNumber (text) {
  const upper = text.trim().toUpperCase()
  const body = upper.startsWith(PREFIX) ? upper.slice(PREFIX.length) : upper
  const plain = Array.from(body, (letter) => LOOKALIKES[letter] ?? letter).join('')
  if (plain.length !== LENGTH || ![...plain].every((letter) => ALPHABET.includes(letter))) {
    throw malformed('number: sixteen characters expected')
  }
  if (checkCharacter(plain.slice(0, -1)) !== plain.at(-1)) throw malformed('number: mistyped')
  return plain
}

function checkCharacter (body) {
  const product = [...body].reduce((carried, letter) => {
    const total = (carried + ALPHANUMERIC.indexOf(letter)) % 36 || 36
    return (total * 2) % 37
  }, 36)
  return ALPHANUMERIC[(37 - product) % 36]
}
