// The code itself: a new one every 15 seconds for as long as the page is looked at.

import { el, note } from './dom.js'
import { over, shown } from './phone.js'
import { fault, moment, t } from './spoken.js'
import { symbol } from './symbol.js'
import { kept } from './vault.js'

const EVERY = 15000

/** The view; `signal` ends its refreshing. @param {AbortSignal} signal */
export async function codeView (signal) {
  const place = el('div', { class: 'code' })
  const draw = () => drawn(place)
  await draw()
  const timer = setInterval(draw, EVERY)
  signal.addEventListener('abort', () => clearInterval(timer))
  // a page that slept shows an old code until it is drawn anew
  document.addEventListener('visibilitychange', () => document.hidden || draw(), { signal })
  stayAwake(signal)
  return [el('h1', {}, t('codeTitle')), place]
}

async function drawn (place) {
  const phone = await kept()
  if (!phone) return
  if (phone.refused) return place.replaceChildren(note(fault(phone.refused), 'bad', true))
  if (over(phone)) return place.replaceChildren(note(t('codeOver'), 'bad', true))
  const text = await shown(phone)
  place.replaceChildren(symbol(text, t('codeLabel')), running(), el('p', {}, t('codeChanges')),
    el('p', { class: 'small' }, t('codeUntil', { at: moment(phone.expires) })))
}

/** A bar that runs out until the next code: the style sheet moves it. */
const running = () => el('div', { class: 'running', 'aria-hidden': 'true' }, el('div', {}))

async function stayAwake (signal) {
  if (!navigator.wakeLock) return
  try {
    const lock = await navigator.wakeLock.request('screen')
    if (signal.aborted) await lock.release()
    else signal.addEventListener('abort', () => lock.release())
  } catch (error) {
    // a phone that saves its battery says no; the code is shown all the same
    if (!(error instanceof DOMException)) throw error
  }
}
