"""The style of the page, and its script."""

STYLE = """<style>
.html-container { padding: 0 !important }
.board-room { --board-person: #2a6fdb; --board-plexus: #cb6d0d }
.board-status { display: flex; flex-wrap: wrap; gap: 2px 16px; justify-content: space-between; font-size: 16px;
  min-height: 26px }
.board-who { font-size: 14px }
.board-who .board-name-person { color: #2a6fdb } .board-who .board-name-plexus { color: #b55c00 }
.dark .board-who .board-name-person { color: #7fb0ff } .dark .board-who .board-name-plexus { color: #f0a052 }
.board-alert { color: #b3261e; font-size: 15px; min-height: 24px; line-height: 1.5 }
.dark .board-alert { color: #ff9d94 }
.board-svg { display: block; width: 100%; height: auto; margin: 0 auto; touch-action: manipulation; user-select: none }
.board-panel { fill: var(--background-fill-secondary); stroke: var(--border-color-primary); stroke-width: 2 }
.board-shape { fill: transparent; stroke: var(--board-grid-line); stroke-width: 1.5 }
.board-svg { --board-grid-line: #8f99a8 } .dark .board-svg { --board-grid-line: #64748b }
.board-columns .board-panel { fill: #dde3ec } .dark .board-columns .board-panel { fill: #334155 }
.board-columns .board-shape, .board-points .board-shape { stroke: none }
.board-hole { fill: var(--background-fill-primary); stroke: var(--board-grid-line); stroke-width: 1.5 }
.board-points .board-panel { fill: #e3bd7c; stroke: none } .board-discs .board-panel { fill: #2e8b57; stroke: none }
.board-discs .board-shape { stroke: #1d5c39 }
.board-lines { stroke: #5b4520; stroke-width: 1.5; fill: none } .board-star { fill: #5b4520 }
.board-hexagons .board-shape { fill: var(--background-fill-secondary) }
.board-edge { fill: none; stroke-width: 9; stroke-linejoin: round; stroke-linecap: round }
.board-edge.board-person { stroke: #2a6fdb } .board-edge.board-plexus { stroke: #cb6d0d }
.board-stone.board-person { fill: #2a6fdb } .board-stone.board-plexus { fill: #cb6d0d }
.board-stone.board-black { fill: #15181d; stroke: #15181d } .board-stone.board-white { fill: #fdfdfb; stroke: #555 }
.board-stone { stroke: none } .board-ring { fill: none; stroke: #fff; stroke-opacity: .65; stroke-width: 3 }
.board-mark { fill: none; stroke-width: 8; stroke-linecap: round }
.board-mark.board-person { stroke: #2a6fdb } .board-mark.board-plexus { stroke: #cb6d0d }
.dark .board-mark.board-person { stroke: #5b97f5 } .dark .board-mark.board-plexus { stroke: #e58a2c }
.board-playable { cursor: pointer; outline: none !important }
.board-ghost { opacity: 0; pointer-events: none }
.board-playable:hover .board-ghost, .board-playable:focus-visible .board-ghost { opacity: .45 }
.board-playable:focus-visible .board-shape { stroke: #2a6fdb; stroke-width: 5 }
.dark .board-playable:focus-visible .board-shape { stroke: #8ab8ff }
.board-columns .board-playable:hover .board-shape { fill: #2a6fdb; fill-opacity: .1 }
.board-last { fill: none; stroke: currentColor; stroke-width: 2; stroke-dasharray: 3 5; opacity: .7;
  pointer-events: none }
.board-dot { fill: #fff; stroke: #15181d; stroke-width: 2; pointer-events: none }
.board-win { fill: none; stroke: currentColor; stroke-width: 6; stroke-linecap: round; opacity: .75;
  pointer-events: none }
.board-hint { fill: none; stroke: #1f8a50; stroke-width: 5; stroke-dasharray: 9 6; pointer-events: none }
.dark .board-hint { stroke: #4ccb87 }
.board-points .board-hint { stroke: #b3124f } .board-discs .board-hint { stroke: #ffe14d }
.board-legal { fill: #fff; opacity: .45 }
.board-name { text-anchor: middle; fill: currentColor; opacity: .75; font-family: inherit }
.board-text { font: 15px/1.35 monospace; overflow-x: auto; padding: 12px; border-radius: 8px; margin: 0;
  border: 1px solid var(--border-color-primary); background: var(--background-fill-secondary) }
.board-move-list { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 10px; max-height: 260px; overflow-y: auto;
  padding: 3px }
button.board-move { margin: 0 !important; min-height: 40px; min-width: 44px; padding: 6px 12px; border-radius: 6px;
  font-size: 15px;
  border: 1px solid var(--board-border, #64748b); background: var(--button-secondary-background-fill);
  color: inherit; cursor: pointer }
.board-best { outline: 3px dashed #1f8a50; outline-offset: -1px }
.board-note { padding: 12px; border: 1px dashed var(--border-color-primary); border-radius: 6px; font-size: 14px }
.board-caption { font-size: 14px; opacity: .9; margin-bottom: 4px }
.board-chart { display: block; width: 100%; max-width: 480px; height: auto }
.board-area-win { fill: #2a6fdb; background: #2a6fdb } .board-area-draw { fill: #b9c0cb; background: #b9c0cb }
.board-area-loss { fill: #cb6d0d; background: #cb6d0d }
.dark .board-area-draw { fill: #64748b; background: #64748b }
polygon[class^="board-area"] { opacity: .8 }
.board-line { fill: none; stroke: currentColor; stroke-width: 2 }
.board-axis { stroke: currentColor; stroke-opacity: .4; stroke-width: 1; fill: none }
.board-tick { font-size: 14px; fill: currentColor; font-family: inherit }
.board-mistake { fill: #c8372d; stroke: #fff; stroke-width: 2 }
.board-legend { display: flex; flex-wrap: wrap; gap: 4px 14px; font-size: 14px; margin-top: 2px }
.board-legend > span { white-space: nowrap }
.board-key { display: inline-block; width: 14px; height: 14px; border-radius: 3px; vertical-align: -2px }
.board-key-round { border-radius: 50%; background: #c8372d }
.board-room-search table { width: 100%; display: table; margin: 0; border-collapse: collapse; font-size: 14px;
  font-variant-numeric: tabular-nums }
.board-room-search :is(table, thead, tbody, tr) { border: 0 !important; background: none !important }
.board-room-search :is(th, td) { padding: 4px 0 4px 8px !important; border: 0 !important; text-align: right !important;
  white-space: nowrap; font-weight: 400 }
.board-room-search thead th { border-bottom: 1px solid var(--border-color-primary) !important; font-weight: 600 }
.board-room-search th:first-child { text-align: left !important; padding-left: 0 !important }
.board-room-search tbody th { font-weight: 600 }
.board-room-search .board-wide { width: 50%; text-align: left !important }
.board-bar-box { display: inline-block; width: calc(100% - 50px); height: 12px; margin-right: 6px; border-radius: 3px;
  background: var(--border-color-primary); vertical-align: -1px; overflow: hidden }
.board-bar { display: block; height: 100%; background: #2a6fdb }
.board-proven { color: #1f8a50; font-weight: 700 } .dark .board-proven { color: #4ccb87 }
.board-variation { font-size: 14px; margin-top: 10px; line-height: 2 }
.board-chip { display: inline-block; padding: 0 8px; margin-right: 4px; border-radius: 10px; color: #fff !important;
  line-height: 22px }
.board-chip-move { background: #56606e } .board-chip-person { background: #2a6fdb }
.board-chip-plexus { background: #a85500 }
.board-words { font-size: 14px; margin: 8px 0 0 !important; padding-left: 20px !important; list-style: disc !important }
.board-words li { margin: 0 0 4px !important; line-height: 1.45 }
.board-buttons { flex-direction: row !important; flex-wrap: nowrap !important }
.board-buttons button { min-width: 0 !important; flex: 1 1 auto; padding: 8px 10px; white-space: nowrap }
.board-moves { font-size: 14px; overflow-wrap: anywhere }
</style>"""

