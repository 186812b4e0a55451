// The trust list as the root signs it: whose signatures count, for what, and until when, as
// terminals/bundle/trustlist.py.
//
// CBOR {1: iss, 6: iat, 4: exp, "seq": n,
// "keys": [[kid, der, municipality, role, [alg...], [code...] | null, until | null]...]}

import { compared, sha256 } from '../bytes.js'
import * as cose from '../cose.js'
import { Refused } from '../errors.js'
import { ROOT, Trust } from '../trust.js'
import { EXP, IAT, ISS, blob, each, number, record, row, text, unreadable } from './reading.js'

/** Signed keys; `iat` and `exp` in Unix seconds, `seq` counts up with each list, `digest` is that of `payload`. */
export class TrustList {
  constructor (said) {
    Object.assign(this, said)
  }

  /**
   * Whether a key is in the list in this role.
   * @param {Uint8Array} kid
   * @param {string} role
   */
  signs (kid, role) {
    return this.entries.some((entry) => compared(entry.kid, kid) === 0 && entry.role === role)
  }

  /** The root keys that the list itself names; none means that they stay as they are. */
  get roots () {
    return this.entries.filter((entry) => entry.role === ROOT)
  }

  /**
   * What the root signed; bundle.malformed also for keys that contradict themselves.
   * @param {Uint8Array} payload
   */
  static async decode (payload) {
    const claims = record(payload, [ISS, IAT, EXP, 'seq', 'keys'])
    const entries = each(claims.get('keys'), entryOf)
    const [iat, exp, seq] = [IAT, EXP, 'seq'].map((key) => number(claims.get(key)))
    const trust = await Trust.of(entries).catch((refused) => {
      throw refused instanceof Refused ? unreadable(refused.detail) : refused
    })
    const iss = text(claims.get(ISS))
    return new TrustList({ iss, iat, exp, seq, entries, trust, payload, digest: await sha256(payload) })
  }
}

/**
 * The trust in a single root key (DER SubjectPublicKeyInfo), as pairing gives it.
 * @param {Uint8Array} der
 */
export async function rootTrust (der) {
  const key = await cose.loadPublic(der).catch(({ message }) => {
    throw unreadable(message)
  })
  const algorithm = cose.algorithmsOf(key).includes(cose.ED25519) ? cose.ED25519 : cose.ESP256
  const kid = await cose.keyId(key)
  const entry = { kid, publicKey: der, municipality: '', role: ROOT, algorithms: [algorithm], codes: null }
  return Trust.of([{ ...entry, verifyUntil: null }])
}

function entryOf (value) {
  const [kid, der, municipality, role, algorithms, codes, until] = row(value, 7)
  return {
    kid: blob(kid, 4),
    publicKey: blob(der),
    municipality: municipality === '' ? '' : text(municipality),
    role: text(role),
    algorithms: each(algorithms, algorithmOf),
    codes: codes === null ? null : new Set(each(codes, (code) => number(code, 0xffff))),
    verifyUntil: until === null ? null : number(until)
  }
}

function algorithmOf (value) {
  if (!Number.isInteger(value)) throw unreadable('an algorithm is expected')
  return value
}
