// The camera: frames go one at a time to the decoder; what it reads is told once, not with every frame.

const BETWEEN_FRAMES = 60
/** Milliseconds out of view after which a code counts as shown anew. */
const GONE_AFTER = 1500
/**
 * So many characters name the holder's token: key, dates and identity stand first in a credential, and a phone that
 * refreshes its code changes what comes after them.
 */
const IDENTITY = 100

/** Tells a code that is newly shown from one that is still being held. */
export class Gate {
  #last = ''
  #gone = null

  /**
   * A picture without any code. Only pictures count: a slow device takes long between two.
   * @param {number} at milliseconds on any clock that does not jump
   */
  empty (at) {
    this.#gone ??= at
  }

  /**
   * @param {string} text what is in view
   * @param {number} at as in `empty`
   * @param {boolean} listening false: a code that comes into view now is not told, and still new afterwards
   * @returns {boolean} whether to tell it
   */
  opens (text, at, listening = true) {
    const identity = text.slice(0, IDENTITY)
    const gone = this.#gone !== null && at - this.#gone >= GONE_AFTER
    const held = identity === this.#last && !gone
    if (!held && !listening) return false
    this.#last = identity
    this.#gone = null
    return !held
  }
}

export class Camera {
  #video
  #onText
  #onFault
  #gate = new Gate()
  #canvas = document.createElement('canvas')
  #context = this.#canvas.getContext('2d', { willReadFrequently: true })
  #decoder = null
  #stream = null
  #starting = 0
  #busy = false

  /** True while what is seen must not be told: a verdict is on the screen. */
  paused = false

  /**
   * @param {HTMLVideoElement} video where the picture is shown
   * @param {(text: string) => void} onText called with each code newly shown
   * @param {(fault: string) => void} onFault called when pictures cannot be read on this device
   */
  constructor (video, onText, onFault) {
    this.#video = video
    this.#onText = onText
    this.#onFault = onFault
  }

  get running () { return this.#stream !== null }

  /**
   * @param {'environment' | 'user'} facing the camera at the back or the one beside the screen
   * @throws {DOMException} no camera, or it may not be used
   */
  async start (facing) {
    this.stop()
    const mine = ++this.#starting
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: { ideal: facing }, width: { ideal: 1280 }, height: { ideal: 720 } }
    })
    if (mine !== this.#starting) return stream.getTracks().forEach((track) => track.stop())
    this.#stream = stream
    this.#decoder ??= this.#newDecoder()
    this.#video.srcObject = stream
    await this.#video.play()
    this.#look(stream)
  }

  stop () {
    this.#starting++
    this.#stream?.getTracks().forEach((track) => track.stop())
    this.#stream = null
    this.#video.srcObject = null
  }

  #newDecoder () {
    const decoder = new Worker('decoder.js')
    decoder.addEventListener('error', ({ message }) => this.#onFault(message))
    decoder.addEventListener('message', ({ data: { texts, failed } }) => {
      this.#busy = false
      if (failed) return this.#onFault(failed)
      this.#tell(texts)
      setTimeout(() => this.#look(this.#stream), BETWEEN_FRAMES)
    })
    return decoder
  }

  // Two codes in one picture: nobody can say which is meant.
  #tell (texts) {
    if (texts.length === 0) this.#gate.empty(performance.now())
    if (texts.length !== 1 || texts[0] === '' || !this.running) return
    if (this.#gate.opens(texts[0], performance.now(), !this.paused)) this.#onText(texts[0])
  }

  #look (stream) {
    if (stream === null || stream !== this.#stream || this.#busy) return
    const { videoWidth: width, videoHeight: height } = this.#video
    if (!width) return void setTimeout(() => this.#look(stream), BETWEEN_FRAMES)
    Object.assign(this.#canvas, { width, height })
    this.#context.drawImage(this.#video, 0, 0)
    const { data } = this.#context.getImageData(0, 0, width, height)
    this.#busy = true
    this.#decoder.postMessage({ data: data.buffer, width, height }, [data.buffer])
  }
}
