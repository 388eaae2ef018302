// @ts-check
// A row that is replaced keeps the keyboard's focus.

import { find } from "./page.js";

let focused = "";

export function remember() {
  focused = document.activeElement?.id ?? "";
}

export function restore() {
  if (focused && document.activeElement === document.body) find(focused)?.focus({ preventScroll: true });
}
