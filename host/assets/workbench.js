// The workbench with scripts: sliders beside the numbers, and the result follows as one moves.
"use strict";

const PAUSE_MS = 250;
const form = document.querySelector("[data-workbench]");

/** Sends the numbers and takes the result out of the page that comes back; the last one sent wins. */
let sent = 0;
const tryNumbers = async () => {
  const turn = (sent += 1);
  const answer = await fetch(form.action, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    headers: { Accept: "text/html" },
  });
  // Somebody who is not signed in any more is sent to another page.
  if (answer.redirected || turn !== sent) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const result = page.getElementById("result");
  if (result && turn === sent) document.getElementById("result").replaceWith(result);
};

let timer = 0;
const soon = () => {
  window.clearTimeout(timer);
  timer = window.setTimeout(tryNumbers, PAUSE_MS);
};

for (const number of form.querySelectorAll("input[data-from]")) {
  const slider = document.createElement("input");
  slider.type = "range";
  slider.min = number.dataset.from;
  slider.max = number.dataset.to;
  slider.step = "0.005";
  slider.value = number.value;
  slider.setAttribute("aria-label", `${form.querySelector(`label[for="${number.id}"]`).textContent}, slider`);
  slider.addEventListener("input", () => {
    number.value = slider.value;
    soon();
  });
  number.addEventListener("input", () => {
    slider.value = number.value;
    soon();
  });
  number.after(slider);
}
