// What this device may rely on without a connection: the holding of the bundle, kept sealed, and what it answers.

import { believed, counterKey, decideOffline, load, local, readToken, save } from './core/index.js'
import { hex } from './core/bytes.js'
import { Feed } from './feed.js'
import { SealedFolder } from './folder.js'

export class Bundle {
  #holding
  #folder
  #clock
  #feed = null

  constructor (holding, folder, clock) {
    this.#holding = holding
    this.#folder = folder
    this.#clock = clock
  }

  /**
   * What was kept.
   * @param {IDBDatabase} db
   * @param {CryptoKey} key
   * @param {{root: string, machine: string}} pairing
   * @param {import('./clock.js').Clock} clock
   */
  static async open (db, key, { root, machine }, clock) {
    const folder = new SealedFolder(db, key)
    return new Bundle(await load(folder, unbase64url(root), machine), folder, clock)
  }

  get policy () { return this.#holding.policy }
  get seq () { return this.#holding.seq }
  /** The digest of what is held, in hex; null while the service must not count on it. */
  get hash () { return this.seq === null || this.#holding.hash === null ? null : hex(this.#holding.hash) }
  get floor () { return this.#holding.floor }
  /** The codes of the provider's places. */
  get places () { return [...this.policy?.places.keys() ?? []].sort() }
  get ready () { return this.policy !== null }

  /** Milliseconds since the service last vouched for what is held; null where nothing is. */
  age (at) {
    return this.ready ? Math.max(0, at - this.floor) : null
  }

  stale (at) {
    return this.#holding.stale(at)
  }

  /** Whether the device was silent for so long that it has to forget everything. */
  silent (at) {
    return this.ready && at - this.floor > this.policy.wipeAfter * 1000
  }

  /** Whether the clock cannot be trusted. */
  get doubtful () {
    return this.#clock.doubtful(this.floor, (this.policy?.clockBehind ?? 600) * 1000)
  }

  /** @param {string} code '' for this terminal's own */
  place (code) {
    return this.#holding.place(code || null)
  }

  /** What a text proves. @returns {Promise<object>} the evidence */
  read (code, at) {
    return readToken(code, this.#holding, at)
  }

  /** The decision about a tap, by what is held and remembered alone. */
  decide (tap, evidence, memory, at) {
    return decideOffline(tap, evidence, this.#holding, memory, at, this.doubtful)
  }

  /** The key of the counter that a decision takes units from; null where there is none. */
  counter ({ code, window }) {
    return code === null || window === null ? null : counterKey(code, window)
  }

  /** The revision of the right that a decision about a tap at `at` used. */
  revision ({ code }, at) {
    if (code === null || !this.ready) return null
    const [day] = local(believed(at, this.#clock.now(), this.floor, this.policy)[0])
    const all = [...this.policy.concessions.values()].flat()
    return all.find((one) => one.code === code && one.holds(day))?.revision ?? null
  }

  /**
   * Catches up with the service, or waits so many seconds for what comes next.
   * @returns {Promise<boolean>} whether anything has changed
   */
  async follow (session, wait, signal) {
    this.#feed ??= new Feed(session, this.#holding, () => this.#clock.now())
    const news = await this.#feed.follow(wait, signal)
    if (news) await save(this.#holding, this.#folder)
    return news
  }
}

const unbase64url = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))
