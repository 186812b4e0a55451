// One line of `POST /v1/validations/batch`: a tap with what this device decided about it, as terminals/line.py.

import { amountText } from './core/decimal.js'
import { dayText } from './core/days.js'
import { reasonName } from './core/reason.js'

/** What the first line of a journal names as the one before it. */
export const BEFORE_FIRST = '0'.repeat(64)

/**
 * A tap that was decided here. `body` is the request that was, or would have been, sent about it; `token` what of the
 * token may be told, null for nothing that names one; `sampled`: the line carries the request.
 * @typedef {object} Decided
 * @property {number} seq
 * @property {string} body
 * @property {import('./core/validate.js').Asked & {proof: string}} tap
 * @property {?object} token
 * @property {import('./core/claim.js').Decision} decision
 * @property {?number} revision
 * @property {boolean} clockDoubtful
 * @property {boolean} sampled
 */

/**
 * The line (without newline) that follows the line with the digest `prev`.
 * @param {Decided} decided
 * @param {string} prev
 * @returns {Promise<string>}
 */
export async function lineOf ({ seq, body, tap, token, decision, revision, clockDoubtful, sampled }, prev) {
  const counted = decision.window !== null
  const said = {
    seq,
    sha: await digest(body),
    prev,
    at: new Date(tap.at).toISOString(),
    token,
    proof: tap.proof,
    gross: amountText(tap.gross),
    product: tap.product,
    companions: tap.companions,
    verdict: decision.verdict,
    reason: reasonName(decision.reason),
    payable: amountText(decision.payable),
    accompanied: decision.companions,
    check_photo: decision.checkPhoto
  }
  const known = {
    place: tap.place,
    code: decision.code,
    revision,
    units: counted ? decision.units : null,
    window: counted ? dayText(decision.window) : null,
    quota_left: decision.quotaLeft,
    list_seq: decision.listSeq,
    clock_doubtful: clockDoubtful ? true : null,
    text: sampled ? body : null
  }
  return JSON.stringify({ ...said, ...Object.fromEntries(Object.entries(known).filter(([, one]) => one !== null)) })
}

/** SHA-256 in hex: of a line what the next one names, of a request what its line names. @param {string} text */
export async function digest (text) {
  const found = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(found), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
