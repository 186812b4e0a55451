// The screen at the door: the camera, a typed number or a code reader, and what is sold to how many.

import { Camera } from './camera.js'
import { byId, shown } from './screens.js'
import { readySound } from './sound.js'
import { money, text } from './texts.js'
import { dismissVerdict } from './verdict.js'
import { listenForReader } from './wedge.js'

const MOST_COMPANIONS = 9
const FAULTS = { NotAllowedError: 'camera-refused', NotFoundError: 'camera-none-there' }

export class Scanner {
  #preferences
  #onCode
  #camera
  #wake = null
  #busy = false
  #taken = Promise.resolve()
  companions = 0

  /**
   * @param {import('./preferences.js').Preferences} preferences
   * @param {(text: string) => Promise<void>} onCode fulfilled when the next code may come
   */
  constructor (preferences, onCode) {
    this.#preferences = preferences
    this.#onCode = onCode
    this.#camera = new Camera(byId('picture'), (code) => this.take(code), () => this.#say('camera-unreadable'))
    byId('number-form').addEventListener('submit', (event) => this.#typed(event))
    byId('fewer').addEventListener('click', () => this.#with(this.companions - 1))
    byId('more').addEventListener('click', () => this.#with(this.companions + 1))
    byId('price-choice').addEventListener('change', ({ target }) => preferences.keep({ chosen: Number(target.value) }))
    for (const mode of document.getElementsByName('mode')) mode.addEventListener('change', () => this.#modeChanged())
    for (const kind of ['pointerdown', 'keydown']) document.addEventListener(kind, readySound)
    document.addEventListener('visibilitychange', () => this.#visible())
    listenForReader((code) => this.#readNext(code), () => shown() === 'scan')
  }

  /** Whether a code is being dealt with. */
  get busy () { return this.#busy }

  get inspecting () { return document.querySelector('[name=mode]:checked').value === 'inspect' }

  /** Begins to look. */
  async start () {
    this.fill()
    this.#modeChanged()
    await this.#wakeful()
    const { facing } = this.#preferences
    if (facing === 'none') return this.#say('camera-off')
    this.#say('camera-asks')
    try {
      await this.#camera.start(facing)
      this.#say('')
    } catch (error) {
      this.#say(FAULTS[error.name] ?? 'camera-refused')
    }
  }

  stop () {
    this.#camera.stop()
    this.#wake?.release()
    this.#wake = null
  }

  /** Puts prices and words where they belong, as settings or language have changed. */
  fill () {
    const { prices, chosen, place } = this.#preferences
    byId('price-choice').replaceChildren(...prices.map((price, index) => choice(price, index, index === chosen)))
    byId('where').textContent = place ? text('at', { place }) : ''
    byId('fewer').ariaLabel = text('fewer')
    byId('more').ariaLabel = text('more')
    this.#with(this.companions)
  }

  /** A code was shown, typed or read. */
  take (code) {
    if (!this.#busy) this.#taken = this.#take(code)
  }

  async #take (code) {
    this.#busy = this.#camera.paused = true
    byId('scan-fault').textContent = ''
    try {
      await this.#onCode(code)
    } finally {
      this.#busy = this.#camera.paused = false
      this.#with(0)
    }
  }

  // whoever holds the next card to a code reader has seen the verdict before
  async #readNext (code) {
    dismissVerdict()
    await this.#taken
    this.take(code)
  }

  #typed (event) {
    event.preventDefault()
    const field = byId('number')
    const code = field.value.trim()
    if (!code) return field.focus()
    field.value = ''
    this.take(code)
  }

  #with (count) {
    this.companions = Math.max(0, Math.min(MOST_COMPANIONS, count))
    byId('with').textContent = String(this.companions)
    byId('fewer').disabled = this.companions === 0
    byId('more').disabled = this.companions === MOST_COMPANIONS
  }

  #modeChanged () {
    byId('not-counted').hidden = !this.inspecting
    byId('prices').hidden = byId('companions').hidden = this.inspecting
  }

  #say (key) {
    byId('camera-said').textContent = key ? text(key) : ''
  }

  // a camera that runs unseen warms the pocket and empties the battery
  #visible () {
    if (shown() !== 'scan') return
    if (document.hidden) this.stop()
    else this.start()
  }

  async #wakeful () {
    try {
      this.#wake = await navigator.wakeLock?.request('screen') ?? null
    } catch (error) {
      if (error.name !== 'NotAllowedError') throw error
    }
  }
}

function choice ({ product, gross }, index, checked) {
  const label = document.createElement('label')
  const input = document.createElement('input')
  Object.assign(input, { type: 'radio', name: 'price', value: String(index), checked })
  const said = document.createElement('span')
  said.textContent = `${product} · ${money(gross)}`
  label.append(input, said)
  return label
}
