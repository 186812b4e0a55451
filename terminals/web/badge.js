// The line at the top: connected or not, how old the data is, what waits to be sent; and the same in full.

import { Damaged } from './chain.js'
import { byId, define } from './screens.js'
import { text } from './texts.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/**
 * @param {object} state
 * @param {{online: boolean, suspended: boolean}} state.link
 * @param {?number} state.age milliseconds since the service last vouched for the data; null without data
 * @param {boolean} state.stale
 * @param {number} state.waiting lines
 */
export function showBadge ({ link: { online, suspended }, age, stale, waiting }) {
  const said = [text(suspended ? 'suspended' : online ? 'online' : 'offline')]
  if (age === null) said.push(text('data-none'))
  else said.push(text(stale ? 'data-stale' : 'data-age', { age: aged(age) }))
  if (waiting) said.push(text('unsent', { count: waiting }))
  const badge = byId('badge')
  badge.dataset.online = online ? 'yes' : 'no'
  const line = said.join(' · ')
  if (badge.textContent !== line) badge.textContent = line
}

/** The state in full, for the settings. */
export async function showState ({ pairing, seq, age, journal }) {
  define(byId('state'), [
    [text('state-machine'), pairing.machine],
    [text('state-fingerprint'), pairing.fingerprint],
    [text('state-data'), age === null ? text('none') : aged(age)],
    [text('state-seq'), seq === null ? text('none') : String(seq)],
    [text('state-unsent'), String(journal.waiting)],
    [text('state-refused'), String(await journal.refusals())],
    [text('state-journal'), await checked(journal)]
  ])
}

async function checked (journal) {
  try {
    return text('journal-whole', { count: await journal.verify() })
  } catch (error) {
    if (!(error instanceof Damaged)) throw error
    return text('journal-broken', { seq: error.message })
  }
}

function aged (age) {
  if (age < MINUTE) return text('age-now')
  if (age < HOUR) return text('age-minutes', { count: Math.floor(age / MINUTE) })
  if (age < 2 * DAY) return text('age-hours', { count: Math.floor(age / HOUR) })
  return text('age-days', { count: Math.floor(age / DAY) })
}
