// Carries what Python tests ask to the modules of terminals/web/core, and their answers back, as JSON.

import * as base45 from '/core/base45.js'
import { decodeDelta } from '/core/bundle/delta.js'
import { Holding } from '/core/bundle/holding.js'
import { Manifest } from '/core/bundle/manifest.js'
import { Policy } from '/core/bundle/policy.js'
import { load, save } from '/core/bundle/saved.js'
import { Snapshot } from '/core/bundle/snapshot.js'
import { TrustList } from '/core/bundle/trustlist.js'
import { hex, unbase64, unhex } from '/core/bytes.js'
import * as cbor from '/core/cbor.js'
import { decodeClaims } from '/core/claims.js'
import { verify, verifyCard } from '/core/credential.js'
import { dayOf, dayText } from '/core/days.js'
import { decide } from '/core/decide.js'
import { amountOf } from '/core/decimal.js'
import { Refused } from '/core/errors.js'
import { local, momentOf } from '/core/moment.js'
import { parseNumber } from '/core/number.js'
import { present } from '/core/presentation.js'
import { Reason, colour, reasonName, reasonText } from '/core/reason.js'
import { screen } from '/core/screen.js'
import { read } from '/core/shown.js'
import { openStatusList } from '/core/statuslist.js'
import { Trust } from '/core/trust.js'
import { decideOffline } from '/core/validate.js'
import * as wire from '/core/wire.js'

const answered = async (work) => {
  try {
    return await work()
  } catch (refused) {
    if (refused instanceof Refused) return { error: refused.code }
    throw refused
  }
}

const oneByOne = async (many, work) => {
  const found = []
  for (const each of many) found.push(await work(each))
  return found
}

const maybeHex = (bytes) => bytes && hex(bytes)

const decided = (each) => decide(
  wire.tapFromJson(each.tap),
  wire.holderFromJson(each.holder),
  wire.termsFromJson(each.terms),
  wire.memoryFromJson(each.memory),
  wire.terminalFromJson(each.terminal)
)

export const decisions = (cases) => cases.map((each) => wire.decisionToJson(decided(each)))

export const screens = (cases) => cases.map((each) => {
  const [decision, gross] = [decided(each), amountOf(each.tap.gross)]
  return ['lv', 'en'].map((language) => [screen(decision, gross, language), screen(decision, gross, language, true)])
})

export const reasons = () => Object.entries(Reason).map(([name, number]) => [
  name, number, colour(number), reasonText(number, 'lv'), reasonText(number, 'en')
])

export const numbers = (texts) => oneByOne(texts, (text) => answered(() => parseNumber(text)))

export async function presented ({ credential, iat }) {
  const how = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const { publicKey, privateKey } = await crypto.subtle.generateKey(how, false, ['sign', 'verify'])
  const sign = async (data) => new Uint8Array(await crypto.subtle.sign(how, privateKey, data))
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', publicKey))
  return { point: hex(point), text: await present(unhex(credential), sign, iat) }
}

export const locals = (moments) => moments.map((moment) => local(momentOf(moment)))

const plain = (value) => {
  if (value instanceof Uint8Array) return { bytes: hex(value) }
  if (value instanceof Map) return { map: Array.from(value, ([key, item]) => [plain(key), plain(item)]) }
  if (Array.isArray(value)) return value.map(plain)
  return cbor.isWhole(value) ? { int: value.toString() } : value
}

export const decoded = (encodings) => oneByOne(encodings, (data) => answered(() => {
  const value = cbor.decode(unhex(data))
  return { value: plain(value), again: hex(cbor.encode(value)) }
}))

const trustOf = (entries) => Trust.of(entries.map((entry) => ({
  kid: unhex(entry.kid),
  publicKey: unbase64(entry.public_key),
  municipality: entry.municipality,
  role: entry.role,
  algorithms: entry.algorithms,
  codes: entry.codes && new Set(entry.codes),
  verifyUntil: entry.verify_until
})))

const told = ({ profile, kid, municipality, claims, presentation }) => ({
  profile,
  kid: hex(kid),
  municipality,
  iat: claims.iat,
  exp: claims.exp,
  status: claims.status,
  rights: claims.rights.map(({ code, until }) => [code, dayText(until)]),
  cti: maybeHex(claims.cti),
  nbf: claims.nbf,
  device: maybeHex(claims.device),
  name: claims.name,
  birth_year: claims.birthYear,
  companions: claims.companions,
  photo_id: claims.photoId,
  online: claims.online,
  uid: maybeHex(claims.uid),
  generation: claims.generation,
  presentation: presentation && { ...presentation, nonce: maybeHex(presentation.nonce) }
})

export async function credentials ({ trusts, cases }) {
  const trust = {}
  for (const [name, entries] of Object.entries(trusts)) trust[name] = await trustOf(entries)
  return oneByOne(cases, (each) => answered(async () => {
    const [at, floor] = [momentOf(each.at), each.floor ? momentOf(each.floor) : null]
    const found = each.text === undefined
      ? verifyCard(base45.decode(each.card), unhex(each.uid), trust[each.trust], at, floor)
      : verify(each.text, trust[each.trust], at, floor)
    return { verified: told(await found) }
  }))
}

const partOf = ([kind, name, seq, size, sha256, href]) => ({ kind, name, seq, size, sha256: unhex(sha256), href })

