// Days and sets of days. A day is a local business day: a whole number, 0 on 1 January 1970.
// A set is an inversion list: membership flips at each edge, and `ever` says whether it begins inside.

export const FIRST_DAY = -719_162 // 0001-01-01
export const LAST_DAY = 2_932_896 // 9999-12-31
const DAY = /^(\d{4})-(\d{2})-(\d{2})$/
const RANGE = String.raw`(?:\[\d{4}-\d{2}-\d{2}|\(),(?:\d{4}-\d{2}-\d{2})?\)`
const MULTIRANGE = new RegExp(String.raw`^\{(?:${RANGE}(?:,${RANGE})*)?\}$`)
const BOUNDS = /[[(]([\d-]*),([\d-]*)\)/g

/**
 * The number of a day of the Gregorian calendar (days_from_civil of H. Hinnant's chrono-compatible algorithms).
 * @param {number} year
 * @param {number} month 1 to 12
 * @param {number} day
 */
export function dayNumber (year, month, day) {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const ofEra = y - era * 400
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468
}

/**
 * Year, month (1 to 12) and day of the month.
 * @param {number} day
 */
export function civil (day) {
  const shifted = day + 719_468
  const era = Math.floor(shifted / 146_097)
  const ofEra = shifted - era * 146_097
  const leaps = Math.floor(ofEra / 1460) - Math.floor(ofEra / 36_524) + Math.floor(ofEra / 146_096)
  const years = Math.floor((ofEra - leaps) / 365)
  const ofYear = ofEra - (365 * years + Math.floor(years / 4) - Math.floor(years / 100))
  const at = Math.floor((5 * ofYear + 2) / 153)
  const month = at < 10 ? at + 3 : at - 9
  return [years + era * 400 + (month <= 2 ? 1 : 0), month, ofYear - Math.floor((153 * at + 2) / 5) + 1]
}

/**
 * The day in a text such as 2026-03-01. Throws RangeError.
 * @param {string} text
 */
export function dayOf (text) {
  const found = typeof text === 'string' ? DAY.exec(text) : null
  const number = found ? dayNumber(...found.slice(1).map(Number)) : NaN
  if (!(number >= FIRST_DAY && number <= LAST_DAY) || dayText(number) !== text) throw new RangeError(`no day: ${text}`)
  return number
}

/** @param {number} day */
export function dayText (day) {
  const [year, month, date] = civil(day)
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(date)}`
}

/** 1 (Monday) to 7, ISO 8601. */
export const weekday = (day) => ((((day + 3) % 7) + 7) % 7) + 1

export class Days {
  /**
   * @param {number[]} edges strictly increasing
   * @param {boolean} ever are the days before the first edge inside
   */
  constructor (edges = [], ever = false) {
    this.edges = edges
    this.ever = ever
  }

  /**
   * Read PostgreSQL datemultirange text. Throws RangeError.
   * @param {string} text
   */
  static parse (text) {
    if (typeof text !== 'string' || !MULTIRANGE.test(text)) throw new RangeError(`no set of days: ${text}`)
    const bound = (day) => (day ? dayOf(day) : null)
    return Days.of(...Array.from(text.matchAll(BOUNDS), ([, low, high]) => [bound(low), bound(high)]))
  }

  /**
   * The union of periods [start, end), in any order, overlapping or not; null = without limit. Throws RangeError.
   * @param {...[number|null, number|null]} periods
   */
  static of (...periods) {
    const steps = new Map()
    let depth = 0
    for (const [start, end] of periods) {
      if (start !== null && end !== null && start >= end) throw new RangeError('a period is empty or reversed')
      if (start === null) depth += 1
      else steps.set(start, (steps.get(start) ?? 0) + 1)
      if (end !== null) steps.set(end, (steps.get(end) ?? 0) - 1)
    }
    return Days.#stepped(depth, steps)
  }

  static #stepped (depth, steps) {
    const ever = depth > 0
    const edges = []
    let inside = ever
    for (const edge of [...steps.keys()].sort((one, other) => one - other)) {
      depth += steps.get(edge)
      if (depth > 0 === inside) continue
      edges.push(edge)
      inside = !inside
    }
    return new Days(edges, ever)
  }

  toString () {
    const bound = (day) => (day === null ? '' : dayText(day))
    const written = ([start, end]) => `${start === null ? '(' : '['}${bound(start)},${bound(end)})`
    return `{${[...this].map(written).join(',')}}`
  }

  /** The disjoint periods in order. */
  * [Symbol.iterator] () {
    const bounds = this.ever ? [null, ...this.edges] : this.edges
    for (let low = 0; low < bounds.length; low += 2) yield [bounds[low], bounds[low + 1] ?? null]
  }

  /** @param {number} day */
  has (day) {
    return (this.#after(day) % 2 === 1) !== this.ever
  }

  /**
   * The first day after `day` whose membership differs from the day before it; null when nothing changes.
   * @param {number} day
   */
  nextChange (day) {
    return this.edges[this.#after(day)] ?? null
  }

  /**
   * The period that holds the day; null when the day is not in the set.
   * @param {number} day
   */
  periodAt (day) {
    if (!this.has(day)) return null
    const at = this.#after(day)
    return [at > 0 ? this.edges[at - 1] : null, this.edges[at] ?? null]
  }

  #after (day) {
    let low = 0
    let high = this.edges.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (day < this.edges[middle]) high = middle
      else low = middle + 1
    }
    return low
  }
}

export const EMPTY = new Days()

const two = (number) => String(number).padStart(2, '0')
