// The journal: each request is on disk before it is sent, each decision before it is shown, as terminals/journal.py.
//
// Sequence numbers count up and are never given twice. What was decided here becomes a line for upload; each line names
// the SHA-256 of the one before it. All content is sealed; requests and uses under one key, lines under another, as
// lines outlive a wipe until they are saved.

import { bytesOf, dropped, markChange, markOf, owed, textOf, verified } from './chain.js'
import { BEFORE_FIRST, digest, lineOf } from './line.js'
import { Remembered } from './remembered.js'
import { seal, unseal } from './sealing.js'
import { read, readAll, write } from './store.js'

const OVERSPENT = 'overspent'
/** Milliseconds for which a line is kept once it is settled. */
const LINES_KEPT = 35 * 86_400_000

export class Journal {
  #db
  #keys
  #seq = 0
  #head = { pos: 0, seq: 0, hash: BEFORE_FIRST }
  #waiting = 0
  #remembered = new Remembered()

  /** @param {IDBDatabase} db @param {{store: CryptoKey, records: CryptoKey}} keys */
  constructor (db, keys) {
    this.#db = db
    this.#keys = keys
  }

  /** Reads what was kept. @returns {Promise<Journal>} */
  static async open (db, keys) {
    const journal = new Journal(db, keys)
    journal.#seq = await read(db, 'kept', 'seq') ?? 0
    journal.#head = await markOf(db, keys.records, 'head')
    journal.#waiting = await journal.#count()
    const open = new Set((await readAll(db, 'record', 'unsent')).map(({ seq }) => seq))
    for (const { seq, use } of await readAll(db, 'request')) {
      if (!use) continue
      const content = textOf(await unseal(keys.store, `use ${seq}`, use))
      journal.#remembered.add(seq, JSON.parse(content), open.has(seq))
    }
    return journal
  }

  /** How many lines the service does not know yet. */
  get waiting () { return this.#waiting }

  /** How many lines the service has refused; they are kept, each with its reason. */
  async refusals () {
    return (await owed(this.#db)).filter(({ unsent }) => !unsent).length
  }

  /** The newest line: how many there have been, the number of its tap, its digest. */
  get head () { return this.#head }

  /**
   * The next number and the request made with it, on disk.
   * @param {(seq: number) => string} body
   * @param {number} at milliseconds
   * @throws {Full} nothing was begun
   */
  async begin (body, at) {
    const seq = this.#seq + 1
    const content = body(seq)
    const sealed = await seal(this.#keys.store, `body ${seq}`, bytesOf(content))
    await write(this.#db, [['request', { seq, at, state: 'open', body: sealed }], ['kept', seq, 'seq']])
    this.#seq = seq
    return { seq, body: content }
  }

  /** The service has answered this request; `use` is what it let happen, if anything. @throws {Full} */
  async answered (seq, at, use = null) {
    await write(this.#db, [['request', { seq, at, state: 'answered', ...await this.#closed(seq, use) }]])
    if (use) this.#remembered.add(seq, use, false)
  }

  /** The service will never take this request. @throws {Full} */
  async refused (seq, at) {
    await write(this.#db, [['request', { seq, at, state: 'refused' }]])
  }

  /**
   * Writes down what was decided here; `use` is what that let happen.
   * @param {import('./line.js').Decided} decided
   * @param {?import('./remembered.js').Use} use
   * @throws {Full} then nothing may be shown but that it is refused
   */
  async decided (decided, use) {
    const { seq, body, tap: { at } } = decided
    const line = await lineOf(decided, this.#head.hash)
    const head = { pos: this.#head.pos + 1, seq, hash: await digest(line) }
    const sealed = await seal(this.#keys.records, `line ${head.pos}`, bytesOf(line))
    const kept = { body: await seal(this.#keys.store, `body ${seq}`, bytesOf(body)), ...await this.#closed(seq, use) }
    await write(this.#db, [
      ['record', { ...head, at, unsent: 1, line: sealed }],
      ['request', { seq, at, state: 'decided', ...kept }],
      await markChange(this.#keys.records, 'head', head)
    ])
    this.#head = head
    this.#waiting++
    if (use) this.#remembered.add(seq, use, true)
  }

  /** Requests that were neither answered nor decided: [{seq, at, body}], oldest first. */
  async pending () {
    const open = (await readAll(this.#db, 'request')).filter(({ state }) => state === 'open')
    return Promise.all(open.map(async ({ seq, at, body }) =>
      ({ seq, at, body: textOf(await unseal(this.#keys.store, `body ${seq}`, body)) })))
  }

  /** The oldest lines that the service does not know, in the order of the chain. */
  async unsent (limit = undefined) {
    return this.#opened(await readAll(this.#db, 'record', 'unsent', limit))
  }

  /** The lines that the service lacks, unsent or refused, in the order of the chain. */
  async owed () {
    return this.#opened(await owed(this.#db))
  }

  async #opened (records) {
    const opened = ({ pos, line }) => unseal(this.#keys.records, `line ${pos}`, line)
    return (await Promise.all(records.map(opened))).map(textOf)
  }

  /**
   * What the service did with lines. A refused one is kept with its reason, and not sent again.
   * @param {{seq: number, outcome: string, conflicts?: string[]}[]} outcomes
   */
  async sent (outcomes) {
    const said = new Map(outcomes.map((outcome) => [outcome.seq, outcome]))
    const settled = (await readAll(this.#db, 'record', 'unsent')).filter(({ seq }) => said.has(seq))
    if (!settled.length) return
    const requests = await Promise.all(settled.map(({ seq }) => this.#known(seq, said.get(seq))))
    await write(this.#db, [
      ...settled.map(({ unsent, ...record }) => ['record', { ...record, outcome: said.get(record.seq) }]),
      ...requests.filter(Boolean).map((request) => ['request', request])
    ])
    this.#waiting -= settled.length
  }

  /** What a decision about a tap of that holder needs to know. */
  memory (who, at, replay) {
    return this.#remembered.memory(who, at, replay)
  }

  /** Looks at every line that is kept. @returns {Promise<number>} how many there are @throws {Damaged} */
  verify () {
    return verified(this.#db, this.#keys.records)
  }

  /** Drops what is settled and too old to matter at `at`. */
  async prune (at) {
    this.#remembered.forget(at)
    const changes = await dropped(this.#db, this.#keys.records, at - LINES_KEPT, this.#remembered.numbers())
    if (changes.length) await write(this.#db, changes)
  }

  // the request of a line that was answered for: its text is needed no more
  async #known (seq, { conflicts = [] }) {
    const use = this.#remembered.sent(seq, conflicts.includes(OVERSPENT))
    const { body, ...request } = await read(this.#db, 'request', seq) ?? {}
    return request.seq ? { ...request, ...await this.#closed(seq, use) } : null
  }

  async #closed (seq, use) {
    return use ? { use: await seal(this.#keys.store, `use ${seq}`, bytesOf(JSON.stringify(use))) } : {}
  }

  async #count () {
    return (await readAll(this.#db, 'record', 'unsent')).length
  }
}
