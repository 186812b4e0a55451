// Sealed at rest: AES-256-GCM under a key that the browser keeps and hands to nobody.

const NONCE = 12
const NAME = 'AES-GCM'

/** @returns {Promise<CryptoKey>} a fresh key that cannot be read out */
export const newSealingKey = () => crypto.subtle.generateKey({ name: NAME, length: 256 }, false, ['encrypt', 'decrypt'])

/**
 * @param {CryptoKey} key
 * @param {string} place where it is kept: it opens nowhere else
 * @param {Uint8Array} content
 * @returns {Promise<Uint8Array>} nonce and ciphertext
 */
export async function seal (key, place, content) {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE))
  const sealed = new Uint8Array(await crypto.subtle.encrypt(parameters(iv, place), key, content))
  const both = new Uint8Array(NONCE + sealed.length)
  both.set(iv)
  both.set(sealed, NONCE)
  return both
}

/** The content again. @throws {DOMException} OperationError: it was changed, or lay elsewhere */
export async function unseal (key, place, sealed) {
  const parts = parameters(sealed.subarray(0, NONCE), place)
  return new Uint8Array(await crypto.subtle.decrypt(parts, key, sealed.subarray(NONCE)))
}

const parameters = (iv, place) => ({ name: NAME, iv, additionalData: new TextEncoder().encode(place) })
