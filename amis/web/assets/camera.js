// Takes a picture with the camera of the desk and puts it where a chosen file would be; without a camera nothing changes.
const frame = document.querySelector('[data-camera]')
const RATIO = 413 / 531
const HEIGHT = 1062

if (frame && navigator.mediaDevices?.getUserMedia) prepare(frame)

function prepare (frame) {
  const find = (name) => frame.querySelector(`[data-${name}]`)
  const [video, canvas, start, take, said] = ['video', 'canvas', 'start', 'take', 'said'].map(find)
  const form = frame.closest('form')
  const file = form.querySelector('input[type=file]')
  const source = form.querySelector('input[name=source]')
  frame.hidden = false

  start.addEventListener('click', async () => {
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { height: { ideal: 1080 } }, audio: false })
    } catch {
      said.textContent = frame.dataset.refused
      return
    }
    await video.play()
    show(video)
    take.disabled = false
    take.focus()
  })

  take.addEventListener('click', () => {
    drawMiddle(video, canvas)
    show(canvas)
    video.srcObject.getTracks().forEach((track) => track.stop())
    take.disabled = true
    canvas.toBlob((picture) => {
      const held = new DataTransfer()
      held.items.add(new File([picture], 'camera.jpg', { type: 'image/jpeg' }))
      file.files = held.files
      source.value = 'camera'
      said.textContent = frame.dataset.taken
    }, 'image/jpeg', 0.92)
  })

  file.addEventListener('change', () => { source.value = 'upload' })

  function show (one) {
    video.hidden = one !== video
    canvas.hidden = one !== canvas
  }
}

function drawMiddle (video, canvas) {
  const width = Math.min(video.videoWidth, video.videoHeight * RATIO)
  const height = width / RATIO
  canvas.width = Math.round(HEIGHT * RATIO)
  canvas.height = HEIGHT
  const left = (video.videoWidth - width) / 2
  const top = (video.videoHeight - height) / 2
  canvas.getContext('2d').drawImage(video, left, top, width, height, 0, 0, canvas.width, canvas.height)
}