SCRIPT = """
const playable = () => [...element.querySelectorAll('.board-playable, .board-move')];
const place = item => (item.dataset.place || '0,0').split(',').map(Number);
let focused = null;
const play = (item, byKey) => {
  const room = element.querySelector('.board-room'), number = Number(room.dataset.number);
  if ('searching' in room.dataset) return;
  focused = byKey ? place(item) : null;
  trigger('submit', {number, place: item.dataset.place || '', move: item.dataset.move || ''});
};
const move = (item, down, right) => {
  const [row, column] = place(item);
  const next = playable().map(other => {
    const [y, x] = place(other), along = (y - row) * down + (x - column) * right;
    const across = Math.abs((y - row) * right) + Math.abs((x - column) * down);
    return [along > 0 ? along + 3 * across : Infinity, other];
  }).sort((a, b) => a[0] - b[0])[0];
  if (next && next[0] < Infinity) next[1].focus();
};
element.addEventListener('click', event => {
  const item = event.target.closest('[data-place], [data-move]');
  if (item && event.detail < 2) play(item, event.detail === 0);
});
element.addEventListener('keydown', event => {
  const item = event.target.closest('.board-playable');
  if (!item) return;
  const step = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key];
  if (step) { event.preventDefault(); move(item, ...step); }
  else if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); if (!event.repeat) play(item, true); }
});
// After a move by the keyboard the focus goes to the playable cell that is closest to the last one.
new MutationObserver(() => {
  const items = playable();
  const active = document.activeElement;
  const isFree = active === document.body || (element.contains(active) && !items.includes(active));
  if (!focused || !items.length || !isFree) return;
  const distance = item => Math.hypot(place(item)[0] - focused[0], place(item)[1] - focused[1]);
  items.sort((a, b) => distance(a) - distance(b))[0].focus();
}).observe(element, {childList: true, subtree: true, attributes: true});
"""
"""Plays the cell that is clicked, or on which Enter or the space bar is pressed; the arrow keys go to other cells."""
