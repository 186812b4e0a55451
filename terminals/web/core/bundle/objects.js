// The signed objects of the bundle: COSE_Sign1, each kind with its own external data, so that none passes as another,
// as terminals/bundle/objects.py. Source: RFC 9052 sections 4.2 and 4.4.

import * as cose from '../cose.js'
import { Refused } from '../errors.js'
import { MANIFESTS, ROOT } from '../trust.js'
import { unreadable } from './reading.js'

const MIB = 2 ** 20
const ascii = (text) => new TextEncoder().encode(text)

/** How one kind is signed (external data, role of the key) and how large it may be at most, in bytes. */
export const KINDS = Object.freeze({
  trust: { aad: ascii('AMIS-TRUST'), role: ROOT, most: MIB },
  manifest: { aad: ascii('AMIS-MANIFEST'), role: MANIFESTS, most: MIB },
  policy: { aad: ascii('AMIS-POLICY'), role: MANIFESTS, most: 16 * MIB },
  cards: { aad: ascii('AMIS-CARDS'), role: MANIFESTS, most: 64 * MIB },
  delta: { aad: ascii('AMIS-DELTA'), role: MANIFESTS, most: 4 * MIB }
})
const CODES = {
  unknown_key: 'bundle.unknown_signer',
  bad_signature: 'bundle.bad_signature',
  malformed: 'bundle.malformed'
}

/**
 * The payload of an object of this kind and the key that signed it; with `at` (milliseconds since 1970) a key counts no
 * longer than the trust list says. Throws bundle.malformed, bad_signature, unknown_signer, size.
 * @param {keyof KINDS} kind
 * @param {Uint8Array} data
 * @param {import('../trust.js').Trust} trust
 * @param {?number} at
 */
export async function signed (kind, data, trust, at = null) {
  const rules = KINDS[kind]
  const { payload, signer } = await opened(kind, data, trust, rules).catch(asBundles)
  if (at !== null && signer.verifyUntil !== null && at / 1000 > signer.verifyUntil) {
    throw new Refused('bundle.unknown_signer', `${kind}: the key has ended`)
  }
  return { payload, signer }
}

async function opened (kind, data, trust, { aad, role, most }) {
  fits(kind, data, most)
  const parts = cose.cut(data)
  const { entry, check } = trust.keyFor(parts.protected, role)
  await check(parts.signature, cose.signedBytes(parts.protected, parts.payload, aad))
  return { payload: parts.payload, signer: entry }
}

/**
 * The payload of an object whose signer is not known yet; nothing may be believed of it.
 * @param {keyof KINDS} kind
 * @param {Uint8Array} data
 */
export function unverified (kind, data) {
  fits(kind, data, KINDS[kind].most)
  try {
    return cose.cut(data).payload
  } catch ({ message }) {
    throw unreadable(message)
  }
}

function fits (kind, data, most) {
  if (data.length > most) throw new Refused('bundle.size', `${kind}: ${data.length} bytes`)
}

/** The refusals of cards as those of the bundle. */
export function asBundles (refused) {
  if (!(refused instanceof Refused)) throw refused
  throw new Refused(CODES[refused.code] ?? refused.code, refused.detail)
}
