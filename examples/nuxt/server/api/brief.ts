/** An answer that is made anew after 45 seconds, without a stale one in between. */
export default defineCachedEventHandler(() => ({ made: crypto.randomUUID() }), {
  name: "brief",
  maxAge: 45,
  swr: false,
});
