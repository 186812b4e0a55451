// The last screen: why the validator has ended, what was never sent, and the way to begin again.

import { owed } from './chain.js'
import { Journal } from './journal.js'
import { byId, show } from './screens.js'
import { clear, read, write } from './store.js'
import { text } from './texts.js'
import { fileOf } from './upload.js'

/** Why it ended, or undefined. @param {IDBDatabase} db @returns {Promise<'revoked' | 'silent' | undefined>} */
export const endedFor = (db) => read(db, 'kept', 'ended')

/**
 * Keys and data go; lines stay, under a key of their own, until those that the service lacks are saved to a file.
 * @param {IDBDatabase} db
 * @param {'revoked' | 'silent'} why
 */
export async function wipe (db, why) {
  await write(db, [['kept', why, 'ended'], ['kept', undefined, 'key'], ['kept', undefined, 'store-key']])
  await clear(db, ['bundle', 'request'])
}

/** @param {IDBDatabase} db @param {'revoked' | 'silent'} why */
export async function showEnding (db, why) {
  const count = (await owed(db)).length
  show('ended')
  byId('ended-why').textContent = text(`ended-${why}`)
  byId('ended-unsent').textContent = count ? text('ended-unsent', { count }) : text('ended-all-sent')
  byId('ended').querySelector('[data-export]').hidden = count === 0
}

/** Whether another pairing may begin; where lines would be lost with it, the screen says so. */
export async function mayBeginAgain (db) {
  const saved = await read(db, 'kept', 'exported') ?? 0
  if ((await owed(db)).every(({ pos }) => pos <= saved)) return true
  byId('ended-unsent').textContent = text('ended-lose')
  return false
}

/** Saves the lines that the service lacks to a file that it can import. */
export async function exportOwed (db) {
  const records = await read(db, 'kept', 'records-key')
  const { machine, pairing } = await read(db, 'kept', 'pairing')
  // a line written meanwhile may be missing in the file
  const newest = (await owed(db)).at(-1)?.pos ?? 0
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await fileOf(new Journal(db, { records })))
  link.download = `${machine}-${pairing}.ndjson`
  link.click()
  URL.revokeObjectURL(link.href)
  await write(db, [['kept', newest, 'exported']])
}
