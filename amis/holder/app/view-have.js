// What the holder has, until when, and what is left of it.

import { el, note } from './dom.js'
import { read } from './phone.js'
import { day, euros, fault, moment, said, t } from './spoken.js'

const STOPPED = { blocked: 'holder_token_blocked', ended: 'holder_token_ended' }

/** The view. */
export async function haveView () {
  const { at, content, old } = await read('/holder/v1/home')
  return [
    el('h1', {}, t('haveTitle')),
    old ? note(t('savedAt', { at: moment(at) })) : null,
    ...all(content)
  ]
}

function all ({ state, have }) {
  if (Object.hasOwn(STOPPED, state)) return [note(fault(STOPPED[state]), 'bad')]
  return [have.length ? el('ul', { class: 'cards' }, ...have.map(line)) : el('p', {}, t('haveNone'))]
}

const line = (one) => el('li', { class: 'card' },
  el('h2', {}, said(one.name)),
  one.paused ? note(t('havePaused'), 'bad') : null,
  el('p', {}, one.last ? t('haveUntil', { day: day(one.last) }) : t('haveOpen')),
  one.left ? el('p', { class: 'big' }, left(one.left)) : null)

function left ({ left: rest, of, per, money }) {
  const write = money ? euros : String
  return t(`left${per[0].toUpperCase()}${per.slice(1)}`, { left: write(rest), of: write(of) })
}
