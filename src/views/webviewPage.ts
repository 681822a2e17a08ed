import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { Transport } from '../shared/rpc';
import { panelHtml, type PageName } from './panelHtml';

/** What a page may do and load: scripts, and the files of `dist`. */
export function pageOptions(extensionUri: vscode.Uri): vscode.WebviewOptions {
  return { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist')] };
}

/** Fills a webview with one of the pages; returns the pipe to it. */
export function openPage(webview: vscode.Webview, extensionUri: vscode.Uri, name: PageName): Transport {
  const file = (path: string): string => webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', path)).toString();
  webview.options = pageOptions(extensionUri);
  webview.html = panelHtml(name, { script: file(`${name}.js`), style: file(`${name}Style.css`), cspSource: webview.cspSource, nonce: randomBytes(16).toString('base64') });
  return {
    post: (message) => void webview.postMessage(message),
    listen(receive) {
      const subscription = webview.onDidReceiveMessage(receive);
      return () => subscription.dispose();
    },
  };
}
