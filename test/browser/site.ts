import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import express from "express";

const DOCS = join(import.meta.dirname, "../../docs");

/** The site of the documentation, while it is served. */
export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

/** Builds the site as `pnpm docs:build` does, without its check of links, and serves it. */
export async function serveSite(): Promise<Site> {
  // The repository's address is known where it is published from.
  const env = { GITHUB_REPOSITORY: "example/kvplug", ...process.env };
  await promisify(execFile)("pnpm", ["run", "site"], { env });
  const app = express().use(express.static(join(DOCS, ".vitepress/dist"), { extensions: ["html"] }));
  const server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
