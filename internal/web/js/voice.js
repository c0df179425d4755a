// Voice notes: recorded where the browser can, and played.
import { trouble } from "./net.js";
import { announce } from "./say.js";

const BARS = 48;
const KINDS = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];

/**
 * Lets a button record.
 * @param {HTMLButtonElement} button hidden until the browser is known to be able to
 * @param {Element} problems where to say what went wrong
 * @param {(note: {file: File, lasting: number, wave: string}) => void} done
 */
export function startVoice(button, problems, done) {
  if (!navigator.mediaDevices?.getUserMedia || !globalThis.MediaRecorder) return;
  button.hidden = false;
  let recorder = null;
  button.addEventListener("click", async () => {
    if (recorder) return recorder.stop();
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      const words = "The browser did not let this page hear you. Allow the microphone for it, and try again.";
      return problems.replaceChildren(trouble("No microphone", words));
    }
    problems.replaceChildren();
    const kind = KINDS.find((k) => MediaRecorder.isTypeSupported(k));
    const parts = [];
    const began = Date.now();
    recorder = new MediaRecorder(stream, kind ? { mimeType: kind } : {});
    recorder.ondataavailable = (event) => parts.push(event.data);
    recorder.onstop = async () => {
      stream.getTracks().forEach((track) => track.stop());
      const type = (recorder.mimeType || kind || "audio/webm").split(";")[0];
      const lasting = Date.now() - began;
      recorder = null;
      button.classList.remove("recording");
      button.setAttribute("aria-label", "Record a voice note");
      const blob = new Blob(parts, { type });
      if (!blob.size) return;
      const end = type.endsWith("mp4") ? "m4a" : type.endsWith("ogg") ? "ogg" : "webm";
      done({ file: new File([blob], "voice." + end, { type }), lasting, wave: (await loudness(blob)).join(",") });
    };
    recorder.start();
    button.classList.add("recording");
    button.setAttribute("aria-label", "Stop recording");
    announce("Recording");
  });
}

/** How loud a recording is over its time: numbers from 0 to 255. */
async function loudness(blob) {
  const flat = Array(BARS).fill(60);
  try {
    const context = new AudioContext();
    const sound = await context.decodeAudioData(await blob.arrayBuffer());
    await context.close();
    const samples = sound.getChannelData(0);
    const step = Math.max(1, Math.floor(samples.length / BARS));
    const bars = flat.map((_, i) => samples.subarray(i * step, (i + 1) * step).reduce((most, s) => Math.max(most, Math.abs(s)), 0));
    const most = Math.max(...bars, 0.01);
    return bars.map((b) => Math.round((b / most) * 255));
  } catch {
    return flat; // it can be played all the same
  }
}

/** Plays the voice note of a button, or stops it. Another one that plays stops. */
export function play(button) {
  const box = button.closest("[data-voice]");
  const audio = box.querySelector("audio");
  const show = () => {
    box.toggleAttribute("data-playing", !audio.paused);
    button.querySelector("use").setAttribute("href", audio.paused ? "#i-play" : "#i-pause");
  };
  audio.onplay = audio.onpause = audio.onended = show;
  if (!audio.paused) return audio.pause();
  document.querySelectorAll("[data-voice] audio").forEach((other) => other !== audio && other.pause());
  audio.play().catch(show);
}
