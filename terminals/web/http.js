// Requests to the service, and the ways in which they end without an answer that helps.

/** No answer, or the service is too busy: whatever was asked can be asked again. */
export class Unreachable extends Error { name = 'Unreachable' }
/** The service does not take this request. */
export class Refused extends Error {
  name = 'Refused'
  /** @param {number} status @param {object} problem RFC 9457, or RFC 6749 section 5.2 */
  constructor (status, problem) {
    super(problem.detail ?? problem.title ?? problem.error_description ?? problem.error ?? String(status))
    Object.assign(this, { status, problem })
  }
}
/** The service has ended this machine for good. */
export class Revoked extends Error { name = 'Revoked' }

/**
 * One request.
 * @param {string} path
 * @param {RequestInit & {within?: number}} [options] `within` in milliseconds
 * @returns {Promise<Response>} any answer below 500 but 429
 * @throws {Unreachable}
 */
export async function ask (path, { within = 10_000, signal, ...options } = {}) {
  const limit = AbortSignal.timeout(within)
  try {
    const response = await fetch(path, { ...options, signal: signal ? AbortSignal.any([signal, limit]) : limit })
    if (response.status < 500 && response.status !== 429) return response
  } catch (error) {
    throw new Unreachable(error.message)
  }
  throw new Unreachable('busy')
}

/**
 * What an answer says.
 * @param {Response} response
 * @throws {Unreachable} the connection was cut off within it
 */
export async function jsonOf (response) {
  try {
    return await response.json()
  } catch (error) {
    throw new Unreachable(error.message)
  }
}

/** The refusal in an answer. */
export async function refusal (response) {
  try {
    return new Refused(response.status, await response.json())
  } catch {
    return new Refused(response.status, {})
  }
}
