/** The page's style: system fonts and colours, light and dark, nothing from elsewhere. */
export const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1c2024, #e8eaed); --soft: light-dark(#5a6169, #a3abb4);
  --paper: light-dark(#fdfdfc, #16181b); --line: light-dark(#dcdfe3, #33383f); --sheet: light-dark(#f3f4f6, #1f2327);
  --bad: light-dark(#b3261e, #ff8a80); --risk: light-dark(#8a3ffc, #d0a9ff); --edit: light-dark(#8a5300, #f2b861);
  --good: light-dark(#17693a, #7dd69b); --link: light-dark(#0b57d0, #8ab4f8); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .5rem; }
a { color: var(--link); }
code, .mono { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: .85em; overflow-wrap: anywhere; }
.meta { color: var(--soft); margin: 0; }
.caution { border-left: .3rem solid var(--bad); background: var(--sheet); padding: .6rem .9rem; margin: 1rem 0; }
.figures { display: flex; flex-wrap: wrap; gap: .5rem 2.25rem; margin: 1.25rem 0; padding: 0; list-style: none; }
.figures b { display: block; font-size: 1.7rem; line-height: 1.15; font-variant-numeric: tabular-nums; }
.wrap { overflow-x: auto; }
table { border-collapse: collapse; }
caption { text-align: left; color: var(--soft); padding: .25rem 0; }
th, td { text-align: left; vertical-align: top; padding: .25rem 1.25rem .25rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 500; }
tbody th { font-weight: 500; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
.group { margin-top: 1.5rem; } .group > summary h2 { display: inline; margin: 0; }
.change { border-bottom: 1px solid var(--line); }
details.change { content-visibility: auto; contain-intrinsic-height: auto 2.2rem; }
summary { cursor: pointer; padding: .35rem 0; }
summary:focus-visible, a:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.change > summary { display: grid; grid-template-columns: .6rem 5.5rem 13rem 1fr auto; gap: 0 1rem; align-items: baseline; }
.change > summary::before { content: "▸" / ""; color: var(--soft); } .change[open] > summary::before { content: "▾" / ""; }
.change > summary .name { overflow-wrap: anywhere; font-weight: 500; }
.change > summary .stack, .change > summary .type { color: var(--soft); }
.change > .body { padding: 0 0 .8rem 8.1rem; }
.op-delete { color: var(--bad); } .op-replace { color: var(--risk); } .op-update { color: var(--edit); } .op-create { color: var(--good); }
.tag { border: 1px solid var(--bad); color: var(--bad); border-radius: .2rem; padding: 0 .35rem; font-size: .8em; font-weight: 400; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; }
@media (max-width: 44rem) { .change > summary { grid-template-columns: .6rem 5.5rem 1fr; }
  .change > summary .name, .change > summary .stack { grid-column: 2 / -1; } .change > .body { padding-left: 0; } }
@media print { details::details-content { content-visibility: visible; display: block; } }
`;
