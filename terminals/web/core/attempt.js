// One right tried on one tap: the checks it has to pass, its price, and how it compares with the holder's others,
// as rules/attempt.py.

import { counterKey, Verdict } from './claim.js'
import { LAST_DAY } from './days.js'
import { UNITS, least, most } from './decimal.js'
import { byCodePoints } from './order.js'
import { Reason } from './reason.js'
import { Terms } from './terms.js'

export const UNKNOWN_TERMS = Object.freeze(new Terms())
const METRES_A_DEGREE = 111_195
const UNITS_A_CENT = Number(UNITS) / 100

/** A right, its terms and the tap, with all that the checks look at. Made for one decision and thrown away. */
export class Attempt {
  /**
   * @param {import('./claim.js').EntitlementClaim} claim
   * @param {Terms} terms
   * @param {import('./claim.js').Tap} tap
   * @param {import('./claim.js').Memory} memory
   * @param {import('./claim.js').TerminalState} terminal
   * @param {number} doubt
   */
  constructor (claim, terms, tap, memory, terminal, doubt) {
    Object.assign(this, { claim, terms, tap, memory, terminal, doubt })
    /** @type {?number} */ this.window = null
    /** @type {?string} the quota counter of the tap's window */ this.counter = null
    /** @type {?number} its units before this tap */ this.left = null
    /** Those units are an allowance of money, and the holder pays what it does not cover. */ this.money = false
    if (claim.quota !== null) this.#count(claim.quota)
  }

  #count (quota) {
    const { claim, tap, memory } = this
    this.window = quota.window(tap.day, claim.periods)
    const key = this.counter = counterKey(claim.code, this.window)
    if (this.setAside()) {
      this.left = memory.reserved.get(key)
    } else {
      const limit = quota.limit(tap.day, claim.periods, claim.since)
      this.left = Math.max(0, limit - (memory.used.get(key) ?? 0) - (memory.taken.get(key) ?? 0))
    }
    this.money = quota.amount !== null
  }

  /** The first check that fails, OK when none does; last, whether the concession forbids use in doubt. */
  refusal () {
    const failed = RIGHT_CHECKS.find(([fails]) => fails(this))
    if (failed) return failed[1]
    return this.doubt && this.#forbidsDoubt() ? this.doubt : Reason.OK
  }

  /** What the holder pays with this right. */
  price () {
    const { gross, product } = this.tap
    const price = this.claim.discount.price(gross, product)
    return this.money ? most(price, gross - BigInt(this.left)) : price
  }

  /** How many of the companions it takes along: of an allowance, as many as what is left pays for. */
  companions () {
    const { companions, gross } = this.tap
    if (companions === 0 || this.terms.universal) return companions
    const along = Math.min(companions, this.terms.companions)
    if (!this.money || gross === 0n) return along
    return Number(least(BigInt(along), (BigInt(this.left) + this.price()) / gross - 1n))
  }

  /** How many units of its counter it takes: one for a use, of an allowance the discount of all who go along. */
  units () {
    if (!this.money) return this.left === null ? 0 : 1
    return Number(this.tap.gross * BigInt(1 + this.companions()) - this.price())
  }

  /** Smaller is better: price of all who travel, no quota for a free ride, priority, no quota, expiry, code. */
  preference () {
    const { claim, tap } = this
    const price = this.price()
    const total = price + tap.gross * BigInt(tap.companions - this.companions())
    const burns = claim.quota !== null
    const ends = claim.periods.nextChange(tap.day) ?? LAST_DAY
    return [total, burns && price === 0n, claim.priority, burns, ends, claim.code, claim.revision, claim.grantor]
  }

  /**
   * The decision when this right is the one used.
   * @returns {import('./claim.js').Decision}
   */
  decision () {
    const units = this.units()
    return {
      verdict: this.doubt ? Verdict.ACCEPT_WARN : Verdict.ACCEPT,
      reason: this.doubt || this.#ending(),
      payable: this.price(),
      companions: this.companions(),
      quotaLeft: this.#remaining(units),
      checkPhoto: this.#asksForPhoto(),
      listSeq: this.terminal.listSeq,
      code: this.claim.code,
      window: this.window,
      units
    }
  }

  /** Whether its units are set aside here: what nobody else can take needs neither a count nor a cap. */
  setAside () {
    return !this.terminal.online && this.memory.reserved.has(this.counter)
  }

  #remaining (units) {
    if (this.left === null) return null
    return this.money ? Math.floor((this.left - units) / UNITS_A_CENT) : this.left - units
  }

  #forbidsDoubt () {
    // an amnesty is itself a permission; the other doubts follow the concession's policy
    return this.doubt !== Reason.OK_AMNESTY && this.terms.offline.amber === 'deny'
  }

  #asksForPhoto () {
    const doubtful = this.doubt !== Reason.OK && this.terms.offline.amber === 'grant_with_id'
    return this.terms.checkPhoto || doubtful || copied(this)
  }

  #ending () {
    const ends = this.claim.periods.nextChange(this.tap.day)
    const soon = ends !== null && ends - this.tap.day <= this.terminal.expiresSoonDays
    return soon ? Reason.OK_EXPIRES_SOON : Reason.OK
  }
}

