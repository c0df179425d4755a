// Comments: sent without leaving the page, and kept in the browser while they are being written.
import { send, fieldsOf, upload, trouble, wordsOf } from "./net.js";
import { extent, showPost } from "./feed.js";
import { answering, keep, restoreAnswers } from "./kept.js";
import { announce, mention } from "./say.js";

const MAX_PHOTOS = 4; // as the server has it (conversation.go)
const MAX_BYTES = 64 * 1024 * 1024; // as the server has it (forms.go)

const WORDS_MS = 1000; // after this long, a wait is put into words
async function answer(form) {
  if (form.dataset.sending) return;
  const text = form.elements.text;
  const photos = form.querySelector("[data-answer-photos]");
  if (!text.value.trim() && !photos.children.length) return text.focus();
  if (form.dataset.preparing) return void (form.querySelector(".answer-state").textContent = "Your photos are still being prepared");
  const state = form.querySelector(".answer-state");
  form.dataset.sending = "yes";
  form.querySelector(".trouble")?.remove();
  const words = setTimeout(() => (state.textContent = "Sending"), WORDS_MS);
  const sent = text.value;
  const reply = await send(form.getAttribute("action") + extent(form.closest("[data-post]")), fieldsOf(form));
  clearTimeout(words);
  state.textContent = "";
  delete form.dataset.sending;
  if (!reply.ok) {
    form.querySelector(".answer-body").prepend(reply.part ?? "");
    return text.focus();
  }
  if (text.value === sent) text.value = "";
  photos.replaceChildren();
  answering(form, "", "");
  form.querySelectorAll("[name=mention]").forEach((field) => field.remove());
  keep(form);
  showPost(reply.part);
  announce("Your comment is there.");
}

/** Turns the form of a post to a comment that is to be answered. */
function turn(link) {
  const form = link.closest("[data-post]").querySelector("[data-answer]");
  answering(form, link.dataset.answers, link.dataset.whom);
  form.elements.text.focus();
  form.scrollIntoView({ block: "nearest" });
  keep(form);
}

/** Sends photos to be prepared, one after the other. */
async function addPhotos(form, files) {
  const list = form.querySelector("[data-answer-photos]");
  const state = form.querySelector(".answer-state");
  const pictures = [...files].filter((file) => file.type.startsWith("image/") || /\.(jpe?g|png|gif|webp|heic)$/i.test(file.name));
  if (list.children.length + pictures.length > MAX_PHOTOS) mention(`A comment has room for ${MAX_PHOTOS} photos.`);
  form.dataset.preparing = "yes";
  for (const file of pictures.slice(0, MAX_PHOTOS - list.children.length)) {
    state.textContent = "Preparing " + file.name;
    const reply = file.size > MAX_BYTES ? { ok: false, part: trouble("", "This picture is larger than 64 MB.") } : await upload("/photos/held", file);
    if (reply.ok) list.append(reply.part.querySelector("[data-held]"));
    else mention(file.name + ": " + (wordsOf(reply.part) || "That did not work."));
  }
  state.textContent = "";
  delete form.dataset.preparing;
  keep(form);
}

export function startAnswers() {
  restoreAnswers();
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-answer]")) return;
    event.preventDefault();
    answer(event.target);
  });
  document.addEventListener("input", (event) => {
    const form = event.target.closest("[data-answer]");
    if (form) keep(form);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-answers]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      turn(link);
    }
    const button = event.target.closest("[data-answer-nobody], [data-held-out]");
    const form = button?.closest("[data-answer]");
    if (!form) return;
    if (button.hasAttribute("data-held-out")) button.closest("li").remove();
    else answering(form, "", "");
    form.elements.text.focus();
    keep(form);
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-answer-pick]")) return;
    addPhotos(event.target.form, event.target.files);
    event.target.value = "";
  });
  document.addEventListener("paste", (event) => {
    const form = event.target.closest?.("[data-answer]");
    if (!form || !event.clipboardData.files.length) return;
    event.preventDefault();
    addPhotos(form, event.clipboardData.files);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.closest("[data-answer], [data-composer]")) {
      event.preventDefault();
      event.target.form.requestSubmit(event.target.form.querySelector("button.primary"));
    }
  });
}
