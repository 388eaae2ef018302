// @ts-check
// Keys. _help.html lists them.

import { toggle } from "./feed.js";
import { all, find } from "./page.js";

const GOES = 1000; // ms after "g" in which the next key names the page to go to

/** @type {Record<string, string>} */
const PAGES = { a: "/", f: "/feed", t: "/transfers", i: "/import" };

/** @type {Record<string, () => void>} */
const ACTIONS = {
  "/": search,
  "?": help,
  p: toggle,
  j: () => step(1),
  k: () => step(-1),
};

let went = 0; // when "g" was pressed

/** @param {KeyboardEvent} event */
export function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const page = Date.now() - went < GOES ? PAGES[event.key] : undefined;
  went = event.key === "g" ? Date.now() : 0;
  if (page) return location.assign(page);
  if (!Object.hasOwn(ACTIONS, event.key)) return;
  event.preventDefault();
  ACTIONS[event.key]();
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  return target instanceof Element && target.closest("input, select, textarea, [contenteditable]") !== null;
}

function search() {
  /** @type {HTMLElement | null} */
  const box = document.querySelector("[data-search]");
  box?.focus();
}

function help() {
  const dialog = find("help");
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
}

/** @param {1 | -1} by */
function step(by) {
  const rows = all("[data-rows] > :not(.empty)");
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
  if (!row) return;
  const link = row.querySelector("a");
  if (!link) row.tabIndex = -1;
  (link ?? row).focus();
  row.scrollIntoView({ block: "nearest" });
}
