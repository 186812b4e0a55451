// Usage terms of a concession: when, where, for what and with whom it may be used, as rules/terms.py.
// Empty sets mean no limit. Times of day are minutes since local midnight; weekdays are 1 (Monday) to 7 (ISO 8601).

import { Days, dayOf, dayText, weekday } from './days.js'
import { each, flag, record, text, whole, word, words } from './shape.js'

const CLOCK = /^(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/
const NOTHING = Object.freeze(new Set())

/**
 * Where a terminal stands or rides; coordinates in degrees (WGS 84) where known.
 * @typedef {object} Place
 * @property {string} id
 * @property {string} provider
 * @property {?string} mode
 * @property {?string} zone
 * @property {?string} route
 * @property {?number} lat
 * @property {?number} lon
 */

/**
 * Use without a connection: what doubt does, uses of a token not yet sent (a window), never offline at all.
 * @typedef {{amber: 'grant'|'grant_with_id'|'deny', cap: number, onlineOnly: boolean}} Offline
 */

export class Terms {
  weekdays = NOTHING
  windows = []
  /** @type {?Days} */ calendar = null
  /** @type {?string} */ waiver = null
  dates = NOTHING
  modes = NOTHING
  zones = NOTHING
  routes = NOTHING
  providers = NOTHING
  places = NOTHING
  products = NOTHING
  companions = 0
  /** @type {?string} */ exclusiveGroup = null
  passBackSeconds = 0
  checkPhoto = false
  /** @type {Offline} */ offline = { amber: 'grant', cap: 2, onlineOnly: false }
  priority = 100
  universal = false
  bySight = false
  holderMode = false
  /** @type {?number} */ perHousehold = null
  /** @type {?number} */ cutOffDay = null

  /**
   * May it be used on this local day and minute.
   * @param {number} day
   * @param {number} minute
   * @param {Set<string>} flags
   */
  openAt (day, minute, flags) {
    if (this.windows.length === 0) return this.#openOn(day, flags)
    return this.windows.some((window) => this.#inWindow(day, minute, flags, window))
  }

  /**
   * May it be used at this place.
   * @param {Place} place
   */
  covers (place) {
    const shut = (allowed, here) => allowed.size > 0 && !allowed.has(here)
    return !(
      shut(this.modes, place.mode) ||
      shut(this.zones, place.zone) ||
      shut(this.routes, place.route) ||
      shut(this.providers, place.provider) ||
      shut(this.places, place.id)
    )
  }

  #openOn (day, flags) {
    if (this.weekdays.size > 0 && !this.weekdays.has(weekday(day))) return false
    if (this.dates.size > 0) {
      const on = dayText(day)
      if (!this.dates.has(on) && !this.dates.has(on.slice(5))) return false
    }
    return this.calendar === null || this.calendar.has(day) || flags.has(this.waiver)
  }

  #inWindow (day, minute, flags, [start, end]) {
    if (start < end) return start <= minute && minute < end && this.#openOn(day, flags)
    if (minute >= start) return this.#openOn(day, flags)
    return minute < end && this.#openOn(day - 1, flags)
  }

  /** Read what rules/terms.py writes; every key may be left out. Throws RangeError. */
  static fromJson (value) {
    const node = record(value, [], Object.keys(READERS))
    const terms = new Terms()
    for (const [key, item] of Object.entries(node)) {
      const [name, read] = READERS[key]
      terms[name] = read(item)
    }
    if (terms.holderMode && terms.modes.size === 0) throw new RangeError('there are no modes to choose from')
    return terms
  }
}

function offline (value) {
  const node = record(value, [], ['amber', 'cap', 'online_only'])
  return {
    amber: word(node.amber ?? 'grant', ['grant', 'grant_with_id', 'deny']),
    cap: whole(node.cap ?? 2, 0, 1000),
    onlineOnly: flag(node.online_only ?? false)
  }
}

function windowOf (value) {
  const pair = each(value, minuteOf)
  if (pair.length !== 2 || pair[0] === pair[1]) throw new RangeError('two times of day expected')
  return pair
}

function minuteOf (value) {
  const found = typeof value === 'string' ? CLOCK.exec(value) : null
  if (!found) throw new RangeError('a time such as 07:30 is expected')
  return found[1] === undefined ? 1440 : Number(found[1]) * 60 + Number(found[2])
}

function dateOf (value) {
  dayOf(typeof value === 'string' && value.length === 5 ? `2000-${value}` : value)
  return value
}

const within = (low, high) => (value) => whole(value, low, high)
const setOf = (read) => (value) => new Set(each(value, read))
const READERS = {
  weekdays: ['weekdays', setOf(within(1, 7))],
  windows: ['windows', (value) => each(value, windowOf)],
  calendar: ['calendar', Days.parse],
  waiver: ['waiver', text],
  dates: ['dates', setOf(dateOf)],
  modes: ['modes', words],
  zones: ['zones', words],
  routes: ['routes', words],
  providers: ['providers', words],
  places: ['places', words],
  products: ['products', words],
  companions: ['companions', within(0, 10)],
  exclusive_group: ['exclusiveGroup', text],
  pass_back_seconds: ['passBackSeconds', within(0, 86_400)],
  check_photo: ['checkPhoto', flag],
  offline: ['offline', offline],
  priority: ['priority', within(1, 1000)],
  universal: ['universal', flag],
  by_sight: ['bySight', flag],
  holder_mode: ['holderMode', flag],
  per_household: ['perHousehold', within(1, 20)],
  cut_off_day: ['cutOffDay', within(1, 31)]
}
