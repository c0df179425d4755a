// Small forms that are sent without leaving the page: reactions, answers at the door, and the like.
import { send, fieldsOf, wordsOf } from "./net.js";
import { extent, showPost } from "./feed.js";
import { refreshRegions } from "./live.js";
import { mention } from "./say.js";

async function submit(form, button) {
  if (form.dataset.sending) return;
  form.dataset.sending = "yes";
  const post = form.closest("[data-post]");
  const reply = await send(form.getAttribute("action") + (post ? extent(post) : ""), fieldsOf(form, button));
  delete form.dataset.sending;
  if (!reply.ok) return mention(wordsOf(reply.part) || "That did not work. Please try again.");
  const menu = form.closest("details[data-menu]");
  if (menu?.open) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  if (reply.part?.querySelector("[data-post]")) return showPost(reply.part);
  if (wordsOf(reply.part)) mention(wordsOf(reply.part));
  refreshRegions();
}

/** Says what is happening when a page takes its time. */
function busy(form) {
  const words = form.querySelector("[data-busy-words]");
  setTimeout(() => words && (words.textContent = form.dataset.busy + " …"), 400);
}

export function startForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-part]")) {
      event.preventDefault();
      submit(form, event.submitter);
    } else if (form.matches("[data-busy]")) {
      if (form.dataset.sending) event.preventDefault();
      form.dataset.sending = "yes";
      busy(form);
    }
  });
  // Coming back by the back button, a form can be sent again.
  addEventListener("pageshow", () => document.querySelectorAll("[data-busy][data-sending]").forEach((form) => delete form.dataset.sending));

  // Menus close when one clicks elsewhere or presses Escape.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      menu.open = false;
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    }
  });
}
