// The chain of lines: where it begins and ends, and whether it is whole, as terminals/chain.py.

import { BEFORE_FIRST, digest } from './line.js'
import { seal, unseal } from './sealing.js'
import { read, readAll } from './store.js'

/** The newest line: how many there have been, the number of its tap, its digest. */
const EMPTY = { pos: 0, seq: 0, hash: BEFORE_FIRST }
export const bytesOf = (text) => new TextEncoder().encode(text)
export const textOf = (bytes) => new TextDecoder().decode(bytes)

/** A line was altered, taken out, put in or moved; the message is its number. */
export class Damaged extends Error { name = 'Damaged' }

/** `head` is the newest line, `base` the last that was dropped. @param {'head' | 'base'} name */
export async function markOf (db, key, name) {
  const sealed = await read(db, 'kept', name)
  return sealed ? JSON.parse(textOf(await unseal(key, name, sealed))) : EMPTY
}

/** A change for `write`. */
export const markChange = async (key, name, head) =>
  ['kept', await seal(key, name, bytesOf(JSON.stringify(head))), name]

/**
 * Looks at every line that is kept.
 * @param {IDBDatabase} db
 * @param {CryptoKey} key
 * @returns {Promise<number>} how many there are
 * @throws {Damaged}
 */
export async function verified (db, key) {
  let last = await markOf(db, key, 'base')
  const records = await readAll(db, 'record')
  for (const { pos, seq, hash, line } of records) {
    const text = await unseal(key, `line ${pos}`, line).then(textOf, () => '{}')
    const whole = pos === last.pos + 1 && JSON.parse(text).prev === last.hash && await digest(text) === hash
    if (!whole) throw new Damaged(String(pos))
    last = { pos, seq, hash }
  }
  if (last.hash !== (await markOf(db, key, 'head')).hash) throw new Damaged(String(last.pos + 1))
  return records.length
}

/** The kept lines that the service lacks: unsent ones, and those that it has refused. @param {IDBDatabase} db */
export const owed = async (db) =>
  (await readAll(db, 'record')).filter(({ unsent, outcome }) => unsent || outcome?.outcome === 'refused')

/**
 * The changes that drop settled lines and requests from before that moment; the rest of the chain still verifies.
 * @param {IDBDatabase} db
 * @param {CryptoKey} key
 * @param {number} before
 * @param {Set<number>} matters the numbers of uses that are still to be remembered
 * @returns {Promise<Array<[string, any, any]>>}
 */
export async function dropped (db, key, before, matters) {
  const records = await readAll(db, 'record')
  const kept = records.findIndex((one) => one.unsent || one.at >= before)
  const gone = kept < 0 ? records : records.slice(0, kept)
  const staying = new Set([...matters, ...records.slice(gone.length).map(({ seq }) => seq)])
  const old = (await readAll(db, 'request')).filter((one) => isOver(one, before) && !staying.has(one.seq))
  const changes = gone.map(({ pos }) => ['record', undefined, pos])
  for (const { seq } of old) changes.push(['request', undefined, seq])
  const { pos, seq, hash } = gone.at(-1) ?? {}
  if (pos) changes.push(await markChange(key, 'base', { pos, seq, hash }))
  return changes
}

const isOver = ({ state, at }, before) => state !== 'open' && at < before
