import type { ServerResponse } from 'node:http';
import type { BrowserContext, Page } from 'playwright-core';
import type { Transport } from '../../src/shared/rpc';

/*
 * Between a page and its host, as between a webview and VS Code: messages turn into JSON except for ArrayBuffers,
 * which come as bytes. A window of its own, which the page's policy does not bind, fetches the bytes and posts the
 * message, so that nothing but the page's own work happens in the page.
 */

const bytes = new Map<number, Buffer>();
let names = 0;

/** Answers what the window asks for. */
export function servePipe(url: string, response: ServerResponse): 'answered' | 'unknown' {
  if (url === '/pipe') {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>pipe</title>');
    return 'answered';
  }
  const name = /^\/bytes\/(\d+)$/.exec(url)?.[1];
  if (name === undefined) return 'unknown';
  response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(bytes.get(Number(name)));
  bytes.delete(Number(name));
  return 'answered';
}

interface PipeWindow {
  child: Window | null;
  last: Promise<void>;
}

/** A blank page of this origin, and the transport to what will be loaded into it. */
export async function openPiped(context: BrowserContext, origin: string): Promise<{ readonly page: Page; readonly transport: Transport }> {
  const pipe = await context.newPage();
  await pipe.goto(`${origin}/pipe`);
  const [page] = await Promise.all([
    context.waitForEvent('page'),
    pipe.evaluate(() => void Object.assign(window, { child: window.open('about:blank'), last: Promise.resolve() })),
  ]);
  const listeners = new Set<(message: unknown) => void>();
  await page.exposeFunction('sendToHost', (text: string) => listeners.forEach((receive) => receive(JSON.parse(text) as unknown)));
  const transport: Transport = {
    post: (message) => void pipe.evaluate(deliver, pack(message)).catch(() => undefined),
    listen(receive) {
      listeners.add(receive);
      return () => listeners.delete(receive);
    },
  };
  return { page, transport };
}

/** All bytes of a message are fetched at once. */
function pack(message: unknown): string {
  const parts: Buffer[] = [];
  let at = 0;
  const text = JSON.stringify(message, (_, value: unknown) => {
    if (!(value instanceof ArrayBuffer)) return value;
    parts.push(Buffer.from(value));
    at += value.byteLength;
    return { $from: at - value.byteLength, $to: at };
  });
  if (parts.length === 0) return JSON.stringify({ text });
  bytes.set(++names, Buffer.concat(parts));
  return JSON.stringify({ text, bytes: names });
}

/** Runs in the window: posts a message once its bytes are there, none before those sent earlier. */
function deliver(packed: string): void {
  const pipe = window as unknown as PipeWindow;
  const { text, bytes: name } = JSON.parse(packed) as { readonly text: string; readonly bytes?: number };
  const fetched = name === undefined ? undefined : fetch(`/bytes/${name}`).then((answer) => answer.arrayBuffer());
  pipe.last = pipe.last.then(async () => {
    const all = await fetched;
    const buffers: ArrayBuffer[] = [];
    const message: unknown = JSON.parse(text, (_, value: unknown) => {
      if (!all || typeof value !== 'object' || value === null || !('$from' in value && '$to' in value)) return value;
      const part = all.slice(Number(value.$from), Number(value.$to));
      buffers.push(part);
      return part;
    });
    pipe.child?.postMessage(message, '*', buffers);
  });
}
