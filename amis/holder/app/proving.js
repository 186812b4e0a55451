// How this phone proves itself: a signature over the code at enrolment, a proof JWT with each request after that
// (RFC 9449 section 4.2), both by a key that never leaves the phone.

const KIND = { name: 'ECDSA', namedCurve: 'P-256' }
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' }
const utf8 = (text) => new TextEncoder().encode(text)

/** A key pair whose private half no script can read. @returns {Promise<CryptoKeyPair>} */
export const newKeys = () => crypto.subtle.generateKey(KIND, false, ['sign', 'verify'])

/**
 * The raw signature r || s.
 * @param {CryptoKeyPair} keys
 * @param {Uint8Array} data
 */
export const signed = async (keys, data) => new Uint8Array(await crypto.subtle.sign(SIGNING, keys.privateKey, data))

/**
 * The public half as a bare JWK (RFC 7517).
 * @param {CryptoKeyPair} keys
 */
export async function publicJwk (keys) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', keys.publicKey)
  return { kty, crv, x, y }
}

/**
 * What is sent to enrol with a code: the code, the key, and the key's signature over both.
 * @param {CryptoKeyPair} keys
 * @param {string} code
 */
export async function enrolment (keys, code) {
  const jwk = await publicJwk(keys)
  const print = base64url(await crypto.subtle.digest('SHA-256', utf8(canonical(jwk))))
  const proof = await signed(keys, utf8(`AMIS-HOLDER|${plain(code)}|${print}`))
  return { code, jwk, proof: base64url(proof) }
}

/**
 * A code however it was typed: small letters, blanks, hyphens, O for 0.
 * @param {string} code
 */
export const plain = (code) => code.toUpperCase().replace(/[^0-9A-Z]/g, '').replace(/[IL]/g, '1').replaceAll('O', '0')

/**
 * The proof of one request; `at` in milliseconds by the service's clock.
 * @param {CryptoKeyPair} keys
 * @param {string} method
 * @param {string} address
 * @param {number} at
 */
export async function proof (keys, method, address, at) {
  const head = { typ: 'dpop+jwt', alg: 'ES256', jwk: await publicJwk(keys) }
  const jti = base64url(crypto.getRandomValues(new Uint8Array(12)))
  const said = { htm: method, htu: address, iat: Math.floor(at / 1000), jti }
  const text = [head, said].map((part) => base64url(utf8(JSON.stringify(part)))).join('.')
  return `${text}.${base64url(await signed(keys, utf8(text)))}`
}

// RFC 7638 section 3: the required members in the order of their names
const canonical = ({ crv, kty, x, y }) => JSON.stringify({ crv, kty, x, y })

const base64url = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
