// @ts-check
// For developers (`up --reload`): a page of an earlier web process reloads.

import { find } from "./page.js";

/** @param {DocumentEventMap["beat"]} event */
export function onBeat(event) {
  const own = find("live")?.dataset.reload;
  const current = JSON.parse(event.detail.data).reload;
  if (own && current && own !== current) location.reload();
}
