// COSE_Sign1 in the one shape that we sign and read: fixed order, empty unprotected map, 64-byte signature, as
// cards/cose.py. The slice is cut by position, so that no CBOR parser runs before a signature has been checked.
// Source: RFC 9052 sections 4.2 and 4.4; algorithm numbers RFC 9053 and RFC 9864; key thumbprints RFC 9679.

import { joined } from './bytes.js'
import * as cbor from './cbor.js'
import { Refused, malformed } from './errors.js'

export const ESP256 = -9
export const ES256 = -7
export const ED25519 = -19
export const EDDSA = -8
const SIGNATURE_SIZE = 64
const NOTHING = new Uint8Array()
const CONTEXT = joined(Uint8Array.of(0x84), cbor.encode('Signature1'))
const ECDSA = { name: 'ECDSA', hash: 'SHA-256', namedCurve: 'P-256' }
const ALGORITHMS = { 'P-256': [ESP256, ES256], Ed25519: [ED25519, EDDSA] }

/** @typedef {{protected: Uint8Array, payload: Uint8Array, signature: Uint8Array}} Sign1 nothing verified yet */

/**
 * The bytes that a signer signs (Sig_structure, RFC 9052 section 4.4).
 * @param {Uint8Array} protectedHeader
 * @param {Uint8Array} payload
 * @param {Uint8Array} externalAad
 */
export const signedBytes = (protectedHeader, payload, externalAad = NOTHING) =>
  joined(CONTEXT, ...[protectedHeader, externalAad, payload].map(cbor.byteString))

/**
 * The protected header {1: algorithm, 4: kid, 16: type}, encoded; without 16 where no type is given.
 * @param {number} algorithm
 * @param {Uint8Array} kid
 * @param {number|string|null} contentType
 */
export function header (algorithm, kid, contentType = null) {
  const fields = new Map([[1, algorithm], [4, kid]])
  if (contentType !== null) fields.set(16, contentType)
  return cbor.encode(fields)
}

/**
 * A tagged COSE_Sign1 over `payload`; `sign` gives the raw 64-byte signature.
 * @param {Uint8Array} protectedHeader
 * @param {Uint8Array} payload
 * @param {Uint8Array} externalAad
 * @param {(data: Uint8Array) => Promise<Uint8Array>} sign
 */
export async function seal (protectedHeader, payload, externalAad, sign) {
  const signature = await sign(signedBytes(protectedHeader, payload, externalAad))
  const parts = [cbor.byteString(protectedHeader), Uint8Array.of(0xa0), cbor.byteString(payload)]
  return joined(Uint8Array.of(0xd2, 0x84), ...parts, cbor.byteString(signature))
}

/**
 * Slice `data` by its fixed shape; malformed for any other shape, length or trailing byte.
 * @param {Uint8Array} data
 * @returns {Sign1}
 */
export function cut (data) {
  if (data[0] !== 0xd2 || data[1] !== 0x84) throw malformed('cose: not a tagged COSE_Sign1')
  const [start, end] = extent(data, 2)
  const [payloadStart, payloadEnd] = extent(data, end + 1)
  if (data[end] !== 0xa0 || data[payloadEnd] !== 0x58 || data[payloadEnd + 1] !== SIGNATURE_SIZE) {
    throw malformed('cose: unprotected header or signature')
  }
  if (data.length !== payloadEnd + 2 + SIGNATURE_SIZE) throw malformed('cose: wrong length')
  return {
    protected: data.subarray(start, end),
    payload: data.subarray(payloadStart, payloadEnd),
    signature: data.subarray(payloadEnd + 2)
  }
}

function extent (data, at) {
  const first = data[at] ?? 0
  if (first >= 0x40 && first < 0x58) return [at + 1, at + 1 + first - 0x40]
  const size = BYTES_OF_LENGTH[first]
  if (size === undefined) throw malformed('cose: byte string expected')
  const start = at + 1 + size
  const length = data.subarray(at + 1, start).reduce((total, byte) => total * 256 + byte, 0)
  if (length < LEAST[size]) throw malformed('cose: not the shortest head')
  return [start, start + length]
}

const BYTES_OF_LENGTH = { 0x58: 1, 0x59: 2, 0x5a: 4 }
const LEAST = { 1: 24, 2: 1 << 8, 4: 1 << 16 }

/**
 * A function (signature, signed bytes) that throws bad_signature.
 * @param {CryptoKey} key
 * @returns {(signature: Uint8Array, data: Uint8Array) => Promise<void>}
 */
export const checkWith = (key) => async (signature, data) => {
  const how = key.algorithm.name === 'Ed25519' ? 'Ed25519' : ECDSA
  if (!(await crypto.subtle.verify(how, key, signature, data))) throw new Refused('bad_signature')
}

/**
 * A P-256 or Ed25519 key from its SubjectPublicKeyInfo; malformed for anything else.
 * @param {Uint8Array} der
 */
export async function loadPublic (der) {
  for (const how of [ECDSA, { name: 'Ed25519' }]) {
    try {
      return await crypto.subtle.importKey('spki', der, how, true, ['verify'])
    } catch {
      continue // not a key of this kind; where the browser knows no Ed25519, such a key is of no kind
    }
  }
  throw malformed('public key of a kind not in use')
}

/**
 * A P-256 key from its uncompressed point; malformed for none.
 * @param {Uint8Array} point
 */
export async function loadPoint (point) {
  try {
    return await crypto.subtle.importKey('raw', point, ECDSA, true, ['verify'])
  } catch {
    throw malformed('public key is not a point')
  }
}

/**
 * The COSE algorithm numbers that fit a public key.
 * @param {CryptoKey} key
 */
export const algorithmsOf = (key) => ALGORITHMS[key.algorithm.namedCurve ?? key.algorithm.name]

/**
 * The four bytes that name a key on the wire: SHA-256 over its required COSE_Key members (RFC 9679 section 4), cut.
 * @param {CryptoKey} key
 */
export async function keyId (key) {
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', key))
  const members = key.algorithm.name === 'Ed25519'
    ? [[1, 1], [-1, 6], [-2, raw]]
    : [[1, 2], [-1, 1], [-2, raw.slice(1, 33)], [-3, raw.slice(33)]]
  const digest = await crypto.subtle.digest('SHA-256', cbor.encode(new Map(members)))
  return new Uint8Array(digest, 0, 4).slice()
}
