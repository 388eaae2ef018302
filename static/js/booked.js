// @ts-check
// The page's address names the entry that its form has booked, so that the page says how far it is when it is
// reloaded.

export function show() {
  /** @type {HTMLElement | null} */
  const message = document.querySelector("[data-booked]");
  const address = new URL(location.href);
  const booked = message?.dataset.booked;
  if (!booked || address.searchParams.get("booked") === booked) return;
  address.searchParams.set("booked", booked);
  history.replaceState(history.state, "", address);
}
