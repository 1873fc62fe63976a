// Pictures that this browser handed over, kept here alone: the last one, for an hour.
"use strict";

const PICTURES = "assay";
const KEPT_FOR_MS = 3_600_000;

const openPictures = () => new Promise((resolve, reject) => {
  const asked = indexedDB.open(PICTURES, 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("last");
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});

const within = async (mode, act) => {
  const database = await openPictures();
  try {
    return await new Promise((resolve, reject) => {
      const asked = act(database.transaction("last", mode).objectStore("last"));
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  } finally {
    database.close();
  }
};

// A browser that keeps nothing, as in a private window, shows the picture when it is chosen again.
const keepPicture = (file) =>
  within("readwrite", (store) => store.put({ file, at: Date.now() }, "picture")).catch(() => {});

const keptPicture = async () => {
  const kept = await within("readonly", (store) => store.get("picture")).catch(() => undefined);
  if (kept && Date.now() - kept.at < KEPT_FOR_MS) return kept.file;
  if (kept) forgetPictures();
  return undefined;
};

const forgetPictures = () => indexedDB.deleteDatabase(PICTURES);

// Nothing stays behind somebody who signed out.
if (!document.querySelector("meta[name=csrf-token]")) forgetPictures();
