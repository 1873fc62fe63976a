// The form that hands an image over: drop, paste, preview, progress. Without this it is a plain form.
"use strict";

for (const form of document.querySelectorAll("[data-upload]")) {
  const most = Number(form.dataset.upload);
  const input = form.querySelector("input[type=file]");
  const preview = form.querySelector("[data-preview]");
  const sent = form.querySelector("[data-sent]");
  const says = form.querySelector("[data-says]");
  const drop = form.querySelector("[data-drop]");
  const button = form.querySelector("button");
  for (const part of form.querySelectorAll("[data-with-script]")) part.hidden = false;

  const choose = (files) => {
    const image = [...files].find((file) => file.type.startsWith("image/")) ?? files[0];
    if (!image) return;
    const carrier = new DataTransfer();
    carrier.items.add(image);
    input.files = carrier.files;
    show();
  };

  const show = () => {
    const [image] = input.files;
    if (preview.src) URL.revokeObjectURL(preview.src);
    preview.hidden = true;
    says.textContent = "";
    if (!image) return;
    if (image.size > most) {
      says.textContent = `The file has ${image.size} bytes; at most ${most} are taken.`;
      return;
    }
    // What the browser cannot show, the server may well examine.
    preview.onload = () => { preview.hidden = false; };
    preview.src = URL.createObjectURL(image);
    says.textContent = `${image.name || "Pasted image"}, ${image.size} bytes.`;
  };

  input.addEventListener("change", show);
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    choose(event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length > 0) choose(event.clipboardData.files);
  });

  const refused = (text) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    const said = page.querySelector("main p");
    return said?.textContent.trim() || "It could not be examined; try again.";
  };

  const over = (text) => {
    button.disabled = false;
    sent.hidden = true;
    says.textContent = text;
  };

  form.addEventListener("submit", async (event) => {
    if (!form.reportValidity()) return;
    event.preventDefault();
    button.disabled = true;
    const body = new FormData(form);
    await keepPicture(input.files[0]);
    sent.hidden = false;
    sent.removeAttribute("value");
    says.textContent = "It is sent.";
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.upload.onprogress = ({ loaded, total }) => { sent.value = loaded / total; };
    request.upload.onload = () => {
      sent.removeAttribute("value");
      says.textContent = "It is examined.";
    };
    request.onerror = () => over("The server cannot be reached; try again.");
    request.onload = () => {
      if (request.status === 200 && request.responseURL) window.location.assign(request.responseURL);
      else over(refused(request.responseText));
    };
    request.send(body);
  });
}
