// @ts-check
// What the page adds to htmx, by event. All content comes from the server: without these scripts the pages
// work, and show the state at the time they were opened.

import * as announce from "./announce.js";
import * as badge from "./badge.js";
import * as feed from "./feed.js";
import * as files from "./files.js";
import * as focus from "./focus.js";
import * as forms from "./forms.js";
import * as keys from "./keys.js";
import * as lists from "./lists.js";
import * as reload from "./reload.js";
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

on("htmx:before:swap", focus.remember, announce.onSwap, feed.onSwap);
on("htmx:after:swap", focus.restore, lists.trim, times.show);
on("htmx:error", forms.onFailure);

on("selectionchange", feed.onReading);
on("scroll", feed.onReading);
on("keydown", keys.onKey, forms.onEscape);
on("toggle", forms.onToggle);
on("dragover", files.onDrag);
on("dragleave", files.onDrag);
on("drop", files.onDrop);
on("change", files.onChange);
on("submit", files.onSubmit);
addEventListener("pageshow", files.onShow);

function tick() {
  if (document.hidden) return;
  badge.show();
  times.show();
}

feed.start();
tick();
setInterval(tick, 1000);
