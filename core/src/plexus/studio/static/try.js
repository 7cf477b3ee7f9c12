// Recordings and drawings for the file field of a form, which also takes files and works without a script.
"use strict";

const MAX_SECONDS = 60;

// Puts a file into a file field as if a person had chosen it; null empties the field.
function setFile(input, file) {
  const files = new DataTransfer();
  if (file) files.items.add(file);
  input.files = files.files;
}

// Encodes one channel of samples from -1 to 1 as a WAV file of 16 bits.
function wavFile(samples, rate, name) {
  const view = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const write = (place, text) => [...text].forEach((each, index) => view.setUint8(place + index, each.charCodeAt(0)));
  write(0, "RIFF"); view.setUint32(4, 36 + 2 * samples.length, true); write(8, "WAVEfmt ");
  view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
  view.setUint32(24, rate, true); view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true); view.setUint16(34, 16, true);
  write(36, "data"); view.setUint32(40, 2 * samples.length, true);
  samples.forEach((value, index) => view.setInt16(44 + 2 * index, Math.max(-1, Math.min(1, value)) * 32767, true));
  return new File([view], name, { type: "audio/wav" });
}

// Decodes what the browser has recorded, in its own format, to the mean of its channels.
async function decode(blob) {
  const context = new AudioContext();
  try {
    const sound = await context.decodeAudioData(await blob.arrayBuffer());
    const channels = Array.from({ length: sound.numberOfChannels }, (_, channel) => sound.getChannelData(channel));
    const mean = channels[0].map((_, place) => channels.reduce((sum, each) => sum + each[place], 0) / channels.length);
    return wavFile(mean, sound.sampleRate, "recording.wav");
  } finally {
    await context.close();
  }
}

function addRecorder(place) {
  const input = document.getElementById(place.dataset.record);
  const [button, status, audio] = ["button", "[role=status]", "audio"].map((each) => place.querySelector(each));
  let recorder = null;

  function show(file) {
    setFile(input, file);
    audio.src = URL.createObjectURL(file);
    audio.hidden = false;
    status.textContent = "Recorded.";
  }

  async function start() {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const parts = [];
    recorder = new MediaRecorder(stream);
    recorder.ondataavailable = (event) => parts.push(event.data);
    recorder.onstop = async () => {
      stream.getTracks().forEach((track) => track.stop());
      button.textContent = "Record again";
      try { show(await decode(new Blob(parts))); } catch (error) { status.textContent = `No sound was recorded: ${error.message}`; }
    };
    recorder.start();
    setTimeout((each) => { if (each.state === "recording") each.stop(); }, 1000 * MAX_SECONDS, recorder);
    button.textContent = "Stop";
    status.textContent = `Recording, for ${MAX_SECONDS} s at most.`;
  }

  button.addEventListener("click", () => {
    if (recorder?.state === "recording") { recorder.stop(); return; }
    start().catch((error) => { status.textContent = `The microphone cannot be used (${error.message}): choose a file.`; });
  });
  input.addEventListener("change", () => { audio.hidden = true; status.textContent = ""; });
  place.hidden = false;
  if (!navigator.mediaDevices) {
    button.disabled = true;
    status.textContent = "Browsers record only from localhost and https addresses: choose a file.";
  }
}

function addCanvas(place) {
  const input = document.getElementById(place.dataset.draw);
  const canvas = place.querySelector("canvas");
  const [clear, inverted] = ["button", "input[type=checkbox]"].map((each) => place.querySelector(each));
  const status = place.querySelector("[role=status]");
  const context = canvas.getContext("2d");

  function empty() {
    context.fillStyle = inverted.checked ? "#000" : "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.strokeStyle = inverted.checked ? "#fff" : "#000";
    Object.assign(context, { lineWidth: canvas.width / 14, lineCap: "round", lineJoin: "round" });
  }

  function line(event, begins) {
    const frame = canvas.getBoundingClientRect();
    const x = (event.clientX - frame.left) * canvas.width / frame.width;
    const y = (event.clientY - frame.top) * canvas.height / frame.height;
    if (begins) { context.beginPath(); context.moveTo(x, y); }
    context.lineTo(x, y);
    context.stroke();
  }

  function remove() {
    empty();
    setFile(input, null);
    status.textContent = "";
  }

  canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); line(event, true); });
  canvas.addEventListener("pointermove", (event) => { if (event.buttons) line(event, false); });
  canvas.addEventListener("pointerup", () => canvas.toBlob((blob) => {
    setFile(input, new File([blob], "drawing.png", { type: "image/png" }));
    status.textContent = "The drawing is the file.";
  }));
  clear.addEventListener("click", remove);
  inverted.addEventListener("change", remove);
  input.addEventListener("change", () => { empty(); status.textContent = ""; });
  empty();
  place.hidden = false;
}

document.querySelectorAll("[data-record]").forEach(addRecorder);
document.querySelectorAll("[data-draw]").forEach(addCanvas);
