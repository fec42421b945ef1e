/** An answer that is made anew after five seconds, without a stale one in between. */
export default defineCachedEventHandler(() => ({ made: crypto.randomUUID() }), {
  name: "brief",
  maxAge: 5,
  swr: false,
});
