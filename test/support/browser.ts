/** What a page answered. */
export interface Answer {
  readonly status: number;
  readonly body: any;
}

/** Resolves with an answer, once it has come. */
type Wait = (visit: Promise<Answer>) => Promise<Answer>;

/** Visits pages as a browser does: it keeps cookies, and follows redirects. */
export class Browser {
  readonly #url: string;
  readonly #cookies: Map<string, string>;
  readonly #wait: Wait;
  readonly statuses: number[];
  /** The cookies that were set last, as they came. */
  setCookies: readonly string[] = [];

  /**
   * @param statuses Where each answer's status is noted.
   * @param wait How an answer is waited for.
   */
  constructor(
    url: string,
    statuses: number[] = [],
    wait: Wait = (visit) => visit,
    cookies: ReadonlyMap<string, string> = new Map(),
  ) {
    this.#url = url;
    this.statuses = statuses;
    this.#wait = wait;
    this.#cookies = new Map(cookies);
  }

  /** Another browser, with the cookies that this one has now. */
  copy(url: string = this.#url): Browser {
    return new Browser(url, this.statuses, this.#wait, this.#cookies);
  }

  get(path: string): Promise<Answer> {
    return this.#wait(this.#visit("GET", path));
  }

  post(path: string): Promise<Answer> {
    return this.#wait(this.#visit("POST", path));
  }

  async #visit(method: string, path: string): Promise<Answer> {
    const cookie = Array.from(this.#cookies, ([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(this.#url + path, {
      method,
      redirect: "manual",
      headers: cookie === "" ? {} : { cookie },
    });
    this.statuses.push(response.status);
    this.setCookies = response.headers.getSetCookie();
    for (const header of this.setCookies) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(header)!;
      if (value === "" || /expires=Thu, 01 Jan 1970/i.test(header)) this.#cookies.delete(name!);
      else this.#cookies.set(name!, value!);
    }
    const location = response.headers.get("location");
    if (location === null) {
      const text = await response.text();
      const isJson = response.headers.get("content-type")?.includes("json") ?? false;
      return { status: response.status, body: isJson ? JSON.parse(text) : text };
    }
    await response.body?.cancel();
    return this.#visit("GET", location);
  }
}
