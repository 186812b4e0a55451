// The one decider, as rules/decision.py: the same answer as on the server, pinned by terminals/vectors/decision.json.
//
// `decide` asks the checks of the tap (token, replay, the terminal's own state), then tries each right of the holder
// with the checks of attempt.js, farthest from yes first. The best right that passes is used; if none passes, the
// reason nearest to yes is told. What everybody may use needs no token, so a bad one takes nothing away from it. DENY
// means "no concession": the full price is due.

import { Attempt, UNKNOWN_TERMS, preferred } from './attempt.js'
import { Verdict, memoryOf } from './claim.js'
import { Reason } from './reason.js'

const NOTHING = Object.freeze(memoryOf()) // who rides as everybody does is not known, so has no history

/**
 * The key of a concession's terms among all terms.
 * @param {string} code
 * @param {number} revision
 */
export const termsKey = (code, revision) => `${revision} ${code}`

/**
 * Decide one tap. Total: every input gives an answer; a right whose terms are not known here asks to go online.
 * @param {import('./claim.js').Tap} tap
 * @param {import('./claim.js').Holder} holder
 * @param {Map<string, import('./terms.js').Terms>} terms by `termsKey`
 * @param {import('./claim.js').Memory} memory
 * @param {import('./claim.js').TerminalState} terminal
 * @returns {import('./claim.js').Decision}
 */
export function decide (tap, holder, terms, memory, terminal) {
  let refused = Reason.OK
  let doubt = Reason.OK
  for (const look of TAP_CHECKS) {
    const found = look(tap, holder, memory, terminal)
    if (found < Reason.PASSBACK) doubt = Math.max(doubt, found)
    else refused = refused || found
  }
  const tried = (claim, past) =>
    new Attempt(claim, terms.get(termsKey(claim.code, claim.revision)) ?? UNKNOWN_TERMS, tap, past, terminal, doubt)
  const usable = []
  let nearest = refused || Reason.NO_ENTITLEMENT
  for (const claim of refused ? [] : holder.entitlements) {
    const use = tried(claim, memory)
    const refusal = use.refusal()
    if (refusal) nearest = Math.min(nearest, refusal)
    else usable.push(use)
  }
  for (const claim of holder.universal) {
    const use = tried(claim, NOTHING)
    // on all other days it is no reason: nobody asked for it
    if (!use.refusal()) usable.push(use)
  }
  return usable.length === 0 ? refusedWith(tap, terminal, nearest) : best(usable).decision()
}

function best (usable) {
  const ranked = usable.map((use) => ({ use, rank: use.preference() }))
  return ranked.reduce((first, other) => (preferred(other.rank, first.rank) ? other : first)).use
}

/**
 * The denial of a tap: the full price.
 * @param {import('./claim.js').Tap} tap
 * @param {import('./claim.js').TerminalState} terminal
 * @param {number} reason
 * @returns {import('./claim.js').Decision}
 */
export function refusedWith (tap, terminal, reason) {
  return {
    verdict: Verdict.DENY,
    reason: reason === Reason.NO_ENTITLEMENT && tap.companions > 0 ? Reason.COMPANION_WITHOUT_HOLDER : reason,
    payable: tap.gross,
    companions: 0,
    quotaLeft: reason === Reason.QUOTA_USED ? 0 : null,
    checkPhoto: false,
    listSeq: terminal.listSeq,
    code: null,
    window: null,
    units: 0
  }
}

const TOKEN = Object.freeze({
  not_active: Reason.TOKEN_NOT_ACTIVE,
  blocked: Reason.TOKEN_BLOCKED,
  expired: Reason.TOKEN_EXPIRED,
  rights_changed: Reason.RIGHTS_CHANGED,
  unknown: Reason.UNKNOWN_TOKEN,
  none: Reason.NO_ENTITLEMENT
})

function token (tap, holder, _, terminal) {
  if (holder.tokenState === 'active') return Reason.OK
  const reason = TOKEN[holder.tokenState]
  if (reason === Reason.TOKEN_BLOCKED && terminal.amnesty.has(tap.day)) return Reason.OK_AMNESTY
  // online the rights come from the register, so a changed signed right no longer matters
  return reason === Reason.RIGHTS_CHANGED && terminal.online ? Reason.OK : reason
}

const replayed = (tap, _, memory) =>
  tap.replayKey !== null && memory.seen.has(tap.replayKey) ? Reason.REPLAY : Reason.OK

function doubtful (_, __, ___, terminal) {
  if (terminal.clockDoubtful) return Reason.CLOCK
  return terminal.stale ? Reason.TERMINAL_STALE : Reason.OK
}

export const TAP_CHECKS = Object.freeze([token, replayed, doubtful])
