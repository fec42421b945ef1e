/** Blobs that are being read before they are put. What is called meanwhile comes after them. */
export class Blobs {
  #reading: Promise<void> | undefined;

  /** Runs once the blobs of all earlier calls are handed over; at once where there are none. */
  async after<Result>(run: () => Promise<Result>): Promise<Result> {
    // Who waited as well may have begun with another one.
    while (this.#reading) await this.#reading;
    return run();
  }

  /** Reads a blob, and hands its bytes to `put`. */
  async put(blob: Blob, put: (bytes: ArrayBuffer) => Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#reading = promise;
    let putting: Promise<void>;
    try {
      putting = put(await blob.arrayBuffer());
    } finally {
      this.#reading = undefined;
      resolve();
    }
    await putting;
  }
}