const notThatDay = ({ claim, tap }) => !claim.periods.has(tap.day)

const suspended = ({ claim, tap }) => claim.suspended.has(tap.day)

const termsNotKnown = ({ terms }) => terms === UNKNOWN_TERMS

const notHere = ({ terms, tap }) => !terms.covers(tap.place)

const modeNotChosen = ({ terms, claim, tap }) =>
  (terms.holderMode || claim.modes.size > 0) && !claim.modes.has(tap.place.mode)

const notForThis = ({ terms, tap }) => terms.products.size > 0 && !terms.products.has(tap.product)

const notNow = ({ terms, claim, tap }) => !terms.openAt(tap.day, tap.minute, claim.flags)

// no terminal knows alone what another has taken of a sum of money
const neverOffline = ({ terms, terminal, money }) => !terminal.online && (terms.offline.onlineOnly || money)

const unsentEnough = (use) => {
  // the cap on uses not yet sent is what bounds overspend while terminals are offline
  if (use.terminal.online || use.counter === null || use.setAside()) return false
  return (use.memory.unsynced.get(use.counter) ?? 0) >= use.terms.offline.cap
}

const usedUp = ({ left }) => left === 0

const passedBack = ({ terms, terminal, tap, memory }) => {
  const window = Math.max(terms.passBackSeconds, terminal.passBackSeconds)
  return window > 0 && memory.last.some((last) => seconds(tap, last) < window)
}

export const RIGHT_CHECKS = Object.freeze([
  [notThatDay, Reason.NO_ENTITLEMENT],
  [suspended, Reason.ENTITLEMENT_SUSPENDED],
  [termsNotKnown, Reason.ONLINE_REQUIRED],
  [notHere, Reason.OUT_OF_SCOPE],
  [modeNotChosen, Reason.OUT_OF_SCOPE],
  [notForThis, Reason.OUT_OF_SCOPE],
  [notNow, Reason.OUT_OF_TIME],
  [neverOffline, Reason.ONLINE_REQUIRED],
  [unsentEnough, Reason.ONLINE_REQUIRED],
  [usedUp, Reason.QUOTA_USED],
  [passedBack, Reason.PASSBACK]
])

/** Whether one preference is smaller than another, member by member; texts by their code points. */
export function preferred (one, other) {
  for (const [at, mine] of one.entries()) {
    if (mine === other[at]) continue
    return typeof mine === 'string' ? byCodePoints(mine, other[at]) < 0 : mine < other[at]
  }
  return false
}

// taps from offline terminals arrive out of order: distance in time, in either direction
const seconds = (tap, last) => Math.abs(tap.at - last.at) / 1000

/** A picture seen a moment ago too far away to be the same paper. */
function copied ({ tap, memory, terminal }) {
  if (tap.proof !== 'static') return false
  return memory.last.some(
    (last) => seconds(tap, last) <= terminal.copySeconds && metres(tap, last) >= terminal.copyMetres
  )
}

/** Distance on a flat projection, exact enough inside one country; 0 where a place has no coordinates. */
function metres (tap, last) {
  const here = tap.place
  const there = last.place
  if ([here.lat, here.lon, there.lat, there.lon].some((degrees) => degrees === null || degrees === undefined)) return 0
  const east = (here.lon - there.lon) * Math.cos((here.lat * Math.PI) / 180)
  return Math.hypot(here.lat - there.lat, east) * METRES_A_DEGREE
}
