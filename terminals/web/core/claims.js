// What a credential says: its claims, their limits per profile, and their only encoding, as cards/claims.py.
// Source: CWT claims RFC 8392 section 3.1, confirmation key RFC 8747 section 3.2, points RFC 9053 section 7.1.

import { joined } from './bytes.js'
import * as cbor from './cbor.js'
import { malformed } from './errors.js'

const DAY = 86_400
const NAME_BYTES = 24
const AMIS = -65537
const LONGEST = { S: 400 * DAY, P: 400 * DAY, C: 400 * DAY, B: 30 * DAY }
const MOST_RIGHTS = { S: 4, P: 4, B: 4, C: 6 }
const UINT16 = 2 ** 16 - 1
const UINT32 = 2 ** 32 - 1
const MOST_COMPANIONS = 9
const [EXP, NBF, IAT, CTI, CNF] = [4, 5, 6, 7, 8]
const [STATUS, RIGHTS, NAME, BORN, COMPANIONS, FLAGS, UID, GENERATION] = [1, 2, 3, 4, 5, 6, 7, 8]
const OUTER = new Set([EXP, NBF, IAT, CTI, CNF, AMIS])
const INNER = new Set([STATUS, RIGHTS, NAME, BORN, COMPANIONS, FLAGS, UID, GENERATION])
const PHOTO_ID = 1
const ONLINE = 2
const PRINTABLE = /^(?:[^\p{C}\p{Z}]| )+$/u

/**
 * The content of one credential; times in Unix seconds, `until` the last local day (days since 1970) on which a right
 * holds, `device` a compressed P-256 point (33 bytes). What is not said is null.
 * @typedef {object} Claims
 * @property {'S'|'P'|'B'|'C'} profile S static, P printed with a name, B bound to a device, C in a card
 * @property {number} iat
 * @property {number} exp
 * @property {number} status
 * @property {{code: number, until: number}[]} rights
 * @property {?Uint8Array} cti
 * @property {?number} nbf
 * @property {?Uint8Array} device
 * @property {?string} name
 * @property {?number} birthYear
 * @property {number} companions
 * @property {boolean} photoId
 * @property {boolean} online
 * @property {?Uint8Array} uid
 * @property {?number} generation
 */

/**
 * The claims in `payload`; malformed for unknown or missing ones, wrong types and broken limits.
 * @param {Uint8Array} payload
 * @returns {Claims}
 */
export function decodeClaims (payload) {
  const outer = known(cbor.decode(payload), OUTER)
  const inner = known(outer.get(AMIS), INNER)
  const flags = number(inner, FLAGS) ?? 0
  const claims = {
    iat: number(outer, IAT),
    exp: number(outer, EXP),
    status: number(inner, STATUS),
    rights: rightsOf(inner.get(RIGHTS)),
    cti: bytes(outer, CTI),
    nbf: number(outer, NBF),
    device: outer.has(CNF) ? deviceOf(outer.get(CNF)) : null,
    name: inner.has(NAME) ? nameOf(inner.get(NAME)) : null,
    birthYear: number(inner, BORN),
    companions: number(inner, COMPANIONS) ?? 0,
    photoId: (flags & PHOTO_ID) > 0,
    online: (flags & ONLINE) > 0,
    uid: bytes(inner, UID),
    generation: number(inner, GENERATION)
  }
  claims.profile = profileOf(claims)
  const broken = fault(claims) ?? waste(inner, flags)
  if (broken) throw malformed(`claims: ${broken}`)
  return claims
}

function profileOf (claims) {
  if (claims.uid !== null || claims.generation !== null) return 'C'
  if (claims.device !== null) return 'B'
  return claims.name === null && claims.birthYear === null ? 'S' : 'P'
}

/** What breaks the limits of the claims' profile, or null. */
function fault (claims) {
  const { profile, iat, exp, nbf, status, companions, rights, cti } = claims
  if (iat === null || exp === null || status === null) return 'a claim is missing'
  if (!(iat >= 0 && exp > iat && exp - iat <= LONGEST[profile] && exp <= UINT32)) return 'times'
  if (nbf !== null && !(iat < nbf && nbf <= exp)) return 'nbf'
  if (!(status >= 0 && status <= UINT32 && companions >= 0 && companions <= MOST_COMPANIONS)) {
    return 'status or companions'
  }
  if (rights.length < 1 || rights.length > MOST_RIGHTS[profile]) return 'number of rights'
  if (cti === null ? 'SP'.includes(profile) : cti.length !== 8) return 'cti'
  return profile === 'S' ? null : faultOfProfile(claims)
}

function faultOfProfile ({ profile, name, birthYear, device, uid, generation }) {
  if ((name === null) !== (birthYear === null) || (name !== null && profile !== 'P')) return 'name and birth year'
  if (name !== null && !fits(name)) return 'name'
  if (birthYear !== null && !(birthYear >= 1900 && birthYear <= 2200)) return 'birth year'
  if (device !== null && !(profile === 'B' && device.length === 33)) return 'device key'
  if (uid !== null && !(uid.length === 7 && (generation ?? 0) >= 0 && (generation ?? 0) <= UINT32)) {
    return 'uid or generation'
  }
  return (uid === null) === (generation === null) ? null : 'uid without generation'
}

function fits (name) {
  const short = new TextEncoder().encode(name).length <= NAME_BYTES
  return PRINTABLE.test(name) && short && name.normalize('NFC') === name && name.trim() === name
}

/** A second encoding of the same claims: zero written out, or flags that mean nothing. */
function waste (inner, flags) {
  const idle = inner.get(FLAGS) === 0 || inner.get(COMPANIONS) === 0
  return idle || flags < 0 || flags > 3 ? 'flags or companions' : null
}

function known (value, keys) {
  const all = value instanceof Map && [...value.keys()].every((key) => keys.has(key))
  if (!all) throw malformed('claims: unknown claim')
  return value
}

function number (claims, key) {
  if (!claims.has(key)) return null
  const value = claims.get(key)
  // a larger integer breaks every limit
  if (!Number.isInteger(value)) throw malformed(`claims: ${key} is not a number`)
  return value
}

function bytes (claims, key) {
  if (!claims.has(key)) return null
  const value = claims.get(key)
  if (!(value instanceof Uint8Array)) throw malformed(`claims: ${key} is not bytes`)
  return value
}

function nameOf (value) {
  if (typeof value !== 'string') throw malformed('claims: name is not text')
  return value
}

function rightsOf (value) {
  const sixteen = (item) => Number.isInteger(item) && item >= 0 && item <= UINT16
  if (!Array.isArray(value) || value.length % 2 || !value.every(sixteen)) throw malformed('claims: rights')
  return Array.from({ length: value.length / 2 }, (_, at) => ({ code: value[2 * at], until: value[2 * at + 1] }))
}

function deviceOf (value) {
  const key = value instanceof Map && value.size === 1 ? value.get(1) : null
  if (!(key instanceof Map) || key.size !== 4 || key.get(1) !== 2 || key.get(-1) !== 1) {
    throw malformed('claims: device key')
  }
  const [x, odd] = [key.get(-2), key.get(-3)]
  if (!(x instanceof Uint8Array) || typeof odd !== 'boolean') throw malformed('claims: device key')
  return joined(Uint8Array.of(odd ? 3 : 2), x)
}
