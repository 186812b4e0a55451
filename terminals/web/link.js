// The link with the service while the page is open: fetches the bundle, sends what waits, says that it is there.

import { Refused, Revoked, Unreachable, jsonOf, refusal } from './http.js'
import { upload } from './upload.js'

const PRESENCE = 30_000
/** Seconds that the service holds a request for changes open. */
const WAIT = 25
const PAUSES = [1_000, 2_000, 5_000, 10_000, 30_000]
const SOFTWARE = 'AMIS validator'

export class Link {
  #session
  #journal
  #bundle
  #clock
  #tell
  #stop = new AbortController()
  #saying = Promise.resolve()
  online = false
  /** Whether the service was asked since the page was opened, be it in vain. */
  tried = false
  /** The service knows this machine, and does not let it work now. */
  suspended = false

  /**
   * @param {object} parts session, journal, bundle, clock
   * @param {(ended: '' | 'revoked') => void} tell called when something has changed that the screen shows
   */
  constructor ({ session, journal, bundle, clock }, tell) {
    this.#session = session
    this.#journal = journal
    this.#bundle = bundle
    this.#clock = clock
    this.#tell = tell
  }

  async start () {
    addEventListener('offline', () => this.#is(false), { signal: this.#stop.signal })
    // what is signed is looked at by the clock, so the service tells the time first
    await this.present()
    this.#repeat(() => this.#change())
    this.#repeat(() => this.#present())
  }

  stop () {
    this.#stop.abort()
  }

  /** Says at once what is held, and sends what waits. */
  present () {
    this.#saying = this.#saying.then(() => this.#send()).then(() => this.#say())
    return this.#saying
  }

  async #present () {
    await pause(PRESENCE, this.#stop.signal)
    await this.present()
  }

  /** Sends what waits. */
  send () {
    this.#saying = this.#saying.then(() => this.#send())
    return this.#saying
  }

  // one that fails does not keep the other back
  async #send () {
    try {
      await upload(this.#session, this.#journal)
    } catch (error) {
      this.#failed(error)
    }
  }

  async #say () {
    try {
      await this.#tellService()
    } catch (error) {
      this.#failed(error)
    }
    this.tried = true
    this.#tell('')
  }

  async #tellService () {
    const { seq: held, hash } = this.#bundle
    const { seq, hash: last } = this.#journal.head
    const [began, wall] = [performance.now(), this.#clock.wall()]
    const said = { held, hash, at: new Date(wall).toISOString(), journal: seq ? { seq, hash: last } : null }
    const response = await this.#session.ask('/terminal/v1/presence', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...said, waiting: this.#journal.waiting, software: SOFTWARE }),
      signal: this.#stop.signal
    })
    if (!response.ok) throw await refusal(response)
    this.#clock.tell(Date.parse((await jsonOf(response)).now), performance.now() - began)
    this.#is(true)
  }

  async #change () {
    const news = await this.#bundle.follow(this.#session, WAIT, this.#stop.signal)
    this.#is(true)
    if (news) await this.present()
  }

  async #repeat (work) {
    let failures = 0
    while (!this.#stop.signal.aborted) {
      try {
        await work()
        failures = 0
      } catch (error) {
        if (this.#stop.signal.aborted) return
        this.#failed(error)
        await pause(PAUSES[Math.min(failures++, PAUSES.length - 1)] * (0.5 + Math.random()), this.#stop.signal)
      }
    }
  }

  #failed (error) {
    if (this.#stop.signal.aborted) return
    if (error instanceof Revoked) return this.#tell('revoked')
    if (error instanceof Unreachable) return this.#is(false)
    this.suspended = error instanceof Refused && error.status === 401
    if (this.suspended) return this.#is(false)
    console.error(error)
  }

  #is (online) {
    if (online) this.suspended = false
    this.online = online
    this.#tell('')
  }
}

// a connection that is there again ends it
function pause (milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    const end = () => { clearTimeout(timer); resolve() }
    signal.addEventListener('abort', end, { once: true })
    addEventListener('online', end, { once: true, signal })
  })
}
