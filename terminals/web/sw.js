// Keeps the app on the device: all files of one version, or none of them.
importScripts('files.js')

const NAME = 'validator-'
const ADDRESS = new URL(self.registration.scope).pathname

self.addEventListener('install', (event) => event.waitUntil(keep()))
self.addEventListener('activate', (event) => event.waitUntil(begin()))
self.addEventListener('message', ({ data }) => { if (data === 'take over') self.skipWaiting() })
self.addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url)
  const ours = origin === self.location.origin && pathname.startsWith(ADDRESS) && event.request.method === 'GET'
  if (ours) event.respondWith(answer(event.request, pathname.slice(ADDRESS.length) || 'index.html'))
})

async function name () {
  const listing = new TextEncoder().encode(JSON.stringify(self.FILES))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', listing))
  return NAME + Array.from(digest.slice(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

// A file that changed on the server in the meantime fails its digest, and with it this version.
async function keep () {
  try {
    await fill(await caches.open(await name()))
  } catch (error) {
    await caches.delete(await name())
    throw error
  }
}

async function fill (cache) {
  await Promise.all(Object.entries(self.FILES).map(async ([path, integrity]) => {
    const answer = await fetch(ADDRESS + path, { integrity, cache: 'no-cache' })
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
    await cache.put(ADDRESS + path, answer)
  }))
}

async function begin () {
  const current = await name()
  const old = (await caches.keys()).filter((one) => one.startsWith(NAME) && one !== current)
  await Promise.all(old.map((one) => caches.delete(one)))
  await self.clients.claim()
}

async function answer (request, path) {
  const cache = await caches.open(await name())
  return (await cache.match(ADDRESS + path)) ?? fetch(request)
}
