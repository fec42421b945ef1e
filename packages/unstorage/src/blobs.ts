/** Reads blobs before they are put, and keeps later calls behind them. */
export class Blobs {
  #reading: Promise<void> | undefined;

  /** Runs once the blobs of all earlier calls were put; at once if there are none. */
  async after<Result>(run: () => Promise<Result>): Promise<Result> {
    // Another call that waited may have started to read the next one.
    while (this.#reading) await this.#reading;
    return run();
  }

  /** Reads a blob, and passes its bytes to `put`. */
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
