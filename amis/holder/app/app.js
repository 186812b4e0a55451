// The holder's page: which view is open, in which language, and what is asked of the service in the background.

import { button, el, note } from './dom.js'
import { Fault, isDue, read, renew } from './phone.js'
import { fault, language, speak, t } from './spoken.js'
import { kept } from './vault.js'
import { codeView } from './view-code.js'
import { enrolView } from './view-enrol.js'
import { haveView } from './view-have.js'
import { phoneView } from './view-phone.js'
import { ridesView } from './view-rides.js'
import { whyView } from './view-why.js'

const LOOK_EVERY = 60000
const VIEWS = { code: codeView, have: haveView, rides: ridesView, why: whyView, phone: () => phoneView(ended) }
const [main, menu] = ['main', 'menu'].map((id) => document.getElementById(id))
let open = new AbortController()
let told = ''

/** Shows the view that the address names, or the form of somebody who has no token here. */
async function show () {
  open.abort()
  open = new AbortController()
  const { signal } = open
  frame()
  const phone = await kept()
  menu.hidden = !phone
  if (!phone) return place(enrolView(givenCode(), told, enrolled), signal)
  const name = opened()
  place([el('p', { role: 'status' }, t('wait'))], signal)
  place(await viewed(VIEWS[name], signal), signal)
}

async function viewed (view, signal) {
  try {
    return await view(signal)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    if (error.code === 'holder_device_unknown' || error.code === 'holder_token_ended') await refresh()
    return [note(fault(error.code), 'bad', true), button(t('again'), show)]
  }
}

function place (children, signal) {
  if (signal.aborted) return
  main.replaceChildren(...children.filter((child) => child))
}

function frame () {
  document.documentElement.lang = language()
  document.title = t('name')
  document.getElementById('name').textContent = t('name')
  document.getElementById('skip').textContent = t('skip')
  const other = language() === 'lv' ? ['en', 'English'] : ['lv', 'Latviešu']
  const switched = document.getElementById('language')
  ;[switched.lang, switched.textContent] = other
  menu.setAttribute('aria-label', t('menu'))
  menu.replaceChildren(...Object.keys(VIEWS).map((name) =>
    el('a', { href: `#${name}`, 'aria-current': name === opened() ? 'page' : null }, t(name))))
}

const named = () => location.hash.slice(1)

const opened = () => (Object.hasOwn(VIEWS, named()) ? named() : 'code')

/** A code that came with the address, as the symbol at the desk has it. */
const givenCode = () => (/^[0-9A-Za-z]{5}-?[0-9A-Za-z]{5}$/.test(named()) ? named() : '')

async function enrolled () {
  told = ''
  await navigator.storage?.persist?.()
  history.replaceState(null, '', '/my/#code')
  await show()
  main.focus()
  await fillUp()
}

async function ended () {
  told = t('phoneEnded')
  history.replaceState(null, '', '/my/')
  await show()
  main.focus()
}

/** Asks the service what this phone presents from now on, where it is time to. */
async function refresh () {
  const phone = await kept()
  if (!phone) return
  try {
    await renew()
    if (phone.refused) await show()
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    if (await kept()) return phone.refused === error.code || error.code === 'offline' ? undefined : show()
    told = fault(error.code)
    await show()
  }
}

/** Keeps the other views for times without a connection. */
async function fillUp () {
  for (const path of ['/holder/v1/home', '/holder/v1/rides', '/holder/v1/why']) {
    try {
      await read(path)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
    }
  }
}

async function lookAfter () {
  const phone = await kept()
  if (phone && navigator.onLine && isDue(phone)) await refresh()
}

document.getElementById('language').addEventListener('click', () => {
  speak(language() === 'lv' ? 'en' : 'lv')
  show()
})
addEventListener('hashchange', () => show().then(() => main.focus()))
addEventListener('online', lookAfter)
// a browser that keeps nothing for us (a private window, a full phone) gets an answer and no empty page
addEventListener('unhandledrejection', () => {
  main.replaceChildren(note(t('unknown'), 'bad', true), button(t('again'), show))
})
setInterval(lookAfter, LOOK_EVERY)
navigator.serviceWorker?.register('/my/sw.js', { scope: '/my/' })
await show()
await lookAfter()
