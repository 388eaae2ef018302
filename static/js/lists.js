// @ts-check
// Lists keep the length that they have on a fresh page: the row that changed longest ago is removed.

import { all, positionOf } from "./page.js";
import { replace } from "./places.js";

export function trim() {
  all("[data-most]").forEach(trimOne);
}

/** @param {HTMLElement} list */
function trimOne(list) {
  const rows = all(":scope > [data-position]", list);
  const extra = rows.length - Number(list.dataset.most);
  if (extra <= 0) return;
  const oldest = rows.sort((one, other) => positionOf(one) - positionOf(other));
  replace(list, oldest.slice(0, extra));
  for (const row of oldest.slice(0, extra)) remove(row);
  linkNext(list.dataset.pager, positionOf(oldest[extra]));
}

/** @param {HTMLElement} row */
function remove(row) {
  row.remove();
  /** @type {NodeListOf<HTMLAnchorElement>} */
  const links = document.querySelectorAll(`a[href="#${row.id}"][data-elsewhere]`);
  for (const link of links) link.href = link.dataset.elsewhere ?? link.href;
}

/**
 * The next page begins after the last remaining row.
 * @param {string | undefined} pager
 * @param {number} last
 */
function linkNext(pager, last) {
  /** @type {HTMLAnchorElement | null} */
  const link = document.querySelector(`#${pager} a[data-base]`);
  if (!link) return;
  link.href = `${link.dataset.base}${last}`;
  link.hidden = false;
}
