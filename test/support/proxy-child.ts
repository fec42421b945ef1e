/**
 * A proxy in a process of its own, so that it can be killed: `node proxy-child.ts OPTIONS`, as JSON. Prints its URL once
 * it listens.
 *
 * @module
 */
import { createProxy, type ProxyOptions } from "@kvplug/proxy";

const proxy = await createProxy(JSON.parse(process.argv[2]!) as ProxyOptions);
process.stdout.write(`${proxy.url}\n`);
