// From what a token proves to a holder: the token's state by the status lists, and what each right is worth here, as
// terminals/rights.py.

import { Days } from './days.js'
import { termsKey } from './decide.js'
import { RIGHTS_CHANGED, VALID } from './statuslist.js'

const LIST_SIZE = 2 ** 17
const NO_WORDS = Object.freeze(new Set())

/** @typedef {import('./shown.js').Evidence} Evidence */
/** @typedef {import('./bundle/holding.js').Holding} Holding */

/**
 * The holder on a local day and minute, with the terms of the rights; without a policy a holder of nothing. The terms
 * are left out where the token cannot say whether they hold: such a right is to be asked for online.
 * @param {Evidence} evidence
 * @param {Holding} holding
 * @param {number} day
 * @param {number} minute
 * @returns {[import('./claim.js').Holder, Map<string, import('./terms.js').Terms>]}
 */
export function holderOf (evidence, holding, day, minute) {
  const policy = holding.policy
  if (policy === null) return [{ tokenState: 'unknown', entitlements: [], universal: [] }, new Map()]
  const universal = policy.universal.filter((one) => one.holds(day)).map((one) => one.claim(one.days))
  const keyOf = ({ code, revision }) => termsKey(code, revision)
  const terms = new Map(universal.map((claim) => [keyOf(claim), policy.terms.get(keyOf(claim))]))
  const mine = new Map()
  for (const [right, revision] of taken(evidence, policy, day)) {
    const claim = revision.claim(right.periods, right.modes ?? NO_WORDS, right.flags ?? NO_WORDS)
    const key = keyOf(claim)
    mine.set(key, mine.has(key) ? together(mine.get(key), claim) : claim)
    if (!evidence.online && sayable(right, revision.terms, day, minute)) terms.set(key, revision.terms)
  }
  return [{ tokenState: tokenState(evidence, holding), entitlements: [...mine.values()], universal }, terms]
}

/**
 * What the bundle knows of the token itself; one that no list says anything of is taken as it is.
 * @param {Evidence} evidence
 * @param {Holding} holding
 * @returns {import('./claim.js').TokenState}
 */
export function tokenState (evidence, holding) {
  if (evidence.refused !== null) return 'unknown'
  if (evidence.who === null) return 'none'
  const status = statusOf(evidence, holding) ?? VALID
  if (evidence.dead || (status !== VALID && status !== RIGHTS_CHANGED)) return 'blocked'
  return status === RIGHTS_CHANGED && !evidence.current ? 'rights_changed' : 'active'
}

/**
 * Whether the terminal holds no word on a token whose credential says where its status stands.
 * @param {Evidence} evidence
 * @param {Holding} holding
 */
export const unlisted = (evidence, holding) =>
  evidence.status !== null && !evidence.current && statusOf(evidence, holding) === null

function statusOf ({ status }, holding) {
  return status === null ? null : holding.status(Math.floor(status / LIST_SIZE), status % LIST_SIZE)
}

/** The rights that this provider takes, with their revision of the day; what everybody has is nobody's own. */
function taken (evidence, policy, day) {
  const found = evidence.rights.map((right) => [right, policy.revision(right.code, day)])
  return found.filter(([, revision]) => revision !== null && !revision.terms.universal)
}

const together = (one, other) => ({
  ...one,
  periods: Days.of(...one.periods, ...other.periods),
  modes: new Set([...one.modes, ...other.modes]),
  flags: new Set([...one.flags, ...other.flags])
})

function sayable (right, terms, day, minute) {
  if (right.modes === null && terms.holderMode) return false
  return right.flags !== null || terms.waiver === null || terms.openAt(day, minute, NO_WORDS)
}
