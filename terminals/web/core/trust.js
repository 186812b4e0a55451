// The trust list: whose signatures count, for what, and until when, as cards/trust.py.

import { compared, hex } from './bytes.js'
import * as cose from './cose.js'
import { Refused } from './errors.js'

export const CREDENTIALS = 'issuer'
export const STATUS_LISTS = 'status'
export const ROOT = 'root'
export const MANIFESTS = 'manifest'
const STATUS_LIST_TYPE = 'application/statuslist+cwt'
const CONTENT_TYPES = { issuer: null, status: STATUS_LIST_TYPE, root: null, manifest: null }

/**
 * One public key and what it may sign. `publicKey`: DER SubjectPublicKeyInfo; `codes`: the rights that it may grant
 * (null = any); `verifyUntil`: Unix seconds after which nothing it signed is accepted (null = open).
 * @typedef {object} TrustEntry
 * @property {Uint8Array} kid
 * @property {Uint8Array} publicKey
 * @property {string} municipality
 * @property {string} role
 * @property {number[]} algorithms
 * @property {?Set<number>} codes
 * @property {?number} verifyUntil
 */

/** The keys of a trust list, found by the protected header bytes: algorithm, kid and key are pinned together. */
export class Trust {
  #byHeader = new Map()

  /**
   * bad_trust_entry when a kid repeats, does not name its key, or an algorithm does not fit.
   * @param {TrustEntry[]} entries
   */
  static async of (entries) {
    const trust = new Trust()
    const seen = new Set()
    for (const entry of entries) {
      const kid = hex(entry.kid)
      if (seen.has(kid)) throw bad(`kid ${kid} repeats`)
      seen.add(kid)
      await trust.#add(entry)
    }
    return trust
  }

  async #add (entry) {
    const check = cose.checkWith(await loaded(entry))
    if (!(entry.role in CONTENT_TYPES)) return // a role for other objects: such a key opens none of ours
    for (const algorithm of entry.algorithms) {
      this.#byHeader.set(hex(cose.header(algorithm, entry.kid, CONTENT_TYPES[entry.role])), { entry, check })
    }
  }

  /**
   * The key that this exact protected header names in this role, else unknown_key.
   * @param {Uint8Array} protectedHeader
   * @param {string} role
   */
  keyFor (protectedHeader, role) {
    const trusted = this.#byHeader.get(hex(protectedHeader))
    if (trusted === undefined || trusted.entry.role !== role) throw new Refused('unknown_key')
    return trusted
  }
}

async function loaded (entry) {
  const named = hex(entry.kid)
  const key = await cose.loadPublic(entry.publicKey).catch(({ detail }) => {
    throw bad(`kid ${named}: ${detail}`)
  })
  const fitting = cose.algorithmsOf(key)
  if (entry.algorithms.length === 0 || !entry.algorithms.every((algorithm) => fitting.includes(algorithm))) {
    throw bad(`kid ${named}: algorithm does not fit the key`)
  }
  if (compared(await cose.keyId(key), entry.kid) !== 0) throw bad(`kid ${named} does not name its key`)
  return key
}

const bad = (detail) => new Refused('bad_trust_entry', detail)
