// @ts-check
// Elements of the page.

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
  if (!element) throw new Error(`The page has no element #${id}.`);
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

/**
 * @param {number} count
 * @param {boolean} isMore Whether there may be more than that.
 */
export function newEntries(count, isMore = false) {
  const entries = count === 1 && !isMore ? "entry" : "entries";
  return `${count}${isMore ? " or more" : ""} new ${entries}`;
}
