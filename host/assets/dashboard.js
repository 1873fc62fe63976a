// What pages do beyond what they do without scripts. Each part looks for its own attribute.
"use strict";

// The entry of the navigation that is current, where a narrow page shows only some of them.
document.querySelector(".way [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// data-confirm: asks before a form is sent.
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

// data-copy="ID": a button that copies the text of another element.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(source.textContent.trim());
    button.textContent = "Copied";
  });
}

// data-progress="ADDRESS": a <progress> that follows what the address tells, every two seconds.
const EVERY_MS = 2000;

const follow = async (bar) => {
  const answer = await fetch(bar.dataset.progress, { headers: { Accept: "application/json" } });
  // Somebody who is not signed in any more is sent to a page.
  if (!answer.ok || answer.redirected) return;
  const { done, total, text, is_over } = await answer.json();
  bar.max = total;
  bar.value = done;
  bar.textContent = text;
  const words = document.getElementById(bar.dataset.words);
  if (words) words.textContent = text;
  if (!is_over) window.setTimeout(follow, EVERY_MS, bar);
  else if (bar.hasAttribute("data-reload")) window.location.reload();
};

for (const bar of document.querySelectorAll("[data-progress]")) {
  window.setTimeout(follow, EVERY_MS, bar);
}
