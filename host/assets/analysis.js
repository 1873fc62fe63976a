// The picture under heatmap and regions, from this browser's own file; nothing is sent.
"use strict";

const RESIDUAL_GAIN = 8;

const hexadecimal = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// Draws each pixel less the mean of the nine around and at it.
const drawResidual = (canvas, picture) => {
  const side = Math.min(512, picture.naturalWidth, picture.naturalHeight);
  const left = Math.floor((picture.naturalWidth - side) / 2);
  const top = Math.floor((picture.naturalHeight - side) / 2);
  canvas.width = side;
  canvas.height = side;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(picture, left, top, side, side, 0, 0, side, side);
  const seen = context.getImageData(0, 0, side, side);
  const drawn = context.createImageData(side, side);
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      for (let channel = 0; channel < 3; channel += 1) {
        let sum = 0;
        for (let dy = -1; dy <= 1; dy += 1) {
          for (let dx = -1; dx <= 1; dx += 1) {
            const row = Math.min(side - 1, Math.max(0, y + dy));
            const column = Math.min(side - 1, Math.max(0, x + dx));
            sum += seen.data[4 * (row * side + column) + channel];
          }
        }
        const at = 4 * (y * side + x) + channel;
        drawn.data[at] = 128 + RESIDUAL_GAIN * (seen.data[at] - sum / 9);
      }
      drawn.data[4 * (y * side + x) + 3] = 255;
    }
  }
  context.putImageData(drawn, 0, 0);
};

for (const part of document.querySelectorAll("[data-picture]")) {
  const says = part.querySelector("[data-says]");
  const photo = part.querySelector("[data-photo]");
  const residual = part.querySelector("[data-residual]");
  const choose = part.querySelector("[data-choose]");
  for (const hidden of part.querySelectorAll("[data-with-script]")) hidden.hidden = false;

  const show = async (file) => {
    if (!photo) return false;
    if (!window.crypto.subtle) {
      says.textContent = "Browsers compare files only over HTTPS or on this machine; the picture cannot be shown here.";
      return false;
    }
    const digest = hexadecimal(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    if (digest !== part.dataset.picture) return false;
    const address = URL.createObjectURL(file);
    const picture = new Image();
    picture.src = address;
    try {
      await picture.decode();
    } catch {
      says.textContent = "It is the picture, but this browser cannot show files of its format.";
      return true;
    }
    photo.setAttribute("href", address);
    photo.dataset.shown = "";
    choose.hidden = true;
    says.textContent = "";
    drawResidual(residual.querySelector("canvas"), picture);
    residual.hidden = false;
    return true;
  };

  part.querySelector("[data-same]")?.addEventListener("change", async (event) => {
    const [file] = event.target.files;
    says.textContent = "";
    if (!file || (await show(file)) || says.textContent) return;
    says.textContent = "This is another file: its SHA-256 is not the one that was examined.";
  });
  const heat = part.querySelector("[data-heat]");
  part.querySelector("[data-opacity]")?.addEventListener("input", (event) => {
    heat.setAttribute("opacity", event.target.value / 100);
  });
  const marks = part.querySelector("[data-marks]");
  part.querySelector("[data-show-marks]")?.addEventListener("change", (event) => {
    marks.setAttribute("visibility", event.target.checked ? "visible" : "hidden");
  });
  keptPicture().then((file) => file && show(file));
}
