import { chmod, lstat, unlink } from "node:fs/promises";
import { connect } from "node:net";
import type { Server } from "node:net";
import { isMainThread } from "node:worker_threads";

/** For its owner only: anyone who can open it has full access. */
const MODE = 0o600;

/**
 * Listens on a Unix socket that this user alone can open. One that a process left behind when it was killed is replaced.
 *
 * @throws `EADDRINUSE` where another process listens on it, or something else has that name.
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  if (await isLeftBehind(path)) await unlink(path);
  await listening(server, () => {
    // The socket is made within this call: nobody meets it with another mode. A worker thread cannot set its own.
    const before = isMainThread ? process.umask(0o777 & ~MODE) : undefined;
    try {
      server.listen(path);
    } finally {
      if (before !== undefined) process.umask(before);
    }
  });
  await chmod(path, MODE);
}

/** Resolves once the server listens. */
export function listening(server: Server, listen: () => void): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => {
      server.off("error", reject);
      resolve();
    });
    listen();
  });
}

/** Whether there is a socket on which nobody listens. */
async function isLeftBehind(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isSocket()) return false;
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(false);
    });
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"));
  });
}
