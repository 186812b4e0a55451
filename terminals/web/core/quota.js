// How much a right may be used: so many uses, or so much money, in each window of days, as rules/quota.py.

import { UNITS, amountOf } from './decimal.js'
import { FIRST_DAY, civil, dayNumber, dayOf, weekday } from './days.js'
import { record, whole, word } from './shape.js'

const PER = ['day', 'week', 'month', 'year', 'period']
const MOST_MONEY = 100_000n * UNITS

export class Quota {
  /**
   * @param {number} n uses in each window; 0 for money
   * @param {'day'|'week'|'month'|'year'|'period'} per
   * @param {string|null} carryUntil mm-dd: what is left stays usable up to and including that day of the year
   * @param {bigint|null} amount the discounts of a window are together at most so much
   */
  constructor (n, per, carryUntil = null, amount = null) {
    this.n = n
    this.per = per
    this.carryUntil = carryUntil
    this.amount = amount
  }

  /**
   * The first day of the window, or of the cycle, that holds `day`: the name of the counter.
   * @param {number} day
   * @param {import('./days.js').Days} periods
   */
  window (day, periods) {
    if (this.carryUntil !== null) return cycle(day, this.carryUntil)
    const [year, month] = civil(day)
    if (this.per === 'month') return dayNumber(year, month, 1)
    if (this.per === 'day') return day
    if (this.per === 'week') return day - weekday(day) + 1
    if (this.per === 'year') return dayNumber(year, 1, 1)
    return periods.periodAt(day)?.[0] ?? FIRST_DAY
  }

  /**
   * The units that the counter of `day` may reach on that day: with carry-over, `n` for each window of the cycle so far
   * in which the right has a day, not counting days before `since`.
   * @param {number} day
   * @param {import('./days.js').Days} periods
   * @param {number} since
   */
  limit (day, periods, since = FIRST_DAY) {
    if (this.amount !== null) return Number(this.amount)
    if (this.carryUntil === null) return this.n
    return this.n * this.#windowsHeld(Math.max(cycle(day, this.carryUntil), since), day, periods)
  }

  #windowsHeld (first, day, periods) {
    let held = 0
    let counted = this.#index(first) - 1
    for (const [from, end] of periods) {
      const start = Math.max(from ?? first, first)
      if (start > day || (end !== null && end <= start)) continue
      const last = end === null ? day : Math.min(end - 1, day)
      const low = Math.max(this.#index(start), counted + 1)
      const high = this.#index(last)
      if (low > high) continue
      held += high - low + 1
      counted = high
    }
    return held
  }

  /** The number of the window that holds the day; windows that follow have numbers that follow. */
  #index (day) {
    if (this.per === 'month') {
      const [year, month] = civil(day)
      return year * 12 + month
    }
    // the first day of the calendar is a Monday
    return this.per === 'week' ? Math.floor((day - FIRST_DAY) / 7) : day
  }

  /** Read {"n", "per", "carry_until"?} or, for money, {"amount", "per"}. Throws RangeError. */
  static fromJson (value) {
    if (value !== null && typeof value === 'object' && 'amount' in value) {
      const node = record(value, ['amount', 'per'])
      return new Quota(0, word(node.per, PER), null, allowance(node.amount))
    }
    const node = record(value, ['n', 'per'], ['carry_until'])
    const per = word(node.per, PER)
    const carryUntil = 'carry_until' in node ? carry(node.carry_until, per) : null
    return new Quota(whole(node.n, 1, 100_000), per, carryUntil)
  }
}

function allowance (value) {
  const amount = amountOf(value)
  if (amount === 0n || amount > MOST_MONEY) throw new RangeError('an allowance is more than 0')
  return amount
}

function carry (until, per) {
  const after = civil(dayOf(`2000-${until}`) + 1)[2]
  if (!['day', 'week', 'month'].includes(per) || until === '02-29' || (per === 'month' && after !== 1)) {
    throw new RangeError('uses of such a window are not carried over until then')
  }
  return until
}

/** The first day of the cycle that holds `day`. */
function cycle (day, carryUntil) {
  const [month, last] = carryUntil.split('-').map(Number)
  const [year] = civil(day)
  const end = dayNumber(year, month, last)
  if (end < day) return end + 1
  return year === 1 ? FIRST_DAY : dayNumber(year - 1, month, last) + 1
}
