/** One that is made anew after 45 seconds, without a stale answer in between. */
export default cachedEventHandler(() => ({ made: crypto.randomUUID() }), { name: "brief", maxAge: 45, swr: false });
