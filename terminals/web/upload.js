// Sends what was decided here: a thousand lines a request, until the service has answered for each.

import { Unreachable, refusal } from './http.js'

const MOST = 1000
const LARGEST = 1 << 20
/** Bad Request, Content Too Large, Unprocessable Content: RFC 9110 sections 15.5.1, 15.5.14 and 15.5.21. */
const TOO_MUCH = new Set([400, 413, 422])
/** RFC 9457. */
const PROBLEM = 'application/problem+json'

/**
 * Sends everything that waits.
 * @param {import('./session.js').Session} session
 * @param {import('./journal.js').Journal} journal
 * @throws {Unreachable | Refused | Revoked} what was not answered for stays
 */
export async function upload (session, journal) {
  for (let most = MOST; journal.waiting > 0;) {
    const lines = fitting(await journal.unsent(most))
    const response = await send(session, lines)
    if (!response.ok && lines.length > 1 && TOO_MUCH.has(response.status)) {
      // the one line that cannot be taken is found in ever smaller batches
      most = Math.floor(lines.length / 2)
      continue
    }
    const outcomes = response.ok ? await outcomesOf(response) : [await givenUp(lines[0], response)]
    const before = journal.waiting
    await journal.sent(outcomes)
    // answers that settle nothing would be asked for without an end
    if (journal.waiting >= before) return
    most = Math.min(MOST, most * 2)
  }
}

const send = (session, lines) => session.ask('/v1/validations/batch', {
  method: 'POST',
  headers: { 'content-type': 'application/x-ndjson' },
  body: lines.join('\n') + '\n',
  within: 60_000
})

async function outcomesOf (response) {
  try {
    return (await response.text()).split('\n').filter(Boolean).map((line) => JSON.parse(line))
  } catch (error) {
    throw new Unreachable(error.message)
  }
}

// only where the service itself says so: a proxy may answer for it
async function givenUp (line, response) {
  const ours = response.headers.get('content-type')?.startsWith(PROBLEM)
  const refused = await refusal(response)
  if (!ours || !TOO_MUCH.has(refused.status)) throw refused
  const { code, detail } = refused.problem
  return { seq: JSON.parse(line).seq, outcome: 'refused', code, detail }
}

/** The lines that the service lacks as a file that it can import. @param {import('./journal.js').Journal} journal */
export async function fileOf (journal) {
  const lines = (await journal.owed()).map((line) => line + '\n')
  return new Blob(lines, { type: 'application/x-ndjson' })
}

function fitting (lines) {
  let size = 0
  const most = lines.findIndex((line) => (size += new TextEncoder().encode(line).length + 1) > LARGEST)
  return most < 0 ? lines : lines.slice(0, Math.max(1, most))
}
