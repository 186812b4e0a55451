// The phone of a holder: enrolment, what it presents, and what it asks the service, with or without a connection.

import * as base45 from '/validator/core/base45.js'
import { present } from '/validator/core/presentation.js'
import { enrolment, newKeys, proof, signed } from './proving.js'
import { alter, forget, keep, kept } from './vault.js'

const ASK_EVERY = 3600e3
const GONE = new Set(['holder_device_unknown', 'holder_token_ended'])
const BLOCKED = 'holder_token_blocked'
const REFUSED = new Set([BLOCKED, 'token_nothing_granted', 'person_erased'])
// the header Date has whole seconds, and the answer is some time on its way
const EXACT = 3000

/** Something that did not work; `code` is the service's, or `offline`. */
export class Fault extends Error {
  constructor (code) {
    super(code)
    this.code = code
  }
}

/** @typedef {import('./vault.js').Kept} Kept */

/**
 * Takes the token of a code onto this phone.
 * @param {string} code
 */
export async function enrol (code) {
  const keys = await newKeys()
  const body = JSON.stringify(await enrolment(keys, code))
  const headers = { 'content-type': 'application/json' }
  const answer = await sent('/holder/v1/devices', { method: 'POST', headers, body })
  const { text, expires } = await contentOf(answer)
  const skew = skewOf(answer)
  await keep({ keys, credential: text, expires, refused: null, skew, renewed: Date.now() + skew, answers: {} })
}

/**
 * What the screen shows at this moment: an AM2 text.
 * @param {Kept} phone
 */
export function shown (phone) {
  const credential = base45.decode(phone.credential.slice('AM1:'.length))
  return present(credential, (data) => signed(phone.keys, data), Math.floor(now(phone) / 1000))
}

/** The time of the service in milliseconds. @param {Kept} phone */
export const now = (phone) => Date.now() + phone.skew

/** Whether what this phone presents has ended. @param {Kept} phone */
export const over = (phone) => now(phone) >= Date.parse(phone.expires)

/**
 * Fetches what this phone presents from now on. A blocked token stays on the phone and is said to be blocked, and what
 * was kept of its holder goes, as the phone may be lost; one that has ended is forgotten.
 */
export async function renew () {
  try {
    const { text, expires } = await ask('POST', '/holder/v1/credential')
    await alter((phone) => ({ credential: text, expires, refused: null, renewed: now(phone) }))
  } catch (fault) {
    if (GONE.has(fault.code)) await forget()
    else if (fault.code === BLOCKED) await alter(() => ({ refused: BLOCKED, answers: {} }))
    else if (REFUSED.has(fault.code)) await alter(() => ({ refused: fault.code }))
    throw fault
  }
}

/** Whether to ask again what it presents: each hour, and whenever it was refused or has ended. @param {Kept} phone */
export const isDue = (phone) => phone.refused !== null || over(phone) || now(phone) - phone.renewed > ASK_EVERY

/** Ends the token on this phone for ever, and forgets it here. */
export async function endPhone () {
  await ask('DELETE', '/holder/v1/device')
  await forget()
}

/**
 * What the service says, or what it last said where there is no connection; `at`: when it was said.
 * @param {string} path
 * @returns {Promise<{at: number, content: any, old: boolean}>}
 */
export async function read (path) {
  try {
    const saved = { at: Date.now(), content: await ask('GET', path) }
    await alter((phone) => ({ answers: { ...phone.answers, [path]: saved } }))
    return { ...saved, old: false }
  } catch (fault) {
    const saved = (await kept())?.answers[path]
    if (fault.code !== 'offline' || !saved) throw fault
    return { ...saved, old: true }
  }
}

/**
 * One proved request; where the phone's clock is off, once more by the service's clock.
 * @param {string} method
 * @param {string} path
 * @param {string} query
 */
export async function ask (method, path, query = '') {
  try {
    return await asked(method, path, query)
  } catch (fault) {
    if (fault.code !== 'holder_clock_off') throw fault
    return await asked(method, path, query)
  }
}

async function asked (method, path, query) {
  const phone = await kept()
  if (!phone) throw new Fault('holder_device_unknown')
  const dpop = await proof(phone.keys, method, location.origin + path, now(phone))
  const answer = await sent(path + query, { method, headers: { dpop } })
  await alter(() => ({ skew: skewOf(answer) }))
  return await contentOf(answer)
}

async function sent (path, options) {
  try {
    return await fetch(path, { ...options, cache: 'no-store' })
  } catch {
    throw new Fault('offline')
  }
}

async function contentOf (answer) {
  if (answer.ok) return await answer.json()
  const problem = await answer.json().catch(() => ({}))
  throw new Fault(problem.code ?? 'unknown')
}

function skewOf (answer) {
  const ahead = Date.parse(answer.headers.get('date') ?? '') - Date.now()
  return Math.abs(ahead) > EXACT ? ahead : 0
}
