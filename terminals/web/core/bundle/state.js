// A state of the bundle: its parts with their contents, and how a delta makes the next one, as
// terminals/bundle/state.py.

import { compared, sha256 } from '../bytes.js'
import { Refused } from '../errors.js'
import { StatusList } from '../statuslist.js'
import { byOrder, partKey, stateHash } from './manifest.js'
import { Snapshot } from './snapshot.js'

/** @typedef {import('./manifest.js').Part} Part */
/** @typedef {import('./trustlist.js').TrustList|import('./policy.js').Policy|StatusList|Snapshot} Content */

/**
 * What a manifest, or a delta after it, says the bundle is; `contents` may not be all there yet. `iat` is when it was
 * signed (Unix seconds), `life` how long a manifest and every delta after it, which signs the whole state anew by its
 * digest, are good from then on; `signers` are the keys that it rests on, `hash` is the digest of the state.
 */
export class State {
  /**
   * @param {object} said
   * @param {number} said.seq
   * @param {string} said.provider
   * @param {number} said.iat
   * @param {number} said.life
   * @param {Part[]} said.parts
   * @param {Uint8Array[]} said.signers
   * @param {Uint8Array} said.hash
   * @param {Map<string, Content>} said.contents
   */
  constructor (said) {
    Object.assign(this, said)
  }

  /** Until when it is good (Unix seconds). */
  get exp () {
    return this.iat + this.life
  }

  /** The parts whose content is not there yet, in their order. */
  get missing () {
    return this.parts.filter((part) => !this.contents.has(partKey(part)))
  }

  /**
   * With the contents that another state has of the same parts.
   * @param {?State} other
   */
  having (other) {
    if (other === null) return this
    const digests = new Map(other.parts.map((part) => [partKey(part), part.sha256]))
    const contents = new Map(this.contents)
    for (const part of this.parts) {
      const key = partKey(part)
      const same = digests.has(key) && compared(digests.get(key), part.sha256) === 0 && other.contents.has(key)
      if (same && !contents.has(key)) contents.set(key, other.contents.get(key))
    }
    return new State({ ...this, contents })
  }

  /**
   * With the trust list that is held, where it is the one named.
   * @param {?import('./trustlist.js').TrustList} held
   */
  havingTrust (held) {
    const part = this.parts.find(({ kind }) => kind === 'trust')
    const known = held === null || part === undefined || this.contents.has(partKey(part))
    return known || compared(held.digest, part.sha256) !== 0 ? this : this.withContent(part, held)
  }

  /**
   * With the content of one more part.
   * @param {Part} part
   * @param {Content} content
   */
  withContent (part, content) {
    return new State({ ...this, contents: new Map(this.contents).set(partKey(part), content) })
  }

  /**
   * The next state; parts that come whole are missing in it. bundle.wrong_hash where the changes do not lead to the
   * digest that was signed.
   * @param {import('./delta.js').Delta} delta
   * @param {Uint8Array} signer
   */
  async after (delta, signer) {
    const contents = new Map(this.contents)
    const parts = new Map(this.parts.map((part) => [partKey(part), part]))
    for (const [key, content] of this.#changed(delta)) {
      contents.set(key, content)
      parts.set(key, { ...parts.get(key), seq: delta.after, sha256: await sha256(packed(content)) })
    }
    for (const part of delta.parts) {
      const key = partKey(part)
      if (!parts.has(key) || compared(parts.get(key).sha256, part.sha256) !== 0) contents.delete(key)
      parts.set(key, part)
    }
    const ordered = [...parts.values()].sort(byOrder)
    const hash = await stateHash(ordered)
    if (compared(hash, delta.hash) !== 0) throw wrong(`${delta.before} to ${delta.after}`)
    const signers = [...this.signers, signer]
    const iat = Math.max(this.iat, delta.iat)
    return new State({ ...this, seq: delta.after, iat, parts: ordered, signers, hash, contents })
  }

  #changed (delta) {
    const changed = new Map()
    for (const [name, changes] of delta.status) {
      const key = partKey({ kind: 'status', name: String(name) })
      changed.set(key, withChanges(this.contents.get(key), changes, name))
    }
    if (delta.cards.length > 0) {
      const key = partKey({ kind: 'cards', name: this.provider })
      const snapshot = this.contents.get(key)
      if (!(snapshot instanceof Snapshot)) throw wrong('no card snapshot is held')
      changed.set(key, snapshot.changed(delta.cards))
    }
    return changed
  }
}

function withChanges (held, changes, name) {
  if (!(held instanceof StatusList)) throw wrong(`status list ${name} is not held`)
  if (changes.some(([index]) => index >= held.size)) throw wrong('an index beyond the list')
  return held.changed(changes)
}

/**
 * The bytes that the digest of a part is made of.
 * @param {Content} content
 * @returns {Uint8Array}
 */
export function packed (content) {
  if (content instanceof StatusList) return content.packed
  return content instanceof Snapshot ? content.encode() : content.payload
}

const wrong = (detail) => new Refused('bundle.wrong_hash', detail)
