// What stays on the device: one IndexedDB. Keys lie in it as CryptoKeys that no script can read out, all else sealed.

const NAME = 'amis-validator'
const VERSION = 1
/** `kept`: keys, pairing, settings and what goes with them, by name; `bundle`: sealed parts; then the journal's two. */
const STORES = { kept: undefined, bundle: undefined, request: { keyPath: 'seq' }, record: { keyPath: 'pos' } }

/** The device has no room left: what was stored before is safe, and nothing more is begun. */
export class Full extends Error {
  name = 'Full'
}

/** @returns {Promise<IDBDatabase>} the database, made when it is not there yet */
export function open () {
  const request = indexedDB.open(NAME, VERSION)
  request.addEventListener('upgradeneeded', () => {
    for (const [name, options] of Object.entries(STORES)) request.result.createObjectStore(name, options)
    request.transaction.objectStore('record').createIndex('unsent', 'unsent')
  })
  return settled(request)
}

/**
 * Reads one value.
 * @param {IDBDatabase} db
 * @param {string} store
 * @param {IDBValidKey} key
 */
export const read = (db, store, key) => settled(db.transaction(store).objectStore(store).get(key))

/** The keys of a store, in their order. */
export const names = (db, store) => settled(db.transaction(store).objectStore(store).getAllKeys())

/** Reads all values of a store in the order of their keys, or those of an index. */
export function readAll (db, store, index = '', count = undefined) {
  const from = db.transaction(store).objectStore(store)
  return settled((index ? from.index(index) : from).getAll(undefined, count))
}

/**
 * Writes in one transaction, on the disk when the promise is fulfilled.
 * @param {IDBDatabase} db
 * @param {Array<[store: string, value: any, key?: IDBValidKey]>} changes a value undefined takes the key away
 * @throws {Full}
 */
export function write (db, changes) {
  const stores = [...new Set(changes.map(([store]) => store))]
  const transaction = db.transaction(stores, 'readwrite', { durability: 'strict' })
  for (const [name, value, key] of changes) {
    const store = transaction.objectStore(name)
    if (value === undefined) store.delete(key)
    else store.put(value, key)
  }
  return new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve())
    transaction.addEventListener('abort', () => reject(fault(transaction.error)))
  })
}

/** Takes everything out of these stores. */
export function clear (db, stores) {
  const transaction = db.transaction(stores, 'readwrite', { durability: 'strict' })
  for (const name of stores) transaction.objectStore(name).clear()
  return new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve())
    transaction.addEventListener('abort', () => reject(fault(transaction.error)))
  })
}

function settled (request) {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(fault(request.error)))
  })
}

const fault = (error) => error?.name === 'QuotaExceededError' ? new Full(error.message) : error
