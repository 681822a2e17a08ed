/** Where the page's parts are, as its frame may load them. */
export interface PageSources {
  readonly script: string;
  readonly style: string;
  /** Source expression of the policy that covers both (`webview.cspSource`). */
  readonly cspSource: string;
  /** Fresh for each page. */
  readonly nonce: string;
}

/** Content security policy of a panel: its own script and style, nothing inline, nothing from elsewhere. */
export function contentSecurityPolicy({ cspSource, nonce }: Pick<PageSources, 'cspSource' | 'nonce'>): string {
  return `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${cspSource} 'nonce-${nonce}'; font-src ${cspSource}`;
}

/** A text as it may stand in an attribute. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

/** The pages there are, each with its title; a page's main element has its name as its id, and its bundles are named after it. */
const titles = { inspector: 'Unroll Inspector', comparison: 'Unroll Comparison', live: 'Unroll Live' } as const;

/** Names a page. */
export type PageName = keyof typeof titles;

/**
 * The document of a page. The webview toolkit inserts a style element of its own, which the policy
 * admits only with the nonce that it looks for in `<meta property="csp-nonce">`.
 */
export function panelHtml(panel: PageName, sources: PageSources): string {
  const { script, style, nonce } = sources;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy(sources)}">
<meta property="csp-nonce" content="${nonce}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${titles[panel]}</title>
<link rel="stylesheet" href="${escaped(style)}">
</head>
<body>
<main id="${panel}"></main>
<script nonce="${nonce}" src="${escaped(script)}"></script>
</body>
</html>
`;
}
