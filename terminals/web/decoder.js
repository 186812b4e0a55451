// Finds QR codes in a frame, in a thread of its own. Asked {data, width, height} (RGBA), answers the texts found.
importScripts('vendor/zxing-reader.js')

const OPTIONS = { formats: ['QRCode'], tryHarder: true, maxNumberOfSymbols: 2, textMode: 'Plain' }

self.ZXingWASM.prepareZXingModule({
  overrides: { locateFile: (name) => new URL(`vendor/${name}`, self.location.href).href }
})

self.addEventListener('message', async ({ data: { data, width, height } }) => {
  const frame = new ImageData(new Uint8ClampedArray(data), width, height)
  try {
    const found = await self.ZXingWASM.readBarcodes(frame, OPTIONS)
    self.postMessage({ texts: found.filter((one) => one.isValid).map((one) => one.text) })
  } catch (error) {
    self.postMessage({ failed: String(error) })
  }
})
