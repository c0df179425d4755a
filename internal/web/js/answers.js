// Comments: sent without leaving the page, and kept in the browser while they are being written.
import { send, fieldsOf } from "./net.js";
import { extent, showPost } from "./feed.js";
import { keep, restoreAnswers } from "./kept.js";
import { announce } from "./say.js";

const WORDS_MS = 1000; // after this long, a wait is put into words
async function answer(form) {
  if (form.dataset.sending) return;
  const text = form.elements.text;
  if (!text.value.trim()) return text.focus();
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
  keep(form);
  showPost(reply.part);
  announce("Your comment is there.");
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
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.closest("[data-answer], [data-composer]")) {
      event.preventDefault();
      event.target.form.requestSubmit(event.target.form.querySelector("button.primary"));
    }
  });
}
