/** The names of all notes. */
export default defineEventHandler(() => useStorage("data").getKeys());
