/**
 * SQLite, asked of the process. An import of `node:sqlite` would fail on a Node that has none before core, which refuses
 * such a one, could say which is needed.
 *
 * @module
 */
// Before what is below runs.
import { KVError } from "@kvplug/core/seam";
import type { DatabaseSync as Class } from "node:sqlite";

export const DatabaseSync: typeof Class = process.getBuiltinModule("node:sqlite").DatabaseSync;

// By a name, which declarations leave out: they need nothing of it.
void KVError;
