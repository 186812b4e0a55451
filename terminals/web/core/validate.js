// The one offline path: from a tap and what was shown with it to the decision, by what the terminal holds, as
// terminals/validate.py.

import { Verdict, tapOf, terminalOf } from './claim.js'
import { decide, refusedWith } from './decide.js'
import { Reason } from './reason.js'
import { holderOf, unlisted } from './rights.js'

/**
 * One tap as staff ask for it: `place` is a code, null for the terminal's own.
 * @typedef {{at: number, gross: bigint, place: ?string, product: string, companions: number}} Asked
 */

/**
 * Decides a tap by the bundle and this terminal's memory alone; never throws. Without a policy, or at a place that it
 * does not know, it asks to go online.
 * @param {Asked} tap
 * @param {import('./shown.js').Evidence} evidence
 * @param {import('./bundle/holding.js').Holding} holding
 * @param {import('./claim.js').Memory} memory
 * @param {number} at milliseconds since 1970
 * @param {boolean} clockDoubtful the terminal knows otherwise that its clock is wrong
 * @returns {import('./claim.js').Decision}
 */
export function decideOffline (tap, evidence, holding, memory, at, clockDoubtful = false) {
  const policy = holding.policy
  const place = holding.place(tap.place)
  const known = { online: false, listSeq: holding.seq }
  if (policy === null || place === null) return refusedWith(tap, known, Reason.ONLINE_REQUIRED)
  const [when, doubtful] = believed(tap.at, at, holding.floor, policy)
  const { gross, product, companions } = tap
  const { proof, replayKey } = evidence
  const asked = tapOf({ at: when, place, gross, product, companions, proof, replayKey })
  const { expiresSoonDays, passBackSeconds, copySeconds, copyMetres } = policy
  const terminal = terminalOf({
    ...known,
    stale: holding.stale(at) || unlisted(evidence, holding),
    clockDoubtful: doubtful || clockDoubtful,
    amnesty: policy.amnestyOf(evidence.municipality),
    expiresSoonDays,
    passBackSeconds,
    copySeconds,
    copyMetres
  })
  const [holder, terms] = holderOf(evidence, holding, asked.day, asked.minute)
  return told(decide(asked, holder, terms, memory, terminal), evidence, holder)
}

/** A decision with what the token itself says: why it is refused, and that its holder is to be looked at. */
function told (decision, evidence, holder) {
  if (decision.verdict === Verdict.DENY) {
    return evidence.refused === null ? decision : { ...decision, reason: evidence.refused }
  }
  const own = holder.entitlements.some((claim) => claim.code === decision.code)
  return { ...decision, checkPhoto: decision.checkPhoto || (own && evidence.photoId) }
}

/**
 * When a tap was, and whether the clock is in doubt. The present is `at`, but never before `floor`, the newest moment
 * that was signed; a clock that is more than `clockBehind` before it is wrong. A tap is believed from `clockBehind`
 * before to `clockAhead` after the present.
 * @param {number} tapped
 * @param {number} at
 * @param {number} floor
 * @param {import('./bundle/policy.js').Policy} policy
 * @returns {[number, boolean]}
 */
export function believed (tapped, at, floor, policy) {
  const present = Math.max(at, floor)
  const [behind, ahead] = [policy.clockBehind * 1000, policy.clockAhead * 1000]
  const wrong = floor - at > behind || present - tapped < -ahead || present - tapped > behind
  return wrong ? [present, true] : [tapped, false]
}
