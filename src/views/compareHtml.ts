import { contentSecurityPolicy, escaped, type PageSources } from './inspectorHtml';

/** The page of a comparison, under the same policy as the Inspector's. */
export function compareHtml(sources: PageSources): string {
  const { script, style, nonce } = sources;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy(sources)}">
<meta property="csp-nonce" content="${nonce}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Unroll Comparison</title>
<link rel="stylesheet" href="${escaped(style)}">
</head>
<body>
<main id="comparison"></main>
<script nonce="${nonce}" src="${escaped(script)}"></script>
</body>
</html>
`;
}
