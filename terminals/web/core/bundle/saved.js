// The bundle in a store: two generations, each loaded by the very rules by which it came in, as
// terminals/bundle/saved.py. So a store that was changed gives nothing that was not signed; the ends of objects do not
// matter here, as what has ended is kept and stale.

import { compared, hex, sha256 } from '../bytes.js'
import * as cbor from '../cbor.js'
import { Refused } from '../errors.js'
import { decodeDelta } from './delta.js'
import { Holding } from './holding.js'
import { Manifest, partKey } from './manifest.js'
import { signed, unverified } from './objects.js'
import { namedContent } from './parts.js'
import { blob, each, row } from './reading.js'
import { packed } from './state.js'
import { TrustList } from './trustlist.js'

/**
 * Named contents, each written whole and durably or not at all; `read` gives null for one that is missing or damaged.
 * @typedef {object} Store
 * @property {() => Promise<string[]>} names
 * @property {(name: string) => Promise<?Uint8Array>} read
 * @property {(name: string, content: Uint8Array) => Promise<void>} write
 * @property {(name: string) => Promise<void>} remove
 */

const TRUST = 'trust'
const generationName = (generation) => `generation-${generation}`
const deltaName = (generation, number) => `delta-${generation}-${number}`
const partName = (digest) => `part-${hex(digest)}`

/**
 * Writes what is new since the last time, and drops all but two generations.
 * @param {Holding} holding
 * @param {Store} store
 */
export async function save (holding, store) {
  const { base, manifest, brought, deltas } = holding
  const chain = cbor.encode(holding.chain)
  if (!same(await store.read(TRUST), chain)) await store.write(TRUST, chain)
  if (base === null) return
  const there = new Set(await store.names())
  for (const part of base.parts) {
    await writeNew(store, there, partName(part.sha256), () => packed(base.contents.get(partKey(part))))
  }
  const newest = await saveGeneration(cbor.encode([chain, manifest]), store, there)
  for (const content of brought) {
    const raw = packed(content)
    await writeNew(store, there, partName(await sha256(raw)), () => raw)
  }
  for (const [number, delta] of deltas.entries()) await writeNew(store, there, deltaName(newest, number), () => delta)
}

async function saveGeneration (head, store, there) {
  const newest = generations([...there])[0] ?? 0
  if (newest > 0 && same(await store.read(generationName(newest)), head)) return newest
  await store.write(generationName(newest + 1), head)
  await dropOld(store)
  return newest + 1
}

const same = (content, wanted) => content !== null && compared(content, wanted) === 0

async function writeNew (store, there, name, content) {
  if (!there.has(name)) await store.write(name, content())
}

/**
 * What `save` wrote: the newest generation that is whole, else the one before, else nothing held. `root` is the root
 * key of the pairing (DER SubjectPublicKeyInfo), `machine` this terminal's id.
 * @param {Store} store
 * @param {Uint8Array} root
 * @param {string} machine
 */
export async function load (store, root, machine = '') {
  for (const generation of generations(await store.names())) {
    const holding = await Holding.of(root, machine)
    if (await whole(() => restore(holding, store, generation))) return holding
  }
  return withTrust(await Holding.of(root, machine), await store.read(TRUST))
}

/** With the newest trust lists, so that nothing rests on a key that was withdrawn after it was written. */
async function withTrust (holding, chain) {
  // damaged: what was good before the damage stays, and the next manifest brings it again
  await whole(async () => {
    for (const list of each(cbor.decode(chain ?? new Uint8Array()), blob)) {
      await holding.takeTrust(await TrustList.decode((await signed('trust', list, holding.roots)).payload), list)
    }
  })
  return holding
}

/** Whether it was done; what is refused is as good as missing. */
async function whole (work) {
  try {
    await work()
    return true
  } catch (refused) {
    if (refused instanceof Refused) return false
    throw refused
  }
}

async function restore (holding, store, generation) {
  await withTrust(holding, await store.read(TRUST))
  const [chain, manifest] = row(cbor.decode(await needed(store, generationName(generation))), 2)
  if (holding.trustList === null) await withTrust(holding, blob(chain))
  const { payload, signer } = await signed('manifest', blob(manifest), holding.trust)
  holding.takeManifest(await Manifest.decode(payload), signer, manifest)
  await restoreParts(holding, store)
  await restoreDeltas(holding, store, generation)
}

async function restoreDeltas (holding, store, generation) {
  for (let number = 0; ; number += 1) {
    const delta = await store.read(deltaName(generation, number))
    if (delta === null) return
    const taken = await whole(async () => {
      const { payload, signer } = await signed('delta', delta, holding.trust)
      await holding.takeDelta(decodeDelta(payload), signer, delta)
      await restoreParts(holding, store)
    })
    // the state before it is whole, and what followed is sent again
    if (!taken) return dropDeltas(store, generation, number)
  }
}

async function restoreParts (holding, store) {
  for (const part of holding.missing()) {
    const name = partName(part.sha256)
    try {
      holding.takeContent(part, await namedContent(part, await needed(store, name)))
    } catch (refused) {
      // so that it is written again when it has been fetched again
      if (refused instanceof Refused) await store.remove(name)
      throw refused
    }
  }
}

async function needed (store, name) {
  const content = await store.read(name)
  if (content === null) throw new Refused('bundle.damaged', name)
  return content
}

async function dropDeltas (store, generation, first) {
  for (let number = first; ; number += 1) {
    const name = deltaName(generation, number)
    if (await store.read(name) === null) return
    await store.remove(name)
  }
}

async function dropOld (store) {
  const names = await store.names()
  const wanted = new Set([TRUST])
  for (const generation of generations(names).slice(0, 2)) {
    const deltas = names.filter((name) => name.startsWith(`delta-${generation}-`))
    const parts = await partsOf(store, generation, deltas)
    for (const name of [generationName(generation), ...deltas, ...parts]) wanted.add(name)
  }
  for (const name of names) if (!wanted.has(name)) await store.remove(name)
}

async function partsOf (store, generation, deltas) {
  const parts = []
  const read = await whole(async () => {
    const [, manifest] = row(cbor.decode(await needed(store, generationName(generation))), 2)
    parts.push(...(await Manifest.decode(unverified('manifest', blob(manifest)))).parts)
    for (const name of deltas) parts.push(...decodeDelta(unverified('delta', await needed(store, name))).parts)
  })
  return read ? parts.map((part) => partName(part.sha256)) : []
}

function generations (names) {
  const numbers = names.map((name) => /^generation-(\d+)$/.exec(name)?.[1]).filter((number) => number !== undefined)
  return numbers.map(Number).sort((one, other) => other - one)
}
