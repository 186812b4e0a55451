// Credentials: the signed content that a token shows, verified offline anywhere, as cards/credential.py.
// Text is `AM1:` or `AM2:` and base45 of a COSE_Sign1 over a CWT (RFC 8392) in deterministic CBOR.

import * as base45 from './base45.js'
import { compared, hex } from './bytes.js'
import { decodeClaims } from './claims.js'
import * as cose from './cose.js'
import { Refused, malformed } from './errors.js'
import { PREFIX as PRESENTED, checkPresentation, innerCredential } from './presentation.js'
import { CREDENTIALS } from './trust.js'

export const PREFIX = 'AM1:'
export const LONGEST_TEXT = 700
export const SKEW = 120
const AAD = new TextEncoder().encode('AMIS-AM1')
const CARD_AAD = new TextEncoder().encode('AMIS-CARD')

/**
 * A credential whose signature, form and times hold; status list, place and quota are the caller's to check.
 * `replayKey`: what a presentation may be accepted under once; null for anything static.
 * @typedef {object} Verified
 * @property {'S'|'P'|'B'|'C'} profile
 * @property {Uint8Array} kid
 * @property {string} municipality
 * @property {import('./claims.js').Claims} claims
 * @property {?import('./presentation.js').Presentation} presentation
 */

/**
 * What a scanned text proves at `at`; `floor` is the newest time that a signed manifest showed.
 *
 * In this order: length and prefix, base45, slice, key by protected header, signature, payload, times (120 s of skew),
 * carrier, allowed rights. Throws Refused.
 * @param {string} text
 * @param {import('./trust.js').Trust} trust
 * @param {number} at milliseconds since 1970
 * @param {?number} floor the same
 * @returns {Promise<Verified>}
 */
export async function verify (text, trust, at, floor = null) {
  if (text.length > LONGEST_TEXT) throw malformed('text too long')
  const now = nowOf(at, floor)
  if (text.startsWith(PREFIX)) return verified(base45.decode(text.slice(4)), trust, now, 'SP')
  if (text.startsWith(PRESENTED)) return presented(cose.cut(base45.decode(text.slice(4))), trust, now)
  throw malformed('unknown prefix')
}

/**
 * What the credential file of a chip proves; wrong_carrier unless it was minted for exactly this chip's UID.
 * @param {Uint8Array} data
 * @param {Uint8Array} uid
 * @param {import('./trust.js').Trust} trust
 * @param {number} at
 * @param {?number} floor
 * @returns {Promise<Verified>}
 */
export async function verifyCard (data, uid, trust, at, floor = null) {
  const found = await verified(data, trust, nowOf(at, floor), 'C')
  if (compared(found.claims.uid, uid) !== 0) throw new Refused('wrong_carrier')
  return found
}

/**
 * What a presentation may be accepted under once: key, status, second; null for anything static.
 * @param {Verified} found
 * @returns {?string}
 */
export const replayKey = ({ kid, claims, presentation }) =>
  presentation === null ? null : `${hex(kid)} ${claims.status} ${presentation.iat}`

function nowOf (at, floor) {
  return Math.max(Math.floor(at / 1000), floor === null ? -Infinity : Math.floor(floor / 1000))
}

async function presented (outer, trust, now) {
  const found = await verified(innerCredential(outer), trust, now, 'B')
  return { ...found, presentation: await checkPresentation(outer, found.claims.device, now) }
}

async function verified (data, trust, now, carried) {
  const parts = cose.cut(data)
  const { entry, check } = trust.keyFor(parts.protected, CREDENTIALS)
  await check(parts.signature, cose.signedBytes(parts.protected, parts.payload, carried === 'C' ? CARD_AAD : AAD))
  const claims = decodeClaims(parts.payload)
  inTime(claims, entry, now)
  if (!carried.includes(claims.profile)) throw new Refused(claims.profile === 'B' ? 'screenshot' : 'wrong_carrier')
  if (entry.codes !== null && !claims.rights.every(({ code }) => entry.codes.has(code))) {
    throw new Refused('right_not_allowed')
  }
  return { profile: claims.profile, kid: entry.kid, municipality: entry.municipality, claims, presentation: null }
}

function inTime (claims, entry, now) {
  if (now + SKEW < (claims.nbf ?? claims.iat)) throw new Refused('not_yet_valid')
  const end = entry.verifyUntil === null ? claims.exp : Math.min(claims.exp, entry.verifyUntil)
  if (now - SKEW > end) throw new Refused('token_expired')
}
