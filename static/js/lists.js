// @ts-check
// Lists keep the length that they have on a fresh page: the row that changed longest ago is removed.

import { replace } from "./places.js";

export function trim() {
  /** @type {NodeListOf<HTMLElement>} */
  const lists = document.querySelectorAll("[data-most]");
  lists.forEach(trimOne);
}

/** @param {HTMLElement} list */
function trimOne(list) {
  /** @type {NodeListOf<HTMLElement>} */
  const rows = list.querySelectorAll(":scope > [data-position]");
  const extra = rows.length - Number(list.dataset.most);
  if (extra <= 0) return;
  const oldest = [...rows].sort((one, other) => position(one) - position(other));
  replace(list, oldest.slice(0, extra));
  for (const row of oldest.slice(0, extra)) remove(row);
  linkNext(list.dataset.pager, position(oldest[extra]));
}

/** @param {HTMLElement} row */
function remove(row) {
  row.remove();
  /** @type {NodeListOf<HTMLAnchorElement>} */
  const links = document.querySelectorAll(`a[href="#${row.id}"][data-elsewhere]`);
  for (const link of links) link.href = link.dataset.elsewhere ?? link.href;
}

/** @param {HTMLElement} row */
function position(row) {
  return Number(row.dataset.position);
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
