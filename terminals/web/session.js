// Who this validator is: a key pair of its own, paired by a one-time code, and the short proofs made with it.
// RFC 7523 section 2.2 (private_key_jwt), RFC 7518 section 3.4 (ES256), RFC 6749 section 4.4 (client credentials).

import { Revoked, ask, jsonOf, refusal } from './http.js'
import { read, write } from './store.js'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' }
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
/** Seconds an assertion lives, the longest the service takes. */
const LIFE = 60
/** Milliseconds before its end at which a bearer is renewed. */
const EARLY = 60_000
/** Milliseconds that the service lets clocks differ. */
const SKEW = 20_000

/**
 * Pairs this device with the service it was loaded from; a person then compares the fingerprint and approves it.
 * @param {IDBDatabase} db
 * @param {string} code
 * @returns {Promise<object>} the pairing
 * @throws {Unreachable | Refused}
 */
export async function pair (db, code) {
  const key = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify'])
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', key.publicKey)
  const response = await ask('/machine/v1/pair', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, jwk: { kty, crv, x, y } })
  })
  if (!response.ok) throw await refusal(response)
  const answer = await response.json()
  const pairing = { machine: answer.machine_id, pairing: answer.pairing, fingerprint: answer.fingerprint }
  Object.assign(pairing, { root: answer.root ?? '', approved: false })
  await write(db, [['kept', key.privateKey, 'key'], ['kept', pairing, 'pairing']])
  return pairing
}

/** The bearer token of this machine, renewed when it runs out. */
export class Session {
  #key
  #pairing
  #now
  #text = ''
  #ends = 0
  /** Milliseconds by which the service's clock is ahead of this one, once a proof was refused for it. */
  #offset = 0

  /**
   * @param {CryptoKey} key
   * @param {object} pairing
   * @param {() => number} now milliseconds of the wall clock
   */
  constructor (key, pairing, now) {
    this.#key = key
    this.#pairing = pairing
    this.#now = now
  }

  /** @returns {Promise<Session | null>} of what `pair` kept */
  static async of (db, now) {
    const [key, pairing] = await Promise.all([read(db, 'kept', 'key'), read(db, 'kept', 'pairing')])
    return key && pairing ? new Session(key, pairing, now) : null
  }

  get pairing () { return this.#pairing }

  /**
   * A request as this machine; a bearer that the service no longer takes is renewed once.
   * @throws {Unreachable | Refused | Revoked} Refused only when no bearer is given
   */
  async ask (path, { headers = {}, ...options } = {}) {
    const response = await ask(path, { ...options, headers: { ...headers, ...await this.#headers(options) } })
    if (response.status !== 401) return response
    this.#ends = 0
    return ask(path, { ...options, headers: { ...headers, ...await this.#headers(options) } })
  }

  /** Gets a bearer; fulfilled once the machine is approved. @throws as `ask` */
  async prove () {
    await this.#headers({})
  }

  async #headers ({ within, signal }) {
    if (this.#now() > this.#ends - EARLY) await this.#renew({ within, signal })
    return { authorization: `Bearer ${this.#text}` }
  }

  async #renew (options) {
    const response = await this.#proven(options)
    if (!response.ok) {
      const refused = await refusal(response)
      throw refused.problem.state === 'revoked' ? new Revoked() : refused
    }
    const answer = await jsonOf(response)
    this.#text = answer.access_token
    this.#ends = this.#now() + answer.expires_in * 1000
  }

  async #proven (options) {
    const form = { grant_type: 'client_credentials', client_assertion_type: ASSERTION }
    const send = async () => {
      const body = new URLSearchParams({ ...form, client_assertion: await this.#assertion() })
      return ask('/machine/v1/token', { ...options, method: 'POST', body })
    }
    const response = await send()
    const ahead = Date.parse(response.headers.get('date')) - this.#now()
    if (response.status !== 401 || !(Math.abs(ahead - this.#offset) > SKEW)) return response
    // a device whose clock is wrong has to be let in to be told so
    this.#offset = ahead
    return send()
  }

  async #assertion () {
    const { machine } = this.#pairing
    const issued = Math.floor((this.#now() + this.#offset) / 1000)
    const aud = new URL('/machine/v1/token', location.href).href
    const claims = { iss: machine, sub: machine, jti: crypto.randomUUID(), aud, iat: issued, exp: issued + LIFE }
    const signed = `${part({ alg: 'ES256', typ: 'JWT' })}.${part(claims)}`
    const how = { name: 'ECDSA', hash: 'SHA-256' }
    const signature = await crypto.subtle.sign(how, this.#key, new TextEncoder().encode(signed))
    return `${signed}.${base64url(new Uint8Array(signature))}`
  }
}

const part = (content) => base64url(new TextEncoder().encode(JSON.stringify(content)))

/** RFC 4648 section 5, without padding. */
export const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
