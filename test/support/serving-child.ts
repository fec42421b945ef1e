/**
 * Serves in a process of its own, so that it can be killed: `node serving-child.ts OPTIONS`, as JSON.
 * Prints the port once it listens.
 *
 * @module
 */
import { startServer, type ServerOptions } from "@kvplug/server";

const server = await startServer(JSON.parse(process.argv[2]!) as ServerOptions);
process.stdout.write(`${server.port}\n`);
