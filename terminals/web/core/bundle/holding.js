// The trusted state of one terminal, and the only ways into it, as terminals/bundle/holding.py.

import { compared } from '../bytes.js'
import { Refused } from '../errors.js'
import { StatusList } from '../statuslist.js'
import { MANIFESTS, Trust } from '../trust.js'
import { decodeDelta } from './delta.js'
import { Manifest, partKey, samePart } from './manifest.js'
import { signed, unverified } from './objects.js'
import { openPart } from './parts.js'
import { Policy } from './policy.js'
import { Snapshot } from './snapshot.js'
import { State } from './state.js'
import { TrustList, rootTrust } from './trustlist.js'

/** Seconds that the clocks of service and terminal may differ. */
export const SKEW = 120
/** So many deltas are kept beside the manifest that they follow. */
const MOST_DELTAS = 2000
const NOBODY = new Trust()

/** @typedef {import('./manifest.js').Part} Part */

/**
 * What the terminal may rely on. Nothing enters but by these rules; what is refused leaves everything as it was.
 *
 * - The root key comes with the pairing. A trust list counts when a known root has signed it; one that names root keys
 *   replaces them. Its number never goes down.
 * - Manifests, policies, snapshots and deltas count when a key with the role "manifest" in the trust list has signed
 *   them, status lists when one with the role "status" has.
 * - The first manifest fixes the provider. A manifest's number never goes down, and one that is past its end is not
 *   taken; of two with the same number only the newer one counts, and only for the same state.
 * - A part counts when a manifest or delta names it, with exactly the size and the content that it names.
 * - A state is taken as a whole: until its last part is there, the one before it stays in use and grows old.
 * - A delta counts when it starts where the terminal is and its changes lead to the digest that it names.
 * - When a new trust list lacks a key that the state rests on, the state stays in use as stale, and its number no
 *   longer binds: whoever had the key could have set it to any height.
 *
 * The ways in wait for each other, so that no two interleave. Times are milliseconds since 1970.
 */
export class Holding {
  /** @type {?TrustList} */ trustList = null
  /** @type {Uint8Array[]} the signed trust lists that lead to the one held */ chain = []
  /** @type {?Uint8Array} the signed manifest of `base` */ manifest = null
  /** @type {Uint8Array[]} the signed deltas since */ deltas = []
  /** @type {?State} */ base = null
  /** @type {import('./state.js').Content[]} what the deltas brought whole */ brought = []
  #before = NOBODY
  #state = null
  #waiting = null
  #distrusted = false
  #turn = Promise.resolve()

  /**
   * Nothing held yet; `root` is the root key (DER SubjectPublicKeyInfo), `machine` this terminal's id.
   * @param {Uint8Array} root
   * @param {string} machine
   */
  static async of (root, machine = '') {
    const holding = new Holding()
    holding.machine = machine
    holding.roots = holding.#before = await rootTrust(root)
    return holding
  }

  /** The number of the state held; null without one, or when its signer is no longer trusted. */
  get seq () {
    return this.#state === null || this.#distrusted ? null : this.#state.seq
  }

  /** The digest of the state held. */
  get hash () {
    return this.#state?.hash ?? null
  }

  /** Whose terminal this is. */
  get provider () {
    return this.#state?.provider ?? null
  }

  /** The keys that count now. */
  get trust () {
    return this.trustList?.trust ?? NOBODY
  }

  /** @returns {?Policy} */
  get policy () {
    return this.#content('policy', this.provider, Policy)
  }

  /** @returns {?Snapshot} where the provider has one */
  get snapshot () {
    return this.#content('cards', this.provider, Snapshot)
  }

  /**
   * The two bits of a token, null where the list is not held or ends before it.
   * @param {number} list
   * @param {number} index
   */
  status (list, index) {
    return this.#content('status', String(list), StatusList)?.get(index) ?? null
  }

