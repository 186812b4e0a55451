// What the terminal was shown, as far as it can tell alone: a credential, a card of its snapshot, or nothing known, as
// terminals/shown.py.

import { DEAD } from './bundle/snapshot.js'
import { hex } from './bytes.js'
import * as credential from './credential.js'
import { Days, EMPTY } from './days.js'
import { Refused } from './errors.js'
import { local } from './moment.js'
import { parseNumber } from './number.js'
import { PREFIX as PRESENTED } from './presentation.js'
import { Reason } from './reason.js'
import { reasonOf } from './refusal.js'

const PROVED = 1
const TOLD = ['status', 'cti', 'presented', 'uid', 'number']

/** @typedef {import('./bundle/holding.js').Holding} Holding */

/**
 * A public tariff code and its days; `modes` and `flags` null where the token cannot say them.
 * @typedef {{code: number, periods: Days, modes: ?Set<string>, flags: ?Set<string>}} ShownRight
 */

/**
 * What was read out of a chip: its UID (7 bytes), its credential (file 02, may be empty), and how far it was trusted:
 * `tier` 0: read without a key, so it may be a copy; 1: the chip has proved that it knows its read key.
 * @typedef {{uid: Uint8Array, credential: Uint8Array, tier: number}} CardShown
 */

/**
 * What a token proves by itself and by the snapshot; nothing of it is a decision yet.
 * @typedef {object} Evidence
 * @property {?number} refused it proves nothing, and why
 * @property {import('./claim.js').Proof} proof
 * @property {?string} who one holder's token for this terminal's memory, whatever way it is shown
 * @property {?string} municipality
 * @property {ShownRight[]} rights
 * @property {?number} status its number in the status lists
 * @property {?string} cti hexadecimal
 * @property {?string} uid hexadecimal
 * @property {?number} presented the Unix second of a phone's presentation
 * @property {?string} replayKey what that may be taken under once
 * @property {boolean} photoId asks for a look at the holder
 * @property {boolean} online its rights are to be asked for
 * @property {boolean} dead the snapshot says that it is blocked
 * @property {boolean} current its rights are the snapshot's, so it does not matter whether signed ones have changed
 * @property {?string} number one that only the service knows
 */

/** @returns {Evidence} */
const evidenceOf = (said = {}) => ({
  refused: null,
  proof: 'none',
  who: null,
  municipality: null,
  rights: [],
  status: null,
  cti: null,
  uid: null,
  presented: null,
  replayKey: null,
  photoId: false,
  online: false,
  dead: false,
  current: false,
  number: null,
  ...said
})

/**
 * The evidence in what was shown; never throws for what a stranger can show.
 * @param {string|CardShown|null} token
 * @param {Holding} holding
 * @param {number} at milliseconds since 1970
 * @returns {Promise<Evidence>}
 */
export async function read (token, holding, at) {
  if (token === null) return evidenceOf()
  if (typeof token !== 'string') return cardOf(token, holding, at)
  try {
    if (token.startsWith(credential.PREFIX) || token.startsWith(PRESENTED)) {
      return saidBy(await credential.verify(token, holding.trust, at, holding.floor))
    }
    return evidenceOf({ refused: Reason.ONLINE_REQUIRED, number: parseNumber(token) })
  } catch (refused) {
    return evidenceOf({ refused: told(refused, holding, at) })
  }
}

/**
 * What an upload says of the token; null where nothing of it names one.
 * @param {Evidence} evidence
 */
export function named (evidence) {
  const known = TOLD.filter((name) => evidence[name] !== null)
  return known.length === 0 ? null : Object.fromEntries(known.map((name) => [name, evidence[name]]))
}

function told (refused, holding, at) {
  if (!(refused instanceof Refused)) throw refused
  // keys are published days before they sign: only a terminal that is behind can miss one
  return refused.code === 'unknown_key' && holding.stale(at) ? Reason.ONLINE_REQUIRED : reasonOf(refused)
}

function saidBy (verified) {
  const { claims, municipality, presentation } = verified
  return evidenceOf({
    proof: presentation === null ? 'static' : 'device',
    who: `status ${claims.status}`,
    municipality,
    rights: promised(claims),
    status: claims.status,
    cti: claims.cti === null ? null : hex(claims.cti),
    presented: presentation === null ? null : presentation.iat,
    replayKey: credential.replayKey(verified),
    photoId: claims.photoId,
    online: claims.online
  })
}

function promised ({ iat, rights }) {
  const [first] = local(iat * 1000)
  const until = (last) => (last < first ? EMPTY : Days.of([first, last + 1]))
  return rights.map((right) => ({ code: right.code, periods: until(right.until), modes: null, flags: null }))
}

async function cardOf (shown, holding, at) {
  const uid = hex(shown.uid)
  const proof = shown.tier === PROVED ? 'chip' : 'static'
  const byUid = await listed(evidenceOf({ proof, who: `uid ${uid}`, uid }), shown.uid, holding, at)
  if (shown.credential.length === 0) return byUid
  try {
    const verified = await credential.verifyCard(shown.credential, shown.uid, holding.trust, at, holding.floor)
    return together({ ...saidBy(verified), proof, who: `uid ${uid}`, uid }, byUid)
  } catch (refused) {
    // a chip that has proved itself needs no credential
    if (refused.code === 'token_expired' && proof === 'chip') return byUid
    return evidenceOf({ refused: told(refused, holding, at), uid })
  }
}

/** A card's credential with what the snapshot says of the card. */
function together (said, byUid) {
  if (byUid.current) return { ...said, rights: byUid.rights, online: false, current: true }
  return { ...said, online: said.online || byUid.online, dead: byUid.dead }
}

/** What the snapshot says of a card. */
async function listed (card, uid, holding, at) {
  const snapshot = holding.snapshot
  const number = snapshot === null ? null : await snapshot.profile(uid)
  if (number === null) {
    const behind = snapshot === null || holding.stale(at)
    return { ...card, refused: behind ? Reason.ONLINE_REQUIRED : Reason.UNKNOWN_TOKEN }
  }
  if (number === DEAD) return { ...card, dead: true }
  const profile = snapshot.profiles.get(number)
  if (profile === undefined) return { ...card, refused: Reason.ONLINE_REQUIRED, online: true }
  return { ...card, municipality: profile.municipality, rights: profile.rights, current: true }
}
