// Moments: milliseconds since 1970 (UTC), and where they fall in Riga.

import { dayNumber, dayOf } from './days.js'

const MOMENT = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?(?:Z|([+-])(\d{2}):(\d{2}))$/

/**
 * A moment with its offset from UTC (RFC 3339) in milliseconds since 1970, thousandths of them kept.
 * Throws RangeError.
 * @param {string} text
 */
export function momentOf (text) {
  const found = typeof text === 'string' ? MOMENT.exec(text) : null
  if (!found) throw new RangeError(`no moment with its offset: ${text}`)
  const [, on, hour, minute, second, fraction, sign, aheadHours, aheadMinutes] = found
  if (hour > 23 || minute > 59 || second > 59) throw new RangeError(`no moment: ${text}`)
  const ahead = sign ? Number(sign + 1) * (aheadHours * 60 + Number(aheadMinutes)) : 0
  const minutes = dayOf(on) * 1440 + hour * 60 + Number(minute) - ahead
  return minutes * 60_000 + second * 1000 + Number((fraction ?? '').padEnd(6, '0')) / 1000
}

const RIGA = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Riga',
  calendar: 'iso8601',
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric'
})
const MINUTES = new Map()

/**
 * The business day and the minute of the day in Riga.
 * @param {number} at milliseconds since 1970
 * @returns {[number, number]}
 */
export function local (at) {
  const minute = Math.floor(at / 60_000)
  let there = MINUTES.get(minute)
  if (!there) {
    if (MINUTES.size > 256) MINUTES.clear()
    MINUTES.set(minute, there = inRiga(minute * 60_000))
  }
  return there
}

function inRiga (at) {
  const part = Object.fromEntries(RIGA.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
  return [dayNumber(part.year, part.month, part.day), part.hour * 60 + part.minute]
}
