import type { Readable } from "node:stream";
import { copy } from "../bulk/copy.ts";
import { exportNamespace } from "../bulk/export.ts";
import { importFile } from "../bulk/import.ts";
import { CommandError, EXIT } from "../command-error.ts";
import type { Connections } from "../connect/connections.ts";
import type { Context } from "../context.ts";
import { messageOf } from "../failure.ts";
import { replaceFile } from "../replaced-file.ts";
import { importCheckpointOf, type LastingRequest } from "./kept-work.ts";

/**
 * Does work that can go on where it stopped, as the command would.
 *
 * @param file Of an export or an import.
 * @param isAgain Whether an earlier run may have begun it.
 */
export async function doLastingWork(
  context: Context,
  connections: Connections,
  request: LastingRequest,
  file: string,
  isAgain: boolean,
): Promise<void> {
  const resume = isAgain ? ({ resume: "if any" } as const) : {};
  switch (request.kind) {
    case "copy": {
      const { from, to, prefix = "" } = request;
      return copy(context, connections.addressOf(from), connections.addressOf(to), { prefix, ...resume });
    }
    case "export": {
      const { namespace, prefix = "" } = request;
      const flags = { namespace: connections.addressOf(namespace), prefix, output: file, resume: true } as const;
      return exportNamespace(context, { ...flags, quiet: true });
    }
    case "import":
      return importFile(
        context,
        file,
        { namespace: connections.addressOf(request.namespace), ...resume },
        importCheckpointOf(file),
      );
  }
}

/** Writes what a page sends into a file. @throws {CommandError} where it breaks off. */
export async function receive(body: Readable, file: string): Promise<void> {
  try {
    await replaceFile(file, body);
  } catch (error) {
    throw new CommandError(EXIT.failed, `The file did not arrive whole, and nothing was written: ${messageOf(error)}`);
  }
}
