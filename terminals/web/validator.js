// One validator at work: a tap is on the device before it is sent, and decided here where the service is not in time.

import { refusedWith } from './core/decide.js'
import { Reason, Verdict, amountOf, amountText, memoryOf, named, reasonName, screen } from './core/index.js'
import { Unreachable, jsonOf, refusal } from './http.js'
import { TEXTS } from './texts.js'

/** Milliseconds to wait for an answer while no policy says how long. */
const PATIENCE = 5_000
const ONLY_SERVING = { lv: TEXTS.lv['only-serving'], en: TEXTS.en['only-serving'] }
/** Characters: a longer text is none of ours, and the service does not take it. */
const LONGEST = 700
const COLOURS = Object.freeze({ ACCEPT: 'green', ACCEPT_WARN: 'amber', DENY: 'red' })

/**
 * What is asked about a token.
 * @typedef {{code: string, place: string, product: string, gross: string, companions: number}} Asked
 */

export class Validator {
  #session
  #journal
  #bundle
  #clock

  /**
   * @param {import('./session.js').Session} session
   * @param {import('./journal.js').Journal} journal
   * @param {import('./bundle.js').Bundle} bundle
   * @param {import('./clock.js').Clock} clock
   */
  constructor (session, journal, bundle, clock) {
    this.#session = session
    this.#journal = journal
    this.#bundle = bundle
    this.#clock = clock
  }

  /**
   * Validates a token: what may be used is used.
   * @param {Asked} asked
   * @returns {Promise<import('./verdict.js').Shown>}
   * @throws {Full} the device has no room: nothing was begun, or what was decided must not be shown
   * @throws {Refused} the service does not take such a request
   * @throws {Revoked}
   */
  async serve (asked) {
    const at = this.#clock.now()
    const { seq, body } = await this.#journal.begin((seq) => bodyOf(seq, at, asked), at)
    const reading = this.#bundle.read(asked.code, at)
    const answering = asked.code.length > LONGEST ? null : this.#online(seq, at, body)
    const [answer, evidence] = await Promise.all([answering, reading])
    if (!answer) return this.#alone(seq, body, tapOf(asked, at), asked, evidence)
    await this.#journal.answered(seq, at, answer.verdict === Verdict.DENY ? null : this.#useOf(asked, at, evidence))
    return shownOf(answer, asked)
  }

  /**
   * Looks at a token without a use: only what it proves and whether it would be good here.
   * @param {Asked} asked
   * @returns {Promise<import('./verdict.js').Shown>}
   */
  async peek (asked) {
    const at = this.#clock.now()
    const evidence = await this.#bundle.read(asked.code, at)
    const decision = this.#bundle.decide(tapOf(asked, at), evidence, memoryOf(), at)
    const shown = { ...shownOf(answerOf(decision, asked.gross), asked), use: null }
    const { number } = evidence
    if (number !== null) return { ...shown, colour: 'grey', line: ONLY_SERVING, mark: number.slice(-4) }
    const unsure = decision.reason === Reason.ONLINE_REQUIRED
    return { ...shown, colour: unsure ? 'grey' : shown.colour, look: decision.verdict !== Verdict.DENY }
  }

  /** Closes what was begun and never shown, so that a use which the service recorded meanwhile is taken back. */
  async settle () {
    for (const { seq, at, body } of await this.#journal.pending()) {
      const { token: code, place = '', product, gross, companions } = JSON.parse(body)
      const asked = { code, place, product, gross, companions }
      const tap = tapOf(asked, at)
      const decision = refusedWith(tap, { listSeq: this.#bundle.seq }, Reason.ONLINE_REQUIRED)
      await this.#journal.decided(this.#decided(seq, body, tap, await this.#bundle.read(code, at), decision), null)
    }
  }

  async #online (seq, at, body) {
    // one span of patience, for a fresh bearer too where one is needed
    const signal = AbortSignal.timeout(this.#bundle.policy?.onlineMs ?? PATIENCE)
    const headers = { 'content-type': 'application/json' }
    try {
      const response = await this.#session.ask('/v1/validations', { method: 'POST', headers, body, signal })
      if (response.ok) return await jsonOf(response)
      const refused = await refusal(response)
      if (refused.status !== 401) await this.#journal.refused(seq, at)
      throw refused
    } catch (error) {
      if (error instanceof Unreachable || error.status === 401) return null
      throw error
    }
  }

  async #alone (seq, body, tap, asked, evidence) {
    const memory = this.#journal.memory(evidence.who, tap.at, evidence.replayKey)
    const decision = asked.code.length > LONGEST
      ? refusedWith(tap, { listSeq: this.#bundle.seq }, Reason.MALFORMED)
      : this.#bundle.decide(tap, evidence, memory, tap.at)
    const taken = { counter: this.#bundle.counter(decision), units: decision.units }
    const use = decision.verdict === Verdict.DENY ? null : this.#useOf(asked, tap.at, evidence, taken)
    await this.#journal.decided(this.#decided(seq, body, tap, evidence, decision), use)
    return shownOf(answerOf(decision, asked.gross), asked)
  }

  // what everybody may use has no holder to remember it of
  #useOf ({ place: code }, at, { who, replayKey: replay }, taken = { counter: null, units: 0 }) {
    if (who === null) return null
    const { id = '', lat = null, lon = null } = this.#bundle.place(code) ?? {}
    return { who, at, place: { id, lat, lon }, replay, ...taken }
  }

  #decided (seq, body, tap, evidence, decision) {
    return {
      seq,
      body,
      tap: { ...tap, proof: evidence.proof },
      decision,
      token: named(evidence),
      revision: this.#bundle.revision(decision, tap.at),
      clockDoubtful: this.#bundle.doubtful,
      sampled: seq % (this.#bundle.policy?.sample ?? Infinity) === 0
    }
  }
}

const tapOf = ({ place, product, gross, companions }, at) =>
  ({ at, place: place || null, product, gross: amountOf(gross), companions })

function bodyOf (seq, at, { code, place, product, gross, companions }) {
  const said = { seq, token: code, at: new Date(at).toISOString(), gross, product, companions }
  return JSON.stringify(place ? { ...said, place } : said)
}

// the shape of the service's answer
function answerOf (decision, gross) {
  const line = (language) => screen(decision, amountOf(gross), language)
  return {
    verdict: decision.verdict,
    reason: reasonName(decision.reason),
    payable: amountText(decision.payable),
    companions: decision.companions,
    quota_left: decision.quotaLeft,
    check_photo: decision.checkPhoto,
    text: { lv: line('lv'), en: line('en') }
  }
}

function shownOf (answer, { gross, companions: asked }) {
  const { payable, companions, quota_left: quotaLeft } = answer
  const use = { payable, gross, asked, companions, quotaLeft }
  return { colour: COLOURS[answer.verdict], line: answer.text, use, look: answer.check_photo, mark: null }
}
