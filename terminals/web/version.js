// The app on the device: kept by the service worker, exchanged whole when the service has a newer one.

const LOOK = 10_000
const ASK = 3_600_000

/** @param {() => boolean} idle a new version takes over between two codes, never under somebody's hand */
export async function keepApp (idle) {
  const worker = navigator.serviceWorker
  if (!worker) return
  let had = worker.controller !== null
  worker.addEventListener('controllerchange', () => {
    if (had) location.reload()
    had = true
  })
  const registration = await worker.register('sw.js', { updateViaCache: 'none' })
  setInterval(() => { if (idle()) registration.waiting?.postMessage('take over') }, LOOK)
  // without a connection it is asked again the next time
  setInterval(() => registration.update().catch(() => {}), ASK)
}
