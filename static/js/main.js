// @ts-check
// What the page adds to htmx, by event. All content comes from the server: without these scripts the pages
// work, and show the state at the time they were opened.

import * as announce from "./announce.js";
import * as badge from "./badge.js";
import * as booked from "./booked.js";
import * as feed from "./feed.js";
import * as files from "./files.js";
import * as focus from "./focus.js";
import * as forms from "./forms.js";
import * as hand from "./hand.js";
import * as held from "./held.js";
import * as keys from "./keys.js";
import * as lists from "./lists.js";
import * as places from "./places.js";
import * as reload from "./reload.js";
import * as slide from "./slide.js";
import * as times from "./times.js";

/**
 * @template {keyof DocumentEventMap} E
 * @param {E} name
 * @param {...(event: DocumentEventMap[E]) => void} parts
 */
function on(name, ...parts) {
  const options = { capture: name === "scroll" || name === "toggle", passive: name === "scroll" };
  for (const part of parts) document.addEventListener(name, part, options);
}

on("live:state", badge.show);
on("beat", badge.onBeat, badge.show, reload.onBeat);

on("htmx:before:swap", focus.remember, announce.onSwap, held.onSwap, places.onSwap, slide.remember);
on("htmx:after:swap", lists.trim, slide.play, focus.restore, times.show, badge.show, booked.show);
on("htmx:error", forms.onFailure, booked.show);

on("pointermove", hand.onPointer);
on("pointerdown", hand.onPointer, held.onHand);
on("pointerup", hand.onPointer, held.onHand);
on("pointercancel", hand.onPointer, held.onHand);
on("pointerover", hand.onPointer, held.onHand);
on("pointerout", hand.onPointer, held.onHand);
on("focusin", held.onHand);
on("focusout", held.onHand);
on("selectionchange", held.onHand);
on("scroll", held.onHand);
on("click", held.onClick, feed.show);
on("keydown", keys.onKey, forms.onEscape);
on("toggle", forms.onToggle);
on("dragover", files.onDrag);
on("dragleave", files.onDrag);
on("drop", files.onDrop);
on("change", files.onChange);
on("submit", forms.onSubmit);
addEventListener("pageshow", forms.onShow);

function tick() {
  if (document.hidden) return;
  badge.show();
  times.show();
}

feed.start();
tick();
setInterval(tick, 1000);
