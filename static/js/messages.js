// @ts-check
// What the scripts say: the list to review when wording changes. The words of the page itself come from its
// data attributes.

/**
 * @param {number} count
 * @param {{ one?: string, many?: string }} names What the rows are.
 */
export function newRows(count, { one = "row", many = "rows" } = {}) {
  return `${count} new ${count === 1 ? one : many}`;
}

/**
 * @param {number} count There may be more than that.
 * @param {{ many?: string }} names
 */
export function newRowsOrMore(count, { many = "rows" } = {}) {
  return `${count} or more new ${many}`;
}

export const CHANGED = "The list has changed";

/** @param {string | number} count */
export function days(count) {
  return `${count} d`;
}

/** @param {string | number} count */
export function hours(count) {
  return `${count} h`;
}

/** @param {string | number} count */
export function minutes(count) {
  return `${count} min`;
}

/** @param {string | number} count */
export function seconds(count) {
  return `${count} s`;
}

/** @param {string} time For example `seconds(5)`. */
export function ago(time) {
  return `${time} ago`;
}

export const JUST_NOW = "just now";

export const SENDING = "Sending…";

/** @param {string} time */
export function inUtc(time) {
  return `${time} UTC`;
}

/**
 * For developers.
 * @param {string} id
 */
export function noElement(id) {
  return `The page has no element #${id}.`;
}
