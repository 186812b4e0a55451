// What a decision is made of: the tap, the holder's rights, what is remembered, and the terminal, as rules/claim.py.

import { EMPTY, FIRST_DAY } from './days.js'
import { local } from './moment.js'

/** @typedef {import('./terms.js').Place} Place */
/** @typedef {import('./days.js').Days} Days */

/**
 * How hard what was shown is to copy: nothing shown, a picture, a signing device, an authenticated chip.
 * @typedef {'none'|'static'|'device'|'chip'} Proof
 */
export const PROOFS = Object.freeze(['none', 'static', 'device', 'chip'])

/**
 * What is known of the token itself; `none` = nothing was shown.
 * @typedef {'active'|'not_active'|'blocked'|'expired'|'rights_changed'|'unknown'|'none'} TokenState
 */
export const TOKEN_STATES = Object.freeze(
  ['active', 'not_active', 'blocked', 'expired', 'rights_changed', 'unknown', 'none']
)

/** Taken, taken with a warning, or no concession (the full price is due). */
export const Verdict = Object.freeze({ ACCEPT: 'ACCEPT', ACCEPT_WARN: 'ACCEPT_WARN', DENY: 'DENY' })

/**
 * One use asked for. `at` in milliseconds since 1970; `day` and `minute` are local; `gross` is one person's price.
 * `replayKey` names a presentation that may be taken once; null where a token shows nothing one-time.
 * @typedef {object} Tap
 * @property {number} at
 * @property {number} day
 * @property {number} minute
 * @property {Place} place
 * @property {string} product
 * @property {bigint} gross
 * @property {number} companions
 * @property {Proof} proof
 * @property {?string} replayKey
 */

/**
 * @param {object} said at, place, gross; product, companions, proof and replayKey may be left out
 * @returns {Tap}
 */
export function tapOf ({ at, place, gross, product = 'single', companions = 0, proof = 'none', replayKey = null }) {
  const [day, minute] = local(at)
  return { at, day, minute, place, product, gross, companions, proof, replayKey }
}

/**
 * A right of the holder, ready for a verdict. `code` is unique among the rights of one holder.
 * @typedef {object} EntitlementClaim
 * @property {string} code
 * @property {number} revision
 * @property {string} grantor
 * @property {Days} periods
 * @property {import('./tariff.js').Discount} discount
 * @property {?import('./quota.js').Quota} quota
 * @property {number} priority the place in the order of use (1 before 2)
 * @property {Days} suspended days on which an order suspends it
 * @property {Set<string>} modes the modes the holder has chosen (empty = none chosen)
 * @property {Set<string>} flags what lifts a limit of the terms
 * @property {number} since the first day from which the terms carry unused uses over
 */

/**
 * @param {object} said code, revision, grantor, periods, discount; the others may be left out
 * @returns {EntitlementClaim}
 */
export const claimOf = (said) => ({
  quota: null,
  priority: 100,
  suspended: EMPTY,
  modes: new Set(),
  flags: new Set(),
  since: FIRST_DAY,
  ...said
})

/**
 * A token's state, the rights of its person that this provider accepts, and those of everybody (without quota).
 * @typedef {{tokenState: TokenState, entitlements: EntitlementClaim[], universal: EntitlementClaim[]}} Holder
 */

/**
 * What happened before: units used, taken earlier in this batch, not yet sent, last accepts, presentations seen, units
 * set aside for this terminal or in this chip. The maps go from `counterKey` to units; absent means 0.
 * @typedef {object} Memory
 * @property {Map<string, number>} used
 * @property {Map<string, number>} taken
 * @property {Map<string, number>} unsynced
 * @property {{at: number, place: Place}[]} last
 * @property {Set<string>} seen
 * @property {Map<string, number>} reserved
 */

/**
 * @param {Partial<Memory>} said
 * @returns {Memory}
 */
export const memoryOf = (said = {}) => ({
  used: new Map(),
  taken: new Map(),
  unsynced: new Map(),
  last: [],
  seen: new Set(),
  reserved: new Map(),
  ...said
})

/**
 * The key of a quota counter: concession code and first day of the quota window.
 * @param {string} code
 * @param {number} window
 */
export const counterKey = (code, window) => `${window} ${code}`

/**
 * The terminal's own state and its policy. `amnesty` are the days on which blocked tokens are still taken.
 * @typedef {object} TerminalState
 * @property {boolean} online
 * @property {boolean} stale
 * @property {boolean} clockDoubtful
 * @property {Days} amnesty
 * @property {?number} listSeq
 * @property {number} expiresSoonDays
 * @property {number} passBackSeconds
 * @property {number} copySeconds a picture shown again within so many seconds
 * @property {number} copyMetres and so far away asks for a look at the photo
 */

/**
 * @param {Partial<TerminalState>} said
 * @returns {TerminalState}
 */
export const terminalOf = (said = {}) => ({
  online: true,
  stale: false,
  clockDoubtful: false,
  amnesty: EMPTY,
  listSeq: null,
  expiresSoonDays: 14,
  passBackSeconds: 0,
  copySeconds: 120,
  copyMetres: 500,
  ...said
})

/**
 * The answer. `payable` is the holder's own price; each companion accepted pays nothing, each refused pays gross.
 * `code` and `window` name the right used and the quota counter it takes `units` from; null = none. `quotaLeft` is what
 * the counter still allows: uses, or whole cents of a money allowance.
 * @typedef {object} Decision
 * @property {'ACCEPT'|'ACCEPT_WARN'|'DENY'} verdict
 * @property {number} reason
 * @property {bigint} payable
 * @property {number} companions
 * @property {?number} quotaLeft
 * @property {boolean} checkPhoto
 * @property {?number} listSeq
 * @property {?string} code
 * @property {?number} window
 * @property {number} units
 */
