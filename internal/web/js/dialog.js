// Questions that want an answer first, in a dialog instead of on a page of their own.
import { get, send, fieldsOf, wordsOf } from "./net.js";
import { removePost, refreshPost } from "./feed.js";
import { mention } from "./say.js";

async function open(link) {
  const reply = await get(link.href);
  const form = reply.part?.querySelector("[data-confirmation]");
  if (!reply.ok || !form) return location.assign(link.href);
  document.querySelector("dialog.dialog")?.remove(); // clicked twice
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", "confirm-question");
  dialog.append(form);
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-no]")) {
      event.preventDefault();
      dialog.close();
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    confirm(dialog, form, event.submitter);
  });
  dialog.showModal();
  form.querySelector("[data-no]").focus(); // the answer that changes nothing
}

async function confirm(dialog, form, button) {
  const fields = fieldsOf(form, button); // a disabled button would not be among them
  button.disabled = true;
  // Looked up now: the stream may tell of the deletion before the answer is here.
  const gone = form.dataset.gone && document.getElementById(form.dataset.gone);
  const post = gone && gone.closest("[data-post]").dataset.post;
  const leaves = !gone || gone.parentElement.hasAttribute("data-single");
  const reply = await send(form.getAttribute("action"), fields);
  if (!reply.ok) {
    button.disabled = false;
    form.querySelector("[data-confirm-trouble]").replaceChildren(reply.part ?? "");
    return;
  }
  if (leaves) return location.assign(reply.go);
  dialog.close();
  mention(wordsOf(reply.part));
  if (gone.dataset.post) {
    const next = gone.nextElementSibling;
    removePost(post);
    next?.focus({ preventScroll: true });
  } else {
    await refreshPost(post);
  }
}

export function startDialogs() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(link);
  });
}
