"""The style of a page: one column that grows, tables that become cards where it is narrow, colours for light and dark."""

CSS = """
:root {
  color-scheme: light dark;
  --paper: #ffffff; --soft: #f5f7f9; --ink: #1d2329; --quiet: #5a6570; --line: #d9dfe5; --blue: #0072b2;
  --c0: #0072b2; --c1: #a35f00; --c2: #007f5f; --c3: #a6437a; --c4: #1f6f9f; --c5: #1d2329;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --soft: #1c2026; --ink: #e7eaed; --quiet: #a0abb6; --line: #353c45; --blue: #6cbcf0;
    --c0: #6cbcf0; --c1: #f0b04f; --c2: #3fcf9f; --c3: #e693c0; --c4: #9ad0f5; --c5: #e7eaed;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
main { max-width: 76rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { margin: 0; font-size: 1.9rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 2.75rem 0 0.75rem; font-size: 1.15rem; }
h3 { margin: 0 0 0.15rem; font-size: 0.95rem; overflow-wrap: anywhere; }
p { margin: 0.35rem 0; max-width: 65ch; }
code, .mono { font: 0.86em/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { overflow-wrap: break-word; }
a { color: inherit; text-decoration-color: var(--quiet); text-underline-offset: 0.2em; }
a:hover, a:focus-visible { text-decoration-color: currentColor; }
.quiet { color: var(--quiet); }
.doc { white-space: pre-line; overflow-wrap: anywhere; unicode-bidi: isolate; color: var(--quiet); font-size: 0.92rem; }
header .doc { font-size: 1rem; color: var(--ink); margin-top: 0.6rem; }
table { width: 100%; border-collapse: collapse; font-size: 0.92rem; }
th { text-align: left; font-weight: 500; color: var(--quiet); font-size: 0.82rem; padding: 0 1rem 0.4rem 0; vertical-align: bottom; }
thead th { border-bottom: 1px solid var(--line); }
td { padding: 0.5rem 1rem 0.5rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td:first-child { min-width: 9rem; max-width: 24rem; }
td:first-child > code { overflow-wrap: anywhere; font-weight: 600; color: var(--ink); }
tr:target td { background: var(--soft); }
td p:last-child { margin-bottom: 0; }
.scroll {
  overflow-x: auto;
  background: linear-gradient(to right, var(--paper) 40%, transparent) left / 3rem 100% no-repeat local,
    linear-gradient(to left, var(--paper) 40%, transparent) right / 3rem 100% no-repeat local,
    linear-gradient(to right, var(--line), transparent) left / 1rem 100% no-repeat scroll,
    linear-gradient(to left, var(--line), transparent) right / 1rem 100% no-repeat scroll;
}
.scroll .fits { max-width: 100%; height: auto; }
.scroll + .scroll { margin-top: 1.5rem; }
figure { margin: 0; }
svg { display: block; font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
svg text { fill: var(--ink); }
svg .small { font-size: 10.5px; fill: var(--quiet); }
.box { fill: var(--soft); stroke: var(--quiet); stroke-width: 1; }
.parameter .box { stroke: var(--blue); stroke-width: 1.6; }
.dim .box, .data .box { stroke-dasharray: 4 3; }
.model .box { stroke-width: 2.4; }
.edge { fill: none; stroke: var(--quiet); stroke-width: 1.1; opacity: 0.75; }
.tip { fill: var(--quiet); }
.maps { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17.5rem), 1fr)); gap: 1.25rem; }
.map { border: 1px solid var(--line); border-radius: 8px; padding: 0.9rem 1rem; min-width: 0; }
.map svg { width: 100%; max-width: 324px; height: auto; margin: 0.5rem 0; }
.map p { font-size: 0.86rem; overflow-wrap: anywhere; }
.frame { fill: none; stroke: var(--line); }
.zero { stroke: var(--line); }
.bound { stroke: var(--quiet); stroke-dasharray: 2 3; }
.curve { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
.thin { stroke-width: 0.9; }
.dot { fill: var(--c1); stroke: var(--paper); stroke-width: 1; }
.c0 { stroke: var(--c0); } .c1 { stroke: var(--c1); } .c2 { stroke: var(--c2); }
.c3 { stroke: var(--c3); } .c4 { stroke: var(--c4); } .c5 { stroke: var(--c5); }
svg text.c0 { fill: var(--c0); stroke: none; } svg text.c1 { fill: var(--c1); stroke: none; }
svg text.c2 { fill: var(--c2); stroke: none; } svg text.c3 { fill: var(--c3); stroke: none; }
svg text.c4 { fill: var(--c4); stroke: none; } svg text.c5 { fill: var(--c5); stroke: none; }
@media (max-width: 46rem) {
  main { padding: 1.25rem 1rem 3rem; }
  h1 { font-size: 1.5rem; }
  code { overflow-wrap: anywhere; }
  table, tbody, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { display: flex; flex-wrap: wrap; column-gap: 1.25rem; border-bottom: 1px solid var(--line); padding: 0.6rem 0; }
  td { border: 0; padding: 0.1rem 0; max-width: 100%; }
  td:nth-child(-n+2) { flex: 1 0 100%; max-width: 100%; }
  td[data-label]::before { content: attr(data-label) " "; color: var(--quiet); font-size: 0.82rem; }
  td:empty { display: none; }
}
@media print { main { max-width: none; padding: 0; } .map { break-inside: avoid; } }
"""
