// What this device remembers of the holders it has seen: the memory part of a decision made here, as
// terminals/remembered.py.

import { memoryOf } from './core/claim.js'

const SECOND = 1000
const DAY = 86_400 * SECOND
/** So long a presentation of a phone is known again; older ones are stale anyway. */
const SHOWN_KEPT = 120 * SECOND
/** The longest time between two uses that terms may ask for. */
const TAPS_KEPT = DAY
/** More than any counter allows: the service has said that it was used up elsewhere. */
const SPENT = 1_000_000_000
/** Longer than the longest window of a quota that is counted by the calendar. */
const UNITS_KEPT = 400 * DAY

/**
 * An accepted tap: whose, when and where, the presentation shown, and what it took from which counter
 * (`counterKey`, null for none). `spent`: the service said that the counter had been used up elsewhere.
 * @typedef {object} Use
 * @property {string} who
 * @property {number} at
 * @property {object} place
 * @property {?string} replay
 * @property {?string} counter
 * @property {number} units
 * @property {boolean} [spent]
 */

export class Remembered {
  /** @type {Map<string, Map<number, Use>>} by holder, then by number in the journal */
  #uses = new Map()
  #unsent = new Set()
  #presented = new Map()

  /** @param {number} seq @param {Use} use @param {boolean} unsent the service does not know it yet */
  add (seq, use, unsent) {
    if (!this.#uses.has(use.who)) this.#uses.set(use.who, new Map())
    this.#uses.get(use.who).set(seq, use)
    if (unsent) this.#unsent.add(seq)
    if (use.replay !== null) this.#presented.set(use.replay, use.at)
  }

  /**
   * The service knows a use now.
   * @param {number} seq
   * @param {boolean} spent its counter turned out to be used up
   * @returns {?Use} the use where that has changed it
   */
  sent (seq, spent) {
    this.#unsent.delete(seq)
    const mine = [...this.#uses.values()].find((uses) => uses.has(seq))
    if (!spent || !mine) return null
    mine.set(seq, { ...mine.get(seq), spent })
    return mine.get(seq)
  }

  /**
   * What the decision about a tap of that holder at `at`, showing that presentation, needs to know.
   * @param {?string} who
   * @param {number} at
   * @param {?string} replay
   */
  memory (who, at, replay) {
    const used = new Map()
    const unsynced = new Map()
    const mine = this.#uses.get(who) ?? new Map()
    for (const [seq, { counter, units, spent }] of mine) {
      if (counter === null) continue
      used.set(counter, (used.get(counter) ?? 0) + units + (spent ? SPENT : 0))
      if (this.#unsent.has(seq)) unsynced.set(counter, (unsynced.get(counter) ?? 0) + units)
    }
    const last = [...mine.values()].filter((use) => Math.abs(at - use.at) <= TAPS_KEPT)
    const seen = replay !== null && this.#presented.has(replay) ? new Set([replay]) : new Set()
    return memoryOf({ used, unsynced, last: last.map(({ at, place }) => ({ at, place })), seen })
  }

  /** The numbers of all uses. @returns {Set<number>} */
  numbers () {
    return new Set([...this.#uses.values()].flatMap((mine) => [...mine.keys()]))
  }

  /** Drops what can no longer matter at `at`. */
  forget (at) {
    const matters = (use) => Math.abs(at - use.at) <= (use.counter === null ? TAPS_KEPT : UNITS_KEPT)
    for (const [who, mine] of this.#uses) {
      for (const [seq, use] of mine) if (!this.#unsent.has(seq) && !matters(use)) mine.delete(seq)
      if (mine.size === 0) this.#uses.delete(who)
    }
    for (const [shown, when] of this.#presented) if (Math.abs(at - when) > SHOWN_KEPT) this.#presented.delete(shown)
  }
}
