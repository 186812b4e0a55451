// The JSON shapes of tap, holder, memory, terminal and decision, as rules/wire.py. Throws RangeError for other shapes.

import { PROOFS, TOKEN_STATES, claimOf, counterKey, memoryOf, tapOf, terminalOf } from './claim.js'
import { Days, EMPTY, FIRST_DAY, dayOf, dayText } from './days.js'
import { amountOf, amountText } from './decimal.js'
import { termsKey } from './decide.js'
import { momentOf } from './moment.js'
import { Quota } from './quota.js'
import { reasonName } from './reason.js'
import { each, flag, record, text, whole, word, words } from './shape.js'
import { Discount } from './tariff.js'
import { Terms } from './terms.js'

/** @returns {import('./claim.js').Tap} */
export function tapFromJson (value) {
  const node = record(value, ['at', 'place', 'product', 'gross'], ['companions', 'proof', 'replay_key'])
  return tapOf({
    at: momentOf(node.at),
    place: placeFromJson(node.place),
    product: text(node.product),
    gross: amountOf(node.gross),
    companions: whole(node.companions ?? 0, 0, 100),
    proof: word(node.proof ?? 'none', PROOFS),
    replayKey: maybe(node.replay_key, text)
  })
}

/** @returns {import('./terms.js').Place} */
export function placeFromJson (value) {
  const node = record(value, ['id', 'provider'], ['mode', 'zone', 'route', 'lat', 'lon'])
  return {
    id: text(node.id),
    provider: text(node.provider),
    mode: maybe(node.mode, text),
    zone: maybe(node.zone, text),
    route: maybe(node.route, text),
    lat: maybe(node.lat, (degrees) => within(degrees, 90)),
    lon: maybe(node.lon, (degrees) => within(degrees, 180))
  }
}

/** @returns {import('./claim.js').Holder} */
export function holderFromJson (value) {
  const node = record(value, ['token_state', 'entitlements'], ['universal'])
  return {
    tokenState: word(node.token_state, TOKEN_STATES),
    entitlements: each(node.entitlements, claimFromJson),
    universal: each(node.universal ?? [], claimFromJson)
  }
}

/** @returns {import('./claim.js').EntitlementClaim} */
export function claimFromJson (value) {
  const needed = ['code', 'revision', 'grantor', 'periods', 'discount']
  const node = record(value, needed, ['quota', 'priority', 'suspended', 'modes', 'flags', 'since'])
  return claimOf({
    code: text(node.code),
    revision: whole(node.revision, 1),
    grantor: text(node.grantor),
    periods: Days.parse(node.periods),
    discount: Discount.fromJson(node.discount),
    quota: maybe(node.quota, Quota.fromJson),
    priority: whole(node.priority ?? 100),
    suspended: 'suspended' in node ? Days.parse(node.suspended) : EMPTY,
    modes: words(node.modes ?? []),
    flags: words(node.flags ?? []),
    since: maybe(node.since, dayOf) ?? FIRST_DAY
  })
}

/**
 * The terms of many concessions: [{"code", "revision", "terms"}].
 * @returns {Map<string, Terms>}
 */
export function termsFromJson (value) {
  return new Map(each(value, (item) => {
    const node = record(item, ['code', 'revision', 'terms'])
    return [termsKey(text(node.code), whole(node.revision, 1)), Terms.fromJson(node.terms)]
  }))
}

/** @returns {import('./claim.js').Memory} */
export function memoryFromJson (value) {
  const node = record(value, [], ['used', 'taken', 'unsynced', 'last', 'seen', 'reserved'])
  const counters = (found = []) => new Map(each(found, counterFromJson))
  return memoryOf({
    used: counters(node.used),
    taken: counters(node.taken),
    unsynced: counters(node.unsynced),
    last: each(node.last ?? [], lastFromJson),
    seen: words(node.seen ?? []),
    reserved: counters(node.reserved)
  })
}

/** @returns {import('./claim.js').TerminalState} */
export function terminalFromJson (value) {
  const flags = { online: 'online', stale: 'stale', clock_doubtful: 'clockDoubtful' }
  const numbers = {
    expires_soon_days: 'expiresSoonDays',
    pass_back_seconds: 'passBackSeconds',
    copy_seconds: 'copySeconds',
    copy_metres: 'copyMetres'
  }
  const node = record(value, [], [...Object.keys(flags), ...Object.keys(numbers), 'amnesty', 'list_seq'])
  const read = (names, reader) =>
    Object.fromEntries(Object.keys(names).filter((key) => key in node).map((key) => [names[key], reader(node[key])]))
  return terminalOf({
    ...read(flags, flag),
    ...read(numbers, (number) => whole(number)),
    amnesty: 'amnesty' in node ? Days.parse(node.amnesty) : EMPTY,
    listSeq: maybe(node.list_seq, whole)
  })
}

/** @param {import('./claim.js').Decision} decision */
export const decisionToJson = (decision) => ({
  verdict: decision.verdict,
  reason: reasonName(decision.reason),
  payable: amountText(decision.payable),
  companions: decision.companions,
  quota_left: decision.quotaLeft,
  check_photo: decision.checkPhoto,
  list_seq: decision.listSeq,
  code: decision.code,
  window: decision.window === null ? null : dayText(decision.window),
  units: decision.units
})

const maybe = (value, read) => (value === null || value === undefined ? null : read(value))

function within (degrees, most) {
  if (typeof degrees !== 'number' || !(Math.abs(degrees) <= most)) throw new RangeError('degrees are expected')
  return degrees
}

function counterFromJson (value) {
  const node = record(value, ['code', 'window', 'count'])
  return [counterKey(text(node.code), dayOf(node.window)), whole(node.count)]
}

function lastFromJson (value) {
  const node = record(value, ['at', 'place'])
  return { at: momentOf(node.at), place: placeFromJson(node.place) }
}
