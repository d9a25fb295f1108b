// How pages look: light and dark, on a telephone and on paper. Colour is never the only carrier of meaning.

const light = `
  --ground: #ffffff; --raised: #f6f8fa; --ink: #1f2328; --quiet: #57606a; --rim: #d0d7de;
  --good: #1a7f37; --caution: #8a5d00; --bad: #c0202a; --info: #0860ca;
  --good-wash: #e6f6ea; --caution-wash: #fff6d8; --bad-wash: #ffebe9; --info-wash: #e3f1ff;
  --loud: #b3202a; --on-loud: #ffffff;`;

const dark = `
  --ground: #0d1117; --raised: #161b22; --ink: #e6edf3; --quiet: #9aa4af; --rim: #3d444d;
  --good: #4cc764; --caution: #e0ab3c; --bad: #ff8078; --info: #6cb0ff;
  --good-wash: #10261a; --caution-wash: #2b2211; --bad-wash: #351718; --info-wash: #122643;
  --loud: #b3202a; --on-loud: #ffffff;`;

const frame = `
:root { color-scheme: light; ${light} }
@media screen and (prefers-color-scheme: dark) { :root { color-scheme: dark; ${dark} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', 'Open Sans', Roboto, Helvetica, Arial, sans-serif;
  overflow-wrap: anywhere; -webkit-text-size-adjust: 100%; }
main { max-width: 74rem; margin: 0 auto; padding: 2rem 1.25rem 3rem; }
h1 { font-size: 1rem; font-weight: 600; letter-spacing: .02em; color: var(--quiet); margin: 0; }
.lead { font-size: clamp(1.4rem, 1.1rem + 1.5vw, 1.9rem); line-height: 1.25; font-weight: 650; margin: .15rem 0 1rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; padding-bottom: .35rem; border-bottom: 1px solid var(--rim); }
h3 { font-size: 1rem; margin: 0 0 .4rem; line-height: 1.6; }
p { margin: .4rem 0; }
small, .note { color: var(--quiet); font-size: .875rem; font-weight: 400; }
a { color: var(--info); }
:target { outline: 2px solid var(--info); outline-offset: 3px; }
:focus-visible { outline: 2px solid var(--info); outline-offset: 2px; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace; font-size: .86em;
  unicode-bidi: isolate; }
pre { white-space: pre-wrap; margin: .5rem 0; padding: .6rem .75rem; background: var(--raised); border-radius: 6px; }
pre code { font-size: 1em; }
summary { cursor: pointer; color: var(--quiet); font-size: .875rem; padding: .15rem 0; }
del { color: var(--bad); text-decoration-thickness: 1px; }
ins { color: var(--good); text-decoration: none; }
.said { white-space: pre-line; max-width: 75ch; }
.scroll { overflow-x: auto; }
`;

const parts = `
.verdict { margin: 0 0 1rem; padding: .6rem .9rem; border-left: 4px solid; border-radius: 6px; font-weight: 600; }
.verdict.good { color: var(--good); background: var(--good-wash); }
.verdict.caution { color: var(--caution); background: var(--caution-wash); }
.verdict.bad { color: var(--bad); background: var(--bad-wash); }
.verdict a { color: inherit; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: .75rem 0 0; padding: 0; font-size: .9rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .6rem; margin: 0 0 .75rem; }
.tile { display: flex; flex-direction: column; padding: .6rem .85rem;
  border: 1px solid var(--rim); border-top-width: 3px; border-radius: 8px; background: var(--raised); }
.tile dd { margin: 0; }
.tile .count { order: -1; font-size: 1.6rem; font-weight: 650; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tile dt { color: var(--quiet); font-size: .875rem; }
.tile.create { border-top-color: var(--good); } .tile.change, .tile.warning { border-top-color: var(--caution); }
.tile.replace, .tile.drop, .tile.danger { border-top-color: var(--bad); } .tile.copy { border-top-color: var(--info); }
.tile.zero .count { color: var(--quiet); font-weight: 400; }
.badge { display: inline-block; padding: 0 .5em; border: 1px solid; border-radius: 5px; font-size: .8rem; font-weight: 600;
  line-height: 1.55; white-space: nowrap; }
.badge.create { color: var(--good); background: var(--good-wash); }
.badge.change, .badge.warning { color: var(--caution); background: var(--caution-wash); }
.badge.replace, .badge.drop { color: var(--bad); background: var(--bad-wash); }
.badge.copy, .badge.adopt { color: var(--info); background: var(--info-wash); }
.badge.left, .badge.notice { color: var(--quiet); background: var(--raised); }
.badge.block, .badge.danger { color: var(--on-loud); background: var(--loud); border-color: var(--loud); }
.hazard { color: inherit; font-size: .8rem; font-weight: 600; text-decoration-color: var(--rim); margin-right: .5rem; white-space: nowrap; }
.card { padding: .75rem 1rem; margin: 0 0 .75rem; border: 1px solid var(--rim); border-left: 4px solid var(--loud); border-radius: 8px; }
.card h3 { margin: 0; } .card pre { background: none; padding: 0; margin: 0; }
.paste { display: inline-block; padding: .2rem .5rem; background: var(--raised); border: 1px solid var(--rim);
  border-radius: 6px; user-select: all; }
figure { margin: 0; padding: 0; border: 1px solid var(--rim); border-radius: 8px; max-height: 85vh; overflow: auto; }
figure svg { display: block; margin: 0 auto; max-width: 100%; height: auto; }
.node { margin: 0 0 1.75rem; }
.changes { list-style: none; margin: 0; padding: 0; border: 1px solid var(--rim); border-radius: 8px; }
.changes > li { padding: .6rem .9rem; } .changes > li + li { border-top: 1px solid var(--rim); }
.changes p { margin: 0; }
.details { margin: .35rem 0 0 1.25rem; font-size: .9rem; }
.details div { display: flex; flex-wrap: wrap; gap: 0 .6rem; } .details dt { color: var(--quiet); } .details dt::after { content: ':'; }
.details dd { margin: 0; min-width: 0; } .details ul { list-style: none; margin: 0; padding: 0; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
caption { text-align: left; color: var(--quiet); font-size: .875rem; padding: .25rem 0; }
th, td { text-align: left; vertical-align: top; padding: .45rem .75rem .45rem 0; border-bottom: 1px solid var(--rim); font-weight: 400; }
thead th { color: var(--quiet); font-weight: 600; white-space: nowrap; }
td, th { overflow-wrap: break-word; } td { min-width: 5rem; } tbody th { min-width: 12rem; } td .said { min-width: 14rem; }
td p { margin: 0; } td p + p { margin-top: .25rem; } td code, th code { overflow-wrap: anywhere; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; min-width: 0; }
footer { margin-top: 2.5rem; padding-top: 1rem; border-top: 1px solid var(--rim); }
.id { color: var(--quiet); } .last { font-weight: 600; }
`;

const paper = `
@media print {
  nav { display: none; }
  body { font-size: 10.5pt; } main { max-width: none; padding: 0; }
  .scroll, figure { overflow: visible; max-height: none; } figure { border: 0; }
  figure svg { min-width: 0 !important; max-height: 90vh; }
  .card, tr, .tile, .changes > li > p { break-inside: avoid; } h2, h3 { break-after: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
`;

/** The style sheet; it holds no text of a plan, and no `<`. */
export const pageStyle = frame + parts + paper;
