/** A page that is made once in five minutes, by whichever process is asked first. */
export default cachedEventHandler(() => ({ made: crypto.randomUUID() }), { name: "page", maxAge: 300 });
