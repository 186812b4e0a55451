// AM2: a phone shows a device-bound credential under a fresh signature of its own key, as cards/presentation.py.
// Source: SD-CWT key binding, RFC 8747, RFC 9052.

import * as base45 from './base45.js'
import { compared, hex, joined, unhex } from './bytes.js'
import * as cbor from './cbor.js'
import * as cose from './cose.js'
import { Refused, malformed } from './errors.js'
import { uncompressed } from './point.js'

export const PREFIX = 'AM2:'
export const OLDEST = 60
export const NEWEST = 30
const BEFORE = unhex('a301280d')
const AFTER = unhex('10190126')
const NO_AAD = new Uint8Array()
const [AUDIENCE, IAT, NONCE] = [3, 6, 39]
const CHECKS = new Map()

/**
 * What the device said: when (Unix seconds), and to whom and to what challenge, where it said so.
 * @typedef {{iat: number|bigint, audience: ?string, nonce: ?Uint8Array}} Presentation
 */

/**
 * The text that the holder's device shows; `sign` is its P-256 key and gives r || s.
 * @param {Uint8Array} credential
 * @param {(data: Uint8Array) => Promise<Uint8Array>} sign
 * @param {number} iat
 */
export async function present (credential, sign, iat) {
  const said = cbor.encode(new Map([[IAT, iat]]))
  return PREFIX + base45.encode(await cose.seal(joined(BEFORE, credential, AFTER), said, NO_AAD, sign))
}

/**
 * The credential inside a presentation's protected header; malformed for any other header.
 * @param {cose.Sign1} outer
 */
export function innerCredential (outer) {
  const header = outer.protected
  const [start, end] = [BEFORE.length, header.length - AFTER.length]
  const framed = !compared(header.subarray(0, start), BEFORE) && end >= start && !compared(header.subarray(end), AFTER)
  if (!framed) throw malformed('presentation: header')
  return header.subarray(start, end)
}

/**
 * What the device signed; bad_signature, malformed, or presentation_stale outside [now - 60 s, now + 30 s].
 * @param {cose.Sign1} outer
 * @param {Uint8Array} device
 * @param {number} now
 * @returns {Promise<Presentation>}
 */
export async function checkPresentation (outer, device, now) {
  const check = await checkOf(device)
  await check(outer.signature, cose.signedBytes(outer.protected, outer.payload))
  const said = saidIn(outer.payload)
  if (!(now - OLDEST <= said.iat && said.iat <= now + NEWEST)) throw new Refused('presentation_stale')
  return said
}

async function checkOf (device) {
  const name = hex(device)
  if (CHECKS.size > 256) CHECKS.clear()
  if (!CHECKS.has(name)) CHECKS.set(name, cose.checkWith(await cose.loadPoint(uncompressed(device))))
  return CHECKS.get(name)
}

function saidIn (payload) {
  const claims = cbor.decode(payload)
  if (!(claims instanceof Map) || ![...claims.keys()].every((key) => [AUDIENCE, IAT, NONCE].includes(key))) {
    throw malformed('presentation: claims')
  }
  const [iat, audience, nonce] = [claims.get(IAT), claims.get(AUDIENCE) ?? null, claims.get(NONCE) ?? null]
  const typed = cbor.isWhole(iat) && (audience === null || typeof audience === 'string')
  if (!typed || !(nonce === null || nonce instanceof Uint8Array)) throw malformed('presentation: claims')
  return { iat, audience, nonce }
}
