/** One that is made anew after five seconds, without a stale answer in between. */
export default cachedEventHandler(() => ({ made: crypto.randomUUID() }), { name: "brief", maxAge: 5, swr: false });
