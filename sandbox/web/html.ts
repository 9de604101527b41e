/** Escapes text for HTML, attribute values included. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

// Colours keep a contrast of at least 4.5:1 in both schemes (WCAG AA).
const STYLE = `
:root{color-scheme:light dark;--text:#1c1f24;--soft:#555c66;--line:#d5d9df;--ground:#fff;--link:#0b57b0;--tile:#f4f6f8}
@media(prefers-color-scheme:dark){:root{--text:#e8eaed;--soft:#a9b0ba;--line:#3a4048;--ground:#16181c;--link:#8ab8ff;--tile:#20242a}}
*{box-sizing:border-box}body{margin:0 auto;max-width:64rem;padding:2rem 1rem;font:1rem/1.5 system-ui,sans-serif;color:var(--text);background:var(--ground)}
h1{font-size:1.6rem;margin:0 0 .25rem}h2{font-size:1.15rem;margin:2rem 0 .5rem}p{margin:.25rem 0 1rem}.soft{color:var(--soft)}
a{color:var(--link)}a:focus-visible,input:focus-visible,button:focus-visible{outline:3px solid var(--link);outline-offset:2px}
dl.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(10rem,1fr));gap:.75rem;margin:1rem 0}
dl.figures div{background:var(--tile);border-radius:.5rem;padding:.6rem .8rem;display:flex;flex-direction:column-reverse}
dl.figures dt{color:var(--soft);font-size:.9rem}dl.figures dd{margin:0;font-size:1.4rem;font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}caption{text-align:left;color:var(--soft);padding:.25rem 0}
th,td{text-align:left;padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line)}
input,button{font:inherit;padding:.35rem .6rem;border:1px solid var(--soft);border-radius:.35rem;background:var(--ground);color:var(--text)}
nav.pages{display:flex;gap:1rem;margin:1rem 0}code{font-family:ui-monospace,monospace}`;

/** A whole page. `body` is HTML already; `title` is text. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}
