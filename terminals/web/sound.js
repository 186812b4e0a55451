// What is heard and felt: yes rises, "look" repeats, no falls and is longer.

const TONES = {
  green: [[660, 0, 0.12], [990, 0.12, 0.2]],
  amber: [[620, 0, 0.12], [620, 0.2, 0.12], [620, 0.4, 0.12]],
  red: [[240, 0, 0.25], [170, 0.25, 0.5]],
  grey: [[440, 0, 0.3]]
}
const SHAKES = { green: [80], amber: [90, 90, 90], red: [400], grey: [200] }
const LOUD = 0.4
const FADE = 0.02

let context = null

/** Browsers let a page sound only once somebody has touched it. */
export function readySound () {
  context ??= new AudioContext()
  if (context.state === 'suspended') context.resume()
}

/** @param {'green' | 'amber' | 'red' | 'grey'} colour */
export function sound (colour) {
  navigator.vibrate?.(SHAKES[colour])
  if (context?.state !== 'running') return
  for (const [hertz, after, lasts] of TONES[colour]) tone(hertz, context.currentTime + after, lasts, colour === 'red')
}

function tone (hertz, start, lasts, rough) {
  const source = new OscillatorNode(context, { frequency: hertz, type: rough ? 'sawtooth' : 'sine' })
  const volume = new GainNode(context, { gain: 0 })
  volume.gain.setValueAtTime(0, start)
  volume.gain.linearRampToValueAtTime(LOUD, start + FADE)
  volume.gain.setValueAtTime(LOUD, start + lasts - FADE)
  volume.gain.linearRampToValueAtTime(0, start + lasts)
  source.connect(volume).connect(context.destination)
  source.start(start)
  source.stop(start + lasts)
}
