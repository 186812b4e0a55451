// Why the holder has or has not each concession, in the sentences of the rules.

import { el, note } from './dom.js'
import { read } from './phone.js'
import { day, moment, said, t } from './spoken.js'

const GROUPS = [[true, 'whyYes'], [null, 'whyOpen'], [false, 'whyNo']]
const HOLDS = new Map([[true, ['lineYes', 'yes']], [false, ['lineNo', 'no']], [null, ['lineOpen', 'open']]])

/** The view. */
export async function whyView () {
  const { at, content, old } = await read('/holder/v1/why')
  return [
    el('h1', {}, t('whyTitle')),
    old ? note(t('savedAt', { at: moment(at) })) : null,
    ...(content.length ? groups(content) : [el('p', {}, t('whyNone'))]),
    el('p', {}, t('whyWrong'))
  ]
}

const groups = (content) => GROUPS.flatMap(([holds, heading]) => {
  const mine = content.filter((one) => one.holds === holds)
  return mine.length ? [el('h2', {}, t(heading)), ...mine.map(answer)] : []
})

const answer = (one) => el('details', {},
  el('summary', {}, said(one.concession)),
  el('ul', { class: 'lines' }, ...one.sentences.map(line)),
  ...list('whyMissing', one.missing.map(said)),
  ...list('whyWanted', one.wanted.map(wanted)))

function line ({ text, holds, depth }) {
  const [word, look] = HOLDS.get(holds)
  return el('li', { class: `line ${look} depth-${Math.min(depth, 4)}` }, el('strong', {}, `${t(word)}: `), said(text))
}

const wanted = ({ text, on }) => (on ? `${said(text)} (${t('whyOn', { day: day(on) })})` : said(text))

const list = (heading, items) => items.length
  ? [el('p', {}, t(heading)), el('ul', {}, ...items.map((item) => el('li', {}, item)))]
  : []
