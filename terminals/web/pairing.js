// The first run: a code is taken, the fingerprint shown, and approval waited for.

import { byId, show } from './screens.js'
import { Refused, Unreachable } from './http.js'
import { Session, pair } from './session.js'
import { text } from './texts.js'

const LOOK_EVERY = 1_500

/**
 * Asks for a code until the service has taken one.
 * @param {IDBDatabase} db
 * @param {string} code as the QR code of the terminal's page carried it, or ''
 */
export function askForCode (db, code) {
  show('pair')
  byId('code').value = code
  return new Promise((resolve) => {
    byId('pair-form').onsubmit = async (event) => {
      event.preventDefault()
      const button = event.target.querySelector('button')
      button.disabled = true
      const fault = await tried(db, byId('code').value.trim())
      button.disabled = false
      byId('pair-fault').textContent = fault && text(fault)
      byId('code').setAttribute('aria-invalid', String(Boolean(fault)))
      if (fault) byId('code').focus()
      else resolve()
    }
    if (code) byId('pair-form').querySelector('button').focus()
  })
}

async function tried (db, code) {
  if (!code) return 'pair-empty'
  try {
    await pair(db, code)
    return ''
  } catch (error) {
    if (error instanceof Unreachable) return 'pair-unreachable'
    if (error instanceof Refused) return 'pair-refused'
    throw error
  }
}

/**
 * Shows the fingerprint until a person has approved it.
 * @param {Session} session
 * @returns {Promise<boolean>} false: somebody wants to begin again
 * @throws {Revoked}
 */
export async function waitForApproval (session) {
  show('wait')
  byId('fingerprint').replaceChildren(...groups(session.pairing.fingerprint))
  let again = false
  const restart = new Promise((resolve) => {
    byId('wait-again').onclick = () => { again = true; resolve() }
  })
  while (!again) {
    try {
      await session.prove()
      return true
    } catch (error) {
      if (!(error instanceof Unreachable || error instanceof Refused)) throw error
      byId('wait-state').textContent = text(error instanceof Unreachable ? 'wait-unreachable' : 'wait-state')
    }
    await Promise.race([restart, new Promise((resolve) => setTimeout(resolve, LOOK_EVERY))])
  }
  return false
}

function groups (fingerprint) {
  return fingerprint.match(/.{1,4}/g).map((group) => {
    const part = document.createElement('span')
    part.textContent = group
    return part
  })
}
