// Why a credential was refused, in the words of the decision, as terminals/refusal.py.

import { Reason } from './reason.js'

const REASONS = {
  malformed: Reason.MALFORMED,
  unknown_key: Reason.UNKNOWN_KEY,
  bad_signature: Reason.BAD_SIGNATURE,
  token_expired: Reason.TOKEN_EXPIRED,
  not_yet_valid: Reason.TOKEN_NOT_ACTIVE,
  screenshot: Reason.SCREENSHOT,
  presentation_stale: Reason.PRESENTATION_STALE,
  // a credential of another chip, or of a letter: copied
  wrong_carrier: Reason.BAD_SIGNATURE,
  right_not_allowed: Reason.BAD_SIGNATURE
}

/**
 * The reason that a refusal is told as.
 * @param {import('./errors.js').Refused} refused
 */
export const reasonOf = (refused) => REASONS[refused.code] ?? Reason.MALFORMED