const taken = (holding, { do: what, data, at, part }) => {
  const [bytes, moment] = [unbase64(data), momentOf(at)]
  if (what === 'trust') return holding.updateTrust(bytes, moment)
  if (what === 'manifest') return holding.updateManifest(bytes, moment)
  return what === 'delta' ? holding.applyDelta(bytes, moment) : holding.updatePart(partOf(part), bytes, moment)
}

const held = async (holding, at, places, cards) => ({
  seq: holding.seq,
  hash: maybeHex(holding.hash),
  trust: holding.trustList && holding.trustList.seq,
  policy: holding.policy && holding.policy.seq,
  missing: holding.missing().map(({ kind, name }) => [kind, name]),
  floor: holding.floor / 1000,
  stale: holding.stale(at),
  status: places.map((place) => [...place, holding.status(...place)]),
  cards: await oneByOne(cards, async (uid) => [uid, holding.snapshot && await holding.snapshot.profile(unhex(uid))])
})

export const bundles = ({ root, machine, cases }) => oneByOne(cases, async ({ steps }) => {
  const holding = await Holding.of(unbase64(root), machine)
  return oneByOne(steps, async (step) => {
    const refused = await answered(async () => { await taken(holding, step) })
    const places = step.then.status.map(([list, index]) => [list, index])
    const cards = step.then.cards.map(([uid]) => uid)
    return { ...await held(holding, momentOf(step.at), places, cards), ...refused }
  })
})

const READERS = {
  status: openStatusList,
  claims: decodeClaims,
  trust: (payload) => TrustList.decode(payload),
  manifest: (payload) => Manifest.decode(payload),
  delta: decodeDelta,
  policy: Policy.decode,
  cards: Snapshot.decode
}

const inForce = (policy, days) => [...policy.concessions.keys()]
  .sort((one, other) => one - other)
  .map((code) => [code, ...days.map((day) => policy.revision(code, dayOf(day))?.revision ?? null)])

const looked = (kind, found, days) => {
  if (kind === 'policy') return inForce(found, days)
  return kind === 'status' ? [found.uri, found.statuses.size, hex(found.statuses.packed.slice(0, 9))] : true
}

export async function readings ({ contents, days, entries }) {
  const trust = await trustOf(entries)
  return oneByOne(contents, ([kind, payload]) => answered(async () => {
    const found = await READERS[kind](unhex(payload), trust)
    return { taken: looked(kind, found, days) }
  }))
}

class Shelf extends Map {
  async names () { return [...this.keys()] }
  async read (name) { return this.get(name) ?? null }
  async write (name, content) { this.set(name, content) }
  async remove (name) { this.delete(name) }
}

export const shelves = ({ root, machine, cases }) => oneByOne(cases, async ({ steps }) => {
  const [holding, shelf] = [await Holding.of(unbase64(root), machine), new Shelf()]
  for (const step of steps) {
    await answered(() => taken(holding, step))
    await save(holding, shelf)
  }
  return Object.fromEntries(Array.from(shelf, ([name, content]) => [name, hex(content)]))
})

const shelfOf = (shelf) => new Shelf(Object.entries(shelf).map(([name, content]) => [name, unhex(content)]))

export const loaded = ({ root, machine, at, shelves, places, cards }) => oneByOne(shelves, async (shelf) => {
  const store = shelfOf(shelf)
  const holding = await load(store, unbase64(root), machine)
  return { ...await held(holding, momentOf(at), places, cards), left: [...store.keys()].sort() }
})

const holdingOf = async (root, machine, bundle) => {
  const holding = await Holding.of(unbase64(root), machine)
  const at = momentOf(bundle.at)
  await holding.updateTrust(unbase64(bundle.trust), at)
  await holding.updateManifest(unbase64(bundle.manifest), at)
  for (const part of holding.missing()) {
    await holding.updatePart(part, unbase64(bundle.parts[`${part.kind} ${part.name}`]), at)
  }
  return holding
}

const evidenceToJson = (evidence) => ({
  refused: evidence.refused === null ? null : reasonName(evidence.refused),
  proof: evidence.proof,
  who: evidence.who,
  municipality: evidence.municipality,
  status: evidence.status,
  cti: evidence.cti,
  uid: evidence.uid,
  presented: evidence.presented,
  replay_key: evidence.replayKey,
  photo_id: evidence.photoId,
  online: evidence.online,
  dead: evidence.dead,
  current: evidence.current,
  number: evidence.number
})

const tokenOf = (token) => {
  if (token === null || typeof token === 'string') return token
  return { uid: unhex(token.uid), credential: unbase64(token.credential), tier: token.tier }
}

const decidedBy = async (holding, { token, tap, memory, at, clock_doubtful: doubtful }) => {
  const moment = momentOf(at)
  const evidence = await read(tokenOf(token), holding, moment)
  const asked = { ...tap, at: momentOf(tap.at), gross: amountOf(tap.gross) }
  const decision = decideOffline(asked, evidence, holding, wire.memoryFromJson(memory), moment, doubtful)
  return { evidence: evidenceToJson(evidence), decision: wire.decisionToJson(decision) }
}

export async function offline ({ root, machine, bundles, cases }) {
  const holdings = {}
  for (const [name, bundle] of Object.entries(bundles)) holdings[name] = await holdingOf(root, machine, bundle)
  return oneByOne(cases, (one) => decidedBy(holdings[one.bundle], one))
}

let lastHeld = null

/** Decides a tap by the bundle on the shelf, or without one by that of the last call. */
export async function alone ({ root, machine, shelf, tap }) {
  if (shelf !== null) lastHeld = await load(shelfOf(shelf), unbase64(root), machine)
  return decidedBy(lastHeld, tap)
}
