// Text fields grow with their text. Browsers that know "field-sizing: content" (css/base.css) do it by themselves.

const MOST_ROWS = 24;

function grow(field) {
  field.rows = Number(field.dataset.rows ??= String(field.rows));
  while (field.scrollHeight > field.clientHeight && field.rows < MOST_ROWS) field.rows++;
}

export function startGrowing() {
  if (CSS.supports("field-sizing", "content")) return;
  document.addEventListener("input", (event) => event.target instanceof HTMLTextAreaElement && grow(event.target));
  document.querySelectorAll("textarea").forEach(grow);
}
