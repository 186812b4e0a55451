// The card snapshot: what a card read by its UID alone may do, ten bytes a card, as terminals/bundle/snapshot.py.
//
// b"AMISCS1\0" || key (16) || count (u32) || count x (HMAC-SHA256(key, UID)[:8] || profile (u16)) || profiles as JSON
//
// Numbers are big endian; the entries are sorted by their MAC, none twice. Profile 0 is a dead card, 65535 one that
// must be asked for online; the others are in the dictionary.

import { compared, joined } from '../bytes.js'
import { Days } from '../days.js'
import { each, record, text, whole, words } from '../shape.js'
import { readCanonical } from './canonical.js'
import { readable, unreadable } from './reading.js'

export const DEAD = 0
export const ASK_ONLINE = 0xffff
export const MOST_PROFILE = 0xffff
export const MAC_SIZE = 8
const MAGIC = new TextEncoder().encode('AMISCS1\0')
const ENTRY = MAC_SIZE + 2
const HEAD = MAGIC.length + 16 + 4
const PROFILE = /^[1-9][0-9]{0,4}$/

/**
 * What all cards of one municipality with the same rights have in common.
 * @typedef {{code: number, periods: Days, modes: Set<string>, flags: Set<string>}} ProfileRight
 * @typedef {{municipality: string, rights: ProfileRight[]}} Profile
 */

/** The cards of one provider's bundle; never changed in place. */
export class Snapshot {
  #key
  #hmac = null
  #entries
  #dictionary

  /**
   * From sorted entries; `decode` makes one.
   * @param {Uint8Array} key
   * @param {Uint8Array} entries
   * @param {Uint8Array} dictionary the profiles as they are written
   * @param {Map<number, Profile>} profiles
   */
  constructor (key, entries, dictionary, profiles) {
    this.#key = key
    this.#entries = entries
    this.#dictionary = dictionary
    this.profiles = profiles
    this.count = entries.length / ENTRY
  }

  /**
   * The profile of a card, null for one that is not in the snapshot.
   * @param {Uint8Array} uid
   */
  async profile (uid) {
    const mac = await this.mac(uid)
    const at = this.#position(mac)
    return this.#holds(at, mac) ? this.#entries[at * ENTRY + 8] * 256 + this.#entries[at * ENTRY + 9] : null
  }

  /**
   * The name of a card in this snapshot and in changes to it: the first eight bytes of HMAC-SHA256 of its UID
   * (RFC 2104).
   * @param {Uint8Array} uid
   */
  async mac (uid) {
    this.#hmac ??= crypto.subtle.importKey('raw', this.#key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
    return new Uint8Array(await crypto.subtle.sign('HMAC', await this.#hmac, uid)).slice(0, MAC_SIZE)
  }

  /**
   * With other profiles for some cards, given by their MAC in order, and with cards that it did not have.
   * @param {[Uint8Array, number][]} changes
   */
  changed (changes) {
    const parts = []
    let from = 0
    for (const [mac, profile] of changes) {
      const at = this.#position(mac)
      parts.push(this.#entries.subarray(from, at * ENTRY), mac, Uint8Array.of(profile >> 8, profile & 255))
      from = (this.#holds(at, mac) ? at + 1 : at) * ENTRY
    }
    const entries = joined(...parts, this.#entries.subarray(from))
    return new Snapshot(this.#key, entries, this.#dictionary, this.profiles)
  }

  #holds (at, mac) {
    return at < this.count && compared(this.#macAt(at), mac) === 0
  }

  #macAt (at) {
    return this.#entries.subarray(at * ENTRY, at * ENTRY + MAC_SIZE)
  }

  #position (mac) {
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >> 1
      if (compared(this.#macAt(middle), mac) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /**
   * bundle.malformed for anything that is no snapshot.
   * @param {Uint8Array} payload
   */
  static decode (payload) {
    if (payload.length < HEAD || compared(payload.subarray(0, MAGIC.length), MAGIC) !== 0) {
      throw unreadable('no card snapshot')
    }
    const count = new DataView(payload.buffer, payload.byteOffset).getUint32(HEAD - 4)
    const end = HEAD + count * ENTRY
    if (payload.length < end) throw unreadable('the snapshot ends early')
    const entries = payload.slice(HEAD, end)
    sorted(entries)
    const dictionary = payload.slice(end)
    return new Snapshot(payload.slice(MAGIC.length, HEAD - 4), entries, dictionary, profilesOf(dictionary))
  }

  /** The payload. */
  encode () {
    const count = new Uint8Array(4)
    new DataView(count.buffer).setUint32(0, this.count)
    return joined(MAGIC, this.#key, count, this.#entries, this.#dictionary)
  }
}

function sorted (entries) {
  const view = new DataView(entries.buffer, entries.byteOffset)
  for (let at = ENTRY; at < entries.length; at += ENTRY) {
    const [before, after] = [view.getUint32(at - ENTRY), view.getUint32(at)]
    const rises = before < after || (before === after && view.getUint32(at - ENTRY + 4) < view.getUint32(at + 4))
    if (!rises) throw unreadable('cards unsorted or repeated')
  }
}

function profilesOf (content) {
  const found = new Map()
  for (const [number, value] of Object.entries(readCanonical(content))) {
    if (!PROFILE.test(number) || Number(number) >= ASK_ONLINE) throw unreadable('profiles are numbered from 1 to 65534')
    found.set(Number(number), readable(() => profileOf(value)))
  }
  return found
}

function profileOf (value) {
  const node = record(value, ['m', 'rights'])
  return { municipality: text(node.m), rights: each(node.rights, rightOf) }
}

function rightOf (value) {
  const node = record(value, ['c', 'periods', 'modes', 'flags'])
  return {
    code: whole(node.c, 0, 0xffff),
    periods: Days.parse(node.periods),
    modes: words(node.modes),
    flags: words(node.flags)
  }
}
