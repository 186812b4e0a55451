// Status lists: two bits per token, signed as a CWT, exact and small, as cards/statuslist.py.
// Source: IETF Token Status List (draft-ietf-oauth-status-list), "Status List" and "Status List Token in CWT".

import { joined } from './bytes.js'
import * as cbor from './cbor.js'
import * as cose from './cose.js'
import { malformed } from './errors.js'
import { STATUS_LISTS } from './trust.js'

export const SIZE = 2 ** 17
export const [VALID, INVALID, SUSPENDED, RIGHTS_CHANGED] = [0, 1, 2, 3]
const [SUBJECT, EXP, IAT, LIST, TTL] = [2, 4, 6, 65533, 65534]

/** The status of tokens, 0..3 each; four to a byte, the lowest index in the lowest bits. */
export class StatusList {
  /** @param {Uint8Array} packed */
  constructor (packed) {
    this.packed = packed
    this.size = packed.length * 4
  }

  /**
   * The status at `index`; null beyond the list.
   * @param {number} index
   */
  get (index) {
    return index >= 0 && index < this.size ? (this.packed[index >> 2] >> ((index & 3) * 2)) & 3 : null
  }

  /**
   * The same list with other statuses.
   * @param {[number, number][]} changes index, not beyond the list, and status
   */
  changed (changes) {
    const packed = this.packed.slice()
    for (const [index, status] of changes) {
      const shift = (index & 3) * 2
      packed[index >> 2] = (packed[index >> 2] & ~(3 << shift)) | (status << shift)
    }
    return new StatusList(packed)
  }
}

/**
 * The bytes of a complete zlib stream; malformed when broken, followed by anything, or larger than `most`.
 * @param {Uint8Array} stream
 * @param {number} most
 */
export async function inflate (stream, most) {
  const reader = new Blob([stream]).stream().pipeThrough(new DecompressionStream('deflate')).getReader()
  const parts = []
  for (let size = 0; size <= most;) {
    const { done, value } = await reader.read().catch(() => {
      throw malformed('status list: not a complete zlib stream')
    })
    if (done) return joined(...parts)
    parts.push(value)
    size += value.length
  }
  await reader.cancel()
  throw malformed('status list: too large')
}

/**
 * A list as signed, for whoever knows otherwise that it is the one asked for, and is recent.
 * @param {Uint8Array} data
 * @param {import('./trust.js').Trust} trust
 */
export async function openStatusList (data, trust, size = SIZE) {
  const parts = cose.cut(data)
  const { check } = trust.keyFor(parts.protected, STATUS_LISTS)
  await check(parts.signature, cose.signedBytes(parts.protected, parts.payload))
  return tokenOf(cbor.decode(parts.payload), size)
}

async function tokenOf (claims, size) {
  const expected = [SUBJECT, EXP, IAT, LIST, TTL]
  if (!(claims instanceof Map) || claims.size !== expected.length || !expected.every((key) => claims.has(key))) {
    throw malformed('status list: claims')
  }
  const [uri, exp, iat, content, ttl] = expected.map((key) => claims.get(key))
  if (typeof uri !== 'string' || ![exp, iat, ttl].every(cbor.isWhole)) throw malformed('status list: claims')
  return { uri, iat, exp, ttl, ...(await contentOf(content, size)) }
}

async function contentOf (content, size) {
  const known = ['bits', 'lst', 'aggregation_uri']
  if (!(content instanceof Map) || ![...content.keys()].every((key) => known.includes(key))) {
    throw malformed('status list: content')
  }
  const [stream, aggregationUri] = [content.get('lst'), content.get('aggregation_uri') ?? null]
  const named = aggregationUri === null || typeof aggregationUri === 'string'
  if (content.get('bits') !== 2 || !(stream instanceof Uint8Array) || !named) throw malformed('status list: content')
  const packed = await inflate(stream, size / 4)
  if (packed.length === 0) throw malformed('status list: empty')
  return { statuses: new StatusList(packed), aggregationUri }
}
