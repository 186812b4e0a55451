// How this validator is set: where it stands, what is sold there, how answers are shown. Kept on the device.

import { showState } from './badge.js'
import { fillPrices, newPriceRow, readPrices } from './prices.js'
import { byId } from './screens.js'
import { read, write } from './store.js'
import { text } from './texts.js'

/**
 * @typedef {object} Settings
 * @property {string} place a code of the provider's; '' = the terminal's own
 * @property {{product: string, gross: string}[]} prices none before the first time they are saved
 * @property {number} chosen which of them
 * @property {number} lingers seconds an answer stays; 0 = until touched
 * @property {'environment' | 'user' | 'none'} facing
 * @property {boolean} sound
 * @property {'lv' | 'en'} language
 */

/** @type {Settings} */
const FIRST = { place: '', prices: [], chosen: 0, lingers: 5, facing: 'environment', sound: true, language: 'lv' }

export class Preferences {
  #db
  #parts
  #leave
  /** @type {Settings} */
  #settings

  constructor (db, settings, parts, leave) {
    this.#db = db
    this.#settings = settings
    this.#parts = parts
    this.#leave = leave
    byId('settings-form').addEventListener('submit', (event) => this.#save(event))
    byId('settings-leave').addEventListener('click', () => leave())
    byId('price-more').addEventListener('click', () => newPriceRow())
  }

  /**
   * @param {IDBDatabase} db
   * @param {() => ?object} parts what works: session, journal, bundle
   * @param {() => void} leave called when the screen is left
   */
  static async of (db, parts, leave) {
    return new Preferences(db, { ...FIRST, ...await read(db, 'kept', 'settings') }, parts, leave)
  }

  /** Whether it is known what is sold. */
  get ready () { return this.#settings.prices.length > 0 }
  get language () { return this.#settings.language }
  get lingers () { return this.#settings.lingers }
  get sound () { return this.#settings.sound }
  get facing () { return this.#settings.facing }
  get place () { return this.#settings.place }
  get prices () { return this.#settings.prices }
  get chosen () { return this.#settings.chosen }
  /** What a tap is for. */
  get asked () { return { place: this.place, ...this.prices[this.chosen] } }

  /** Changes some of it. @param {Partial<Settings>} news */
  async keep (news = {}) {
    this.#settings = { ...this.#settings, ...news }
    await write(this.#db, [['kept', this.#settings, 'settings']])
  }

  /** Fills the screen. @param {number} now */
  open (now) {
    const { session, journal, bundle } = this.#parts()
    this.#fillPlaces(bundle.places)
    for (const id of ['lingers', 'facing']) byId(id).value = String(this.#settings[id])
    byId('sound').checked = this.sound
    fillPrices(this.prices)
    byId('settings-leave').hidden = !this.ready
    showState({ pairing: session.pairing, seq: bundle.seq, age: bundle.age(now), journal })
  }

  #fillPlaces (places) {
    const codes = this.place && !places.includes(this.place) ? [...places, this.place] : places
    byId('place').replaceChildren(new Option(text('place-own'), ''), ...codes.map((code) => new Option(code)))
    byId('place').value = this.place
  }

  async #save (event) {
    event.preventDefault()
    const prices = readPrices()
    if (!prices) return
    const [place, lingers, facing] = ['place', 'lingers', 'facing'].map((id) => byId(id).value)
    const chosen = Math.min(this.chosen, prices.length - 1)
    await this.keep({ place, lingers: Number(lingers), facing, sound: byId('sound').checked, prices, chosen })
    this.#leave()
  }
}
