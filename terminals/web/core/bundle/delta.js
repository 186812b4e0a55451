// A delta: what changed between two states, small enough to be sent the moment it happens, as
// terminals/bundle/delta.py.
//
// CBOR {1: iss, 6: iat, "from": n, "to": m, "status": [[list, [[index, status]...]]...], "cards": [[mac, profile]...],
// "parts": [[kind, name, seq, size, sha256, href]...], "hash": digest of the state after it}

import { compared } from '../bytes.js'
import { SIZE } from '../statuslist.js'
import { readParts } from './manifest.js'
import { IAT, ISS, ascending, blob, each, number, record, row, text, unreadable } from './reading.js'
import { MAC_SIZE, MOST_PROFILE } from './snapshot.js'

const MOST_LIST = 2 ** 15 - 1

/**
 * Changes from one state to another: entries of status lists, cards (by the first 8 bytes of their MAC), whole parts.
 * @typedef {object} Delta
 * @property {string} iss
 * @property {number} iat
 * @property {number} before
 * @property {number} after
 * @property {[number, [number, number][]][]} status
 * @property {[Uint8Array, number][]} cards
 * @property {import('./manifest.js').Part[]} parts
 * @property {Uint8Array} hash of the state after it
 */

/**
 * bundle.malformed for anything that is no delta.
 * @param {Uint8Array} payload
 * @returns {Delta}
 */
export function decodeDelta (payload) {
  const claims = record(payload, [ISS, IAT, 'from', 'to', 'status', 'cards', 'parts', 'hash'])
  const found = {
    iss: text(claims.get(ISS)),
    iat: number(claims.get(IAT)),
    before: number(claims.get('from')),
    after: number(claims.get('to')),
    status: each(claims.get('status'), listOf),
    cards: each(claims.get('cards'), cardOf),
    parts: readParts(claims.get('parts')),
    hash: blob(claims.get('hash'), 32)
  }
  ascending(found.status.map(([list]) => list))
  ascending(found.cards.map(([mac]) => mac), compared)
  if (found.before >= found.after) throw unreadable('a delta goes forward')
  if (found.parts.some((part) => changes(found, part))) throw unreadable('a part is sent whole or changed, not both')
  return found
}

function changes ({ status, cards }, { kind, name }) {
  return kind === 'cards' ? cards.length > 0 : kind === 'status' && status.some(([list]) => String(list) === name)
}

function listOf (value) {
  const [name, entries] = row(value, 2)
  const found = each(entries, changeOf)
  ascending(found.map(([index]) => index))
  return [number(name, MOST_LIST), found]
}

function changeOf (value) {
  const [index, status] = row(value, 2)
  return [number(index, SIZE - 1), number(status, 3)]
}

function cardOf (value) {
  const [mac, profile] = row(value, 2)
  return [blob(mac, MAC_SIZE), number(profile, MOST_PROFILE)]
}
