// The service worker keeps the page for times without a connection. With one, the service's files come first, so that
// all are of one version; what takes too long comes from what was kept, and so does all else for a while after that.

const CACHE = 'amis-holder-1'
const CORE = ['base45', 'bytes', 'cbor', 'cose', 'errors', 'point', 'presentation']
  .map((name) => `/validator/core/${name}.js`)
const OWN = [
  'app.js', 'dom.js', 'icon.png', 'icon.svg', 'manifest.webmanifest', 'phone.js', 'proving.js', 'qrcode-generator.js',
  'spoken.js', 'style.css', 'symbol.js', 'texts.js', 'vault.js', 'view-code.js', 'view-enrol.js', 'view-have.js',
  'view-phone.js', 'view-rides.js', 'view-why.js'
].map((name) => `/my/${name}`)
const FILES = ['/my/', ...OWN, ...CORE]
const LONGEST = 3000
const SLOW_FOR = 30000
let slowUntil = 0

self.addEventListener('install', (event) => event.waitUntil(fill()))
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))
self.addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url)
  if (event.request.method !== 'GET' || origin !== self.location.origin || !FILES.includes(pathname)) return
  event.respondWith(answer(pathname))
})

async function fill () {
  const cache = await caches.open(CACHE)
  await cache.addAll(FILES.map((path) => new Request(path, { cache: 'no-cache' })))
  await self.skipWaiting()
}

async function answer (path) {
  const cache = await caches.open(CACHE)
  const stored = await cache.match(path)
  if (stored && Date.now() < slowUntil) return stored
  try {
    const fresh = await fetch(path, { cache: 'no-cache', signal: AbortSignal.timeout(LONGEST) })
    if (!fresh.ok) return stored ?? fresh
    await cache.put(path, fresh.clone())
    return fresh
  } catch (error) {
    slowUntil = Date.now() + SLOW_FOR
    if (stored) return stored
    throw error
  }
}
