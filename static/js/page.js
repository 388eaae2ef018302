// @ts-check
// Elements of the page.

import { noElement } from "./messages.js";

/** @param {string} id */
export function find(id) {
  return document.getElementById(id);
}

/**
 * An element that the page must have.
 * @param {string} id
 */
export function get(id) {
  const element = find(id);
  if (!element) throw new Error(noElement(id));
  return element;
}

/**
 * The positions of the rows in `parent`.
 * @param {ParentNode} parent
 */
export function positions(parent) {
  /** @type {NodeListOf<HTMLElement>} */
  const rows = parent.querySelectorAll("[data-position]");
  return [...rows].map((row) => Number(row.dataset.position));
}
