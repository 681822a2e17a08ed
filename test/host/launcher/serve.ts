// Serves the VS Code that npm carries, with the extension in development, until Ctrl+C.
import { join } from 'node:path';
import { root } from '../root';
import { ensureEmbeddedCode } from './install';
import { startServer } from './server';

const [folder, port] = process.argv.slice(2);

async function main(): Promise<void> {
  if (folder === undefined) throw new Error('Usage: serve FOLDER [PORT]');
  const cache = join(root, '.cache');
  const embedded = await ensureEmbeddedCode(cache, (message) => process.stdout.write(`${message}\n`));
  const server = await startServer(embedded, {
    userDataDir: join(cache, 'start-user-data'),
    extensionsDir: join(cache, 'start-extensions'),
    port: port === undefined ? undefined : Number(port),
  });
  const address = server.address(folder, [['extensionDevelopmentPath', server.remote(root)]]);
  process.stdout.write(`\nVS Code with Unroll: ${address}\nCtrl+C ends it.\n`);
  process.send?.({ address });
  await new Promise<void>((end) => process.once('SIGINT', end).once('SIGTERM', end).once('disconnect', end));
  await server.end();
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
