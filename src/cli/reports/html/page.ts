// The frame of a page that needs no other file: nothing is loaded, no script runs, and its policy says so.

import { html, type Markup, markup } from './markup.ts';
import { pageStyle } from './page-style.ts';

/** Enforced by the browser, whatever a name on a server may hold. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** A whole document, with its last line ended. */
export const renderPage = (title: string, generator: string, body: Markup): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${markup(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="${generator}">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${markup(pageStyle)}</style>
</head>
<body>
${body}
</body>
</html>
`.text;
