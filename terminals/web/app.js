// The validator: pairs, waits for approval, then works until it is ended.

import { showBadge } from './badge.js'
import { Bundle } from './bundle.js'
import { Clock } from './clock.js'
import { endedFor, exportOwed, mayBeginAgain, showEnding, wipe } from './ending.js'
import { Refused, Revoked } from './http.js'
import { Journal } from './journal.js'
import { Link } from './link.js'
import { askForCode, waitForApproval } from './pairing.js'
import { Preferences } from './preferences.js'
import { Scanner } from './scanner.js'
import { byId, show, shown } from './screens.js'
import { newSealingKey } from './sealing.js'
import { Session } from './session.js'
import { Full, clear, open, read, write } from './store.js'
import { language, speak, text } from './texts.js'
import { Validator } from './validator.js'
import { showVerdict } from './verdict.js'
import { keepApp } from './version.js'

const TICK = 10_000
const PRUNE = 86_400_000
/** Milliseconds by which the clock has to be off otherwise than before for it to be noted. */
const SLACK = 5_000
let clock
let db
let preferences
/** What works once the validator is approved: session, journal, bundle, link, validator, scanner. */
let parts = null

navigator.locks.request('amis-validator', { ifAvailable: true }, (lock) => lock ? run() : elsewhere())

// one page alone counts the taps of a device; the lock is held for as long as it is open
async function run () {
  keepApp(idle)
  db = await open()
  clock = new Clock(await read(db, 'kept', 'offset'))
  preferences = await Preferences.of(db, () => parts, toScan)
  begin()
  navigator.storage?.persist?.()
  const why = await endedFor(db)
  if (why) await showEnding(db, why)
  else await work(await pairedSession())
  return new Promise(() => {})
}

// asked first of all: a version that fails at its start is replaced as well
const idle = () => shown() !== 'scan' || (byId('verdict').hidden && !parts?.scanner.busy)

function elsewhere () {
  speak('lv')
  show('ended')
  byId('ended').replaceChildren(Object.assign(document.createElement('h1'), { textContent: text('elsewhere') }))
}

function begin () {
  turn(preferences.language)
  byId('language').addEventListener('click', () => turn(language() === 'lv' ? 'en' : 'lv'))
  byId('to-settings').addEventListener('click', toSettings)
  byId('ended-pair').addEventListener('click', beginAgain)
  for (const button of document.querySelectorAll('[data-export]')) {
    button.addEventListener('click', () => exportOwed(db))
  }
}

async function pairedSession () {
  const [, code = ''] = /^#pair=([\w-]{1,64})$/.exec(location.hash) ?? []
  history.replaceState(null, '', location.pathname)
  for (;;) {
    const session = await Session.of(db, () => clock.wall())
    if (!session) await askForCode(db, code)
    else if (session.pairing.approved) return session
    else if (await approved(session)) await write(db, [['kept', { ...session.pairing, approved: true }, 'pairing']])
    else await forget()
  }
}

async function approved (session) {
  try {
    return await waitForApproval(session)
  } catch (error) {
    if (error instanceof Revoked) return false
    throw error
  }
}

async function work (session) {
  const keys = { store: await key('store-key'), records: await key('records-key') }
  const journal = await Journal.open(db, keys)
  const bundle = await Bundle.open(db, keys.store, session.pairing, clock)
  const validator = new Validator(session, journal, bundle, clock)
  const link = new Link({ session, journal, bundle, clock }, (why) => why ? end(why) : refresh())
  const scanner = new Scanner(preferences, handle)
  parts = { session, journal, bundle, validator, link, scanner }
  await validator.settle()
  await journal.prune(clock.now())
  link.start()
  setInterval(refresh, TICK)
  setInterval(noteClock, TICK)
  setInterval(() => parts?.journal.prune(clock.now()), PRUNE)
  document.addEventListener('visibilitychange', () => { if (!document.hidden) clock.woke() })
  refresh()
  if (preferences.ready) toScan()
  else toSettings()
}

async function key (name) {
  const found = await read(db, 'kept', name)
  if (found) return found
  const made = await newSealingKey()
  await write(db, [['kept', made, name]])
  return made
}

async function handle (code) {
  const { validator, scanner, link, journal } = parts
  const asked = { code, ...preferences.asked, companions: scanner.inspecting ? 0 : scanner.companions }
  try {
    const found = scanner.inspecting ? await validator.peek(asked) : await validator.serve(asked)
    refresh()
    if (journal.waiting) link.send().then(refresh)
    await showVerdict(found, preferences)
  } catch (error) {
    if (error instanceof Revoked) return end('revoked')
    byId('scan-fault').textContent = said(error)
  }
}

function said (error) {
  if (error instanceof Full) return text('full')
  if (error instanceof Refused) return text('refused', { detail: error.message })
  console.error(error)
  return text('broken', { detail: error.message })
}

function refresh () {
  if (!parts) return
  const { bundle, journal, link } = parts
  const now = clock.now()
  // a clock that is wrong must not end what a word of the service puts right
  if (link.tried && bundle.silent(now)) return end('silent')
  showBadge({ link, age: bundle.age(now), stale: bundle.stale(now), waiting: journal.waiting })
}

async function noteClock () {
  if (!parts || Math.abs(clock.offset - (await read(db, 'kept', 'offset') ?? 0)) < SLACK) return
  await write(db, [['kept', clock.offset, 'offset']])
}

async function end (why) {
  if (!parts) return
  const { link, scanner } = parts
  parts = null
  link.stop()
  scanner.stop()
  await wipe(db, why)
  await showEnding(db, why)
}

async function beginAgain () {
  if (!await mayBeginAgain(db)) return
  await forget()
  location.reload()
}

async function forget () {
  await clear(db, ['bundle', 'request', 'record', 'kept'])
  await preferences.keep()
}

function toScan () {
  show('scan')
  parts.scanner.start()
}

function toSettings () {
  parts.scanner.stop()
  show('settings')
  preferences.open(clock.now())
}

function turn (one) {
  speak(one)
  byId('language').textContent = text('other-language')
  byId('language').lang = one === 'lv' ? 'en' : 'lv'
  preferences.keep({ language: one })
  if (!parts) return
  parts.scanner.fill()
  refresh()
  if (shown() === 'settings') preferences.open(clock.now())
}
