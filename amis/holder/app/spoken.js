// In which language the page speaks, and how it writes days, times and amounts.

import { FAULTS, REASONS, TEXTS } from './texts.js'

const KEY = 'amis-holder-language'
const ZONE = 'Europe/Riga'
const WRITTEN = { lv: 'lv', en: 'en-GB' }

/** lv or en. */
export const language = () => (localStorage.getItem(KEY) === 'en' ? 'en' : 'lv')

/** @param {'lv'|'en'} chosen */
export const speak = (chosen) => localStorage.setItem(KEY, chosen)

/**
 * A text of the page with its values.
 * @param {string} name
 * @param {Record<string, string>} values
 */
export const t = (name, values = {}) =>
  own(TEXTS[name]).replace(/\{(\w+)\}/g, (_, value) => values[value])

/** What went wrong, by the service's code. @param {string} code */
export const fault = (code) => own(FAULTS[code] ?? FAULTS.unknown)

/** Why a use ended as it did. @param {string} name */
export const reason = (name) => (REASONS[name] ? own(REASONS[name]) : name)

/** The words of the service in the language of the page. @param {{lv: string, en: string}} phrase */
export const said = (phrase) => phrase[language()]

/** A local day such as 2026-12-31, as people write it. @param {string} text */
export const day = (text) => dayOf(Date.parse(`${text}T12:00Z`))

/** A moment: its day and time in Riga. @param {string|number} at */
export function moment (at) {
  const time = write({ hour: '2-digit', minute: '2-digit' }, new Date(at))
  return language() === 'lv' ? `${dayOf(new Date(at))} plkst. ${time}` : `${dayOf(new Date(at))} at ${time}`
}

/** Euros, as much of a cent as there is. @param {string} amount */
export function euros (amount) {
  const style = { style: 'currency', currency: 'EUR', maximumFractionDigits: 4 }
  return new Intl.NumberFormat(WRITTEN[language()], style).format(Number(amount))
}

// Latvian bends the names of months; digits stay as they are in every sentence
function dayOf (at) {
  if (language() === 'en') return write({ day: 'numeric', month: 'long', year: 'numeric' }, at)
  const [year, month, of] = new Intl.DateTimeFormat('sv', { timeZone: ZONE }).format(at).split('-')
  return `${of}.${month}.${year}.`
}

const own = ([lv, en]) => (language() === 'en' ? en : lv)

const write = (style, at) => new Intl.DateTimeFormat(WRITTEN[language()], { timeZone: ZONE, ...style }).format(at)
