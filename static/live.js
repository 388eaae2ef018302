// What htmx leaves to the page: the badge, the half-open connection, reading in peace, keys. Everything that is shown comes
// from the server; without this file the pages work, and are as of when they were opened.
(() => {
  "use strict";

  const OVERDUE = 25_000; // ms without a word, two heartbeats and a half: the connection is dead, whatever TCP says
  const ANNOUNCE = 15_000; // ms between two summaries for screen readers
  const byId = (id) => document.getElementById(id);
  const live = () => byId("live");

  // The badge tells the truth about two things: the connection, and what the server says of the read models.

  const STATES = {
    live: "Live", behind: "Catching up", rebuilding: "Rebuilding", stale: "Stale",
    connecting: "Connecting", reconnecting: "Reconnecting", offline: "Offline",
  };
  let connected = false;
  let server = "live";
  let last = null; // when the newest event was recorded, by this machine's clock
  let skew = 0; // the server's clock minus ours, ms
  let heard = Date.now();
  let connection = null;

  function showBadge() {
    const badge = byId("badge");
    if (!badge || !live()) return;
    const lost = navigator.onLine ? (connection ? "reconnecting" : "connecting") : "offline";
    const state = connected ? server : lost;
    if (badge.dataset.state !== state) {
      badge.dataset.state = document.body.dataset.state = state;
      badge.querySelector(".state").textContent = STATES[state] ?? state;
    }
    badge.querySelector(".age").textContent = last === null ? "" : ago(Date.now() - last, true);
  }

  function ago(ms, exact) {
    const s = Math.max(0, ms / 1000);
    if (exact && s < 10) return `${s.toFixed(1)} s ago`;
    if (!exact && s < 2) return "just now";
    const [n, unit] = s < 60 ? [s, "s"] : s < 3600 ? [s / 60, "min"] : s < 86400 ? [s / 3600, "h"] : [s / 86400, "d"];
    return `${Math.floor(n)} ${unit}${exact ? " ago" : ""}`;
  }

  function showTimes() {
    const now = Date.now() + skew;
    for (const time of document.querySelectorAll("time[data-ago]")) {
      time.title ||= time.dateTime.replace("T", " ").replace("Z", " UTC");
      const text = ago(now - Date.parse(time.dateTime), false);
      if (time.textContent !== text) time.textContent = text;
    }
  }

  function onBeat(event) {
    const beat = JSON.parse(event.detail.data);
    skew = beat.now / 1e4 - Date.now();
    last = beat.last === null ? last : Math.max(last ?? 0, beat.last / 1e4 - skew);
    server = beat.state;
    showBadge();
  }

  // htmx reconnects by itself, but does not see a connection that is only half there.

  function onConnection(event) {
    if (connection) readAnew();
    connection = event.detail.connection;
    connected = true;
    heard = Date.now();
    showBadge();
  }

  function onLost() {
    connected = false;
    showBadge();
  }

  function connectAnew() {
    heard = Date.now();
    onLost();
    connection?.reader?.cancel();
    connection?.delayCanceller?.();
  }

  function watch() {
    if (connected && Date.now() - heard > OVERDUE && !document.hidden) connectAnew();
    if (!document.hidden) {
      showBadge();
      showTimes();
    }
  }

  // A filtered list asks for itself anew when told of changes: an answer that was lost is asked for again.

  const AGAIN = 2000; // ms

  function readAnew() {
    live()?.dispatchEvent(new Event("resync"));
  }

  function onAnswered(event) {
    const { ctx } = event.detail;
    if (ctx.sourceElement?.id === "accounts-part" && !ctx.response?.raw?.ok) setTimeout(readAnew, AGAIN);
  }

  // The book of original entry waits while one reads: what arrives is kept aside and put in place afterwards.

  let paused = ""; // "" | "hand" | "reading"
  let newest = 0;
  let held = [];

  const isFeed = (data) => data.includes('hx-target="#feed"');
  const isWhole = (data) => data.startsWith("<hx-partial");
  const positions = (data) => [...data.matchAll(/data-position="(\d+)"/g)].map((found) => Number(found[1]));
  const grouped = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, "\u2009");
  const shown = () => [...(byId("feed")?.children ?? [])].map((item) => Number(item.dataset.position ?? 0));

  function hold(data) {
    held = isWhole(data) ? [data] : [...held, data];
    while (held.length > 31) held.splice(isWhole(held[0]) ? 1 : 0, 1);
    showPause();
  }

  function showPause() {
    const bar = byId("feed-bar");
    if (!bar) return;
    const fresh = new Set(held.flatMap(positions).filter((position) => position > newest)).size;
    const more = held.length > 0 && isWhole(held[0]) && Math.min(...positions(held[0])) > newest;
    const pill = byId("feed-pill");
    bar.toggleAttribute("data-paused", paused !== "");
    byId("feed-state").textContent = paused ? `Paused at #${grouped(newest)}` : "Newest first";
    pill.hidden = fresh === 0;
    pill.textContent = `${fresh}${more ? " or more" : ""} new ${fresh === 1 ? "entry" : "entries"}`;
    const button = byId("pause");
    button.setAttribute("aria-pressed", String(paused === "hand"));
    button.firstElementChild.textContent = paused === "hand" ? "Go on" : "Pause";
  }

  function pause(why) {
    if (paused === "hand" || paused === why || !byId("feed")) return;
    if (!paused) newest = Math.max(0, ...shown());
    paused = why;
    showPause();
  }

  async function goOn() {
    if (!paused) return;
    paused = "";
    const waiting = held;
    held = [];
    showPause();
    for (const text of waiting) await window.htmx.swap({ text, sourceElement: live(), target: live(), swap: "none" });
    tidy();
  }

  function reading() {
    const box = byId("feed-scroll");
    if (!box) return false;
    const chosen = getSelection();
    const selecting = chosen && !chosen.isCollapsed && box.contains(chosen.anchorNode);
    const top = box.getBoundingClientRect();
    const scrolledPast = top.top < 0 && top.bottom > 80;
    return selecting || box.scrollTop > 4 || scrolledPast;
  }

  function onReading() {
    if (reading()) pause("reading");
    else if (paused === "reading") goOn();
  }

  // Lists stay as long as a fresh page has them; what leaves is what changed longest ago.

  function tidy() {
    for (const list of document.querySelectorAll("[data-most]")) {
      const rows = [...list.children].filter((row) => row.dataset.position);
      const extra = rows.length - Number(list.dataset.most);
      if (extra <= 0) continue;
      rows.sort((a, b) => a.dataset.position - b.dataset.position);
      for (const row of rows.slice(0, extra)) row.remove();
      const further = document.querySelector(`#${list.dataset.pager ?? "none"} a[rel="next"]`);
      if (further) {
        further.href = further.dataset.base + rows[extra].dataset.position;
        further.hidden = false;
      }
    }
  }

  // A row that is replaced keeps the keyboard's focus.

  let focused = "";
  const keepFocus = () => { focused = document.activeElement?.id ?? ""; };
  function giveFocus() {
    if (focused && document.activeElement === document.body) byId(focused)?.focus({ preventScroll: true });
  }

  // One summary for screen readers, now and then, instead of every row.

  let arrived = 0;
  let summary = null;
  function announce(count) {
    arrived += count;
    if (!arrived || summary) return;
    summary = setTimeout(() => {
      byId("said").textContent = `${arrived} new ${arrived === 1 ? "entry" : "entries"}`;
      arrived = 0;
      summary = null;
    }, ANNOUNCE);
  }

  function onMessage(event) {
    const { message } = event.detail;
    heard = Date.now();
    connected = true;
    if (message.event) return;
    if (isFeed(message.data)) {
      announce(isWhole(message.data) ? 0 : positions(message.data).length);
      if (paused) {
        event.detail.cancelled = true;
        hold(message.data);
      }
    }
    keepFocus();
  }

  function onSwapped() {
    giveFocus();
    tidy();
    showTimes();
  }

  // Keys.

  let awaited = 0;
  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, select, textarea, [contenteditable]")) return;
    const went = event.key === "a" && Date.now() - awaited < 1000;
    awaited = event.key === "g" ? Date.now() : 0;
    if (went) return location.assign("/");
    const actions = {
      "/": () => document.querySelector("[data-search]")?.focus(),
      "?": () => byId("help")?.showModal(),
      p: togglePause,
      j: () => step(1),
      k: () => step(-1),
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  }

  function togglePause() {
    if (paused === "hand") goOn();
    else pause("hand");
  }

  function step(by) {
    const rows = [...document.querySelectorAll("[data-rows] tr[data-position]")];
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const row = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
    const inside = row?.querySelector("a") ?? row;
    if (inside === row) row?.setAttribute("tabindex", "-1");
    inside?.focus();
    row?.scrollIntoView({ block: "nearest" });
  }

  function opens(event) {
    const opener = event.target.closest?.("[data-opens]");
    if (!opener) return;
    event.preventDefault();
    const panel = byId(opener.dataset.opens);
    show(panel, opener, panel.hidden);
    if (!panel.hidden) panel.querySelector("input:not([type=hidden])")?.focus();
  }

  function show(panel, opener, shown) {
    panel.hidden = !shown;
    opener.setAttribute("aria-expanded", String(shown));
  }

  function onEscape(event) {
    const panel = event.key === "Escape" && event.target.closest?.(".panel[id]");
    const opener = panel && document.querySelector(`[data-opens="${panel.id}"]`);
    if (!opener) return;
    show(panel, opener, false);
    opener.focus();
  }

  function onFailure(event) {
    const form = event.detail.ctx?.sourceElement?.closest?.("form.entry");
    if (!form) return;
    const note = document.createElement("p");
    note.className = "error";
    note.textContent = "No answer came. Send it again: nothing is booked twice.";
    form.querySelector(".message").replaceChildren(note);
  }

  document.addEventListener("htmx:sse:before:connection", showBadge);
  document.addEventListener("htmx:sse:after:connection", onConnection);
  document.addEventListener("htmx:sse:error", onLost);
  document.addEventListener("htmx:sse:close", onLost);
  document.addEventListener("htmx:sse:before:message", onMessage);
  document.addEventListener("htmx:after:swap", onSwapped);
  document.addEventListener("htmx:error", onFailure);
  document.addEventListener("htmx:finally:request", onAnswered);
  document.addEventListener("beat", onBeat);
  document.addEventListener("keydown", onKey);
  document.addEventListener("keydown", onEscape);
  document.addEventListener("click", opens);
  document.addEventListener("selectionchange", onReading);
  document.addEventListener("scroll", onReading, { capture: true, passive: true });
  document.addEventListener("visibilitychange", () => { if (document.hidden) onLost(); });
  addEventListener("offline", onLost);
  addEventListener("online", connectAnew);
  document.addEventListener("DOMContentLoaded", () => {
    const button = byId("pause");
    if (button) {
      button.hidden = false;
      button.addEventListener("click", togglePause);
      byId("feed-pill").addEventListener("click", () => {
        byId("feed-scroll").scrollTop = 0;
        goOn();
      });
    }
    for (const opener of document.querySelectorAll("[data-opens]")) {
      const panel = byId(opener.dataset.opens);
      show(panel, opener, !panel.hidden);
    }
    showBadge();
    showTimes();
    setInterval(watch, 1000);
  });
})();
