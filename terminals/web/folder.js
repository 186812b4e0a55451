// Named contents, sealed, each replaced whole or not at all: where the bundle is kept.

import { seal, unseal } from './sealing.js'
import { names, read, write } from './store.js'

const STORE = 'bundle'

export class SealedFolder {
  #db
  #key

  /** @param {IDBDatabase} db @param {CryptoKey} key */
  constructor (db, key) {
    this.#db = db
    this.#key = key
  }

  /** @returns {Promise<string[]>} sorted */
  names () {
    return names(this.#db, STORE)
  }

  /** @returns {Promise<?Uint8Array>} null where there is none, or it is damaged */
  async read (name) {
    const sealed = await read(this.#db, STORE, name)
    if (sealed === undefined) return null
    try {
      return await unseal(this.#key, name, sealed)
    } catch (error) {
      if (error.name !== 'OperationError') throw error
      return null
    }
  }

  /** @param {string} name @param {Uint8Array} content @throws {Full} what was there before stays */
  async write (name, content) {
    await write(this.#db, [[STORE, await seal(this.#key, name, content), name]])
  }

  async remove (name) {
    await write(this.#db, [[STORE, undefined, name]])
  }
}
