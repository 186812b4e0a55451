// What the phone keeps: its key, which no script can read out, what it presents, and the last answers for times without
// a connection. One record in IndexedDB.

const [NAME, STORE, RECORD] = ['amis-holder', 'kept', 'phone']

/**
 * @typedef {{
 *   keys: CryptoKeyPair, credential: string, expires: string, refused: ?string, skew: number, renewed: number,
 *   answers: Record<string, {at: number, content: any}>
 * }} Kept `skew`: milliseconds by which the service's clock is ahead; `refused`: why it was not renewed;
 * `renewed`: when it last was
 */

/** @returns {Promise<?Kept>} */
export const kept = () => inStore('readonly', (store) => store.get(RECORD)).then((found) => found ?? null)

/** @param {Kept} phone */
export const keep = (phone) => inStore('readwrite', (store) => store.put(phone, RECORD))

/**
 * Changes what is kept, if anything is, in one step: two that come at once lose nothing of each other.
 * @param {(phone: Kept) => Partial<Kept>} change
 */
export const alter = (change) => inStore('readwrite', (store) => {
  const asked = store.get(RECORD)
  asked.addEventListener('success', () => {
    if (asked.result) store.put({ ...asked.result, ...change(asked.result) }, RECORD)
  })
  return asked
})

/** Nothing of the holder stays on this phone. */
export const forget = () => inStore('readwrite', (store) => store.clear())

async function inStore (mode, work) {
  const database = await opened()
  try {
    const transaction = database.transaction(STORE, mode)
    const request = work(transaction.objectStore(STORE))
    await new Promise((resolve, reject) => {
      transaction.addEventListener('complete', resolve)
      transaction.addEventListener('abort', () => reject(transaction.error))
    })
    return request.result
  } finally {
    database.close()
  }
}

function opened () {
  const request = indexedDB.open(NAME, 1)
  request.addEventListener('upgradeneeded', () => request.result.createObjectStore(STORE))
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error))
  })
}
