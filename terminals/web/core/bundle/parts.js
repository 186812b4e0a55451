// From the signed object of a part to its content: verified, the very content that was named, and well formed, as
// terminals/bundle/parts.py.

import { compared, sha256 } from '../bytes.js'
import { Refused } from '../errors.js'
import { SIZE, StatusList, openStatusList } from '../statuslist.js'
import { asBundles, signed } from './objects.js'
import { Policy } from './policy.js'
import { unreadable } from './reading.js'
import { Snapshot } from './snapshot.js'
import { TrustList } from './trustlist.js'

/** Bytes of the largest status list token: a list that does not compress takes half of it. */
const MOST_STATUS = 2 ** 16

/**
 * The content of the signed object `data`; refuses another size or content than the part says, and any that is not
 * signed by a key that may.
 * @param {import('./manifest.js').Part} part
 * @param {Uint8Array} data
 * @param {import('../trust.js').Trust} trust
 * @param {import('../trust.js').Trust} roots
 * @param {number} at milliseconds since 1970
 * @returns {Promise<import('./state.js').Content>}
 */
export async function openPart (part, data, trust, roots, at) {
  if (data.length !== part.size) {
    throw new Refused('bundle.size', `${part.kind} ${part.name}: ${data.length} bytes, ${part.size} were named`)
  }
  if (part.kind === 'status') return statusPart(part, data, trust)
  const { payload } = await signed(part.kind, data, part.kind === 'trust' ? roots : trust, at)
  return namedContent(part, payload)
}

/**
 * The content that a payload is; refuses as `openPart`.
 * @param {import('./manifest.js').Part} part
 * @param {Uint8Array} payload
 * @returns {Promise<import('./state.js').Content>}
 */
export async function namedContent (part, payload) {
  if (compared(await sha256(payload), part.sha256) !== 0) throw wrong(part)
  if (part.kind === 'trust') return TrustList.decode(payload)
  if (part.kind === 'status') return packedList(payload)
  if (part.kind === 'cards') return Snapshot.decode(payload)
  const found = Policy.decode(payload)
  if (found.provider !== part.name) throw new Refused('bundle.foreign_provider', found.provider)
  return found
}

function packedList (payload) {
  if (payload.length === 0 || payload.length > SIZE / 4) throw unreadable('a list of another size')
  return new StatusList(payload)
}

async function statusPart (part, data, trust) {
  // its own times do not matter: it is the manifest that names its content and says how old it may be
  if (data.length > MOST_STATUS) throw new Refused('bundle.size', `status ${part.name}: ${data.length} bytes`)
  const { uri, statuses } = await openStatusList(data, trust).catch(asBundles)
  const digest = await sha256(statuses.packed)
  if (compared(digest, part.sha256) !== 0 || uri.split('/').at(-1) !== part.name) throw wrong(part)
  return statuses
}

const wrong = ({ kind, name }) => new Refused('bundle.wrong_hash', `${kind} ${name}`)
