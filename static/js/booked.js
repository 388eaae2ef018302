// @ts-check
// The page's address names the entry that its form has booked, and the account that it has opened, so that
// the page says so when it is reloaded. After a refusal it names none.

import { find } from "./page.js";

const NAMES = ["booked", "opened"];

export function show() {
  const form = find("entry-form");
  if (!form) return;
  /** @type {HTMLElement | null} */
  const message = form.querySelector("[data-booked]");
  const address = new URL(location.href);
  const query = address.searchParams;
  for (const name of NAMES) {
    const value = message?.dataset[name] ?? "";
    if (value && value !== query.get(name)) query.set(name, value);
    if (!value && query.has(name)) query.delete(name);
  }
  if (address.href !== location.href) history.replaceState(history.state, "", address);
}
