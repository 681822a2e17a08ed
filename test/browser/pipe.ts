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

function pack(message: unknown): string {
  return JSON.stringify(message, (_, value: unknown) => {
    if (!(value instanceof ArrayBuffer)) return value;
    bytes.set(++names, Buffer.from(value));
    return { $bytes: names };
  });
}

/** Runs in the window: posts a message once its bytes are there, none before those sent earlier. */
function deliver(text: string): void {
  const pipe = window as unknown as PipeWindow;
  const wanted: Promise<void>[] = [];
  const fetched = new Map<number, ArrayBuffer>();
  const message: unknown = JSON.parse(text, (_, value: unknown) => {
    if (typeof value === 'object' && value !== null && '$bytes' in value) {
      const name = Number(value.$bytes);
      wanted.push(fetch(`/bytes/${name}`).then(async (answer) => void fetched.set(name, await answer.arrayBuffer())));
    }
    return value;
  });
  const whole = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(whole);
    if (typeof value !== 'object' || value === null) return value;
    if ('$bytes' in value) return fetched.get(Number(value.$bytes));
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, whole(part)]));
  };
  pipe.last = pipe.last.then(async () => {
    await Promise.all(wanted);
    pipe.child?.postMessage(whole(message), '*', [...fetched.values()]);
  });
}