  /**
   * The provider's place of this code, without one that of this terminal; null where it is not known.
   * @param {?string} code
   */
  place (code = null) {
    const own = code ?? this.policy?.terminals.get(this.machine) ?? null
    return own === null ? null : this.policy?.place(own) ?? null
  }

  /** The newest moment that a signed object has shown: the present is never before it. */
  get floor () {
    const known = this.#state === null || this.#distrusted ? 0 : this.#state.iat
    return Math.max(this.trustList?.iat ?? 0, known) * 1000
  }

  /**
   * Whether what is held is too old to be sure of.
   * @param {number} at
   */
  stale (at) {
    if (this.#state === null || this.trustList === null || this.#distrusted || this.policy === null) return true
    const now = Math.max(at, this.floor) / 1000
    const end = Math.min(this.#state.exp, this.trustList.exp)
    return now - this.#state.iat > this.policy.staleAfter || now > end
  }

  /**
   * The parts that the newest state still lacks, in the order in which they are to be fetched.
   * @returns {Part[]}
   */
  missing () {
    return this.#waiting?.state.missing ?? []
  }

  /**
   * The trust list that a manifest names whose signer is not known yet; to be fetched for `updateTrust`.
   * @param {Uint8Array} manifest
   * @returns {Promise<Part>}
   */
  async namedTrust (manifest) {
    return (await Manifest.decode(unverified('manifest', manifest))).parts[0]
  }

  /**
   * Takes a trust list.
   * @param {Uint8Array} data
   * @param {number} at
   */
  updateTrust (data, at) {
    return this.#inTurn(() => this.#updateTrust(data, at))
  }

  async #updateTrust (data, at) {
    const found = await TrustList.decode((await signed('trust', data, this.roots)).payload)
    this.#notOver(found.exp, at)
    await this.takeTrust(found, data)
  }

  /** As `updateTrust`, once the signature and the end have been looked at. */
  async takeTrust (found, data) {
    const held = this.trustList
    const same = held !== null && compared(found.digest, held.digest) === 0
    if (held !== null && (found.seq < held.seq || (found.seq === held.seq && !same))) {
      throw new Refused('bundle.rollback', `trust list ${found.seq}, held ${held.seq}`)
    }
    if (same) return
    const again = this.chain.length > 0 && await signedBy(this.#before, data)
    const roots = found.roots.length > 0 ? await Trust.of(found.roots) : this.roots
    // otherwise the list before it is what it is verified by
    this.chain = [...(again ? this.chain.slice(0, -1) : this.chain), data]
    if (!again) this.#before = this.roots
    this.trustList = found
    this.roots = roots
    this.#forgetUntrusted(found)
  }

  /**
   * Takes a manifest: at once where all its parts are held, else with the last of its parts.
   * @param {Uint8Array} data
   * @param {number} at
   */
  updateManifest (data, at) {
    return this.#inTurn(async () => {
      const { payload, signer } = await signed('manifest', data, this.trust, at)
      const found = await Manifest.decode(payload)
      this.#notOver(found.exp, at)
      this.takeManifest(found, signer, data)
    })
  }

  /** As `updateManifest`, once the signature and the end have been looked at. */
  takeManifest (found, signer, data) {
    if (this.provider !== null && this.provider !== found.provider) {
      throw new Refused('bundle.foreign_provider', found.provider)
    }
    const { seq, provider, iat, exp, parts, hash } = found
    const plain = { seq, provider, iat, life: exp - iat, parts, hash }
    const fresh = new State({ ...plain, signers: [signer.kid], contents: new Map() })
    if (this.#state !== null && !this.#distrusted) notOlder(fresh, this.#state)
    if (this.#waiting !== null) notOlder(fresh, this.#waiting.state)
    this.#take(fresh.having(this.#waiting?.state ?? null).having(this.#state), data, false)
  }

  /**
   * Takes the signed object of a part that is missing.
   * @param {Part} part
   * @param {Uint8Array} data
   * @param {number} at
   */
  updatePart (part, data, at) {
    return this.#inTurn(async () => {
      if (!this.missing().some((each) => samePart(each, part))) {
        throw new Refused('bundle.not_named', `${part.kind} ${part.name}`)
      }
      const content = await openPart(part, data, this.trust, this.roots, at)
      if (content instanceof TrustList) await this.#updateTrust(data, at)
      this.takeContent(part, content)
    })
  }

