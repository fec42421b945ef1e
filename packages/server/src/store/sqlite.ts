/**
 * SQLite, asked of the process. An import of `node:sqlite` would fail on a Node that has none before core, which refuses
 * such a one, could say which is needed.
 *
 * @module
 */
// Before what is below runs.
import "@kvplug/core/seam";

export const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
