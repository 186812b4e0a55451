// The verdict: colour, word, icon, sound and shake, so that nobody depends on one of them; never why.

import { amountOf, centsText } from './core/decimal.js'
import { byId, define } from './screens.js'
import { sound } from './sound.js'
import { language, money, text } from './texts.js'

const ICONS = {
  green: 'M4 12.5 9.5 18 20 6.5',
  amber: 'M12 9v5M12 17.5v.01M2.5 21h19L12 3z',
  red: 'M5.5 5.5l13 13M18.5 5.5l-13 13',
  grey: 'M8 8.5a4 4 0 1 1 6 3.5c-1.4.9-2 1.5-2 3M12 19v.01'
}

/**
 * What the screen says about one tap.
 * @typedef {object} Shown
 * @property {'green' | 'amber' | 'red' | 'grey'} colour grey: this device cannot say
 * @property {{lv: string, en: string}} line
 * @property {?{payable: string, gross: string, asked: number, companions: number, quotaLeft: ?number}} use null when
 *   nothing is taken: an inspection
 * @property {boolean} look the photo is to be compared
 * @property {?string} mark the last characters of the number, to be found on the card
 */

/**
 * Shows it until somebody goes on, or for so many seconds (0: until then).
 * @param {Shown} shown
 * @param {{lingers: number, sound: boolean}} settings
 */
export function showVerdict (shown, settings) {
  const overlay = byId('verdict')
  overlay.dataset.colour = shown.colour
  byId('verdict-icon').firstElementChild.setAttribute('d', ICONS[shown.colour])
  byId('verdict-word').textContent = text(`word-${shown.colour}`)
  byId('verdict-line').textContent = shown.line[language()]
  byId('verdict-look').textContent = shown.look ? text(shown.use ? 'look' : 'look-inspect') : ''
  byId('verdict-mode').hidden = shown.use !== null
  define(byId('verdict-facts'), facts(shown))
  if (settings.sound) sound(shown.colour)
  return dismissed(overlay, settings.lingers * 1000)
}

function facts ({ use, mark }) {
  if (use === null) return mark ? [[text('number-ends'), mark]] : []
  const found = [[text(use.asked ? 'to-pay-all' : 'to-pay'), money(centsText(total(use))), 'sum']]
  if (use.asked) found.push([text('companions-free'), String(use.companions)])
  if (use.quotaLeft !== null) found.push([text('quota-left'), String(use.quotaLeft)])
  return found
}

// companions who do not go free of charge pay the full price
function total ({ payable, gross, asked, companions }) {
  return amountOf(payable) + amountOf(gross) * BigInt(asked - companions)
}

/** As if somebody had gone on; nothing where no verdict is shown. */
export const dismissVerdict = () => { if (!byId('verdict').hidden) byId('verdict').click() }

function dismissed (overlay, after) {
  const rest = document.querySelectorAll('header, main')
  overlay.hidden = false
  for (const part of rest) part.inert = true
  byId('verdict-next').focus()
  return new Promise((resolve) => {
    const done = new AbortController()
    const end = () => {
      done.abort()
      clearTimeout(timer)
      overlay.hidden = true
      for (const part of rest) part.inert = false
      document.querySelector('main > .screen:not([hidden]) h1')?.focus({ preventScroll: true })
      resolve()
    }
    const timer = after ? setTimeout(end, after) : 0
    overlay.addEventListener('click', end, { signal: done.signal })
    document.addEventListener('keydown', ({ key }) => { if (key === 'Escape') end() }, { signal: done.signal })
  })
}