  /** As `updatePart`, once the content is known to be the one that was named. */
  takeContent (part, content) {
    if (this.#waiting === null) {
      throw new Refused('bundle.unknown_signer', 'the trust list names no signer of the manifest that names it')
    }
    const { state, data, isDelta } = this.#waiting
    if (isDelta) this.brought = [...this.brought, content]
    this.#take(state.withContent(part, content), data, isDelta)
  }

  /**
   * Takes a delta: at once, or with the last of the parts that it brings whole.
   * @param {Uint8Array} data
   * @param {number} at
   */
  applyDelta (data, at) {
    return this.#inTurn(async () => {
      const { payload, signer } = await signed('delta', data, this.trust, at)
      await this.takeDelta(decodeDelta(payload), signer, data)
    })
  }

  /** As `applyDelta`, once the signature has been looked at. */
  async takeDelta (delta, signer, data) {
    if (this.#state === null || this.#distrusted) throw new Refused('bundle.gap', 'nothing is held yet')
    const held = this.#state.seq
    if (delta.after <= held) throw new Refused('bundle.rollback', `delta to ${delta.after}, held ${held}`)
    if (delta.before !== held) throw new Refused('bundle.gap', `delta from ${delta.before}, held ${held}`)
    const fresh = await this.#state.after(delta, signer.kid)
    if (fresh.missing.length > 0 && this.#waiting !== null && this.#waiting.state.seq >= fresh.seq) {
      throw new Refused('bundle.incomplete', `state ${this.#waiting.state.seq} is not complete`)
    }
    this.#take(fresh, data, true)
  }

  #take (fresh, data, isDelta) {
    const state = fresh.havingTrust(this.trustList)
    if (state.missing.length > 0) {
      this.#waiting = { state, data, isDelta }
      return
    }
    this.#state = state
    this.#distrusted = false
    if (isDelta) this.deltas = [...this.deltas, data].slice(0, MOST_DELTAS)
    else Object.assign(this, { manifest: data, deltas: [], base: state, brought: [] })
    if (this.#waiting !== null && this.#waiting.state.seq <= state.seq) this.#waiting = null
  }

  #content (kind, name, type) {
    const found = this.#state?.contents.get(partKey({ kind, name }))
    return found instanceof type ? found : null
  }

  #notOver (exp, at) {
    if (Math.max(at, this.floor) / 1000 - SKEW > exp) {
      throw new Refused('bundle.expired', new Date(exp * 1000).toISOString())
    }
  }

  #forgetUntrusted (found) {
    const stands = ({ signers }) => signers.every((kid) => found.signs(kid, MANIFESTS))
    if (this.#state !== null && !stands(this.#state)) this.#distrusted = true
    if (this.#waiting !== null && !stands(this.#waiting.state)) this.#waiting = null
  }

  #inTurn (work) {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => {}) // whoever asked is told; the next one begins from an unchanged state
    return done
  }
}

async function signedBy (roots, trustList) {
  try {
    await signed('trust', trustList, roots)
    return true
  } catch (refused) {
    if (refused instanceof Refused) return false
    throw refused
  }
}

function notOlder (fresh, held) {
  if (fresh.seq < held.seq || (fresh.seq === held.seq && fresh.iat < held.iat)) {
    throw new Refused('bundle.rollback', `manifest ${fresh.seq}, held ${held.seq}`)
  }
  if (fresh.seq === held.seq && compared(fresh.hash, held.hash) !== 0) {
    throw new Refused('bundle.wrong_hash', `two states of the number ${fresh.seq}`)
  }
}
