// The manifest: which parts make up the bundle of a provider now, each pinned by its digest, as
// terminals/bundle/manifest.py.
//
// CBOR {1: iss, 6: iat, 4: exp, "seq": n, "provider": code,
// "parts": [[kind, name, seq, size, sha256, href]...], "hash": h}

import { compared, joined, sha256 } from '../bytes.js'
import { byCodePoints } from '../order.js'
import { EXP, IAT, ISS, ascending, blob, each, number, record, row, text, unreadable } from './reading.js'

/** In the order in which a manifest names them. */
export const PART_KINDS = Object.freeze(['trust', 'policy', 'status', 'cards'])
const MOST_PARTS = 40_000
const LIST_NAME = /^(?:0|[1-9][0-9]{0,4})$/

/**
 * One part: its kind and name, a number that counts its versions, and where its signed object is. `size` is that of the
 * signed object, `sha256` the digest of its content: what it says once it is verified, and for a status list the packed
 * bytes.
 * @typedef {{kind: string, name: string, seq: number, size: number, sha256: Uint8Array, href: string}} Part
 */

/**
 * What tells a part from the others.
 * @param {Part} part
 */
export const partKey = ({ kind, name }) => `${kind} ${name}`

/**
 * Whether two are the very same: also the version, the size and the address.
 * @param {Part} one
 * @param {Part} other
 */
export const samePart = (one, other) =>
  ['kind', 'name', 'seq', 'size', 'href'].every((name) => one[name] === other[name]) &&
  compared(one.sha256, other.sha256) === 0

/**
 * The order of two parts: by kind, then by name, lists by their number.
 * @param {Part} one
 * @param {Part} other
 */
export function byOrder (one, other) {
  const kinds = PART_KINDS.indexOf(one.kind) - PART_KINDS.indexOf(other.kind)
  if (kinds !== 0) return kinds
  return one.kind === 'status' ? Number(one.name) - Number(other.name) : byCodePoints(one.name, other.name)
}

/** @returns {Part} */
function partOf (value) {
  const [kind, name, seq, size, digest, href] = row(value, 6)
  const part = {
    kind: text(kind),
    name: text(name),
    seq: number(seq),
    size: number(size),
    sha256: blob(digest, 32),
    href: text(href, 500)
  }
  const isList = LIST_NAME.test(name) && Number(name) < 2 ** 15
  if (!PART_KINDS.includes(kind) || (kind === 'status' && !isList)) throw unreadable(`${kind} ${name} is no part`)
  return part
}

/**
 * Parts in their order, none twice.
 * @returns {Part[]}
 */
export function readParts (value) {
  if (Array.isArray(value) && value.length > MOST_PARTS) throw unreadable('too many parts')
  const parts = each(value, partOf)
  ascending(parts, byOrder)
  return parts
}

/**
 * The digest of a whole state: SHA-256 over kind, name and digest of each part in the manifest's order.
 * @param {Part[]} parts
 */
export const stateHash = (parts) =>
  sha256(joined(...parts.flatMap(({ kind, name, sha256 }) => [new TextEncoder().encode(kind + name), sha256])))

/** The whole state of a provider's bundle at `iat`, good until `exp` (Unix seconds). */
export class Manifest {
  constructor (iss, iat, exp, seq, provider, parts, hash) {
    Object.assign(this, { iss, iat, exp, seq, provider, parts, hash })
  }

  /**
   * bundle.malformed for anything that is no manifest.
   * @param {Uint8Array} payload
   */
  static async decode (payload) {
    const claims = record(payload, [ISS, IAT, EXP, 'seq', 'provider', 'parts', 'hash'])
    const [iat, exp, seq] = [IAT, EXP, 'seq'].map((key) => number(claims.get(key)))
    const [iss, provider] = [ISS, 'provider'].map((key) => text(claims.get(key)))
    const parts = readParts(claims.get('parts'))
    const count = (kind) => parts.filter((part) => part.kind === kind).length
    if (count('trust') !== 1 || count('policy') !== 1 || count('cards') > 1) {
      throw unreadable('one trust list and one policy are expected, at most one snapshot')
    }
    const hash = await stateHash(parts)
    if (compared(blob(claims.get('hash')), hash) !== 0) throw unreadable('the digest is not that of the parts')
    return new Manifest(iss, iat, exp, seq, provider, parts, hash)
  }
}
