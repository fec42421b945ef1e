/** Whether this is a test of a release: what takes too long for each change is tested as well. */
export const isFull: boolean = process.env["KVPLUG_TEST"] === "full";
