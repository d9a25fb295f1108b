// Lines of the screen as text for a terminal, and as a page.

import { withoutSecretsAndCommands } from '../output.ts';
import type { Style } from '../render/style.ts';
import { html, type Markup, markup } from '../reports/html/markup.ts';
import { renderPage } from '../reports/html/page.ts';
import type { Role, ScreenLine } from './screen-line.ts';

/** One line of a terminal. Every text passes the edge: no secret and no command leaves the process. */
export const paintLine = (spans: ScreenLine, style: Style): string =>
  withoutSecretsAndCommands(
    spans.map(({ text, role }) => (role === 'plain' ? text : style[role](text))).join(''),
  );

const colours: Readonly<Record<Role, string>> = {
  plain: 'inherit',
  good: 'var(--good)',
  bad: 'var(--bad)',
  caution: 'var(--caution)',
  dim: 'var(--quiet)',
  bold: 'inherit',
};

const spanMarkup = (text: string, role: Role): Markup => {
  const weight = role === 'bold' || role === 'bad' ? ';font-weight:bold' : '';
  return html`<span style="color:${colours[role]}${weight}">${withoutSecretsAndCommands(text)}</span>`;
};

/** A page that needs no other file, for a ticket. `generator`: steep and its version. */
export const screenPage = (lines: readonly ScreenLine[], generator: string): string => {
  const body = lines.map(
    (spans) => html`${spans.map(({ text, role }) => spanMarkup(text, role))}${markup('\n')}`,
  );
  return renderPage('steep watch', generator, html`<pre>${body}</pre>`);
};
