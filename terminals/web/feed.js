// Keeps what is held up to date: whole where there is a gap, then by long polls, as terminals/fetch.py.

import { decode } from './core/cbor.js'
import { Refused as NotBelieved } from './core/errors.js'
import { refusal } from './http.js'

const MANIFEST = '/terminal/v1/manifest'
const CHANGES = '/terminal/v1/changes'
const GONE = 410
/** Milliseconds after which the whole is asked for again: it is signed anew, which says that nothing has changed. */
const RENEWED = 900_000
const NO_CONTENT = 204
const NOT_MODIFIED = 304

export class Feed {
  #session
  #holding
  #now
  #etag = ''
  #whole = false
  #looked = 0

  /**
   * @param {import('./session.js').Session} session
   * @param {import('./core/bundle/holding.js').Holding} holding
   * @param {() => number} now milliseconds
   */
  constructor (session, holding, now) {
    this.#session = session
    this.#holding = holding
    this.#now = now
  }

  /**
   * Catches up, or waits so many seconds for what comes next.
   * @param {number} wait
   * @param {AbortSignal} signal
   * @returns {Promise<boolean>} whether the holding has changed
   * @throws {Unreachable | Refused | Revoked} ask again later
   * @throws {NotBelieved} something not to be believed was sent; what is held stays
   */
  async follow (wait, signal) {
    try {
      const whole = this.#whole && performance.now() - this.#looked < RENEWED
      return await (whole ? this.#poll(wait, signal) : this.#refresh(signal))
    } catch (error) {
      this.#whole = false
      if (error instanceof NotBelieved) this.#etag = ''
      throw error
    }
  }

  async #refresh (signal) {
    const headers = this.#etag ? { 'if-none-match': this.#etag } : {}
    const response = await this.#session.ask(MANIFEST, { headers, signal, cache: 'no-store' })
    const isNew = response.status !== NOT_MODIFIED && await this.#takeManifest(await contentOf(response))
    this.#etag = response.headers.get('etag') ?? ''
    this.#whole = true
    this.#looked = performance.now()
    return isNew
  }

  async #poll (wait, signal) {
    const path = `${CHANGES}?since=${this.#holding.seq ?? 0}&wait=${wait}`
    const response = await this.#session.ask(path, { signal, within: (wait + 15) * 1000, cache: 'no-store' })
    if (response.status === NO_CONTENT) return false
    if (response.status === GONE) {
      this.#etag = ''
      return this.#refresh(signal)
    }
    for (const delta of decode(await contentOf(response))) {
      await this.#holding.applyDelta(delta, this.#now())
      await this.#complete()
    }
    return true
  }

  async #takeManifest (manifest) {
    const holding = this.#holding
    try {
      await holding.updateManifest(manifest, this.#now())
    } catch (error) {
      // the changes may have led further than the newest whole state
      if (error.code === 'bundle.rollback' && holding.seq !== null) return false
      if (error.code !== 'bundle.unknown_signer') throw error
      await holding.updateTrust(await this.#part(await holding.namedTrust(manifest)), this.#now())
      await holding.updateManifest(manifest, this.#now())
    }
    await this.#complete()
    return true
  }

  async #complete () {
    for (let [part] = this.#holding.missing(); part; [part] = this.#holding.missing()) {
      await this.#holding.updatePart(part, await this.#part(part), this.#now())
    }
  }

  async #part ({ href }) {
    if (!href.startsWith('/') || href.startsWith('//')) throw new NotBelieved('bundle.malformed', href)
    // what is named may be signed anew: one that the browser kept would have the old signature
    return contentOf(await this.#session.ask(href, { within: 60_000, cache: 'no-store' }))
  }
}

async function contentOf (response) {
  if (!response.ok) throw await refusal(response)
  return new Uint8Array(await response.arrayBuffer())
}
